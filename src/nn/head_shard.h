#pragma once

#include <cstdint>
#include <vector>

#include "nn/buffer.h"
#include "nn/chunk.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/kernel_table.h"
#include "nn/packed_network.h"

namespace inkling::nn {

// The softmax head over one shard: logits, loss and their gradient for R rows: T*M, or M with
// last_step_only.
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
  const float* nats() const { return nats_.data(); }  // [R]
  // What the probabilities by which row r was scored add up to, over the whole vocabulary; for a
  // scored row of the last forward().
  double probability_sum(int64_t r) const;
  const Operand* dlogits() const { return dlogits_.data(); }  // [R, stride]
  int64_t bytes() const;

 private:
  const KernelTable& kernels_;
  const PackedNetwork& network_;
  const int64_t batch_, first_stream_, shard_rows_, rows_, first_row_, vocab_, stride_;
  Buffer<float> logits_, nats_;
  Buffer<Operand> dlogits_;
  std::vector<const int32_t*> targets_;
  std::vector<Product> forward_, backward_, backward_add_;
};

}  // namespace inkling::nn
