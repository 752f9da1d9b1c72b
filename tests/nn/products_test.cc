#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "base/option.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "nn/emulated/held_tiles.h"
#include "nn/kernels/instruction_set.h"
#include "nn/kernels/matrix_product.h"
#include "nn/kernels/tile_matrix.h"
#include "nn/packed_weights.h"
#include "nn/panel_matrix.h"
#include "nn/plain_product.h"
#include "nn/tables_here.h"

namespace inkling::nn {
namespace {

using test::PackedWeights;
using test::random_floats;
using test::rounded_to_bf16;
using test::Spaced;
using test::TableHere;
using test::tables_here;
using test::transposed;
using test::worst_error;

// Panels of tile_product as kernel_table.h describes them.
std::vector<float> panels_of(const std::vector<float>& w, int64_t k, int64_t n, int64_t width) {
  std::vector<float> panels(static_cast<size_t>((n + width - 1) / width * k * width));
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < n; ++j)
      panels[static_cast<size_t>(j / width * k * width + i * width + j % width)] =
          w[static_cast<size_t>(i * n + j)];
  }
  return panels;
}

constexpr float no_numbers[] = {std::numeric_limits<float>::quiet_NaN(),
                                std::numeric_limits<float>::infinity()};

// See panel_matrix.h.
bool rounds_rows(const TableHere& here, Precision precision) {
  const bool multiplies_halves = here.set >= InstructionSet::avx512_bf16;
  const bool multiplies_bytes = multiplies_halves || here.set == InstructionSet::avx2 ||
                                std::string_view(here.table.name).ends_with("avx512_vnni");
  return precision == Precision::bf16   ? multiplies_halves
         : precision == Precision::int8 ? multiplies_bytes
                                        : false;
}

// x as the kernel rounds it.
void round_factors(std::vector<float>& x, int64_t rows, const TableHere& here,
                   Precision precision) {
  if (!rounds_rows(here, precision)) return;
  const auto k = static_cast<int64_t>(x.size()) / rows;
  for (int64_t r = 0; r < rows && precision == Precision::int8; ++r)
    test::round_to_steps(x.data() + r * k, k, 1, 32512);
  if (precision != Precision::bf16) return;
  const bool splits = here.set == InstructionSet::avx512_amx;
  for (float& value : x) {
    const float high = to_float(to_bf16(value));
    value = splits ? high + to_float(to_bf16(value - high)) : high;
  }
}

// Products with one W of any number of the rows of x, by one kernel.
class FewRows {
 public:
  static constexpr int64_t most = 65;

  FewRows(Random& random, const TableHere& here, Precision precision, int64_t k, int64_t n)
      : weights_(random_floats(random, k * n), k, n, precision, here.table.panel_width),
        kernel_(test::small_product_of(here.table, precision)),
        factors_(random_floats(random, most * k)),
        before_(random_floats(random, most * n)),
        bias_(random_floats(random, n)),
        x_(factors_, most, k, 3, std::numeric_limits<float>::quiet_NaN()),
        y_(before_, most, n, 5, 12345) {
    round_factors(factors_, most, here, precision);
  }

  // y after the product of rows [first, first + count), with the bias or added to what is there.
  void multiply(bool accumulate, int64_t first, int64_t count, Spaced<float>& y) const {
    kernel_(product(accumulate, first, count, y));
  }
  // The same, panel by panel.
  void multiply_by_panels(bool accumulate, int64_t count, Spaced<float>& y) const {
    SmallProduct p = product(accumulate, 0, count, y);
    for (int64_t panel = 0; panel < weights_.panels; ++panel) {
      p.panel_begin = panel, p.panel_end = panel + 1;
      kernel_(p);
    }
  }

  const Spaced<float>& before() const { return y_; }

  // See worst_error().
  double error(bool accumulate, const Spaced<float>& y) const {
    std::vector<float> start = before_;
    for (size_t i = 0; i < start.size() && !accumulate; ++i) start[i] = bias_[i % bias_.size()];
    return worst_error(factors_, weights_.values, start, y.close(), most, weights_.k, weights_.n);
  }

