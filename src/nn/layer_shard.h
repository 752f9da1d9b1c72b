#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "nn/buffer.h"
#include "nn/cell_traits.h"
#include "nn/chunk.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/kernels/kernel_table.h"
#include "nn/layer_storage.h"
#include "nn/packed_network.h"

namespace inkling::nn {

template <class Operand>
constexpr Precision precision_of = std::is_same_v<Operand, Bf16> ? Precision::bf16 : Precision::f32;

// Where the rows of a shard find what they start a step with. One thread's own.
struct StepRows {
  StepRows(int64_t rows, const float* zeros)
      : ax(static_cast<size_t>(rows), zeros),
        prev_h(ax),
        prev_c(ax),
        keys(static_cast<size_t>(rows)),
        cut(static_cast<size_t>(rows)),
        tokens(static_cast<size_t>(rows)) {}

  std::vector<const float*> ax, prev_h, prev_c;
  std::vector<uint32_t> keys;
  std::vector<uint8_t> cut;
  std::vector<int32_t> tokens;  // whose rows of input weights they are; Chunk::no_input = none's
};

// One layer over one shard: M streams for T steps, all that its time loop keeps, and the products
// it runs. Rows of a buffer [T*M, n] are time-major.
//
// forward() and backward() are all of it. Where LayerKernels do the time loop (see LayerTeam), its
// parts: begin_forward(), forward_step() for each step, end_forward(); begin_backward(),
// backward_step() for each step from the last, end_backward().
template <class Operand>
class LayerShard {
 public:
  // first_stream: the stream of row 0; rows at or beyond options.batch idle. Without packed
  // recurrent weights in the network, forward() and backward() are not to be called.
  LayerShard(const NetworkSpec& spec, size_t layer, const EngineOptions& options,
             const PackedNetwork& network, int64_t first_stream, int64_t rows);

  // inputs: one for each product source of the layer, [T*M, its width].
  void forward(const Chunk& chunk, const Dropout& dropout,
               const std::vector<const Operand*>& inputs);
  // Reads dout(). dinputs: where dL/d(input) of each product source goes, [T*M, its width], nullptr
  // = not wanted; added to if add[i].
  void backward(const Chunk& chunk, const Dropout& dropout, const std::vector<float*>& dinputs,
                const std::vector<char>& add);

  // Products with the inputs, and the state that the chunk starts with.
  void begin_forward(const std::vector<const Operand*>& inputs);
  // What the step reads and where it writes, but for ah.
  ForwardStep<Operand> forward_step(const Chunk& chunk, const Dropout& dropout, int64_t step,
                                    StepRows& rows);
  // Puts the initial state, for units [begin, end), where a stream begins anew with the step.
  void reset_hidden(const Chunk& chunk, int64_t step, int64_t begin, int64_t end);
  void end_forward();
  void begin_backward();
  // What the step reads and where it writes, but for dh_product.
  BackwardStep<Operand> backward_step(const Chunk& chunk, const Dropout& dropout, int64_t step,
                                      StepRows& rows);
  // Products for the inputs' gradients.
  void end_backward(const std::vector<float*>& dinputs, const std::vector<char>& add);
  StepRows make_rows() const { return StepRows(rows_, zeros_.data()); }

  const Operand* out() const {
    return out_.size() > 0 ? out_.data() : prev_.data() + rows_ * hidden_;
  }                                        // [T*M, H]
  Buffer<float>& dout() { return dout_; }  // [T*M, H]
  const Operand* prev() const {
    return prev_.data();
  }                                            // [T*M, H] the hidden state each step began with
  const Operand* dax() const { return dax_; }  // [T*M, G*H]
  const Operand* dah() const { return dah_ != nullptr ? dah_ : dax_; }  // [T*M] rows of [G*H]
  int64_t dah_stride() const {
    return storage_.dah == Place::in_tape ? cell_.tape_blocks * hidden_ : width_;
  }

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
  int64_t hidden() const { return hidden_; }
  int64_t bytes() const;

