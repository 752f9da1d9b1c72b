#include "nn/layer_shard.h"

#include "nn/strips.h"

namespace inkling::nn {
namespace {

inline void to_operand(const KernelTable& kernels, const float* from, Bf16* to, int64_t n) {
  kernels.round_to_bf16(from, to, n);
}
inline void to_operand(const KernelTable&, const float* from, float* to, int64_t n) {
  std::copy_n(from, n, to);
}

void add(const float* from, float* to, int64_t n) {
  for (int64_t j = 0; j < n; ++j) to[j] += from[j];
}

}  // namespace

template <class Operand>
LayerShard<Operand>::LayerShard(const NetworkSpec& spec, size_t layer, const EngineOptions& options,
                                const PackedNetwork& network, int64_t first_stream, int64_t rows)
    : kernels_(kernels()),
      cell_(spec),
      network_(network),
      layer_(network.layer(layer)),
      index_(static_cast<int64_t>(layer)),
      batch_(options.batch),
      steps_(options.steps),
      first_stream_(first_stream),
      rows_(rows),
      hidden_(spec.layers[layer].hidden_size),
      width_(cell_.gate_blocks * hidden_),
      train_(options.train),
      in_team_(layer_.recurrent.forward.empty()),
      storage_(spec, options, layer, in_team_),
      zeros_(in_team_ ? std::max(width_, rows * hidden_) : width_),
      step_rows_(rows, zeros_.data()) {
  const int64_t all = steps_ * rows_;
  const bool norm = layer_.gain_ih != nullptr;
  if (storage_.has_ax) ax_ = Buffer<float>(all * width_);
  if (!in_team_) ah_ = Buffer<float>(rows_ * width_);
  if (storage_.tape == Place::its_own)
    own_tape_ = Buffer<float>(tape_size() * (train_ ? steps_ : 1));
  if (!storage_.h_in_prev) own_h_ = Buffer<float>((cell_.reads_h ? all + rows_ : rows_) * hidden_);
  carried_h_ = Buffer<float>(rows_ * hidden_);
  if (cell_.state_blocks == 2) {
    c_ = Buffer<float>(((train_ ? all : 0) + rows_) * hidden_);
    carried_c_ = Buffer<float>(rows_ * hidden_);
  }
  prev_ = Buffer<Operand>((all + rows_) * hidden_);
  if (options.resets || options.dropout) out_ = Buffer<Operand>(all * hidden_);
  if (norm) {
    x_hat_ = Buffer<float>(all * width_), h_hat_ = Buffer<float>(all * width_);
    x_rstd_ = Buffer<float>(all), h_rstd_ = Buffer<float>(all);
    c_hat_ = Buffer<float>(all * hidden_), c_rstd_ = Buffer<float>(all);
    ax_normed_ = Buffer<float>(rows_ * width_), ah_normed_ = Buffer<float>(rows_ * width_);
  }
  if (train_) {
    dout_ = Buffer<float>(all * hidden_);
    if (!in_team_) dh_product_ = Buffer<float>(rows_ * hidden_);
    dh_direct_ = Buffer<float>(rows_ * hidden_);
    if (cell_.state_blocks == 2) dc_ = Buffer<float>(rows_ * hidden_);
    if (storage_.dax == Place::its_own) own_dax_ = Buffer<Operand>(all * width_);
    if (storage_.dah == Place::its_own) own_dah_ = Buffer<Operand>(all * width_);
    if (norm) dax_f32_ = Buffer<float>(rows_ * width_), dah_f32_ = Buffer<float>(rows_ * width_);
    for (const ParameterInfo* info : {layer_.gain_ih, layer_.gain_hh, layer_.gain_c, layer_.bias_c,
                                      layer_.init_h, layer_.init_c}) {
      if (info != nullptr) small_.push_back({info, Buffer<float>(info->size())});
    }
    if (norm) {
      for (const ParameterInfo* info : {layer_.bias_ih, layer_.bias_hh})
        small_.push_back({info, Buffer<float>(info->size())});
    }
  }
  tape_ = storage_.tape == Place::in_ax ? ax_.data() : own_tape_.data();
  dax_ = own_dax_.data();
  if (storage_.dax == Place::in_tape) dax_ = reinterpret_cast<Operand*>(tape_);
  if (storage_.dax == Place::in_ax) dax_ = reinterpret_cast<Operand*>(ax_.data());
  dah_ = own_dah_.data();
  if (storage_.dah == Place::in_ax) dah_ = dax_ + all * width_;
  if (storage_.dah == Place::in_tape) dah_ = reinterpret_cast<Operand*>(tape_);
  h_ = own_h_.data();
  if constexpr (std::is_same_v<Operand, float>) {
    if (storage_.h_in_prev) h_ = prev_.data();
  }
  ah_rows_.resize(static_cast<size_t>(rows_));
  for (size_t i = 0; i < layer_.input.source.size(); ++i) {
    const int64_t size = spec.source_size(layer_.input.source[i]);
    input_forward_.emplace_back(layer_.input.forward[i], all, size, width_, i > 0);
    if (!train_) continue;
    input_backward_.emplace_back(layer_.input.backward[i], all, width_, size, false);
    input_backward_add_.emplace_back(layer_.input.backward[i], all, width_, size, true);
  }
  if (in_team_) return;
  recurrent_.emplace_back(layer_.recurrent.forward[0], rows_, hidden_, width_, false);
  if (train_) recurrent_.emplace_back(layer_.recurrent.backward[0], rows_, width_, hidden_, false);
}

template <class Operand>
void LayerShard<Operand>::copy_state(const float* rows, float* kept) const {
  if (in_team_) return rows_to_strips(rows, rows_, hidden_, kept);
  std::copy_n(rows, rows_ * hidden_, kept);
}

template <class Operand>
void LayerShard<Operand>::copy_state_back(const float* kept, float* rows) const {
  if (in_team_) return strips_to_rows(kept, rows_, hidden_, rows);
  std::copy_n(kept, rows_ * hidden_, rows);
}

template <class Operand>
float* LayerShard<Operand>::small(const ParameterInfo* info) {
  for (SmallGradient& gradient : small_) {
    if (gradient.info == info) return gradient.sum.data();
  }
  return nullptr;
}

// Points the rows at the state each stream enters the step with, the initial one where it begins
// anew.
template <class Operand>
void LayerShard<Operand>::find_state(const Chunk& chunk, int64_t step, StepRows& rows) const {
  const int64_t size = rows_ * hidden_, stride = in_team_ ? LayerKernels::strip_units : hidden_;
  for (int64_t row = 0; row < rows_; ++row) {
    const auto r = static_cast<size_t>(row);
    if (cell_.reads_h) rows.prev_h[r] = h_ + step * size + row * stride;
    if (c_.size() > 0) rows.prev_c[r] = c_at(step) + row * stride;
    if (!is_reset(chunk, step, row)) continue;
    rows.prev_h[r] = initial(layer_.init_h);
    rows.prev_c[r] = initial(layer_.init_c);
  }
}

template <class Operand>
void LayerShard<Operand>::find_tokens(const Chunk& chunk, int64_t step, StepRows& rows) const {
  for (int64_t row = 0; row < rows_; ++row) {
    rows.tokens[static_cast<size_t>(row)] = layer_.look_up_row >= 0 && !idle(row)
                                                ? chunk.inputs[step * batch_ + first_stream_ + row]
                                                : Chunk::no_input;
  }
}

template <class Operand>
void LayerShard<Operand>::find_inputs(const Chunk& chunk, int64_t step, StepRows& rows) {
  find_tokens(chunk, step, rows);
  const float* table =
      network_.at(layer_.weight_ih) + std::max<int64_t>(layer_.look_up_row, 0) * width_;
  for (int64_t row = 0; row < rows_; ++row) {
    const int32_t token = rows.tokens[static_cast<size_t>(row)];
    const float* looked_up = token == Chunk::no_input ? zeros_.data() : table + token * width_;
    if (ax_.size() == 0) {
      rows.ax[static_cast<size_t>(row)] = looked_up;
      continue;
    }
    float* sums = ax_.data() + (step * rows_ + row) * width_;
    if (token != Chunk::no_input) kernels_.add_rows_f32(looked_up, 1, width_, width_, sums);
    rows.ax[static_cast<size_t>(row)] = sums;
  }
}

template <class Operand>
void LayerShard<Operand>::find_keys(const Dropout& dropout, int64_t step, StepRows& rows) const {
  if (dropout.threshold == 0) return;
  for (int64_t row = 0; row < rows_; ++row)
    rows.keys[static_cast<size_t>(row)] = dropout.row_key(index_, step, first_stream_ + row);
}

template <class Operand>
void LayerShard<Operand>::normalize_gates(int64_t step, StepRows& rows) {
  const int64_t at = step * rows_;
  for (int64_t row = 0; row < rows_; ++row)
    ah_rows_[static_cast<size_t>(row)] = ah_.data() + row * width_;
  kernels_.layer_norm({rows_, width_, rows.ax.data(), network_.at(layer_.gain_ih),
                       network_.at(layer_.bias_ih), x_hat_.data() + at * width_,
                       x_rstd_.data() + at, ax_normed_.data()});
  kernels_.layer_norm({rows_, width_, ah_rows_.data(), network_.at(layer_.gain_hh),
                       network_.at(layer_.bias_hh), h_hat_.data() + at * width_,
                       h_rstd_.data() + at, ah_normed_.data()});
  for (int64_t row = 0; row < rows_; ++row)
    rows.ax[static_cast<size_t>(row)] = ax_normed_.data() + row * width_;
}

template <class Operand>
void LayerShard<Operand>::begin_forward(const std::vector<const Operand*>& inputs) {
  const int64_t size = rows_ * hidden_;
  for (size_t i = 0; i < input_forward_.size(); ++i) input_forward_[i].run(inputs[i], ax_.data());
  to_operand(kernels_, carried_h_.data(), prev_.data(), size);
  if (cell_.reads_h) copy_state(carried_h_.data(), h_);
  if (c_.size() > 0) copy_state(carried_c_.data(), c_at(0));
}

template <class Operand>
ForwardStep<Operand> LayerShard<Operand>::forward_step(const Chunk& chunk, const Dropout& dropout,
                                                       int64_t step, StepRows& rows) {
  const int64_t size = rows_ * hidden_;
  find_state(chunk, step, rows);
  find_inputs(chunk, step, rows);
  find_keys(dropout, step, rows);
  ForwardStep<Operand> s{};
  s.rows = rows_, s.hidden = hidden_;
  s.ax = rows.ax.data();
  s.h_before = prev_.data() + step * size;
  if (layer_.gain_ih == nullptr) {
    s.bias_x = cell_.gates_add ? layer_.bias_sum.data() : network_.at(layer_.bias_ih);
    s.bias_h = cell_.gates_add ? nullptr : network_.at(layer_.bias_hh);
  }
  s.prev_h = rows.prev_h.data(), s.prev_c = rows.prev_c.data();
  if (storage_.h_in_prev) {
    s.next_h = nullptr;  // it is h_operand
  } else if (cell_.reads_h) {
    s.next_h = h_ + (step + 1) * size;
  } else if (step + 1 == steps_) {
    s.next_h = h_;
  }
  s.next_c = c_.size() > 0 ? c_at(step + 1) : nullptr;
  if (tape_ != nullptr) s.tape = tape_ + (train_ ? step * tape_size() : 0);
  s.h_operand = prev_.data() + (step + 1) * size;
  s.out = out_.size() > 0 ? out_.data() + step * size : nullptr;
  s.dropout = {dropout.threshold, dropout.scale, rows.keys.data()};
  if (layer_.gain_c != nullptr) {
    s.gain_c = network_.at(layer_.gain_c), s.bias_c = network_.at(layer_.bias_c);
    s.c_hat = c_hat_.data() + step * size, s.c_rstd = c_rstd_.data() + step * rows_;
  }
  return s;
}

template <class Operand>
void LayerShard<Operand>::reset_hidden(const Chunk& chunk, int64_t step, int64_t begin,
                                       int64_t end) {
  for (int64_t row = 0; row < rows_; ++row) {
    if (!is_reset(chunk, step, row)) continue;
    to_operand(kernels_, initial(layer_.init_h) + begin,
               prev_.data() + (step * rows_ + row) * hidden_ + begin, end - begin);
  }
}

template <class Operand>
void LayerShard<Operand>::end_forward() {
  const int64_t size = rows_ * hidden_;
  copy_state_back(h_ + (cell_.reads_h ? steps_ * size : 0), carried_h_.data());
  if (c_.size() > 0) copy_state_back(c_at(steps_), carried_c_.data());
}

template <class Operand>
void LayerShard<Operand>::forward(const Chunk& chunk, const Dropout& dropout,
                                  const std::vector<const Operand*>& inputs) {
  const bool norm = layer_.gain_ih != nullptr;
  begin_forward(inputs);
  for (int64_t step = 0; step < steps_; ++step) {
    reset_hidden(chunk, step, 0, hidden_);
    ForwardStep<Operand> s = forward_step(chunk, dropout, step, step_rows_);
    recurrent_[0].run(s.h_before, ah_.data());
    if (norm) normalize_gates(step, step_rows_);
    s.ah = norm ? ah_normed_.data() : ah_.data();
    cell_kernels<Operand>(kernels_, cell_.index).forward(s);
  }
  end_forward();
}

// Where a stream began anew, its gradient goes to a learned initial state; and ends there: see
// BackwardStep::cut.
template <class Operand>
void LayerShard<Operand>::learn_initial_state(const Chunk& chunk, int64_t step) {
  if (layer_.init_h == nullptr) return;
  for (int64_t row = 0; row < rows_; ++row) {
    if (!is_reset(chunk, step, row)) continue;
    const int64_t at = row * hidden_;
    add(dh_product_.data() + at, small(layer_.init_h), hidden_);
    if (cell_.reads_h) add(dh_direct_.data() + at, small(layer_.init_h), hidden_);
    if (layer_.init_c != nullptr) add(dc_.data() + at, small(layer_.init_c), hidden_);
  }
}

template <class Operand>
void LayerShard<Operand>::begin_backward() {
  for (SmallGradient& gradient : small_) gradient.sum.clear();
  dh_product_.clear(), dh_direct_.clear(), dc_.clear();
}

template <class Operand>
BackwardStep<Operand> LayerShard<Operand>::backward_step(const Chunk& chunk, const Dropout& dropout,
                                                         int64_t step, StepRows& rows) {
  const int64_t size = rows_ * hidden_, at = step * rows_;
  find_state(chunk, step, rows);
  find_tokens(chunk, step, rows);
  find_keys(dropout, step, rows);
  BackwardStep<Operand> s{};
  s.rows = rows_, s.hidden = hidden_;
  s.tape = tape_ + step * tape_size();
  s.prev_h = rows.prev_h.data(), s.prev_c = rows.prev_c.data();
  s.next_c = c_.size() > 0 ? c_at(step + 1) : nullptr;
  s.dout = dout_.data() + step * size;
  s.dh_direct = dh_direct_.data();
  s.dc = dc_.data();
  s.dax = dax_ + at * width_;
  s.dah = dah_of(step);
  s.dropout = {dropout.threshold, dropout.scale, rows.keys.data()};
  if (layer_.gain_ih != nullptr) s.dax_f32 = dax_f32_.data(), s.dah_f32 = dah_f32_.data();
  if (layer_.gain_c != nullptr) {
    s.gain_c = network_.at(layer_.gain_c), s.bias_c = network_.at(layer_.bias_c);
    s.c_hat = c_hat_.data() + step * size, s.c_rstd = c_rstd_.data() + at;
    s.dgain_c = small(layer_.gain_c), s.dbias_c = small(layer_.bias_c);
  }
  if (step + 1 == steps_) return s;
  s.next_dah = dah() + (at + rows_) * dah_stride();
  if (chunk.resets == nullptr) return s;
  for (int64_t row = 0; row < rows_; ++row)
    rows.cut[static_cast<size_t>(row)] = is_reset(chunk, step + 1, row) ? 1 : 0;
  s.cut = rows.cut.data();
  return s;
}

// The library's products take rows that lie close together, those of a tape do not: a step's are
// made in the place of its product on the way forward, and kept when they have been multiplied.
template <class Operand>
Operand* LayerShard<Operand>::dah_of(int64_t step) {
  if (dah_ == nullptr) return nullptr;
  if constexpr (std::is_same_v<Operand, float>) {
    if (storage_.dah == Place::in_tape) return ah_.data();
  }
  return dah_ + step * rows_ * width_;
}

template <class Operand>
void LayerShard<Operand>::keep_dah(int64_t step) {
  if (storage_.dah != Place::in_tape) return;
  for (int64_t row = 0; row < rows_; ++row) {
    std::copy_n(dah_of(step) + row * width_, width_, dah_ + (step * rows_ + row) * dah_stride());
  }
}

template <class Operand>
void LayerShard<Operand>::normalize_backward(const BackwardStep<Operand>& s, int64_t step) {
  const int64_t at = step * rows_;
  const auto through = [&](const float* dy, const Buffer<float>& hat, const Buffer<float>& rstd,
                           const ParameterInfo* gain, const ParameterInfo* bias, Operand* dx) {
    const LayerNormBackwardRows<Operand> rows{
        rows_,       width_,      dy, hat.data() + at * width_, rstd.data() + at, network_.at(gain),
        small(gain), small(bias), dx};
    if constexpr (std::is_same_v<Operand, Bf16>) {
      kernels_.layer_norm_backward_bf16(rows);
    } else {
      kernels_.layer_norm_backward_f32(rows);
    }
  };
  through(dax_f32_.data(), x_hat_, x_rstd_, layer_.gain_ih, layer_.bias_ih, s.dax);
  through(dah_f32_.data(), h_hat_, h_rstd_, layer_.gain_hh, layer_.bias_hh, s.dah);
}

template <class Operand>
void LayerShard<Operand>::backward(const Chunk& chunk, const Dropout& dropout,
                                   const std::vector<float*>& dinputs,
                                   const std::vector<char>& add_to) {
  begin_backward();
  const auto& kernel = cell_kernels<Operand>(kernels_, cell_.index);
  for (int64_t step = steps_; step-- > 0;) {
    BackwardStep<Operand> s = backward_step(chunk, dropout, step, step_rows_);
    s.dh_product = dh_product_.data();
    kernel.backward(s);
    if (layer_.gain_ih != nullptr) normalize_backward(s, step);
    // Before the first step nothing is left to learn but an initial state.
    if (step > 0 || layer_.init_h != nullptr) {
      recurrent_[1].run(s.dah != nullptr ? s.dah : s.dax, dh_product_.data());
      learn_initial_state(chunk, step);
    }
    keep_dah(step);
  }
  end_backward(dinputs, add_to);
}

template <class Operand>
void LayerShard<Operand>::end_backward(const std::vector<float*>& dinputs,
                                       const std::vector<char>& add_to) {
  for (size_t i = 0; i < dinputs.size(); ++i) {
    if (dinputs[i] != nullptr)
      (add_to[i] ? input_backward_add_ : input_backward_)[i].run(dax_, dinputs[i]);
  }
}

template <class Operand>
int64_t LayerShard<Operand>::bytes() const {
  int64_t bytes = 0;
  for (const Buffer<float>* buffer :
       {&zeros_,     &ax_,        &ah_,        &own_tape_,  &own_h_, &c_,
        &carried_h_, &carried_c_, &x_hat_,     &x_rstd_,    &h_hat_, &h_rstd_,
        &c_hat_,     &c_rstd_,    &ax_normed_, &ah_normed_, &dout_,  &dh_product_,
        &dh_direct_, &dc_,        &dax_f32_,   &dah_f32_}) {
    bytes += buffer->bytes();
  }
  for (const Buffer<Operand>* buffer : {&prev_, &out_, &own_dax_, &own_dah_})
    bytes += buffer->bytes();
  return bytes;
}

template class LayerShard<float>;
template class LayerShard<Bf16>;

}  // namespace inkling::nn
