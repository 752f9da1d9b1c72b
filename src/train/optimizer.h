#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/parameter_layout.h"
#include "train/train_options.h"

namespace inkling::train {

// Updates flat weights from a flat gradient. Its moments are flat buffers of the same layout, part
// of a checkpoint.
class Optimizer {
 public:
  Optimizer(const TrainOptions& options, int64_t size);

  // The gradient's global L2 norm; not finite when any number in it is not. The same bits for any
  // number of threads.
  double norm(const float* gradient, ThreadPool& pool);
  // One update. grad_norm: of norm(), for clipping. learning_rate: of this step.
  void update(const float* gradient, double grad_norm, double learning_rate, float* weights,
              ThreadPool& pool);

  bool moments_are_finite() const;
  int64_t updates() const { return updates_; }  // done so far: Adam's t
  void set_updates(int64_t updates) { updates_ = updates; }
  std::vector<nn::Buffer<float>>& moments() {
    return moments_;
  }  // adam: first, second; rmsprop: second; sgd: velocity

 private:
  const TrainOptions options_;
  const int64_t size_, blocks_;
  int64_t updates_ = 0;
  std::vector<nn::Buffer<float>> moments_;
  std::vector<double> squares_;  // of each block
};

}  // namespace inkling::train
