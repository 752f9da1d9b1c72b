#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <complex>
#include <cstdint>
#include <vector>

#include "nn/cells/cells.h"
#include "nn/chunk.h"
#include "nn/layer_norm.h"
#include "nn/parameter_layout.h"
#include "nn/scalar_math.h"

namespace inkling::nn {

// The definition of the network, for any number type T: one loop for each sum, nothing clever.
// std::complex<double> gives derivatives without cancellation (tests); ChunkEngine and StepEngine,
// the fast paths, are tested against it.
//
// The recurrent state of B streams is [B, state_size]: for each stream its layers in order, each h
// or h|c.
template <class T>
class PlainNetwork {
 public:
  explicit PlainNetwork(const NetworkSpec& spec) : spec_(spec), layout_(spec) { spec_.validate(); }

  const ParameterLayout& layout() const { return layout_; }

  // Returns the mean loss in nats over the scored positions; of a mixture the mean of its networks'
  // own losses. `state` is read as the state before the chunk and becomes that after it. With
  // `gradient` [layout().size()], adds dL/dw to it; of a mixture that of the sum of its networks'
  // losses, so that each learns what it would alone. Gradients stop at the chunk's beginning,
  // except into a learned initial state. With `probs`, it receives the network's, [T*B, V]
  // (many-to-one: the last step's [B, V]).
  T run(const std::vector<T>& weights, const Chunk& chunk, int64_t batch, const Dropout& dropout,
        std::vector<T>& state, std::vector<T>* gradient = nullptr,
        std::vector<T>* probs = nullptr) {
    return with_cell(spec_.cell, spec_.activation, [&](auto cell) {
      return Pass<decltype(cell)>(*this, weights, chunk, batch, dropout)
          .run(state, gradient, probs);
    });
  }

 private:
  template <class Cell>
  class Pass;

  NetworkSpec spec_;
  ParameterLayout layout_;
};

// One forward and backward pass with one kind of cell.
template <class T>
template <class Cell>
class PlainNetwork<T>::Pass {
 public:
  Pass(const PlainNetwork& network, const std::vector<T>& weights, const Chunk& chunk,
       int64_t batch, const Dropout& dropout)
      : spec_(network.spec_),
        layout_(network.layout_),
        weights_(weights),
        chunk_(chunk),
        batch_(batch),
        rows_(chunk.steps * batch),
        dropout_(dropout) {}

  T run(std::vector<T>& state, std::vector<T>* gradient, std::vector<T>* probs) {
    int64_t offset = 0;
    for (size_t l = 0; l < spec_.layers.size(); ++l) {
      layers_.emplace_back();
      forward_layer(l, state, offset);
      offset += S * spec_.layers[l].hidden_size;
    }
    const T loss = head(gradient, probs);
    if (gradient != nullptr) {
      for (size_t l = spec_.layers.size(); l-- > 0;) backward_layer(l, *gradient);
    }
    return loss;
  }

 private:
  static constexpr int G = Cell::gate_blocks, S = Cell::state_blocks, K = Cell::tape_blocks;
  using Row = std::vector<T>;

  // What one layer keeps of every position r = t * B + b for the backward pass.
  struct Kept {
    std::vector<Row> input, prev, next, tape, u;  // [I] [S*H] [S*H] [K*H] [H]
    std::vector<NormalizedRow<T>> ax, ah, c;      // only with layer normalisation
    std::vector<Row> out, dout;                   // [H] after dropout
  };

  const T* weight(const char* stem, int64_t l = -1) const {
    return weights_.data() + info(stem, l).offset;
  }
  const ParameterInfo& info(const char* stem, int64_t l) const {
    return layout_.at(l < 0 ? std::string(stem) : fmt::format("{}_l{}", stem, l));
  }
  T* grad(Row& gradient, const char* stem, int64_t l = -1) const {
    return gradient.data() + info(stem, l).offset;
  }
  bool is_reset(int64_t row) const { return chunk_.resets != nullptr && chunk_.resets[row] != 0; }

