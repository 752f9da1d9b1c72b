#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "base/option.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "nn/kernels/instruction_set.h"
#include "nn/kernels/matrix_product.h"
#include "nn/kernels/tile_matrix.h"
#include "nn/panel_matrix.h"

namespace inkling::nn {
namespace {

std::vector<float> random_floats(Random& random, int64_t count) {
  std::vector<float> x(static_cast<size_t>(count));
  for (float& value : x) value = static_cast<float>(random.uniform(-1, 1));
  return x;
}

// The largest error of y = [y before +] x W, x [rows, k], W [k, n], in units of the rounding of its
// sum of magnitudes.
double worst_error(const std::vector<float>& x, const std::vector<float>& w,
                   const std::vector<float>& before, const std::vector<float>& y, int64_t rows,
                   int64_t k, int64_t n) {
  double worst = 0;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = static_cast<double>(before[static_cast<size_t>(r * n + j)]);
      double size = std::abs(sum) + 1e-3;
      for (int64_t i = 0; i < k; ++i) {
        const double term = static_cast<double>(x[static_cast<size_t>(r * k + i)]) *
                            static_cast<double>(w[static_cast<size_t>(i * n + j)]);
        sum += term;
        size += std::abs(term);
      }
      const double error = std::abs(static_cast<double>(y[static_cast<size_t>(r * n + j)]) - sum);
      worst = std::max(worst, error / (size * 6e-8));
    }
  }
  return worst;
}

// Panels as kernel_table.h describes them.
std::vector<float> panels_of(const std::vector<float>& w, int64_t k, int64_t n, int64_t width) {
  std::vector<float> panels(static_cast<size_t>((n + width - 1) / width * k * width));
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < n; ++j)
      panels[static_cast<size_t>(j / width * k * width + i * width + j % width)] =
          w[static_cast<size_t>(i * n + j)];
  }
  return panels;
}

// W in panels of small_product.
std::vector<float> f32_panels_of(const std::vector<float>& w, int64_t k, int64_t n, int64_t width) {
  const int64_t even = (k + 1) / 2 * 2;
  std::vector<float> panels(static_cast<size_t>((n + width - 1) / width * even * width));
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      const int64_t place = place_in_panel(i, j % width, width, even);
      panels[static_cast<size_t>(j / width * even * width + place)] =
          w[static_cast<size_t>(i * n + j)];
    }
  }
  return panels;
}

// The same with bfloat16, and W as they round it.
std::vector<Bf16> bf16_panels_of(std::vector<float>& w, int64_t k, int64_t n, int64_t width) {
  const int64_t even = (k + 1) / 2 * 2;
  std::vector<Bf16> panels(static_cast<size_t>((n + width - 1) / width * even * width));
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      float& value = w[static_cast<size_t>(i * n + j)];
      const Bf16 half = to_bf16(value);
      panels[static_cast<size_t>(j / width * even * width + i / 2 * 2 * width + j % width * 2 +
                                 i % 2)] = half;
      value = to_float(half);
    }
  }
  return panels;
}

// Numbers, `stride` apart, as steps of one scale hold them, up and down to the largest.
void round_to_steps(float* x, int64_t count, int64_t stride, float steps) {
  float largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(x[i * stride]));
  const float scale = largest / steps;
  for (int64_t i = 0; i < count && scale > 0; ++i)
    x[i * stride] = std::nearbyint(x[i * stride] * (1 / scale)) * scale;
}

}  // namespace

