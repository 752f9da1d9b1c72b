#pragma once

#include <cstdint>
#include <vector>

#include "nn/buffer.h"
#include "nn/chunk.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/kernel_table.h"
#include "nn/packed_network.h"

namespace inkling::nn {

// How many rows of logits a head computes at a time, of so many in all: about 2 MB of them, so that
// they need little memory and are still in the cache when softmax and gradient come; but 64 rows at
// least, since each block reads all of the head's weights. A function of the sizes alone.
int64_t head_block_rows(int64_t rows, int64_t vocab_size);

// The softmax head over one shard: logits, loss and their gradient for R rows: T*M, or M with
// last_step_only; P times in a mixture of so many networks, else once. Logits are computed in
// blocks of rows and not kept.
template <class Operand>
class HeadShard {
 public:
  HeadShard(const NetworkSpec& spec, const EngineOptions& options, const PackedNetwork& network,
            int64_t first_stream, int64_t rows);

  // sources: the outputs of the layers that feed the head, [R, their width].
  void forward(const Chunk& chunk, const std::vector<const Operand*>& sources, float gradient_scale,
               bool with_gradient);
  // dsources: where dL/d(source) goes, [R, its width]; added to if add.
  void backward(const std::vector<float*>& dsources, bool add);

  int64_t rows() const { return rows_; }
  int64_t stride() const { return stride_; }
  int64_t predictions() const { return predictions_; }  // P
  float nats(int64_t r) const;                          // the network's loss at row r
  float training_nats(int64_t r) const;  // the mean of its networks' own: see PlainNetwork
  // What the probabilities by which row r was scored add up to, over the whole vocabulary; for a
  // scored row of the last forward(), with options.probability_sums.
  double probability_sum(int64_t r) const;
  // [R, stride] of one prediction
  const Operand* dlogits(int64_t prediction) const {
    return dlogits_.data() + prediction * rows_ * stride_;
  }
  int64_t bytes() const;

 private:
  // A block's logits; where the gradient has their type, they stand in its place until it comes.
  float* logits(int64_t prediction, int64_t first_row);
  void predict(int64_t prediction, int64_t first, int64_t count,
               const std::vector<const Operand*>& sources, float gradient_scale,
               bool with_gradient);

  const KernelTable& kernels_;
  const PackedNetwork& network_;
  const int64_t batch_, first_stream_, shard_rows_, rows_, first_row_, vocab_, stride_, block_rows_,
      predictions_;
  Buffer<float> logits_, nats_;      // [block, stride], [P, R]
  Buffer<double> probability_sums_;  // [P, R]
  Buffer<Operand> dlogits_;          // [P, R, stride]
  std::vector<const int32_t*> targets_;
  std::vector<int64_t> widths_;                  // of the sources
  std::vector<Product> forward_, forward_last_;  // of a whole block, of the last one
  std::vector<Product> backward_, backward_add_;
};

}  // namespace inkling::nn