  // y += x W, W [in, out]
  static void add_product(const Row& x, const T* w, Row& y) {
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t j = 0; j < y.size(); ++j) y[j] += x[i] * w[i * y.size() + j];
    }
  }
  // dx += dy W' and dW += x' dy
  static void add_product_backward(const Row& x, const T* w, const Row& dy, Row& dx, T* dw) {
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t j = 0; j < dy.size(); ++j) {
        dx[i] += dy[j] * w[i * dy.size() + j];
        dw[i * dy.size() + j] += x[i] * dy[j];
      }
    }
  }
  static void add(const T* x, Row& y) {
    for (size_t j = 0; j < y.size(); ++j) y[j] += x[j];
  }
  static void add_to(const Row& x, T* y) {
    for (size_t j = 0; j < x.size(); ++j) y[j] += x[j];
  }

  Row layer_input(size_t l, int64_t row) const {
    Row x;
    const int32_t token = chunk_.inputs[row];
    for (const int source : spec_.layers[l].inputs) {
      if (source != LayerSpec::network_input) {
        const Row& y = layers_[static_cast<size_t>(source)].out[static_cast<size_t>(row)];
        x.insert(x.end(), y.begin(), y.end());
        continue;
      }
      Row vector(static_cast<size_t>(spec_.source_size(source)), T(0));
      if (token != Chunk::no_input && spec_.embedding_size == 0)
        vector[static_cast<size_t>(token)] = T(1);
      if (token != Chunk::no_input && spec_.embedding_size > 0) {
        const T* row_of_token = weight("embed.weight") + token * spec_.embedding_size;
        std::copy(row_of_token, row_of_token + spec_.embedding_size, vector.begin());
      }
      x.insert(x.end(), vector.begin(), vector.end());
    }
    return x;
  }

  Row initial_state(size_t l) const {
    const auto hidden = static_cast<size_t>(spec_.layers[l].hidden_size);
    Row start(S * hidden, T(0));
    if (spec_.initial_state == InitialState::learned) {
      std::copy_n(weight("init.h", static_cast<int64_t>(l)), hidden, start.begin());
      if (S == 2)
        std::copy_n(weight("init.c", static_cast<int64_t>(l)), hidden,
                    start.begin() + static_cast<ptrdiff_t>(hidden));
    }
    return start;
  }

  T mask(size_t l, int64_t row, size_t unit) const {
    if (dropout_.threshold == 0) return T(1);
    const uint32_t key = dropout_.row_key(static_cast<int64_t>(l), row / batch_, row % batch_);
    return dropout_bits(key, static_cast<uint32_t>(unit)) < dropout_.threshold ? T(0)
                                                                               : T(dropout_.scale);
  }

  void forward_layer(size_t l, std::vector<T>& state, int64_t state_offset) {
    const auto hidden = static_cast<size_t>(spec_.layers[l].hidden_size);
    const auto layer = static_cast<int64_t>(l);
    Kept& kept = layers_[l];
    for (int64_t row = 0; row < rows_; ++row) {
      const int64_t stream = row % batch_;
      T* carried = state.data() + stream * spec_.state_size() + state_offset;
      const Row prev = is_reset(row) ? initial_state(l) : Row(carried, carried + S * hidden);
      const Row x = layer_input(l, row);
      Row ax(G * hidden, T(0)), ah(G * hidden, T(0));
      add_product(x, weight("rnn.weight_ih", layer), ax);
      add_product(Row(prev.begin(), prev.begin() + static_cast<ptrdiff_t>(hidden)),
                  weight("rnn.weight_hh", layer), ah);
      if (spec_.layer_norm) {
        kept.ax.push_back(normalize_row(ax));
        kept.ah.push_back(normalize_row(ah));
        ax = scaled(kept.ax.back(), weight("norm.gain_ih", layer));
        ah = scaled(kept.ah.back(), weight("norm.gain_hh", layer));
      }
      add(weight("rnn.bias_ih", layer), ax);
      add(weight("rnn.bias_hh", layer), ah);

      Row next(S * hidden), tape(K * hidden), u(hidden), out(hidden);
      for (size_t j = 0; j < hidden; ++j) {
        T a[G], b[G], p[S], n[S]{}, k[K];
        gather<G>(ax, j, a), gather<G>(ah, j, b), gather<S>(prev, j, p);
        Cell::forward(a, b, p, n, k);
        scatter<S>(n, next, j), scatter<K>(k, tape, j);
      }
      if constexpr (has_output<Cell>) {
        std::copy_n(next.begin() + static_cast<ptrdiff_t>(hidden), hidden, u.begin());
        if (spec_.layer_norm) {
          kept.c.push_back(normalize_row(u));
          u = scaled(kept.c.back(), weight("norm.gain_c", layer));
          add(weight("norm.bias_c", layer), u);
        }
        for (size_t j = 0; j < hidden; ++j) {
          T k[K];
          gather<K>(tape, j, k);
          next[j] = Cell::output(u[j], k);
        }
      }
      for (size_t j = 0; j < hidden; ++j) out[j] = next[j] * mask(l, row, j);
      std::copy(next.begin(), next.end(), carried);
      kept.input.push_back(x), kept.prev.push_back(prev), kept.next.push_back(next);
      kept.tape.push_back(tape), kept.u.push_back(u), kept.out.push_back(out);
      kept.dout.emplace_back(hidden, T(0));
    }
  }

  T head(std::vector<T>* gradient, std::vector<T>* probs) {
    if (probs != nullptr) {
      const int64_t rows = chunk_.last_step_only ? batch_ : rows_;
      probs->assign(static_cast<size_t>(rows * spec_.vocab_size), T(0));
    }
    const size_t sources = spec_.head_inputs.size();
    if (!spec_.mixture) return predict(0, sources, T(1), gradient, probs);
    T loss(0);
    for (size_t i = 0; i < sources; ++i)
      loss += predict(i, i + 1, T(1) / T(static_cast<double>(sources)), gradient, probs);
    return loss;
  }

  // By the head's inputs [begin, end): `part` of the loss and of the probabilities, and the
  // gradient.
  T predict(size_t begin, size_t end, T part, std::vector<T>* gradient, std::vector<T>* probs) {
    const int64_t first = chunk_.last_step_only ? rows_ - batch_ : 0;
    int64_t count = 0;
    for (int64_t row = first; row < rows_; ++row) count += chunk_.targets[row] != Chunk::no_target;
    const T share = T(1) / T(static_cast<double>(count));
    int64_t weights_before = 0;
    for (size_t i = 0; i < begin; ++i)
      weights_before += spec_.source_size(spec_.head_inputs[i]) * spec_.vocab_size;
    T loss(0);
    for (int64_t row = first; row < rows_; ++row) {
      Row y;
      for (size_t i = begin; i < end; ++i) {
        const auto source = static_cast<size_t>(spec_.head_inputs[i]);
        const Row& out = layers_[source].out[static_cast<size_t>(row)];
        y.insert(y.end(), out.begin(), out.end());
      }
      Row logits(static_cast<size_t>(spec_.vocab_size), T(0));
      add_product(y, weight("fc.weight") + weights_before, logits);
      add(weight("fc.bias"), logits);
      double largest = std::real(logits[0]);
      for (const T& z : logits) largest = std::max(largest, static_cast<double>(std::real(z)));
      T sum(0);
      for (T& z : logits) sum += exp(z = z - T(largest));
      Row p;
      for (const T& z : logits) p.push_back(exp(z) / sum);
      for (size_t v = 0; probs != nullptr && v < p.size(); ++v)
        (*probs)[static_cast<size_t>(row - first) * p.size() + v] += part * p[v];
      const int32_t target = chunk_.targets[row];
      if (target == Chunk::no_target) continue;
      loss += (log(sum) - logits[static_cast<size_t>(target)]) * share * part;
      if (gradient == nullptr) continue;
      p[static_cast<size_t>(target)] -= T(1);
      for (T& d : p) d *= share;
      Row dy(y.size(), T(0));
      add_product_backward(y, weight("fc.weight") + weights_before, p, dy,
                           grad(*gradient, "fc.weight") + weights_before);
      add_to(p, grad(*gradient, "fc.bias"));
      size_t at = 0;
      for (size_t i = begin; i < end; ++i) {
        const auto source = static_cast<size_t>(spec_.head_inputs[i]);
        for (T& d : layers_[source].dout[static_cast<size_t>(row)]) d += dy[at++];
      }
    }
    return loss;
  }

  void backward_layer(size_t l, Row& gradient) {
    const auto hidden = static_cast<size_t>(spec_.layers[l].hidden_size);
    const auto layer = static_cast<int64_t>(l);
    Kept& kept = layers_[l];
    std::vector<Row> dstate(static_cast<size_t>(batch_),
                            Row(S * hidden, T(0)));  // dL/d(next), from later steps
    for (int64_t row = rows_; row-- > 0;) {
      const auto r = static_cast<size_t>(row);
      Row& carried = dstate[static_cast<size_t>(row % batch_)];
      Row dnext = carried, dtape(K * hidden, T(0)), dprev(S * hidden);
      for (size_t j = 0; j < hidden; ++j) dnext[j] += kept.dout[r][j] * mask(l, row, j);
      if constexpr (has_output<Cell>) {
        Row du(hidden);
        for (size_t j = 0; j < hidden; ++j) {
          T k[K], d[K];
          gather<K>(kept.tape[r], j, k), gather<K>(dtape, j, d);
          Cell::backward_output(kept.u[r][j], k, dnext[j], du[j], d);
          scatter<K>(d, dtape, j);
        }
        if (spec_.layer_norm) {
          add_to(du, grad(gradient, "norm.bias_c", layer));
          du = normalize_row_backward(kept.c[r], du, weight("norm.gain_c", layer),
                                      grad(gradient, "norm.gain_c", layer));
        }
        for (size_t j = 0; j < hidden; ++j) dnext[hidden + j] += du[j];
      }
      Row dax(G * hidden), dah(G * hidden);
      for (size_t j = 0; j < hidden; ++j) {
        T k[K], p[S], n[S], dk[K], da[G], db[G], dp[S];
        gather<K>(kept.tape[r], j, k), gather<S>(kept.prev[r], j, p), gather<S>(dnext, j, n),
            gather<K>(dtape, j, dk);
        Cell::backward(k, p, n, dk, da, db, dp);
        scatter<G>(da, dax, j), scatter<G>(db, dah, j), scatter<S>(dp, dprev, j);
      }
      add_to(dax, grad(gradient, "rnn.bias_ih", layer));
      add_to(dah, grad(gradient, "rnn.bias_hh", layer));
      if (spec_.layer_norm) {
        dax = normalize_row_backward(kept.ax[r], dax, weight("norm.gain_ih", layer),
                                     grad(gradient, "norm.gain_ih", layer));
        dah = normalize_row_backward(kept.ah[r], dah, weight("norm.gain_hh", layer),
                                     grad(gradient, "norm.gain_hh", layer));
      }
      Row dx(kept.input[r].size(), T(0)), dh(hidden, T(0));
      add_product_backward(kept.input[r], weight("rnn.weight_ih", layer), dax, dx,
                           grad(gradient, "rnn.weight_ih", layer));
      const Row h(kept.prev[r].begin(), kept.prev[r].begin() + static_cast<ptrdiff_t>(hidden));
      add_product_backward(h, weight("rnn.weight_hh", layer), dah, dh,
                           grad(gradient, "rnn.weight_hh", layer));
      for (size_t j = 0; j < hidden; ++j) dprev[j] += dh[j];
      deliver(l, row, dx, gradient);
      if (is_reset(row)) {
        if (spec_.initial_state == InitialState::learned) {
          for (size_t j = 0; j < hidden; ++j) grad(gradient, "init.h", layer)[j] += dprev[j];
          for (size_t j = hidden; j < dprev.size(); ++j)
            grad(gradient, "init.c", layer)[j - hidden] += dprev[j];
        }
        std::fill(dprev.begin(), dprev.end(), T(0));
      }
      carried = dprev;
    }
  }

  // Hands dx to the layers, or the embedding, that fed layer l.
  void deliver(size_t l, int64_t row, const Row& dx, Row& gradient) {
    size_t at = 0;
    for (const int source : spec_.layers[l].inputs) {
      if (source != LayerSpec::network_input) {
        for (T& d : layers_[static_cast<size_t>(source)].dout[static_cast<size_t>(row)])
          d += dx[at++];
        continue;
      }
      const int32_t token = chunk_.inputs[row];
      if (spec_.embedding_size > 0 && token != Chunk::no_input) {
        T* row_of_token = grad(gradient, "embed.weight") + token * spec_.embedding_size;
        for (int64_t e = 0; e < spec_.embedding_size; ++e)
          row_of_token[e] += dx[at + static_cast<size_t>(e)];
      }
      at += static_cast<size_t>(spec_.source_size(source));
    }
  }

  // Column j of each block of a row [N*H], and back.
  template <int N>
  static void gather(const Row& row, size_t j, T* blocks) {
    const size_t width = row.size() / N;
    for (size_t k = 0; k < N; ++k) blocks[k] = row[k * width + j];
  }
  template <int N>
  static void scatter(const T* blocks, Row& row, size_t j) {
    const size_t width = row.size() / N;
    for (size_t k = 0; k < N; ++k) row[k * width + j] = blocks[k];
  }

  const NetworkSpec& spec_;
  const ParameterLayout& layout_;
  const std::vector<T>& weights_;
  const Chunk& chunk_;
  int64_t batch_;
  int64_t rows_;
  Dropout dropout_;
  std::vector<Kept> layers_;
};

}  // namespace inkling::nn