 private:
  SmallProduct product(bool accumulate, int64_t first, int64_t count, Spaced<float>& y) const {
    return weights_.product(count, x_.row(first), x_.stride, y.row(first), y.stride,
                            accumulate ? nullptr : bias_.data(), accumulate);
  }

  PackedWeights weights_;
  test::SmallProductKernel kernel_;
  std::vector<float> factors_, before_, bias_;
  Spaced<float> x_, y_;
};

// Every row has to be the plain sum, and to the same bits in every company. most_error: see
// worst_error().
void check_few_rows(const FewRows& rows, double most_error) {
  for (const bool accumulate : {false, true}) {
    INFO("accumulate ", accumulate);
    Spaced<float> alone = rows.before();
    for (int64_t r = 0; r < FewRows::most; ++r) rows.multiply(accumulate, r, 1, alone);
    CHECK(rows.error(accumulate, alone) < most_error);
    for (const int64_t m : {2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 31, 32, 33, 40, 65}) {
      INFO("rows ", m);
      Spaced<float> expected = rows.before(), y = rows.before();
      std::copy_n(alone.numbers.begin(), m * alone.stride, expected.numbers.begin());
      rows.multiply(accumulate, 0, m, y);
      CHECK(y.numbers == expected.numbers);
    }
    Spaced<float> y = rows.before();
    rows.multiply_by_panels(accumulate, FewRows::most, y);
    CHECK(y.numbers == alone.numbers);
  }
}

}  // namespace

TEST_CASE("a product of few rows is the plain sum on every instruction set and odd sizes") {
  Random random(5);
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
    const double most_error = precision == Precision::int8 ? 12 : 8;  // 3 roundings more
    std::vector<test::SmallProductKernel> tested;                     // tables share kernels
    for (const TableHere& here : tables_here()) {
      const auto kernel = test::small_product_of(here.table, precision);
      if (std::find(tested.begin(), tested.end(), kernel) != tested.end()) continue;
      tested.push_back(kernel);
      for (const auto& [depth, columns] : {std::pair<int64_t, int64_t>{1, 1},
                                           {2, 16},
                                           {3, 63},
                                           {17, 130},
                                           {31, 1},
                                           {33, 65},
                                           {257, 130},
                                           {512, 17},
                                           {513, 63},
                                           {700, 129}}) {
        const int64_t k = depth, n = columns;  // clang's lambdas take no structured bindings
        INFO(here.table.name << " " << name_of(precision) << " k " << k << " n " << n);
        check_few_rows({random, here, precision, k, n}, most_error);
        CHECK(!emulated::holds_tiles());
      }
    }
  }
}

TEST_CASE("weights of 8 bits are rounded to 127 steps of their column's largest") {
  Random random(6);
  for (const int64_t k : {1, 3, 4, 17, 257, 1025}) {
    for (const int64_t n : {1, 16, 33, 130}) {
      std::vector<float> w = random_floats(random, k * n);
      for (int64_t i = 0; i < k; ++i) w[static_cast<size_t>(i * n)] = 0;
      const std::vector<float> x = random_floats(random, k);
      std::vector<float> y(static_cast<size_t>(n)), expected = y;
      const PanelMatrix matrix(w.data(), k, n, Precision::int8);
      matrix.multiply(1, x.data(), k, nullptr, false, y.data(), n, 0, matrix.panels());
      const PackedWeights packed(w, k, n, Precision::int8, kernels().panel_width);
      kernels().small_product_int8(
          packed.product(1, x.data(), k, expected.data(), n, nullptr, false));
      INFO("k ", k, " n ", n);
      CHECK(y == expected);
    }
  }
}

TEST_CASE("the largest sums of 8 bits do not overflow, nor do the smallest") {
  for (const TableHere& here : tables_here()) {
    for (const int64_t k : {512, 1024, 1025}) {
      // Columns of ones and of minus ones, rows of both.
      std::vector<float> w(static_cast<size_t>(2 * k), 1.F), x(static_cast<size_t>(2 * k), 1.F);
      for (size_t i = 1; i < w.size(); i += 2) w[i] = -1;
      std::fill_n(x.begin() + k, k, -1.F);
      const PackedWeights packed(w, k, 2, Precision::int8, here.table.panel_width);
      std::vector<float> y(4);
      here.table.small_product_int8(packed.product(2, x.data(), k, y.data(), 2, nullptr, false));
      INFO(here.table.name << " k " << k);
      const auto sum = static_cast<float>(k);
      for (const auto& [i, expected] : {std::pair(0U, sum), {1U, -sum}, {2U, -sum}, {3U, sum}})
        CHECK(std::abs(y[i] - expected) < 1e-5F * sum);
    }
  }
}

