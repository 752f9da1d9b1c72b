#include <doctest/doctest.h>

#include <array>
#include <vector>

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
using Halves = std::vector<Bf16>;

constexpr int64_t rows = 3;

Floats layer_norm(const KernelTable& table, Random& random, int64_t n) {
  const Floats x = room(random, rows * n), gain = room(random, n), bias = room(random, n);
  const float* const x_rows[rows] = {x.data() + 2 * n, x.data(), x.data() + n};
  Floats x_hat = room(random, rows * n), rstd = room(random, rows), y = room(random, rows * n);
  table.layer_norm(
      {rows, n, x_rows, gain.data(), bias.data(), x_hat.data(), rstd.data(), y.data()});
  return all(x_hat, rstd, y);
}

template <class Operand, class Kernel>
Floats layer_norm_backward(Kernel kernel, Random& random, int64_t n, std::vector<Operand> dx) {
  const Floats dy = room(random, rows * n), x_hat = room(random, rows * n),
               rstd = room(random, rows), gain = room(random, n);
  Floats dgain = room(random, n), dbias = room(random, n);
  kernel({rows, n, dy.data(), x_hat.data(), rstd.data(), gain.data(), dgain.data(), dbias.data(),
          dx.data()});
  return all(dgain, dbias, dx);
}
Floats layer_norm_backward_f32(const KernelTable& table, Random& random, int64_t n) {
  return layer_norm_backward(table.layer_norm_backward_f32, random, n, room(random, rows * n));
}
Floats layer_norm_backward_bf16(const KernelTable& table, Random& random, int64_t n) {
  return layer_norm_backward(table.layer_norm_backward_bf16, random, n,
                             room<Bf16>(random, rows * n));
}

template <class Operand, class Kernel>
Floats softmax_loss(Kernel kernel, Random& random, int64_t n, std::vector<Operand> dlogits) {
  const int64_t stride = n + 3;
  Floats logits = room(random, rows * stride);
  for (float& logit : logits) logit *= 6;
  const Floats bias = room(random, n);
  const int32_t first = 0, none = -1, last = static_cast<int32_t>(n - 1);
  const int32_t* const targets[rows] = {&last, &none, &first};
  Floats nats = room(random, rows);
  std::vector<double> sums(rows);
  kernel({rows, n, stride, logits.data(), bias.data(), targets, 0.5F, nats.data(), sums.data(),
          dlogits.data()});
  return all(nats, dlogits, Floats{static_cast<float>(sums[0]), static_cast<float>(sums[2])});
}
Floats softmax_loss_f32(const KernelTable& table, Random& random, int64_t n) {
  return softmax_loss(table.softmax_loss_f32, random, n, room(random, rows * (n + 3)));
}
Floats softmax_loss_bf16(const KernelTable& table, Random& random, int64_t n) {
  return softmax_loss(table.softmax_loss_bf16, random, n, room<Bf16>(random, rows * (n + 3)));
}

Floats round_to_bf16(const KernelTable& table, Random& random, int64_t n) {
  const Floats from = room(random, n);
  Halves to = room<Bf16>(random, n);
  table.round_to_bf16(from.data(), to.data(), n);
  return all(to);
}

Floats add_rows_f32(const KernelTable& table, Random& random, int64_t n) {
  const Floats from = room(random, rows * (n + 3));
  Floats sums = room(random, n);
  table.add_rows_f32(from.data(), rows, n + 3, n, sums.data());
  return sums;
}
Floats add_rows_bf16(const KernelTable& table, Random& random, int64_t n) {
  const Halves from = room<Bf16>(random, rows * (n + 3));
  Floats sums = room(random, n);
  table.add_rows_bf16(from.data(), rows, n + 3, n, sums.data());
  return sums;
}

