#pragma once

#include "nn/cells/gru.h"
#include "nn/cells/lstm.h"
#include "nn/cells/rnn.h"

// The list of cells: the command line, the kernels, the benchmarks and the tests find a cell here.
//
// A cell is the arithmetic of one unit after the matrix products, written once for any number type
// T: double and std::complex<double> (tests), float (the plain network), and a vector of floats for
// each instruction set. It finds sigmoid, tanh, relu and where_positive by argument-dependent
// look-up (nn/scalar_math.h, nn/kernels/lanes.h). Arrays are indexed by block, in the order the
// cell's comments state:
//     ax, ah [gate_blocks]    pre-activations from the input and from the hidden state, biases
//     included prev, next [state_blocks]    block 0 is h tape [tape_blocks]    what backward()
//     needs
// reads_h: forward() reads prev[0]; in others dprev[0] is zero, for nothing flows past the product.
// A cell with two state blocks also has output() and backward_output(): h' as a function of u,
// which is the new block 1 or, with layer normalisation, its normalisation.
namespace inkling::nn {

template <class... Cells>
struct CellList {
  static constexpr int size = sizeof...(Cells);
};

using AllCells = CellList<Rnn<Activation::tanh>, Rnn<Activation::relu>, Lstm, Gru>;

template <class Cell>
constexpr bool has_output = Cell::state_blocks == 2;

// f(Cell{}) for the cell of that kind; Activation matters to the rnn alone.
template <class F>
auto with_cell(CellKind kind, Activation activation, F&& f) {
  if (kind == CellKind::lstm) return f(Lstm{});
  if (kind == CellKind::gru) return f(Gru{});
  if (activation == Activation::relu) return f(Rnn<Activation::relu>{});
  return f(Rnn<Activation::tanh>{});
}

// Its index in AllCells.
constexpr int cell_index(CellKind kind, Activation activation) {
  if (kind == CellKind::rnn) return activation == Activation::tanh ? 0 : 1;
  return kind == CellKind::lstm ? 2 : 3;
}

}  // namespace inkling::nn
