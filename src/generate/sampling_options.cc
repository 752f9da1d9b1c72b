#include "generate/sampling_options.h"

#include <cmath>
#include <random>

namespace inkling::generate {

void SamplingOptions::validate() const {
  const auto finite = [](std::string_view name, double value) {
    if (!std::isfinite(value)) usage_error("--{} must be a number, not {}", name, value);
  };
  finite("temp", temp);
  finite("top-p", top_p);
  finite("min-p", min_p);
  finite("typical", typical);
  finite("repeat-penalty", repeat_penalty);
}

uint64_t SamplingOptions::chosen_seed() const {
  if (seed >= 0) return static_cast<uint64_t>(seed);
  std::random_device entropy;
  return ((uint64_t{entropy()} << 32) | entropy()) >> 11;
}

}  // namespace inkling::generate