TEST_CASE("a product of few rows is the plain sum on every instruction set and odd sizes") {
  Random random(5);
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512,
                         InstructionSet::avx512_bf16, InstructionSet::avx512_amx}) {
    if (set > instruction_set()) continue;
    const KernelTable& table = kernels_for(set);
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      const bool narrow = precision == Precision::bf16;
      const bool rounds_x = narrow && set == InstructionSet::avx512_bf16;
      // x is rounded to 16 bits where it is split in two: 2^-17 in units of worst_error().
      const double most = narrow && set == InstructionSet::avx512_amx ? 130 : 8;
      const auto multiply = narrow ? table.small_product_bf16 : table.small_product_f32;
      for (const int64_t rows : {1, 2, 3, 4, 5, 7, 11, 15, 16, 17, 65}) {
        for (const int64_t k : {1, 2, 17, 32, 257, 513}) {
          for (const int64_t n : {1, 16, 33, 130}) {
            std::vector<float> w = random_floats(random, k * n);
            std::vector<float> x = random_floats(random, rows * k);
            for (float& value : x) value = rounds_x ? to_float(to_bf16(value)) : value;
            const std::vector<float> before = random_floats(random, rows * n),
                                     bias = random_floats(random, n);
            const std::vector<float> wide_panels = f32_panels_of(w, k, n, table.panel_width);
            std::vector<Bf16> narrow_panels;
            if (narrow) narrow_panels = bf16_panels_of(w, k, n, table.panel_width);
            const void* panels = narrow ? static_cast<const void*>(narrow_panels.data())
                                        : static_cast<const void*>(wide_panels.data());
            const int64_t all = (n + table.panel_width - 1) / table.panel_width;
            for (const bool accumulate : {false, true}) {
              INFO(table.name << " " << name_of(precision) << " rows " << rows << " k " << k
                              << " n " << n << " " << accumulate);
              const float* added = accumulate ? nullptr : bias.data();
              std::vector<float> y = before, start = before, alone = before;
              for (size_t i = 0; i < start.size() && !accumulate; ++i)
                start[i] = bias[i % static_cast<size_t>(n)];
              multiply({rows, k, n, x.data(), k, panels, y.data(), n, added, accumulate, 0, all});
              CHECK(worst_error(x, w, start, y, rows, k, n) < most);
              multiply({1, k, n, x.data(), k, panels, alone.data(), n, added, accumulate, 0, all});
              CHECK(std::equal(y.begin(), y.begin() + n, alone.begin()));
            }
          }
        }
      }
    }
  }
}

