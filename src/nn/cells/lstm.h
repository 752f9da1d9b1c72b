#pragma once

#include "nn/network_spec.h"
#include "nn/scalar_math.h"

// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000), as
// PyTorch's nn.LSTM:
//     i = sigmoid(ax_i + ah_i)   f = sigmoid(ax_f + ah_f)   g = tanh(ax_g + ah_g)   o =
//     sigmoid(ax_o + ah_o) c' = f * c + i * g         h' = o * tanh(u),  u = c', or with layer
//     normalisation LN(c') (Ba et al. 2016)
namespace inkling::nn {

struct Lstm {
  static constexpr CellKind kind = CellKind::lstm;
  static constexpr Activation activation = Activation::tanh;
  static constexpr int gate_blocks = 4;   // ax, ah [4H] as i|f|g|o
  static constexpr int state_blocks = 2;  // h|c
  static constexpr int tape_blocks = 4;   // i|f|g|o
  static constexpr bool gates_add = true;
  static constexpr bool reads_h = false;  // the arithmetic reads c alone

  // next[0], the hidden state, is output()'s.
  template <class T>
  static void forward(const T* ax, const T* ah, const T* prev, T* next, T* tape) {
    tape[0] = sigmoid(ax[0] + ah[0]);
    tape[1] = sigmoid(ax[1] + ah[1]);
    tape[2] = tanh(ax[2] + ah[2]);
    tape[3] = sigmoid(ax[3] + ah[3]);
    next[1] = tape[1] * prev[1] + tape[0] * tape[2];
  }

  template <class T>
  static T output(const T& u, const T* tape) {
    return tape[3] * tanh(u);
  }

  // dh complete. du written; dtape[3] written: the output gate's share.
  template <class T>
  static void backward_output(const T& u, const T* tape, const T& dh, T& du, T* dtape) {
    const T squashed = tanh(u);
    du = dh * tape[3] * (T(1) - squashed * squashed);
    dtape[3] = dh * squashed;
  }

  // dnext[1] = dL/dc', complete. dprev[0] = 0: the path from h runs through ah alone.
  template <class T>
  static void backward(const T* tape, const T* prev, const T* dnext, const T* dtape, T* dax, T* dah,
                       T* dprev) {
    const T i = tape[0], f = tape[1], g = tape[2], o = tape[3], dc = dnext[1];
    dax[0] = dc * g * i * (T(1) - i);
    dax[1] = dc * prev[1] * f * (T(1) - f);
    dax[2] = dc * i * (T(1) - g * g);
    dax[3] = dtape[3] * o * (T(1) - o);
    for (int k = 0; k < 4; ++k) dah[k] = dax[k];
    dprev[0] = T(0);
    dprev[1] = dc * f;
  }
};

}  // namespace inkling::nn
