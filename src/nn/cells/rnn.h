#pragma once

#include "nn/network_spec.h"
#include "nn/scalar_math.h"

// The plain (Elman 1990) recurrent cell, as PyTorch's nn.RNN:
//     h' = f(ax + ah)      f = tanh or ReLU,  ax = W_xh x + b_xh,  ah = W_hh h + b_hh
namespace inkling::nn {

template <Activation activation_>
struct Rnn {
  static constexpr CellKind kind = CellKind::rnn;
  static constexpr Activation activation = activation_;
  static constexpr int gate_blocks = 1;    // ax, ah [H]
  static constexpr int state_blocks = 1;   // h
  static constexpr int tape_blocks = 1;    // h'
  static constexpr bool gates_add = true;  // only ax + ah counts
  static constexpr bool reads_h = false;

  template <class T>
  static void forward(const T* ax, const T* ah, const T* /*prev*/, T* next, T* tape) {
    if constexpr (activation == Activation::tanh) {
      next[0] = tanh(ax[0] + ah[0]);
    } else {
      next[0] = relu(ax[0] + ah[0]);
    }
    tape[0] = next[0];
  }

  template <class T>
  static void backward(const T* tape, const T* /*prev*/, const T* dnext, const T* /*dtape*/, T* dax,
                       T* dah, T* dprev) {
    if constexpr (activation == Activation::tanh) {
      dax[0] = dnext[0] * (T(1) - tape[0] * tape[0]);
    } else {
      dax[0] = where_positive(tape[0], dnext[0]);
    }
    dah[0] = dax[0];
    dprev[0] = T(0);
  }
};

}  // namespace inkling::nn
