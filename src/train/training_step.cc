#include "train/training_step.h"

#include <algorithm>

#include "base/memory.h"
#include "base/random.h"
#include "base/work_clock.h"
#include "nn/chunk_engine.h"
#include "train/optimizer.h"

namespace inkling::train {

double TrainingStep::flops_per_character() const {
  const double head = static_cast<double>(spec.head_input_size() * spec.vocab_size);
  double weights = 0;
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    const int64_t hidden = spec.layers[l].hidden_size;
    int64_t inputs = hidden;  // its own state
    for (const int source : spec.layers[l].inputs) {
      const bool looks_up = source == nn::LayerSpec::network_input && spec.embedding_size == 0;
      if (!looks_up) inputs += spec.source_size(source);
    }
    weights += static_cast<double>(inputs * spec.gate_blocks() * hidden);
  }
  return 6 * (weights * (many_to_one ? static_cast<double>(bptt) : 1.0) + head);
}

std::vector<float> small_weights(const nn::ParameterLayout& layout) {
  Random random(1);
  std::vector<float> weights(static_cast<size_t>(layout.size()));
  for (float& w : weights) w = static_cast<float>(random.uniform(-0.05, 0.05));
  return weights;
}

std::vector<double> step_seconds(const TrainingStep& step, ThreadPool& pool, int rounds,
                                 double enough) {
  const nn::ParameterLayout layout(step.spec);
  const nn::EngineOptions engine_options{.batch = step.batch,
                                         .steps = step.bptt,
                                         .precision = step.precision,
                                         .last_step_only = step.many_to_one};
  // Weights, gradient and two moments beside the engine.
  require_memory(nn::engine_bytes(step.spec, engine_options) +
                     4 * layout.size() * static_cast<int64_t>(sizeof(float)),
                 "timing a step", "take a smaller network");
  std::vector<float> weights = small_weights(layout), gradient(weights.size());
  nn::ChunkEngine engine(step.spec, engine_options, pool);
  const TrainOptions options;
  Optimizer optimizer(options, layout.size(), &engine.look_up_rows());
  Random random(2);
  const auto vocab = static_cast<uint64_t>(step.spec.vocab_size);
  std::vector<int32_t> inputs, targets;
  for (int64_t i = 0; i < step.bptt * step.batch; ++i) {
    inputs.push_back(static_cast<int32_t>(random.below(vocab)));
    targets.push_back(static_cast<int32_t>(random.below(vocab)));
  }
  engine.set_weights(weights.data());
  const auto take = [&] {
    engine.run({step.bptt, inputs.data(), targets.data(), nullptr, step.many_to_one}, {},
               gradient.data());
    optimizer.update(gradient.data(), optimizer.norm(gradient.data(), pool), 1e-4, weights.data(),
                     pool);
    engine.set_weights(weights.data());
  };
  take();  // prepares the products
  std::vector<double> seconds;
  double sum = 0;
  for (int round = 0; round < rounds && (round < least_rounds || sum < enough); ++round) {
    const ClockReading start = read_clocks();
    take();
    seconds.push_back(read_clocks().wall - start.wall);
    sum += seconds.back();
  }
  return seconds;
}

}  // namespace inkling::train
