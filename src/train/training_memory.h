#pragma once

#include <cstdint>

#include "nn/chunk_engine.h"
#include "nn/network_spec.h"
#include "train/train_options.h"

namespace inkling::train {

// Validation while training: at most so many streams side by side.
constexpr int64_t validation_streams = 64;

// Bytes that a run takes at most: weights, packed copies, gradients, moments, what back-propagation
// keeps, and what evaluating takes; `training` describes its engine. resumed: also what reading the
// best model takes.
int64_t training_bytes(const TrainOptions& options, const nn::NetworkSpec& network,
                       const nn::EngineOptions& training, bool resumed);

// What has to be free for that: with what the library of matrix products takes while it compiles.
int64_t memory_to_train(int64_t training_bytes);

}  // namespace inkling::train
