#pragma once

#include <cmath>
#include <type_traits>
#include <vector>

#include "nn/plain_product.h"

// For tests that compare all that a kernel writes with what another one writes.
namespace inkling::test {

// Numbers for a kernel to read or write over, and some behind them that it has to leave alone.
template <class T = float>
std::vector<T> room(Random& random, int64_t count) {
  std::vector<float> numbers = random_floats(random, count + 5);
  if constexpr (std::is_same_v<T, float>) return numbers;
  if constexpr (std::is_same_v<T, nn::Bf16>) return rounded_to_bf16(numbers);
}

inline void append(std::vector<float>& to, const std::vector<float>& from) {
  for (const float number : from) to.push_back(number);
}
inline void append(std::vector<float>& to, const std::vector<nn::Bf16>& from) {
  for (const nn::Bf16 half : from) to.push_back(nn::to_float(half));
}

template <class... Parts>
std::vector<float> all(const Parts&... parts) {
  std::vector<float> together;
  (append(together, parts), ...);
  return together;
}

// The largest difference, in units of what is allowed; both 0: none is.
inline double worst_difference(const std::vector<float>& x, const std::vector<float>& expected,
                               double absolute, double relative) {
  double worst = x.size() == expected.size() ? 0 : INFINITY;
  for (size_t i = 0; i < x.size() && i < expected.size(); ++i) {
    const auto wanted = static_cast<double>(expected[i]);
    const double away = std::abs(static_cast<double>(x[i]) - wanted);
    if (away == 0) continue;
    const double units = away / (absolute + relative * std::abs(wanted));
    if (!std::isnan(worst) && !(units <= worst)) worst = units;
  }
  return worst;
}

}  // namespace inkling::test
