#include "train/weight_average.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "train/run_state.h"

namespace inkling::train {
namespace {

constexpr int64_t block_size = 16384;  // numbers in one task
constexpr const char* mean_name = "state.average";
constexpr const char* steps_name = "state.average.steps";

}  // namespace

void WeightAverage::begin(const std::vector<float>& weights) {
  if (!is_on()) return;
  mean_ = weights;
  steps_ = 0;
}

void WeightAverage::follow(const std::vector<float>& weights, ThreadPool& pool) {
  if (!is_on()) return;
  // As long as the mean is one of fewer steps than lie between two of those, of every step.
  const int64_t apart = is_short() ? 1 : stride;
  if (steps_++ % apart != 0) return;
  const int64_t followed = (steps_ - 1) / apart;
  const auto share = static_cast<float>(1 / (1 + share_ * static_cast<double>(followed)));
  const auto size = static_cast<int64_t>(mean_.size());
  pool.run((size + block_size - 1) / block_size, [&](int64_t b) {
    const int64_t end = std::min(size, (b + 1) * block_size);
    float* const mean = mean_.data();
    const float* const now = weights.data();
    for (int64_t i = b * block_size; i < end; ++i) mean[i] += share * (now[i] - mean[i]);
  });
}

bool WeightAverage::has_moved_in(int64_t steps) const {
  return !is_on() || is_short() || (steps_ - 1) % stride < steps;
}

void WeightAverage::save(model::ModelView& checkpoint) const {
  if (!is_on()) return;
  checkpoint.extra.push_back(state_tensor<float>(mean_name, mean_));
  checkpoint.extra.push_back(state_tensor<int64_t>(steps_name, std::span(&steps_, 1)));
}

void WeightAverage::load(const model::ModelFile& checkpoint, size_t size) {
  if (!is_on()) return;
  mean_.resize(size);
  read_state_tensor(checkpoint, mean_name, mean_);
  const std::vector<int64_t> steps = read_state_tensor<int64_t>(checkpoint, steps_name);
  if (steps.size() != 1 || steps[0] < 0 || steps[0] > limits::json_integer)
    data_error("the checkpoint's '{}' is not a number it can have", steps_name);
  steps_ = steps[0];
}

}  // namespace inkling::train
