#include "generate/allowed_tokens.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"

namespace inkling::generate {
namespace {

// The code points whose UTF-8 begins with these bytes; first > last: none does.
struct CodePoints {
  char32_t first = 1, last = 0;
};

CodePoints beginning_with(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  if (lead < 0x80) return bytes.size() == 1 ? CodePoints{lead, lead} : CodePoints{};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() > length) return {};
  char32_t value = lead & (0x7fU >> length);
  for (const char byte : bytes.substr(1)) {
    const auto b = static_cast<unsigned char>(byte);
    if ((b & 0xc0U) != 0x80) return {};
    value = value << 6 | (b & 0x3fU);
  }
  const size_t missing = 6 * (length - bytes.size());
  constexpr std::array<char32_t, 5> shortest{0, 0, 0x80, 0x800, 0x10000};
  return {std::max<char32_t>(value << missing, shortest[length]),
          std::min<char32_t>(((value + 1) << missing) - 1, 0x10ffff)};
}

}  // namespace

AllowedTokens::AllowedTokens(std::string_view only, std::string_view never,
                             const text::Tokenizer& tokenizer)
    : allowed_(only, never),
      vocabulary_(tokenizer.vocabulary()),
      bytes_(tokenizer.options().unit == text::Unit::byte) {
  if (allowed_.everything()) return;
  mask_.assign(static_cast<size_t>(vocabulary_.size()), 1);
  for (text::Token token = 0; token < vocabulary_.characters(); ++token) {
    const std::string_view character = vocabulary_.text(token);
    mask_[static_cast<size_t>(token)] =
        bytes_ ? allows_byte("", character) : allowed_.allows(character);
  }
  const auto end = mask_.begin() + vocabulary_.characters();
  if (std::find(mask_.begin(), end, 1) == end) {
    usage_error("--only and --never leave no character of the model; allow some that it knows");
  }
}

bool AllowedTokens::allows_byte(std::string_view begun, std::string_view byte) const {
  const CodePoints range = beginning_with(std::string(begun).append(byte));
  return range.first <= range.last && allowed_.allows_some(range.first, range.last);
}

std::span<const uint8_t> AllowedTokens::after(std::string_view begun) {
  if (bytes_ && !mask_.empty()) {
    for (text::Token token = 0; token < vocabulary_.characters(); ++token)
      mask_[static_cast<size_t>(token)] = allows_byte(begun, vocabulary_.text(token));
  }
  return mask_;
}

}  // namespace inkling::generate
