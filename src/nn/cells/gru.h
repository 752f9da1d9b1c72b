#pragma once

#include "nn/network_spec.h"
#include "nn/scalar_math.h"

// Gated recurrent unit (Cho et al. 2014), reset-after form: as PyTorch's nn.GRU and cuDNN.
//     r = sigmoid(ax_r + ah_r)   z = sigmoid(ax_z + ah_z)   n = tanh(ax_n + r * ah_n)   h' = (1 -
//     z) * n + z * h
namespace inkling::nn {

struct Gru {
  static constexpr CellKind kind = CellKind::gru;
  static constexpr Activation activation = Activation::tanh;
  static constexpr int gate_blocks = 3;     // ax, ah [3H] as r|z|n
  static constexpr int state_blocks = 1;    // h
  static constexpr int tape_blocks = 4;     // r|z|n|ah_n
  static constexpr bool gates_add = false;  // n needs ax and ah apart
  static constexpr bool reads_h = true;

  template <class T>
  static void forward(const T* ax, const T* ah, const T* prev, T* next, T* tape) {
    tape[0] = sigmoid(ax[0] + ah[0]);
    tape[1] = sigmoid(ax[1] + ah[1]);
    tape[2] = tanh(ax[2] + tape[0] * ah[2]);
    tape[3] = ah[2];
    next[0] = tape[2] + tape[1] * (prev[0] - tape[2]);
  }

  // dnext[0] = dL/dh', complete. dprev[0] = the direct path; the layer adds dah U'.
  template <class T>
  static void backward(const T* tape, const T* prev, const T* dnext, const T* /*dtape*/, T* dax,
                       T* dah, T* dprev) {
    const T r = tape[0], z = tape[1], n = tape[2], d = dnext[0];
    const T dn = d * (T(1) - z) * (T(1) - n * n);
    dax[0] = dah[0] = dn * tape[3] * r * (T(1) - r);
    dax[1] = dah[1] = d * (prev[0] - n) * z * (T(1) - z);
    dax[2] = dn;
    dah[2] = dn * r;
    dprev[0] = d * z;
  }
};

}  // namespace inkling::nn
