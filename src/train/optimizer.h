#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/kernels/kernel_table.h"
#include "nn/look_up_rows.h"
#include "train/train_options.h"

namespace inkling::train {

// Updates flat weights from a flat gradient. Its moments are flat buffers of the same layout, part
// of a checkpoint.
//
// Rows of sparse look-up tables that had no gradient in a step are left as they are: weights and
// moments. When a row has one again, k steps after the last time, its moments decay by all k
// (beta^k), and the gradient enters the first by 1 - beta1^k instead of 1 - beta1: what Adam as
// published would go on adding up in the k - 1 steps between is taken with it, so that over time a
// gradient counts as much in both. k = 1 is Adam itself; a row that is never left out has Adam as
// published. Weight decay is made up for likewise. (PyTorch's SparseAdam leaves the moments of
// such rows as they are, which moves rare characters too little: 2.655 nats per character where
// this, and Adam as published, have 2.645; 0.9 MB of Chinese, 5,400 characters.)
class Optimizer {
 public:
  // rows: of the engine that makes the gradients, to which they stay bound; nullptr = no table is
  // sparse.
  Optimizer(const TrainOptions& options, int64_t size, const nn::LookUpRows* rows = nullptr);

  // The gradient's global L2 norm; not finite when any number in it is not. The same bits for any
  // number of threads.
  double norm(const float* gradient, ThreadPool& pool);
  // One update. grad_norm: of norm(), for clipping. learning_rate: of this step.
  void update(const float* gradient, double grad_norm, double learning_rate, float* weights,
              ThreadPool& pool);

  bool moments_are_finite() const;
  int64_t updates() const { return updates_; }  // done so far: Adam's t
  // Rows last took part in that one at the latest.
  void set_updates(int64_t updates);
  std::vector<nn::Buffer<float>>& moments() {
    return moments_;
  }  // adam: first, second; rmsprop: second; sgd: velocity
  // Of each row of the sparse tables, the update in which it last took part: 0 .. updates(). Part
  // of a checkpoint too; empty where no table is sparse.
  std::vector<int64_t>& row_updates() { return row_updates_; }

 private:
  struct Block {
    int64_t at, size;
  };
  struct Step {
    nn::AdamStep adam;
    nn::SimpleStep simple;
  };
  void add_blocks(int64_t begin, int64_t end);
  // An update's: a block each, or some rows that have a gradient.
  int64_t tasks() const;
  // f(at, size, row) for all that a task covers; row: of a sparse table, else -1.
  template <class F>
  void visit(int64_t task, F&& f) const;
  // An update of numbers whose last one was `gap` updates ago.
  Step step(double clip, double learning_rate, int64_t gap) const;
  void move(const Step& step, int64_t at, int64_t n, const float* gradient, float* weights);

  const TrainOptions options_;
  const int64_t size_;
  const nn::LookUpRows* const rows_;
  std::vector<Block> blocks_;  // of all that is not sparse
  int64_t updates_ = 0;
  std::vector<int64_t> row_updates_;  // [V]
  std::vector<nn::Buffer<float>> moments_;
  std::vector<double> squares_;  // of each task
};

}  // namespace inkling::train
