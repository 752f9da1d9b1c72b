#include "generate/sampling_options.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <type_traits>

#include "generate/character_bias.h"
#include "text/allowed_characters.h"

namespace inkling::generate {
namespace {

// A step by its name; hyphens, "temp" and "typical" are understood too.
SamplerStep step_named(std::string_view name) {
  std::string plain(name);
  std::replace(plain.begin(), plain.end(), '-', '_');
  if (plain == "temp") plain = "temperature";
  if (plain == "typical" || plain == "typical_p") plain = "typ_p";
  const auto found = std::find(sampler_step_names.begin(), sampler_step_names.end(), plain);
  if (found == sampler_step_names.end()) {
    usage_error("--samplers: '{}' is none of: {}; part them by semicolons", name,
                fmt::join(sampler_step_names, ", "));
  }
  return static_cast<SamplerStep>(found - sampler_step_names.begin());
}

bool contains(const std::vector<SamplerStep>& steps, SamplerStep step) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

}  // namespace

std::vector<SamplerStep> SamplingOptions::steps() const {
  std::vector<SamplerStep> steps;
  std::string_view rest = samplers;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(";,"), rest.size());
    const SamplerStep step = step_named(rest.substr(0, end));
    if (contains(steps, step)) usage_error("--samplers: '{}' stands there twice", name_of(step));
    steps.push_back(step);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (mirostat == Mirostat::second && !contains(steps, SamplerStep::mirostat)) {
    std::erase_if(steps, [](SamplerStep step) {
      return step != SamplerStep::penalties && step != SamplerStep::dry;
    });
    steps.push_back(SamplerStep::mirostat);
  }
  return steps;
}

bool SamplingOptions::steers() const { return contains(steps(), SamplerStep::mirostat); }

bool SamplingOptions::greedy() const {
  return temp == 0 && contains(steps(), SamplerStep::temperature);
}

void SamplingOptions::validate() const {
  SamplingOptions copy = *this;
  copy.for_each_option([](const Option& option, const auto& member) {
    if constexpr (std::is_same_v<decltype(member), const double&>) {
      if (!std::isfinite(member))
        usage_error("{} must be a number, not {}", spelled(option.name), member);
    }
  });
  const bool steers = this->steers();
  if (temp == 0 && steers)
    usage_error("--mirostat and --temp 0 exclude each other: one steers surprise, one allows none");
  if (beam > 0 && steers)
    usage_error(
        "--mirostat and --beam exclude each other: one steers what is drawn, one draws nothing");
  for (const std::string& bias : logit_bias) CharacterBias::parse(bias);
  text::AllowedCharacters(only, never);
}

uint64_t SamplingOptions::chosen_seed() const {
  if (seed >= 0) return static_cast<uint64_t>(seed);
  std::random_device entropy;
  return ((uint64_t{entropy()} << 32) | entropy()) >> 11;
}

}  // namespace inkling::generate
