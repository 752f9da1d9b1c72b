#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "nn/buffer.h"
#include "nn/chunk.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/kernels/kernel_table.h"
#include "nn/packed_network.h"

namespace inkling::nn {

// What kind of cell a layer has, as numbers.
struct CellTraits {
  int index = 0;  // in AllCells
  int64_t gate_blocks = 0, state_blocks = 0, tape_blocks = 0;
  bool gates_add = false, reads_h = false;

  explicit CellTraits(const NetworkSpec& spec);
};

template <class Operand>
constexpr Precision precision_of = std::is_same_v<Operand, Bf16> ? Precision::bf16 : Precision::f32;

// One layer over one shard: M streams for T steps, all that its time loop keeps, and the products
// it runs. Rows of a buffer [T*M, n] are time-major.
template <class Operand>
class LayerShard {
 public:
  // first_stream: the stream of row 0; rows at or beyond options.batch idle.
  LayerShard(const NetworkSpec& spec, size_t layer, const EngineOptions& options,
             const PackedNetwork& network, int64_t first_stream, int64_t rows);

  // inputs: one for each product source of the layer, [T*M, its width].
  void forward(const Chunk& chunk, const Dropout& dropout,
               const std::vector<const Operand*>& inputs);
  // Reads dout(). dinputs: where dL/d(input) of each product source goes, [T*M, its width], nullptr
  // = not wanted; added to if add[i].
  void backward(const Chunk& chunk, const Dropout& dropout, const std::vector<float*>& dinputs,
                const std::vector<char>& add);

  const Operand* out() const {
    return out_.size() > 0 ? out_.data() : prev_.data() + rows_ * hidden_;
  }                                        // [T*M, H]
  Buffer<float>& dout() { return dout_; }  // [T*M, H]
  const Operand* prev() const {
    return prev_.data();
  }  // [T*M, H] the hidden state each step began with
  const Operand* dax() const { return dax_.data(); }  // [T*M, G*H]
  const Operand* dah() const { return dah_.size() > 0 ? dah_.data() : dax_.data(); }

  // Gradients that a shard sums for itself, in the order of small_gradients(): layer
  // normalisation's and the initial state's.
  struct SmallGradient {
    const ParameterInfo* info;
    Buffer<float> sum;
  };
  std::vector<SmallGradient>& small_gradients() { return small_; }

  float* state(int64_t block) {
    return block == 0 ? carried_h_.data() : carried_c_.data();
  }  // [M, H]
  int64_t bytes() const;

 private:
  int64_t idle(int64_t row) const { return first_stream_ + row >= batch_; }
  bool is_reset(const Chunk& chunk, int64_t step, int64_t row) const {
    return chunk.resets != nullptr && !idle(row) &&
           chunk.resets[step * batch_ + first_stream_ + row] != 0;
  }
  float* small(const ParameterInfo* info);
  const float* initial(const ParameterInfo* info) const {
    return info == nullptr ? zeros_.data() : network_.at(info);
  }
  void begin_step(const Chunk& chunk, int64_t step);
  void set_ax(const Chunk& chunk, int64_t step);
  void set_keys(const Dropout& dropout, int64_t step);
  void normalize_gates(int64_t step);
  void cut_at_resets(const Chunk& chunk, int64_t step);

  const KernelTable& kernels_;
  const CellTraits cell_;
  const PackedNetwork& network_;
  const PackedLayer& layer_;
  const int64_t index_, batch_, steps_, first_stream_, rows_, hidden_, width_;  // width: G*H
  const bool train_;

  Buffer<float> zeros_;                  // [G*H]
  Buffer<float> ax_, ah_;                // [T*M, G*H] (only with product sources), [M, G*H]
  Buffer<float> tape_;                   // [T*M, K*H]
  Buffer<float> h_, c_;                  // [(T+1)*M, H]; h: [M, H] for cells that do not read it
  Buffer<float> carried_h_, carried_c_;  // [M, H] between chunks
  Buffer<Operand> prev_, out_;  // [(T+1)*M, H], [T*M, H]; no out_: prev_ one step on serves
  Buffer<float> x_hat_, x_rstd_, h_hat_, h_rstd_, c_hat_, c_rstd_, ax_normed_, ah_normed_;
  Buffer<float> dout_, dh_product_, dh_direct_, dc_, dax_f32_, dah_f32_;
  Buffer<Operand> dax_, dah_;
  std::vector<SmallGradient> small_;
  std::vector<const float*> ax_rows_, ah_rows_, prev_h_rows_, prev_c_rows_;
  std::vector<uint32_t> keys_;
  std::vector<Product> input_forward_, input_backward_, input_backward_add_;
  std::vector<Product> recurrent_;  // forward, backward
};

}  // namespace inkling::nn
