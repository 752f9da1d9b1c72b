#include "nn/layer_shard.h"

#include "nn/cells/cells.h"

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

CellTraits::CellTraits(const NetworkSpec& spec) : index(cell_index(spec.cell, spec.activation)) {
  with_cell(spec.cell, spec.activation, [&](auto cell) {
    using Cell = decltype(cell);
    gate_blocks = Cell::gate_blocks, state_blocks = Cell::state_blocks,
    tape_blocks = Cell::tape_blocks;
    gates_add = Cell::gates_add, reads_h = Cell::reads_h;
  });
}

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
      train_(options.train) {
  const int64_t all = steps_ * rows_;
  const bool norm = layer_.gain_ih != nullptr;
  zeros_ = Buffer<float>(width_);
  if (!layer_.input.source.empty()) ax_ = Buffer<float>(all * width_);
  ah_ = Buffer<float>(rows_ * width_);
  tape_ = Buffer<float>((train_ ? all : rows_) * cell_.tape_blocks * hidden_);
  h_ = Buffer<float>((cell_.reads_h ? all + rows_ : rows_) * hidden_);
  carried_h_ = Buffer<float>(rows_ * hidden_);
  if (cell_.state_blocks == 2) {
    c_ = Buffer<float>((all + rows_) * hidden_);
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
    dh_product_ = Buffer<float>(rows_ * hidden_), dh_direct_ = Buffer<float>(rows_ * hidden_);
    if (cell_.state_blocks == 2) dc_ = Buffer<float>(rows_ * hidden_);
    dax_ = Buffer<Operand>(all * width_);
    if (!cell_.gates_add || norm) dah_ = Buffer<Operand>(all * width_);
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
  ax_rows_.resize(static_cast<size_t>(rows_), zeros_.data());
  ah_rows_ = prev_h_rows_ = prev_c_rows_ = ax_rows_;
  keys_.resize(static_cast<size_t>(rows_));
  for (size_t i = 0; i < layer_.input.source.size(); ++i) {
    const int64_t size = spec.source_size(layer_.input.source[i]);
    input_forward_.emplace_back(layer_.input.forward[i], all, size, width_, i > 0);
    if (!train_) continue;
    input_backward_.emplace_back(layer_.input.backward[i], all, width_, size, false);
    input_backward_add_.emplace_back(layer_.input.backward[i], all, width_, size, true);
  }
  recurrent_.emplace_back(layer_.recurrent.forward[0], rows_, hidden_, width_, false);
  if (train_) recurrent_.emplace_back(layer_.recurrent.backward[0], rows_, width_, hidden_, false);
}

template <class Operand>
float* LayerShard<Operand>::small(const ParameterInfo* info) {
  for (SmallGradient& gradient : small_) {
    if (gradient.info == info) return gradient.sum.data();
  }
  return nullptr;
}

// Points the rows at the state each stream enters the step with, and puts the initial one where a
// stream begins anew.
template <class Operand>
void LayerShard<Operand>::begin_step(const Chunk& chunk, int64_t step) {
  const int64_t size = rows_ * hidden_;
  for (int64_t row = 0; row < rows_; ++row) {
    const auto r = static_cast<size_t>(row);
    if (cell_.reads_h) prev_h_rows_[r] = h_.data() + step * size + row * hidden_;
    if (c_.size() > 0) prev_c_rows_[r] = c_.data() + step * size + row * hidden_;
    if (!is_reset(chunk, step, row)) continue;
    prev_h_rows_[r] = initial(layer_.init_h);
    prev_c_rows_[r] = initial(layer_.init_c);
  }
}

template <class Operand>
void LayerShard<Operand>::set_ax(const Chunk& chunk, int64_t step) {
  const bool look_up = layer_.look_up_row >= 0;
  const float* table =
      network_.at(layer_.weight_ih) + std::max<int64_t>(layer_.look_up_row, 0) * width_;
  for (int64_t row = 0; row < rows_; ++row) {
    const int32_t token =
        look_up && !idle(row) ? chunk.inputs[step * batch_ + first_stream_ + row] : Chunk::no_input;
    const float* looked_up = token == Chunk::no_input ? zeros_.data() : table + token * width_;
    if (ax_.size() == 0) {
      ax_rows_[static_cast<size_t>(row)] = looked_up;
      continue;
    }
    float* sums = ax_.data() + (step * rows_ + row) * width_;
    if (look_up) kernels_.add_rows_f32(looked_up, 1, width_, width_, sums);
    ax_rows_[static_cast<size_t>(row)] = sums;
  }
}

template <class Operand>
void LayerShard<Operand>::set_keys(const Dropout& dropout, int64_t step) {
  if (dropout.threshold == 0) return;
  for (int64_t row = 0; row < rows_; ++row) {
    keys_[static_cast<size_t>(row)] = dropout.row_key(index_, step, first_stream_ + row);
  }
}

template <class Operand>
void LayerShard<Operand>::normalize_gates(int64_t step) {
  const int64_t at = step * rows_;
  for (int64_t row = 0; row < rows_; ++row)
    ah_rows_[static_cast<size_t>(row)] = ah_.data() + row * width_;
  kernels_.layer_norm({rows_, width_, ax_rows_.data(), network_.at(layer_.gain_ih),
                       network_.at(layer_.bias_ih), x_hat_.data() + at * width_,
                       x_rstd_.data() + at, ax_normed_.data()});
  kernels_.layer_norm({rows_, width_, ah_rows_.data(), network_.at(layer_.gain_hh),
                       network_.at(layer_.bias_hh), h_hat_.data() + at * width_,
                       h_rstd_.data() + at, ah_normed_.data()});
  for (int64_t row = 0; row < rows_; ++row)
    ax_rows_[static_cast<size_t>(row)] = ax_normed_.data() + row * width_;
}

template <class Operand>
void LayerShard<Operand>::forward(const Chunk& chunk, const Dropout& dropout,
                                  const std::vector<const Operand*>& inputs) {
  const int64_t size = rows_ * hidden_;
  const bool norm = layer_.gain_ih != nullptr;
  for (size_t i = 0; i < input_forward_.size(); ++i) input_forward_[i].run(inputs[i], ax_.data());
  to_operand(kernels_, carried_h_.data(), prev_.data(), size);
  if (cell_.reads_h) std::copy_n(carried_h_.data(), size, h_.data());
  if (c_.size() > 0) std::copy_n(carried_c_.data(), size, c_.data());

  for (int64_t step = 0; step < steps_; ++step) {
    begin_step(chunk, step);
    for (int64_t row = 0; row < rows_; ++row) {
      if (!is_reset(chunk, step, row)) continue;
      to_operand(kernels_, initial(layer_.init_h), prev_.data() + step * size + row * hidden_,
                 hidden_);
    }
    recurrent_[0].run(prev_.data() + step * size, ah_.data());
    set_ax(chunk, step);
    if (norm) normalize_gates(step);
    set_keys(dropout, step);
    ForwardStep<Operand> s{};
    s.rows = rows_, s.hidden = hidden_;
    s.ax = ax_rows_.data();
    s.ah = norm ? ah_normed_.data() : ah_.data();
    if (!norm) {
      s.bias_x = cell_.gates_add ? layer_.bias_sum.data() : network_.at(layer_.bias_ih);
      s.bias_h = cell_.gates_add ? nullptr : network_.at(layer_.bias_hh);
    }
    s.prev_h = prev_h_rows_.data(), s.prev_c = prev_c_rows_.data();
    s.next_h = h_.data() + (cell_.reads_h ? (step + 1) * size : 0);
    s.next_c = c_.size() > 0 ? c_.data() + (step + 1) * size : nullptr;
    s.tape = tape_.data() + (train_ ? step * rows_ * cell_.tape_blocks * hidden_ : 0);
    s.h_operand = prev_.data() + (step + 1) * size;
    s.out = out_.size() > 0 ? out_.data() + step * size : nullptr;
    s.dropout = {dropout.threshold, dropout.scale, keys_.data()};
    if (norm && layer_.gain_c != nullptr) {
      s.gain_c = network_.at(layer_.gain_c), s.bias_c = network_.at(layer_.bias_c);
      s.c_hat = c_hat_.data() + step * size, s.c_rstd = c_rstd_.data() + step * rows_;
    }
    cell_kernels<Operand>(kernels_, cell_.index).forward(s);
  }
  std::copy_n(h_.data() + (cell_.reads_h ? steps_ * size : 0), size, carried_h_.data());
  if (c_.size() > 0) std::copy_n(c_.data() + steps_ * size, size, carried_c_.data());
}

// Gradients end where a stream began anew; a learned initial state takes them.
template <class Operand>
void LayerShard<Operand>::cut_at_resets(const Chunk& chunk, int64_t step) {
  for (int64_t row = 0; row < rows_; ++row) {
    if (!is_reset(chunk, step, row)) continue;
    const auto cut = [&](Buffer<float>& gradient, const ParameterInfo* info) {
      if (gradient.size() == 0) return;
      float* d = gradient.data() + row * hidden_;
      if (info != nullptr) add(d, small(info), hidden_);
      std::fill_n(d, hidden_, 0.F);
    };
    cut(dh_product_, layer_.init_h);
    cut(dh_direct_, layer_.init_h);
    cut(dc_, layer_.init_c);
  }
}

template <class Operand>
void LayerShard<Operand>::backward(const Chunk& chunk, const Dropout& dropout,
                                   const std::vector<float*>& dinputs,
                                   const std::vector<char>& add_to) {
  const int64_t size = rows_ * hidden_;
  const bool norm = layer_.gain_ih != nullptr;
  for (SmallGradient& gradient : small_) gradient.sum.clear();
  dh_product_.clear(), dh_direct_.clear(), dc_.clear();
  const auto& kernel = cell_kernels<Operand>(kernels_, cell_.index);

  for (int64_t step = steps_; step-- > 0;) {
    begin_step(chunk, step);
    set_keys(dropout, step);
    const int64_t at = step * rows_;
    BackwardStep<Operand> s{};
    s.rows = rows_, s.hidden = hidden_;
    s.tape = tape_.data() + at * cell_.tape_blocks * hidden_;
    s.prev_h = prev_h_rows_.data(), s.prev_c = prev_c_rows_.data();
    s.next_c = c_.size() > 0 ? c_.data() + (step + 1) * size : nullptr;
    s.dout = dout_.data() + step * size;
    s.dh_product = dh_product_.data();
    s.dh_direct = dh_direct_.data();
    s.dc = dc_.data();
    s.dax = dax_.data() + at * width_;
    s.dah = dah_.size() > 0 ? dah_.data() + at * width_ : nullptr;
    s.dropout = {dropout.threshold, dropout.scale, keys_.data()};
    if (norm) {
      s.dax_f32 = dax_f32_.data(), s.dah_f32 = dah_f32_.data();
      if (layer_.gain_c != nullptr) {
        s.gain_c = network_.at(layer_.gain_c), s.bias_c = network_.at(layer_.bias_c);
        s.c_hat = c_hat_.data() + step * size, s.c_rstd = c_rstd_.data() + at;
        s.dgain_c = small(layer_.gain_c), s.dbias_c = small(layer_.bias_c);
      }
    }
    kernel.backward(s);
    if (norm) {
      const auto through = [&](const float* dy, const Buffer<float>& hat, const Buffer<float>& rstd,
                               const ParameterInfo* gain, const ParameterInfo* bias, Operand* dx) {
        const LayerNormBackwardRows<Operand> rows{rows_,
                                                  width_,
                                                  dy,
                                                  hat.data() + at * width_,
                                                  rstd.data() + at,
                                                  network_.at(gain),
                                                  small(gain),
                                                  small(bias),
                                                  dx};
        if constexpr (std::is_same_v<Operand, Bf16>) {
          kernels_.layer_norm_backward_bf16(rows);
        } else {
          kernels_.layer_norm_backward_f32(rows);
        }
      };
      through(dax_f32_.data(), x_hat_, x_rstd_, layer_.gain_ih, layer_.bias_ih, s.dax);
      through(dah_f32_.data(), h_hat_, h_rstd_, layer_.gain_hh, layer_.bias_hh, s.dah);
    }
    // Before the first step nothing is left to learn but an initial state.
    if (step > 0 || layer_.init_h != nullptr) {
      recurrent_[1].run(s.dah != nullptr ? s.dah : s.dax, dh_product_.data());
      cut_at_resets(chunk, step);
    }
  }
  for (size_t i = 0; i < dinputs.size(); ++i) {
    if (dinputs[i] != nullptr)
      (add_to[i] ? input_backward_add_ : input_backward_)[i].run(dax_.data(), dinputs[i]);
  }
}

template <class Operand>
int64_t LayerShard<Operand>::bytes() const {
  int64_t bytes = 0;
  for (const Buffer<float>* buffer :
       {&zeros_, &ax_,         &ah_,        &tape_,   &h_,       &c_,      &carried_h_, &carried_c_,
        &x_hat_, &x_rstd_,     &h_hat_,     &h_rstd_, &c_hat_,   &c_rstd_, &ax_normed_, &ah_normed_,
        &dout_,  &dh_product_, &dh_direct_, &dc_,     &dax_f32_, &dah_f32_}) {
    bytes += buffer->bytes();
  }
  for (const Buffer<Operand>* buffer : {&prev_, &out_, &dax_, &dah_}) bytes += buffer->bytes();
  return bytes;
}

template class LayerShard<float>;
template class LayerShard<Bf16>;

}  // namespace inkling::nn