TEST_CASE("weights of 8 bits give the same bits wherever rows are rounded, up to a pass's depth") {
  Random random(7);
  for (const auto& [depth, columns] :
       {std::array<int64_t, 2>{1, 1}, {17, 130}, {300, 33}, {512, 65}}) {
    const int64_t k = depth, n = columns, rows = 7;  // clang's lambdas take no structured bindings
    const std::vector<float> w = random_floats(random, k * n), x = random_floats(random, rows * k),
                             bias = random_floats(random, n);
    std::vector<float> expected;
    for (const TableHere& here : tables_here()) {
      if (!rounds_rows(here, Precision::int8)) continue;
      const PackedWeights packed(w, k, n, Precision::int8, here.table.panel_width);
      std::vector<float> y(static_cast<size_t>(rows * n));
      here.table.small_product_int8(
          packed.product(rows, x.data(), k, y.data(), n, bias.data(), false));
      if (expected.empty()) expected = y;
      INFO(here.table.name << " k " << k << " n " << n);
      CHECK(y == expected);
    }
  }
}

TEST_CASE("packed weights are all there, whatever the size and the threads that pack") {
  Random random(8);
  ThreadPool three(3), eight(8);
  for (const int64_t k : {1, 2, 3, 5, 7, 33}) {
    // Products with the rows of the identity are the rows of the matrix.
    std::vector<float> identity(static_cast<size_t>(k * k));
    for (int64_t i = 0; i < k; ++i) identity[static_cast<size_t>(i * k + i)] = 1;
    for (const int64_t n : {1, 33, 65, 130}) {
      std::vector<float> w = random_floats(random, k * n);
      for (float& value : w) value = to_float(to_bf16(value));
      for (const Precision precision : {Precision::f32, Precision::bf16}) {
        for (ThreadPool* pool : {static_cast<ThreadPool*>(nullptr), &three, &eight}) {
          INFO("k ", k, " n ", n, " ", name_of(precision), " ", pool ? pool->threads() : 1);
          const PanelMatrix matrix(w.data(), k, n, precision, pool);
          std::vector<float> y(w.size());
          matrix.multiply(k, identity.data(), k, nullptr, false, y.data(), n, 0, matrix.panels());
          CHECK(y == w);
        }
      }
    }
  }
}

TEST_CASE("weights of 8 bits that are no numbers are not passed over") {
  for (const float bad : no_numbers) {
    const std::vector<float> w{1, bad, 1, 1}, x{1, 1};
    std::vector<float> y(2);
    const PanelMatrix matrix(w.data(), 2, 2, Precision::int8);
    matrix.multiply(1, x.data(), 2, nullptr, false, y.data(), 2, 0, 1);
    CHECK(std::abs(y[0] - 2) < 1e-3);
    CHECK(!std::isfinite(y[1]));
  }
}

TEST_CASE("nor are such numbers in a row of x, and the rows beside it are none the worse") {
  for (const TableHere& here : tables_here()) {
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
      for (const float bad : no_numbers) {
        INFO(here.table.name << " " << name_of(precision) << " " << bad);
        const PackedWeights packed({1, 2, 2, 1}, 2, 2, precision, here.table.panel_width);
        const std::vector<float> x{1, 1, bad, 1, 1, 1};
        std::vector<float> y(6);
        test::small_product_of(
            here.table, precision)(packed.product(3, x.data(), 2, y.data(), 2, nullptr, false));
        for (const size_t i : {0U, 1U, 4U, 5U}) CHECK(std::abs(y[i] - 3) < 0.02);
        for (const size_t i : {2U, 3U}) CHECK(!std::isfinite(y[i]));
      }
    }
  }
}

