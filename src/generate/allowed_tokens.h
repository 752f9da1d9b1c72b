#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "text/allowed_characters.h"
#include "text/tokenizer.h"

namespace inkling::generate {

// Which tokens of a vocabulary --only and --never allow. The end of a document always is; <unk> is
// never drawn anyway. Where tokens are bytes, one is allowed when an allowed code point can still
// come of it. The tokenizer must outlive it.
class AllowedTokens {
 public:
  // Throws UsageError: a pattern that is none, or nothing left of the vocabulary.
  AllowedTokens(std::string_view only, std::string_view never, const text::Tokenizer& tokenizer);

  // [V] 1 = allowed, after a text whose last code point lacks bytes of which these are the first
  // (empty, but for Unit::byte). Lives until the next call. Empty where everything is allowed.
  std::span<const uint8_t> after(std::string_view begun);

 private:
  bool allows_byte(std::string_view begun, std::string_view byte) const;

  text::AllowedCharacters allowed_;
  const text::Vocabulary& vocabulary_;
  bool bytes_;
  std::vector<uint8_t> mask_;
};

}  // namespace inkling::generate
