#include "generate/character_bias.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "generate/escapes.h"
#include "text/segmenter.h"

namespace inkling::generate {
namespace {

// The first character of `text`, which is then the rest; an escape is resolved.
std::string take_character(std::string_view& text) {
  if (std::string resolved = take_escape(text); !resolved.empty()) return resolved;
  std::vector<size_t> ends;
  size_t end = text.empty() ? 0 : text::next_clusters(text, 0, ends);
  if (!ends.empty()) end = ends.front();
  std::string character(text.substr(0, end));
  text.remove_prefix(end);
  return character;
}

}  // namespace

CharacterBias CharacterBias::parse(std::string_view text) {
  std::string_view rest = text;
  CharacterBias result{take_character(rest)};
  const bool has_sign = rest.starts_with('+') || rest.starts_with('-');
  if (rest.starts_with('+')) rest.remove_prefix(1);
  const char* const end = rest.data() + rest.size();
  const auto [stopped, error] = std::from_chars(rest.data(), end, result.bias);
  const bool is_number = error == std::errc() && stopped == end && !std::isnan(result.bias) &&
                         !(std::isinf(result.bias) && result.bias > 0);
  if (!has_sign || !is_number) {
    usage_error("--logit-bias: '{}' is not a character, a sign and a number, as in e-1.5 or \\n+2",
                text);
  }
  return result;
}

std::vector<float> token_bias(std::span<const std::string> biases,
                              const text::Tokenizer& tokenizer) {
  if (biases.empty()) return {};
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  std::vector<float> result(static_cast<size_t>(vocabulary.size()));
  for (const std::string& text : biases) {
    const CharacterBias parsed = CharacterBias::parse(text);
    const auto token = vocabulary.find(tokenizer.normalize(parsed.character));
    if (!token)
      usage_error("--logit-bias: '{}': the model has no such character; leave it out", text);
    float& bias = result[static_cast<size_t>(*token)];
    // Only -inf forbids a character: a sum that no float holds does not.
    constexpr double most = std::numeric_limits<float>::max();
    const double sum = static_cast<double>(bias) + parsed.bias;
    bias = static_cast<float>(std::isfinite(sum) ? std::clamp(sum, -most, most) : sum);
  }
  return result;
}

}  // namespace inkling::generate
