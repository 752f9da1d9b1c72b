#include "generate/shares.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace inkling::generate {
namespace {

constexpr float impossible = -std::numeric_limits<float>::infinity();

void check(double sum) {
  if (std::isfinite(sum)) return;
  data_error("the model's output is not a number: its weights are damaged or training diverged");
}

}  // namespace

void set_shares(std::span<const float> logits, std::span<double> shares) {
  const auto possible = logits.first(shares.size());
  if (std::all_of(possible.begin(), possible.end(), [](float z) { return z == impossible; })) {
    std::fill(shares.begin(), shares.end(), 0.0);
    return;
  }
  const float greatest = *std::max_element(possible.begin(), possible.end());
  double sum = 0;
  for (size_t i = 0; i < possible.size(); ++i) {
    sum += shares[i] = std::exp(static_cast<double>(possible[i]) - greatest);
  }
  check(sum);
  for (double& share : shares) share /= sum;
}

double log_share(std::span<const float> logits, text::Token token, text::Token unknown) {
  const auto possible = logits.first(static_cast<size_t>(unknown));
  const float greatest = *std::max_element(possible.begin(), possible.end());
  double sum = 0;
  for (const float logit : possible) sum += std::exp(static_cast<double>(logit) - greatest);
  check(sum);
  return static_cast<double>(logits[static_cast<size_t>(token)]) - greatest - std::log(sum);
}

}  // namespace inkling::generate
