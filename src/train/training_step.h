#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/network_spec.h"
#include "nn/parameter_layout.h"
#include "nn/precision.h"

namespace inkling::train {

// A step of training, to be timed.
struct TrainingStep {
  nn::NetworkSpec spec;
  int64_t batch = 32, bptt = 64;
  nn::Precision precision = nn::Precision::f32;
  bool many_to_one = false;

  // What it predicts.
  int64_t characters() const { return many_to_one ? batch : batch * bptt; }
  // Floating-point operations of its matrix products for one character that it predicts, forward,
  // backward and gradient.
  double flops_per_character() const;
};

std::vector<float> small_weights(const nn::ParameterLayout& layout);

// Steps are timed so often at least.
constexpr int least_rounds = 3;

// The seconds that each of `rounds` steps on random characters takes: forward, backward, norm, Adam
// and packing. Fewer, but least_rounds, once they have taken `enough` seconds together. Throws
// MemoryError where less memory is free than that takes.
std::vector<double> step_seconds(const TrainingStep& step, ThreadPool& pool, int rounds,
                                 double enough = 1e9);

}  // namespace inkling::train
