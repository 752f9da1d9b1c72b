#include <doctest/doctest.h>

#include <vector>

#include "nn/cells/cells.h"
#include "nn/kernel_room.h"
#include "nn/tables_here.h"

namespace inkling::nn {
namespace {

using test::all;
using test::room;
using test::TableHere;
using test::tables_here;
using test::worst_difference;

using Floats = std::vector<float>;

constexpr int64_t rows = 3;
// A reset row reads its state from elsewhere; a cut one takes nothing from the step after.
constexpr int64_t reset_row = 1;
constexpr uint8_t cut_rows[rows] = {0, 0, 1};
constexpr uint32_t keys[rows] = {17, 0x89abcdef, 5};
constexpr RowDropout dropout{uint32_t{1} << 30, 4.F / 3, keys};

std::vector<const float*> row_pointers(const Floats& numbers, int64_t stride, const Floats& zeros) {
  std::vector<const float*> pointers;
  for (int64_t r = 0; r < rows; ++r)
    pointers.push_back(r == reset_row ? zeros.data() : numbers.data() + r * stride);
  return pointers;
}

// All that a step writes, in float32 and as factors of products.
struct Written {
  Floats floats, operands;
};

// Forward.
template <class Cell, class Operand>
Written forward(const CellKernels<Operand>& kernels, Random& random, int64_t hidden, bool norm) {
  const int64_t size = rows * hidden, width = Cell::gate_blocks * hidden;
  const Floats ax = room(random, rows * width), ah = room(random, rows * width),
               bias_x = room(random, width), bias_h = room(random, width), h = room(random, size),
               c = room(random, size), gain_c = room(random, hidden), bias_c = room(random, hidden),
               zeros(static_cast<size_t>(width));
  const auto ax_rows = row_pointers(ax, width, zeros), h_rows = row_pointers(h, hidden, zeros),
             c_rows = row_pointers(c, hidden, zeros);
  Floats next_h = room(random, size), next_c = room(random, size),
         tape = room(random, size * Cell::tape_blocks), c_hat = room(random, size),
         c_rstd = room(random, rows);
  auto h_operand = room<Operand>(random, size), out = room<Operand>(random, size);
  ForwardStep<Operand> s{};
  s.rows = rows, s.hidden = hidden;
  s.ax = ax_rows.data(), s.ah = ah.data();
  s.bias_x = bias_x.data(), s.bias_h = norm ? nullptr : bias_h.data();
  s.prev_h = h_rows.data(), s.prev_c = c_rows.data();
  s.next_h = next_h.data(), s.next_c = next_c.data();
  s.tape = tape.data(), s.h_operand = h_operand.data(), s.out = out.data();
  s.dropout = dropout;
  if (norm) s.gain_c = gain_c.data(), s.bias_c = bias_c.data();
  s.c_hat = c_hat.data(), s.c_rstd = c_rstd.data();
  kernels.forward(s);
  return {all(next_h, next_c, tape, c_hat, c_rstd), all(h_operand, out)};
}

// And back.
template <class Cell, class Operand>
Written backward(const CellKernels<Operand>& kernels, Random& random, int64_t hidden, bool norm) {
  const int64_t size = rows * hidden, width = Cell::gate_blocks * hidden;
  Floats tape = room(random, size * Cell::tape_blocks);
  const Floats h = room(random, size), c = room(random, size), next_c = room(random, size),
               dout = room(random, size), dh_product = room(random, size),
               gain_c = room(random, hidden), bias_c = room(random, hidden),
               c_hat = room(random, size), c_rstd = room(random, rows),
               zeros(static_cast<size_t>(hidden));
  const auto h_rows = row_pointers(h, hidden, zeros), c_rows = row_pointers(c, hidden, zeros);
  Floats dh_direct = room(random, size), dc = room(random, size),
         dax_f32 = room(random, rows * width), dah_f32 = room(random, rows * width),
         dgain = room(random, hidden), dbias = room(random, hidden);
  auto dax = room<Operand>(random, rows * width), dah = room<Operand>(random, rows * width);
  BackwardStep<Operand> s{};
  s.rows = rows, s.hidden = hidden;
  s.tape = tape.data(), s.prev_h = h_rows.data(), s.prev_c = c_rows.data();
  s.next_c = next_c.data(), s.dout = dout.data(), s.dh_product = dh_product.data();
  s.dh_direct = dh_direct.data(), s.dc = dc.data(), s.cut = cut_rows;
  s.dax = dax.data(), s.dah = dah.data(), s.dropout = dropout;
  if (norm) {
    s.dax_f32 = dax_f32.data(), s.dah_f32 = dah_f32.data();
    s.gain_c = gain_c.data(), s.bias_c = bias_c.data();
    s.c_hat = c_hat.data(), s.c_rstd = c_rstd.data();
    s.dgain_c = dgain.data(), s.dbias_c = dbias.data();
  }
  kernels.backward(s);
  return {all(dh_direct, dc, dax_f32, dah_f32, dgain, dbias), all(dax, dah)};
}

// exp, sigmoid and tanh may err by 4 units in the last place in each of two, the quick ones by
// 2e-6; bfloat16 rounds to one of two neighbours. Layer normalisation of a few numbers can enlarge
// the former.
template <class Operand>
void check_same(const Written& x, const Written& expected) {
  CHECK(worst_difference(x.floats, expected.floats, 1e-5, 1e-5) <= 1);
  CHECK(worst_difference(x.operands, expected.operands, 1e-5,
                         sizeof(Operand) == 4 ? 1e-5 : 0x1p-7) <= 1);
}

template <class Cell, class Operand>
void check_cell(const KernelTable& table, const KernelTable& plain, int index, int64_t hidden) {
  const CellKernels<Operand>&kernels = cell_kernels<Operand>(table, index),
        &expected = cell_kernels<Operand>(plain, index);
  for (const bool norm : {false, true}) {
    if (norm && !has_output<Cell>) continue;
    INFO(table.name << " cell " << index << " hidden " << hidden << " norm " << norm << " of "
                    << sizeof(Operand) << " bytes");
    Random random(7), same(7);
    check_same<Operand>(forward<Cell, Operand>(kernels, random, hidden, norm),
                        forward<Cell, Operand>(expected, same, hidden, norm));
    check_same<Operand>(backward<Cell, Operand>(kernels, random, hidden, norm),
                        backward<Cell, Operand>(expected, same, hidden, norm));
  }
}

template <class... Cells>
void check_cells(const KernelTable& table, const KernelTable& plain, int64_t hidden,
                 CellList<Cells...>) {
  int i = 0;
  ((check_cell<Cells, float>(table, plain, i, hidden),
    check_cell<Cells, Bf16>(table, plain, i, hidden), ++i),
   ...);
}

}  // namespace

TEST_CASE("a cell's step is the same on every instruction set, at every length") {
  const std::vector<TableHere> tables = tables_here();
  for (size_t i = 1; i < tables.size(); ++i) {
    for (const int64_t hidden : {3, 16, 19, 40, 66, 145})
      check_cells(tables[i].table, tables[0].table, hidden, AllCells{});
  }
}

}  // namespace inkling::nn
