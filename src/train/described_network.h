#pragma once

#include <cstdint>

#include "nn/network_spec.h"
#include "train/train_options.h"

namespace inkling::train {

// Length of the input vectors, 0 = one-hot. Unless the options say, the vectors of many characters
// are learned.
int64_t embedding_size(const TrainOptions& options, int64_t characters);

// The network that the options describe, for so many tokens and such input vectors.
nn::NetworkSpec described_network(const TrainOptions& options, int64_t vocabulary,
                                  int64_t embedding_size);

}  // namespace inkling::train
