#include "generate/sampler.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "cli/option_value.h"
#include "fuzz/target.h"

// Any settings that the command line takes, on any logits: what is drawn may be drawn, and the
// candidates are a distribution.
//
// An input: for each setting, in the order of their declaration, 8 bytes of a number, or a text up
// to a zero byte; a byte, the vocabulary's size; then logits of 4 bytes.
namespace inkling::generate {
namespace {

using fuzz::expect;

// As if it had been typed; a value that is refused leaves the default.
template <class Member>
void set(const Option& option, Member& member, fuzz::Input& input) {
  try {
    if constexpr (std::is_arithmetic_v<Member>) {
      cli::read_value(option, value_text(input.take<Member>()), member);
    } else {
      cli::read_value(option, std::string(input.string()), member);
    }
  } catch (const UsageError&) {
  }
}

// Filters and greedy drawing sort, penalties disturb the order.
bool comes_sorted(const SamplingOptions& options) {
  bool sorted = options.greedy();
  for (const SamplerStep step : options.steps()) {
    if (step == SamplerStep::penalties || step == SamplerStep::dry)
      sorted = options.greedy();
    else if (step != SamplerStep::temperature)
      sorted = true;
  }
  return sorted;
}

void check_candidates(std::span<const Candidate> candidates, text::Token drawable, bool sorted) {
  expect(!candidates.empty(), "there is a candidate");
  double sum = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    expect(candidate.token >= 0 && candidate.token < drawable, "a candidate may be drawn");
    expect(candidate.p >= 0 && candidate.p <= 1, "a share is one");
    expect(!sorted || i == 0 || candidates[i - 1].p >= candidate.p,
           "the most probable comes first");
    sum += candidate.p;
  }
  expect(std::abs(sum - 1) < 1e-9, "the shares add up to 1");
}

text::Vocabulary vocabulary_of(int characters) {
  std::vector<text::Vocabulary::Entry> entries;
  entries.reserve(static_cast<size_t>(characters));
  for (int i = 0; i < characters; ++i) entries.push_back({std::string(1, static_cast<char>(i)), 1});
  return {std::move(entries), 0, std::nullopt};
}

}  // namespace
}  // namespace inkling::generate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace inkling::generate;
  inkling::fuzz::Input input(data, size);
  SamplingOptions options;
  options.for_each_option(
      [&](const inkling::Option& option, auto& member) { set(option, member, input); });
  const int characters = 1 + static_cast<int>(input.below(100));
  const inkling::text::Tokenizer tokenizer({}, vocabulary_of(characters));
  std::optional<Sampler> made;
  try {
    made.emplace(options, tokenizer, 2.0);
  } catch (const inkling::UsageError&) {
    return 0;  // settings that contradict each other or the vocabulary
  }
  Sampler& sampler = *made;
  const bool sorted = comes_sorted(options);
  const bool may_run_out =
      !options.only.empty() || !options.never.empty() || !options.logit_bias.empty();
  inkling::Random random(static_cast<uint64_t>(options.seed));
  std::vector<float> logits(static_cast<size_t>(tokenizer.vocabulary().size()));
  for (float& logit : logits) logit = input.take<float>();
  const auto drawable = std::span(logits).first(static_cast<size_t>(characters));
  const bool damaged =
      std::any_of(
          drawable.begin(), drawable.end(),
          [](float x) { return std::isnan(x) || x == std::numeric_limits<float>::infinity(); }) ||
      std::none_of(drawable.begin(), drawable.end(), [](float x) { return std::isfinite(x); });
  try {
    for (int i = 0; i < 3; ++i) {
      const inkling::text::Token token = sampler.draw(logits, random);
      inkling::fuzz::expect(!damaged, "logits that are no numbers are refused");
      inkling::fuzz::expect(token >= 0 && token < characters, "the token may be drawn");
      check_candidates(sampler.candidates(), characters, sorted);
      sampler.accept(token);
    }
  } catch (const inkling::DataError&) {
    inkling::fuzz::expect(damaged || may_run_out, "only logits that are no numbers are refused");
  }
  return 0;
}
