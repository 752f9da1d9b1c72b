#include "text/tokenizer.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "text/folding.h"
#include "text/normalizer.h"
#include "text/segmenter.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

// As itself where it shows as something, else by number: "U+0301", "0xE9".
std::string shown(std::string_view character, Unit unit) {
  if (unit == Unit::byte && !is_ascii(character.front())) {
    return fmt::format("0x{:02X}", static_cast<unsigned char>(character.front()));
  }
  size_t at = 0;
  const char32_t first = next_code_point(character, at);
  if (u_isgraph(static_cast<UChar32>(first)) &&
      (U_GET_GC_MASK(static_cast<UChar32>(first)) & U_GC_M_MASK) == 0) {
    return std::string(character);
  }
  return fmt::format("U+{:04X}", static_cast<uint32_t>(first));
}

}  // namespace

Tokenizer::Tokenizer(TextOptions options, Vocabulary vocabulary)
    : options_(options), vocabulary_(std::move(vocabulary)) {}

Tokens Tokenizer::encode(std::string_view text) const {
  Tokens result;
  result.bytes = static_cast<int64_t>(text.size());
  std::string storage;
  const std::string_view normal = text::normalize(text, options_, storage);
  Folder folder(vocabulary_, options_.unit);
  result.tokens.reserve(normal.size());
  for_each_character(normal, options_.unit, [&](std::string_view character) {
    const auto known = vocabulary_.find(character);
    if (!known) {
      result.inexact.push_back(
          {static_cast<int64_t>(result.tokens.size()), spelling_nats(character, options_.unit)});
    }
    result.tokens.push_back(known ? *known : folder.fold(character));
  });
  // In scripts of several bytes a character most of the room is unused.
  if (result.tokens.size() < normal.size() / 2) result.tokens.shrink_to_fit();
  return result;
}

std::string Tokenizer::decode(const std::vector<Token>& tokens) const {
  std::string text;
  for (const Token token : tokens) {
    if (token == vocabulary_.unknown()) {
      text += options_.unit == Unit::byte ? "?" : "\uFFFD";
    } else {
      text += vocabulary_.text(token);
    }
  }
  return text;
}

std::vector<std::string> Tokenizer::inexact_examples(std::string_view text, size_t most) const {
  std::string storage;
  Folder folder(vocabulary_, options_.unit);
  std::unordered_set<std::string> seen;
  std::vector<std::string> examples;
  for_each_character(
      text::normalize(text, options_, storage), options_.unit, [&](std::string_view character) {
        if (examples.size() >= most || vocabulary_.find(character)) return;
        if (!seen.emplace(character).second) return;
        const Token token = folder.fold(character);
        examples.push_back(fmt::format("{} -> {}", shown(character, options_.unit),
                                       vocabulary_.is_character(token)
                                           ? shown(vocabulary_.text(token), options_.unit)
                                           : "<unk>"));
      });
  return examples;
}

std::string Tokenizer::normalize(std::string_view text) const {
  std::string storage;
  return std::string(text::normalize(text, options_, storage));
}

Token Tokenizer::start_token() const {
  if (vocabulary_.has_end()) return vocabulary_.end();
  if (const auto feed = vocabulary_.find("\n")) return *feed;
  const auto& entries = vocabulary_.entries();
  if (entries.empty()) return vocabulary_.unknown();
  return static_cast<Token>(
      std::min_element(entries.begin(), entries.end(), Vocabulary::more_frequent) -
      entries.begin());
}

double spelling_nats(std::string_view character, Unit unit) {
  if (unit == Unit::byte) return std::log(256.0);
  constexpr double scalar_values = 0x110000 - 0x800;
  return static_cast<double>(count_code_points(character)) *
         (std::log(scalar_values) + std::numbers::ln2);
}

}  // namespace inkling::text
