#include "train/training_memory.h"

#include <algorithm>

#include "model/evaluate.h"
#include "nn/parameter_layout.h"

namespace inkling::train {
namespace {

// It does not survive having none.
constexpr int64_t compiled_code = int64_t{32} << 20;

}  // namespace

int64_t training_bytes(const TrainOptions& options, const nn::NetworkSpec& network,
                       const nn::EngineOptions& training, bool resumed) {
  // Weights three times (as they are, the best, the last good), the gradient, the moments twice,
  // the weights' mean and the ones with some dropped; beside them what an evaluation (at the end
  // of a rounded model of its own), or reading the best model, takes for its time.
  const int64_t moments = options.optimizer == OptimizerKind::adam ? 2 : 1;
  const int64_t weights = nn::ParameterLayout(network).size() * 4;
  const nn::EngineOptions evaluating{
      .batch = validation_streams,
      .steps = training.last_step_only ? std::min(options.context, model::most_steps_at_once)
                                       : model::steps_side_by_side,
      .precision = training.precision,
      .train = false,
      .last_step_only = training.last_step_only,
      .resets = true};
  const int64_t for_a_time = std::max(
      nn::engine_bytes(network, evaluating) + (options.storage == Storage::f32 ? 0 : weights),
      resumed ? 2 * weights : 0);
  const int64_t copies =
      4 + 2 * moments + (options.averaging > 0 ? 1 : 0) + (options.weight_drop > 0 ? 1 : 0);
  return nn::engine_bytes(network, training) + weights * copies + for_a_time;
}

int64_t memory_to_train(int64_t training_bytes) { return training_bytes + compiled_code; }

}  // namespace inkling::train
