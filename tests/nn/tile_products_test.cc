#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <vector>

#include "base/random.h"
#include "nn/buffer.h"
#include "nn/emulated/held_tiles.h"
#include "nn/kernels/instruction_set.h"
#include "nn/plain_product.h"
#include "nn/tables_here.h"

namespace inkling::nn {
namespace {

using test::random_floats;
using test::rounded_to_bf16;
using test::Spaced;
using test::TableHere;
using test::tables_here;
using test::transposed;
using test::worst_error;

constexpr float untouched = 12345;
constexpr Bf16 none{0x7fc0};  // NaN

constexpr double most_error = 8;  // of sums in float32: see worst_error()

std::vector<Bf16> row_tiles_of(const KernelTable& table, const std::vector<float>& w, int64_t k,
                               int64_t n, bool is_transposed) {
  std::vector<Bf16> tiles(w.size());
  table.pack_row_tiles(w.data(), k, n, is_transposed, tiles.data());
  return tiles;
}

bool same_bits(const std::vector<Bf16>& a, const std::vector<Bf16>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](Bf16 x, Bf16 y) { return x.bits == y.bits; });
}

}  // namespace

TEST_CASE("rows times packed tiles are the plain sum, for any number of rows") {
  Random random(21);
  for (const TableHere& here : tables_here()) {
    const KernelTable& table = here.table;
    if (table.row_tiles == nullptr) continue;
    // The last is too large for one pass over its columns.
    for (const auto& [depth, columns] :
         {std::array<int64_t, 2>{32, 32}, {96, 64}, {64, 160}, {1536, 192}}) {
      const int64_t k = depth, n = columns;  // clang's lambdas take no structured bindings
      std::vector<float> w = random_floats(random, k * n);
      const std::vector<Bf16> tiles = row_tiles_of(table, w, k, n, false);
      CHECK(same_bits(row_tiles_of(table, transposed(w, k, n), k, n, true), tiles));
      rounded_to_bf16(w);
      for (const int64_t rows : {1, 9, 15, 16, 17, 31, 32, 33, 48, 65}) {
        std::vector<float> factors = random_floats(random, rows * k);
        const Spaced<Bf16> x(rounded_to_bf16(factors), rows, k, 6, none);
        const std::vector<float> before = random_floats(random, rows * n);
        for (const bool accumulate : {false, true}) {
          INFO(table.name << " rows " << rows << " k " << k << " n " << n << " " << accumulate);
          Spaced<float> y(before, rows, n, 5, untouched);
          table.row_tiles(
              {rows, k, n, x.row(0), x.stride, tiles.data(), y.row(0), y.stride, accumulate});
          const std::vector<float> start = accumulate ? before : std::vector<float>(before.size());
          CHECK(worst_error(factors, w, start, y.close(), rows, k, n) < most_error);
          CHECK(!emulated::holds_tiles());
          CHECK(y.numbers == Spaced<float>(y.close(), rows, n, 5, untouched).numbers);
        }
      }
    }
  }
}

namespace {

struct Size {
  int64_t rows, m, n;
};

template <class Number>
std::vector<Number> as_factors(std::vector<float>& numbers);
template <>
std::vector<float> as_factors<float>(std::vector<float>& numbers) {
  return numbers;
}
template <>
std::vector<Bf16> as_factors<Bf16>(std::vector<float>& numbers) {
  return rounded_to_bf16(numbers);
}

// Gradient: what a kernel takes, with factors of type Number.
template <class Number, class Gradient>
void check_gradient(Random& random, void (*kernel)(const Gradient&), const Size& size,
                    Number no_number) {
  const int64_t rows = size.rows, m = size.m, n = size.n;
  Buffer<Number> room(Gradient::room_size);
  std::vector<float> left = random_floats(random, rows * m),
                     right = random_floats(random, rows * n);
  const Spaced<Number> a(as_factors<Number>(left), rows, m, 3, no_number),
      b(as_factors<Number>(right), rows, n, 8, no_number);
  const std::vector<float> before = random_floats(random, m * n);
  for (const bool accumulate : {false, true}) {
    INFO("rows " << rows << " m " << m << " n " << n << " " << accumulate);
    Spaced<float> c(before, m, n, 5, untouched);
    kernel({m, n, rows, a.row(0), a.stride, b.row(0), b.stride, c.row(0), c.stride, accumulate,
            room.data()});
    const std::vector<float> start = accumulate ? before : std::vector<float>(before.size());
    CHECK(worst_error(transposed(left, rows, m), right, start, c.close(), m, rows, n) < most_error);
    CHECK(!emulated::holds_tiles());
    CHECK(c.numbers == Spaced<float>(c.close(), m, n, 5, untouched).numbers);
  }
}

}  // namespace

TEST_CASE("gradients of weights are the sums over all rows, in as many parts as they take") {
  Random random(22);
  constexpr int64_t part = GradientTiles::part_rows;
  for (const TableHere& here : tables_here()) {
    if (here.table.gradient_tiles == nullptr) continue;
    INFO(here.table.name);
    for (const Size& size : {Size{32, 32, 32},
                             {64, 96, 32},
                             {part, 32, 64},
                             {part + 32, 64, 32},
                             {2 * part + 96, 32, 96},
                             {32, 1024, 32},
                             {64, 32, 1024}})
      check_gradient(random, here.table.gradient_tiles, size, none);
  }
}

TEST_CASE("so they are in floats, of any size") {
  Random random(23);
  constexpr int64_t part = FloatGradient::part_rows, part_m = FloatGradient::part_m,
                    part_n = FloatGradient::part_n;
  for (const TableHere& here : tables_here()) {
    if (here.table.float_gradient == nullptr) continue;
    INFO(here.table.name);
    for (const Size& size : {Size{1, 1, 1},
                             {3, 2, 15},
                             {17, 5, 16},
                             {part - 1, 6, 17},
                             {part, 7, 33},
                             {part + 1, part_m - 1, 66},
                             {2 * part + 5, part_m + 1, 31},
                             {31, 2 * part_m + 3, part_n},
                             {33, 13, part_n + 1},
                             {9, part_m + 5, 2 * part_n + 18}})
      check_gradient(random, here.table.float_gradient, size,
                     std::numeric_limits<float>::quiet_NaN());
  }
}

}  // namespace inkling::nn
