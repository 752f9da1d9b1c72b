#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "nn/chunk.h"
#include "nn/network_spec.h"
#include "nn/parameter_layout.h"

namespace inkling::test {

// Random weights and a random chunk for a network: what the tests of both engines are run on.
struct RandomNetwork {
  nn::NetworkSpec spec;
  std::vector<double> weights;
  std::vector<double> state;  // [B, state_size]
  std::vector<int32_t> inputs, targets;
  std::vector<uint8_t> resets;
  int64_t steps, batch;

  RandomNetwork(const nn::NetworkSpec& description, int64_t steps_in, int64_t batch_in,
                uint64_t seed)
      : spec(description), steps(steps_in), batch(batch_in) {
    Random random(seed);
    const nn::ParameterLayout layout(spec);
    weights.resize(static_cast<size_t>(layout.size()));
    for (const nn::ParameterInfo& info : layout.all()) {
      const double size = info.is_vector ? 0.3 : 1 / std::sqrt(static_cast<double>(info.rows));
      for (int64_t i = 0; i < info.size(); ++i) {
        const double gain = info.role == nn::ParameterInfo::Role::gain ? 1 : 0;
        weights[static_cast<size_t>(info.offset + i)] = gain + random.uniform(-size, size);
      }
    }
    state.resize(static_cast<size_t>(batch * spec.state_size()));
    for (double& x : state) x = random.uniform(-0.5, 0.5);
    const auto tokens = static_cast<uint64_t>(spec.vocab_size) + 1;
    for (int64_t i = 0; i < steps * batch; ++i) {
      inputs.push_back(static_cast<int32_t>(random.below(tokens)) - 1);
      targets.push_back(static_cast<int32_t>(random.below(tokens)) - 1);
      resets.push_back(random.below(5) == 0);
    }
    targets.back() = 0;
  }

  nn::Chunk chunk(bool with_resets = true, bool last_step_only = false) const {
    return {steps, inputs.data(), targets.data(), with_resets ? resets.data() : nullptr,
            last_step_only};
  }

  template <class T>
  std::vector<T> weights_as() const {
    return std::vector<T>(weights.begin(), weights.end());
  }
  template <class T>
  std::vector<T> state_as() const {
    return std::vector<T>(state.begin(), state.end());
  }
};

// |a - b| / |b| over n numbers; 0 where both are zero.
template <class A, class B>
double relative_error(const A* a, const B* b, int64_t n) {
  double difference = 0, size = 0;
  for (int64_t i = 0; i < n; ++i) {
    difference += (static_cast<double>(a[i]) - static_cast<double>(b[i])) *
                  (static_cast<double>(a[i]) - static_cast<double>(b[i]));
    size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  if (difference == 0) return 0;
  return size == 0 ? std::sqrt(difference) : std::sqrt(difference / size);
}

}  // namespace inkling::test