TEST_CASE("a product of tiles is the plain sum on every instruction set and odd sizes") {
  Random random(3);
  for (const TableHere& here : tables_here(InstructionSet::avx512)) {
    const KernelTable& table = here.table;
    for (const int64_t rows : {1, 2, 3, 4, 5, 6, 7, 16, 33}) {
      for (const int64_t k : {1, 17, 255, 256, 513}) {
        for (const int64_t n : {1, 15, 16, 33, 66}) {
          const std::vector<float> factors = random_floats(random, rows * k),
                                   w = random_floats(random, k * n),
                                   before = random_floats(random, rows * n),
                                   panels = panels_of(w, k, n, table.tile_width);
          const Spaced<float> x(factors, rows, k, 3, std::numeric_limits<float>::quiet_NaN());
          for (const bool accumulate : {false, true}) {
            INFO(table.name << " rows " << rows << " k " << k << " n " << n << " " << accumulate);
            Spaced<float> y(before, rows, n, 5, 12345);
            table.tile_product(
                {rows, k, n, x.row(0), x.stride, panels.data(), y.row(0), y.stride, accumulate});
            const std::vector<float> start =
                accumulate ? before : std::vector<float>(before.size());
            CHECK(worst_error(factors, w, start, y.close(), rows, k, n) < 8);
            CHECK(y.numbers == Spaced<float>(y.close(), rows, n, 5, 12345).numbers);
          }
        }
      }
    }
  }
}

TEST_CASE("a packed matrix multiplies as the matrix it was packed from, transposed or not") {
  Random random(4);
  run_products_serially_here();
  for (const auto& [rows, k, n] : {std::array<int64_t, 3>{5, 7, 9}, {16, 40, 33}, {17, 33, 160}}) {
    const std::vector<float> x = random_floats(random, rows * k), w = random_floats(random, k * n);
    const std::vector<float> turned = transposed(w, k, n);
    const std::vector<float> zero(static_cast<size_t>(rows * n));
    PackedMatrix library(rows, k, n, Precision::f32);
    CHECK(library.bytes() == PackedMatrix::bytes_for(k, n, Precision::f32));
    TileMatrix tiles(k, n);
    for (const bool is_transposed : {false, true}) {
      const float* from = is_transposed ? turned.data() : w.data();
      std::vector<float> y = zero;
      library.pack(from, is_transposed);
      Product(library, rows, k, n, false).run(x.data(), y.data());
      CHECK(worst_error(x, w, zero, y, rows, k, n) < 8);
      y = zero;
      tiles.pack(from, is_transposed);
      tiles.multiply(rows, x.data(), k, y.data(), n, false);
      CHECK(worst_error(x, w, zero, y, rows, k, n) < 8);
    }
  }
}

TEST_CASE("so it does in bfloat16, on any number of rows") {
  if (!has_bf16_products()) return;
  Random random(6);
  run_products_serially_here();
  for (const auto& [depth, columns] :
       {std::array<int64_t, 2>{32, 32}, {64, 96}, {1536, 384}, {40, 33}}) {
    const int64_t k = depth, n = columns;  // clang's lambdas take no structured bindings
    for (const int64_t rows : {1, 9, 16, 17, 32, 48, 65}) {
      std::vector<float> x = random_floats(random, rows * k), w = random_floats(random, k * n);
      const std::vector<float> before = random_floats(random, rows * n);
      const std::vector<Bf16> halves = rounded_to_bf16(x);
      rounded_to_bf16(w);
      const std::vector<float> turned = transposed(w, k, n);
      PackedMatrix packed(rows, k, n, Precision::bf16);
      CHECK(packed.bytes() == PackedMatrix::bytes_for(k, n, Precision::bf16));
      for (const bool is_transposed : {false, true}) {
        packed.pack(is_transposed ? turned.data() : w.data(), is_transposed);
        for (const bool accumulate : {false, true}) {
          INFO("rows " << rows << " k " << k << " n " << n << " " << accumulate);
          std::vector<float> y = before;
          Product(packed, rows, k, n, accumulate).run(halves.data(), y.data());
          const std::vector<float> start = accumulate ? before : std::vector<float>(before.size());
          CHECK(worst_error(x, w, start, y, rows, k, n) < 8);
        }
      }
    }
  }
}

}  // namespace inkling::nn