TEST_CASE("a product with weights of 8 bits is the sum with the rounded weights") {
  Random random(6);
  const bool rounds_x = instruction_set() >= InstructionSet::avx512_bf16;
  for (const int64_t rows : {1, 2, 3, 8, 65}) {
    for (const int64_t k : {1, 3, 4, 17, 257, 1025}) {
      for (const int64_t n : {1, 16, 33, 130}) {
        std::vector<float> w = random_floats(random, k * n);
        for (int64_t i = 0; i < k; ++i) w[static_cast<size_t>(i * n)] = 0;
        const std::vector<float> x = random_floats(random, rows * k),
                                 before = random_floats(random, rows * n),
                                 bias = random_floats(random, n);
        const PanelMatrix matrix(w.data(), k, n, Precision::int8);
        for (int64_t j = 0; j < n; ++j) round_to_steps(w.data() + j, k, n, 127);
        std::vector<float> rounded_x = x;
        for (int64_t r = 0; r < rows && rounds_x; ++r)
          round_to_steps(rounded_x.data() + r * k, k, 1, 32512);
        for (const bool accumulate : {false, true}) {
          INFO("rows " << rows << " k " << k << " n " << n << " " << accumulate);
          const float* added = accumulate ? nullptr : bias.data();
          std::vector<float> y = before, start = before, alone = before;
          for (size_t i = 0; i < start.size() && !accumulate; ++i)
            start[i] = bias[i % static_cast<size_t>(n)];
          const auto multiply = [&](int64_t m, std::vector<float>& to) {
            matrix.multiply(m, x.data(), k, added, accumulate, to.data(), n, 0, matrix.panels());
          };
          multiply(rows, y);
          CHECK(worst_error(rounded_x, w, start, y, rows, k, n) < 12);  // 3 roundings more
          multiply(1, alone);
          CHECK(std::equal(y.begin(), y.begin() + n, alone.begin()));
        }
      }
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

TEST_CASE("weights of 8 bits that are no numbers, and numbers beyond them, are not passed over") {
  const float none = std::numeric_limits<float>::quiet_NaN(),
              endless = std::numeric_limits<float>::infinity();
  for (const float bad : {none, endless}) {
    const std::vector<float> w{1, bad, 1, 1}, x{1, 1}, bad_x{bad, 1};
    std::vector<float> y(2);
    const PanelMatrix matrix(w.data(), 2, 2, Precision::int8);
    matrix.multiply(1, x.data(), 2, nullptr, false, y.data(), 2, 0, 1);
    CHECK(std::abs(y[0] - 2) < 1e-3);
    CHECK(!std::isfinite(y[1]));
    matrix.multiply(1, bad_x.data(), 2, nullptr, false, y.data(), 2, 0, 1);
    CHECK(!std::isfinite(y[0]));
  }
}

TEST_CASE("a product of tiles is the plain sum on every instruction set and odd sizes") {
  Random random(3);
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set > instruction_set()) continue;
    const KernelTable& table = kernels_for(set);
    for (const int64_t rows : {1, 2, 3, 4, 5, 6, 7, 16, 33}) {
      for (const int64_t k : {1, 17, 255, 256, 513}) {
        for (const int64_t n : {1, 15, 16, 33, 66}) {
          const std::vector<float> x = random_floats(random, rows * k),
                                   w = random_floats(random, k * n),
                                   before = random_floats(random, rows * n),
                                   panels = panels_of(w, k, n, table.tile_width);
          for (const bool accumulate : {false, true}) {
            INFO(table.name << " rows " << rows << " k " << k << " n " << n << " " << accumulate);
            std::vector<float> y = before;
            table.tile_product({rows, k, n, x.data(), k, panels.data(), y.data(), n, accumulate});
            const std::vector<float> start =
                accumulate ? before : std::vector<float>(before.size());
            CHECK(worst_error(x, w, start, y, rows, k, n) < 8);
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
    std::vector<float> transposed(w.size());
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t j = 0; j < n; ++j)
        transposed[static_cast<size_t>(j * k + i)] = w[static_cast<size_t>(i * n + j)];
    }
    const std::vector<float> zero(static_cast<size_t>(rows * n));
    PackedMatrix library(rows, k, n, Precision::f32);
    CHECK(library.bytes() == PackedMatrix::bytes_for(k, n, Precision::f32));
    TileMatrix tiles(k, n);
    for (const bool is_transposed : {false, true}) {
      const float* from = is_transposed ? transposed.data() : w.data();
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
  const auto round = [](std::vector<float>& x) {
    std::vector<Bf16> halves;
    for (float& value : x) halves.push_back(to_bf16(value)), value = to_float(halves.back());
    return halves;
  };
  for (const auto& [depth, columns] :
       {std::array<int64_t, 2>{32, 32}, {64, 96}, {1536, 384}, {40, 33}}) {
    const int64_t k = depth, n = columns;  // clang's lambdas take no structured bindings
    for (const int64_t rows : {1, 9, 16, 17, 32, 48, 65}) {
      std::vector<float> x = random_floats(random, rows * k), w = random_floats(random, k * n);
      const std::vector<float> before = random_floats(random, rows * n);
      const std::vector<Bf16> halves = round(x);
      round(w);
      std::vector<float> transposed(w.size());
      for (int64_t i = 0; i < k; ++i) {
        for (int64_t j = 0; j < n; ++j)
          transposed[static_cast<size_t>(j * k + i)] = w[static_cast<size_t>(i * n + j)];
      }
      PackedMatrix packed(rows, k, n, Precision::bf16);
      CHECK(packed.bytes() == PackedMatrix::bytes_for(k, n, Precision::bf16));
      for (const bool is_transposed : {false, true}) {
        packed.pack(is_transposed ? transposed.data() : w.data(), is_transposed);
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