 private:
  using Place = LayerStorage::Place;
  bool idle(int64_t row) const { return first_stream_ + row >= batch_; }
  // An idle row begins anew with every step: running on without input it could grow beyond all
  // bounds, and its zero gradients would be made NaN by that.
  bool is_reset(const Chunk& chunk, int64_t step, int64_t row) const {
    if (idle(row)) return true;
    return chunk.resets != nullptr && chunk.resets[step * batch_ + first_stream_ + row] != 0;
  }
  // The cell state before a step; one that is not wanted on a way back takes the last one's place.
  const float* c_at(int64_t step) const {
    return c_.data() + (train_ ? step * rows_ * hidden_ : 0);
  }
  float* c_at(int64_t step) { return const_cast<float*>(std::as_const(*this).c_at(step)); }
  // The floats of one step's tape; in a team, in float16.
  int64_t tape_size() const { return rows_ * cell_.tape_blocks * hidden_ / (in_team_ ? 2 : 1); }
  // Between [M, H] and the layout that the kernels keep h and c in.
  void copy_state(const float* rows, float* kept) const;
  void copy_state_back(const float* kept, float* rows) const;
  float* small(const ParameterInfo* info);
  const float* initial(const ParameterInfo* info) const {
    return info == nullptr ? zeros_.data() : network_.at(info);
  }
  void find_state(const Chunk& chunk, int64_t step, StepRows& rows) const;
  void find_tokens(const Chunk& chunk, int64_t step, StepRows& rows) const;
  void find_inputs(const Chunk& chunk, int64_t step, StepRows& rows);
  void find_keys(const Dropout& dropout, int64_t step, StepRows& rows) const;
  void normalize_gates(int64_t step, StepRows& rows);
  Operand* dah_of(int64_t step);  // where the step writes it; nullptr: it equals dax
  void keep_dah(int64_t step);
  void normalize_backward(const BackwardStep<Operand>& s, int64_t step);
  void learn_initial_state(const Chunk& chunk, int64_t step);

  const KernelTable& kernels_;
  const CellTraits cell_;
  const PackedNetwork& network_;
  const PackedLayer& layer_;
  const int64_t index_, batch_, steps_, first_stream_, rows_, hidden_, width_;  // width: G*H
  const bool train_, in_team_;
  const LayerStorage storage_;

  Buffer<float> zeros_;     // [G*H]
  Buffer<float> ax_, ah_;   // [T*M, G*H] (only with product sources), [M, G*H] (not in a team)
  Buffer<float> own_tape_;  // [T*M, K*H]
  Buffer<float> own_h_;     // [(T+1)*M, H]; [M, H] for cells that do not read it
  Buffer<float> c_;         // [(T+1)*M, H]; [M, H] where nothing goes back
  Buffer<float> carried_h_, carried_c_;  // [M, H] between chunks
  Buffer<Operand> prev_, out_;  // [(T+1)*M, H], [T*M, H]; no out_: prev_ one step on serves
  Buffer<float> x_hat_, x_rstd_, h_hat_, h_rstd_, c_hat_, c_rstd_, ax_normed_, ah_normed_;
  Buffer<float> dout_, dh_product_ /* not in a team */, dh_direct_, dc_, dax_f32_, dah_f32_;
  Buffer<Operand> own_dax_, own_dah_;     // [T*M, G*H]
  float *tape_ = nullptr, *h_ = nullptr;  // wherever they lie: see LayerStorage
  Operand *dax_ = nullptr, *dah_ = nullptr;
  std::vector<SmallGradient> small_;
  StepRows step_rows_;  // of forward() and backward()
  std::vector<const float*> ah_rows_;
  std::vector<Product> input_forward_, input_backward_, input_backward_add_;
  std::vector<Product> recurrent_;  // forward, backward; none in a team
};

}  // namespace inkling::nn
