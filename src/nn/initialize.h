#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/thread_pool.h"
#include "nn/network_spec.h"

namespace inkling::nn {

struct InitializeOptions {
  bool orthogonal = true;   // recurrent matrices, one for each gate (Saxe et al. 2014); false:
                            // uniform like the rest
  int32_t zero_input = -1;  // a token whose input vector is zero and stays so; -1 = none
  std::vector<double> log_unigram;  // [V] the head's bias; empty: zeros
};

// Fresh weights, flat by ParameterLayout: PyTorch's uniform(-1/sqrt(H), 1/sqrt(H)), forget-gate
// bias 1 (in bias_ih; 0 in bias_hh), gains 1, learned initial states 0, embedding normal(0, 1). The
// same generator, the same weights.
std::vector<float> initialize(const NetworkSpec& spec, const InitializeOptions& options,
                              Random& random, ThreadPool& pool);

}  // namespace inkling::nn