constexpr std::array<int32_t, 5> tokens{1, -1, 0, 1, 2};
Floats scatter_rows_f32(const KernelTable& table, Random& random, int64_t n) {
  const Floats from = room(random, 5 * (n + 3));
  Floats sums = room(random, 3 * (n + 1));
  table.scatter_rows_f32(from.data(), tokens.data(), 5, n + 3, n, sums.data(), n + 1);
  return sums;
}
Floats scatter_rows_bf16(const KernelTable& table, Random& random, int64_t n) {
  const Halves from = room<Bf16>(random, 5 * (n + 3));
  Floats sums = room(random, 3 * (n + 1));
  table.scatter_rows_bf16(from.data(), tokens.data(), 5, n + 3, n, sums.data(), n + 1);
  return sums;
}

Floats squared_norm(const KernelTable& table, Random& random, int64_t n) {
  return {static_cast<float>(table.squared_norm(room(random, 20 * n).data(), 20 * n))};
}

Floats adam(const KernelTable& table, Random& random, int64_t n) {
  const Floats gradient = room(random, n);
  Floats weights = room(random, n), first = room(random, n), second = room(random, n);
  for (float& square : second) square *= square;
  table.adam({0.9F, 0.5F, 0.01F, 0.9F, 0.99F, 0.01F, 1.5F, 2, 1e-6F, 0.003F}, n, gradient.data(),
             weights.data(), first.data(), second.data());
  return all(weights, first, second);
}

constexpr SimpleStep simple_step{0.9F, 0.5F, 0.01F, 0.9F, 0.95F, 0.05F, 1e-6F, 0.003F};
Floats rmsprop(const KernelTable& table, Random& random, int64_t n) {
  const Floats gradient = room(random, n);
  Floats weights = room(random, n), second = room(random, n);
  for (float& square : second) square *= square;
  table.rmsprop(simple_step, n, gradient.data(), weights.data(), second.data());
  return all(weights, second);
}
Floats sgd(const KernelTable& table, Random& random, int64_t n) {
  const Floats gradient = room(random, n);
  Floats weights = room(random, n), velocity = room(random, n);
  table.sgd(simple_step, n, gradient.data(), weights.data(), velocity.data());
  return all(weights, velocity);
}

// How far two instruction sets may differ. Sums of some thousand numbers that are added in another
// order, and roundings of float32 that another leaves out; numbers that a bfloat16 parts.
constexpr double exactly = 0, as_floats = 4e-6, as_halves = 0x1p-7;

struct RowKernel {
  const char* name;
  Floats (*run)(const KernelTable&, Random&, int64_t n);  // returns all that it wrote
  double relative_error;
};
constexpr RowKernel row_kernels[] = {
    {"layer_norm", layer_norm, as_floats},
    {"layer_norm_backward_f32", layer_norm_backward_f32, as_floats},
    {"layer_norm_backward_bf16", layer_norm_backward_bf16, as_halves},
    {"softmax_loss_f32", softmax_loss_f32, as_floats},
    {"softmax_loss_bf16", softmax_loss_bf16, as_halves},
    {"round_to_bf16", round_to_bf16, exactly},
    {"add_rows_f32", add_rows_f32, exactly},
    {"add_rows_bf16", add_rows_bf16, exactly},
    {"scatter_rows_f32", scatter_rows_f32, exactly},
    {"scatter_rows_bf16", scatter_rows_bf16, exactly},
    {"squared_norm", squared_norm, as_floats},
    {"adam", adam, as_floats},
    {"rmsprop", rmsprop, as_floats},
    {"sgd", sgd, as_floats},
};

}  // namespace

TEST_CASE("what is done to rows is the same on every instruction set, at every length") {
  const std::vector<TableHere> tables = tables_here(InstructionSet::avx512);
  for (const RowKernel& kernel : row_kernels) {
    for (const int64_t n : {2, 15, 16, 17, 31, 63, 64, 65, 130, 300}) {
      Random random(static_cast<uint64_t>(n));
      const Floats expected = kernel.run(tables[0].table, random, n);
      for (size_t i = 1; i < tables.size(); ++i) {
        INFO(kernel.name << " " << tables[i].table.name << " n " << n);
        Random same(static_cast<uint64_t>(n));
        CHECK(worst_difference(kernel.run(tables[i].table, same, n), expected,
                               kernel.relative_error == exactly ? 0 : as_floats,
                               kernel.relative_error) <= 1);
      }
    }
  }
}

}  // namespace inkling::nn
