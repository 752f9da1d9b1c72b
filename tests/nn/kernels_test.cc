#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/kernels/bf16.h"
#include "nn/kernels/instruction_set.h"
#include "nn/tables_here.h"

namespace inkling::nn {
namespace {

using test::TableHere;

// Those for later sets are the same in what is tested here.
std::vector<TableHere> tables_here() { return test::tables_here(InstructionSet::avx512); }

// The largest error of y against `exact`, in units of the last place of the exact value.
template <class Exact>
double worst_ulp(void (*function)(const float*, float*, int64_t), float low, float high,
                 Exact exact) {
  std::vector<float> x, y;
  for (int i = 0; i <= 400000; ++i)
    x.push_back(low + (high - low) * static_cast<float>(i) / 400000.F);
  for (float tiny = 1e-30F; tiny < 1; tiny *= 3) x.push_back(tiny), x.push_back(-tiny);
  y.resize(x.size());
  function(x.data(), y.data(), static_cast<int64_t>(x.size()));
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = exact(static_cast<double>(x[i]));
    const auto rounded = static_cast<float>(expected);
    const double unit =
        static_cast<double>(std::nextafter(std::abs(rounded), INFINITY) - std::abs(rounded));
    worst = std::max(worst, std::abs(static_cast<double>(y[i]) - expected) / unit);
  }
  return worst;
}

TEST_CASE("exp, sigmoid and tanh keep their error bounds over the whole range") {
  for (const TableHere& here : tables_here()) {
    const KernelTable& table = here.table;
    INFO(table.name);
    CHECK(worst_ulp(table.exp, -87, 88, [](double x) { return std::exp(x); }) <= 2);
    CHECK(worst_ulp(table.sigmoid, -86, 86, [](double x) { return 1 / (1 + std::exp(-x)); }) <= 4);
    CHECK(worst_ulp(table.tanh, -40, 40, [](double x) { return std::tanh(x); }) <= 4);
  }
}

TEST_CASE("quick sigmoid and tanh are exact to a millionth or two, no numbers stay none") {
  std::vector<float> x, y;
  for (int i = -400000; i <= 400000; ++i) x.push_back(1e-4F * static_cast<float>(i));
  for (float any = 1e-30F; any < 1e30F; any *= 3) x.push_back(any), x.push_back(-any);
  x.push_back(INFINITY), x.push_back(-INFINITY), x.push_back(NAN);
  y.resize(x.size());
  const auto worst = [&](void (*function)(const float*, float*, int64_t), auto exact) {
    function(x.data(), y.data(), static_cast<int64_t>(x.size()));
    CHECK(std::isnan(y.back()));
    double error = 0;
    for (size_t i = 0; i + 1 < x.size(); ++i)
      error = std::max(error, std::abs(static_cast<double>(y[i]) - exact(x[i])));
    return error;
  };
  for (const TableHere& here : test::tables_here()) {
    const KernelTable& table = here.table;
    INFO(table.name);
    CHECK(worst(table.quick_sigmoid, [](double t) { return 1 / (1 + std::exp(-t)); }) < 1e-6);
    CHECK(worst(table.quick_tanh, [](double t) { return std::tanh(t); }) < 2e-6);
  }
}

TEST_CASE("the ends of the range saturate") {
  const std::vector<float> x{-1e30F, -INFINITY, 1e30F, INFINITY, 0.F};
  std::vector<float> y(x.size());
  for (const TableHere& here : tables_here()) {
    here.table.tanh(x.data(), y.data(), 5);
    CHECK(y == std::vector<float>{-1, -1, 1, 1, 0});
    here.table.sigmoid(x.data(), y.data(), 5);
    CHECK(y[0] < 1e-37F);
    CHECK(y[2] == 1);
    CHECK(y[4] == 0.5F);
  }
}

TEST_CASE("bfloat16 rounds to nearest, ties to even") {
  const float ties[][2] = {{1.F, 1.F},
                           {1.00390625F, 1.F},
                           {1.01171875F, 1.015625F},
                           {1.005F, 1.0078125F},
                           {-3.1415927F, -3.140625F}};
  for (const auto& [x, rounded] : ties) {
    CHECK(to_float(to_bf16(x)) == rounded);
    for (const TableHere& here : tables_here()) {
      std::vector<float> many(19, x);
      std::vector<Bf16> halves(19);
      here.table.round_to_bf16(many.data(), halves.data(), 19);
      for (const Bf16 half : halves) CHECK(to_float(half) == rounded);
    }
  }
}

TEST_CASE("every instruction set gives the same softmax loss and gradient") {
  for (const int64_t vocab : {1, 2, 15, 16, 17, 65, 300}) {
    std::vector<float> logits, bias(static_cast<size_t>(vocab), 0.25F);
    for (int64_t i = 0; i < 3 * vocab; ++i) logits.push_back(std::sin(static_cast<float>(i)) * 5);
    const int32_t first = 0, none = -1;
    const auto last = static_cast<int32_t>(vocab - 1);
    const int32_t* targets[3] = {&first, &none, &last};
    for (const TableHere& here : tables_here()) {
      std::vector<float> work = logits, gradient(logits.size());
      float nats[3];
      double sums[3];
      here.table.softmax_loss_f32(
          {3, vocab, vocab, work.data(), bias.data(), targets, 0.5F, nats, sums, gradient.data()});
      std::vector<float> in_place = logits;
      here.table.softmax_loss_f32({3, vocab, vocab, in_place.data(), bias.data(), targets, 0.5F,
                                   nats, nullptr, in_place.data()});
      CHECK(in_place == gradient);
      for (int64_t row = 0; row < 3; ++row) {
        double sum = 0;
        for (int64_t v = 0; v < vocab; ++v)
          sum += std::exp(static_cast<double>(logits[static_cast<size_t>(row * vocab + v)]));
        const int32_t target = *targets[row];
        if (target < 0) {
          CHECK(nats[row] == 0);
          CHECK(gradient[static_cast<size_t>(row * vocab)] == 0);
          continue;
        }
        CHECK(std::abs(sums[row] - 1) < 1e-5);
        CHECK(nats[row] == doctest::Approx(std::log(sum) -
                                           static_cast<double>(
                                               logits[static_cast<size_t>(row * vocab + target)]))
                               .epsilon(1e-5));
        for (int64_t v = 0; v < vocab; ++v) {
          const double p =
              std::exp(static_cast<double>(logits[static_cast<size_t>(row * vocab + v)])) / sum -
              (v == target);
          CHECK(static_cast<double>(gradient[static_cast<size_t>(row * vocab + v)]) ==
                doctest::Approx(p / 2).epsilon(1e-4).scale(0.01));
        }
      }
    }
  }
}

}  // namespace
}  // namespace inkling::nn
