#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/text_options.h"
#include "text/vocabulary.h"

namespace inkling::text {

// A text as tokens.
struct Tokens {
  // A character that the vocabulary lacks. It stands in `tokens` as the known character that
  // Unicode folds it to, or as <unk>. Wherever a loss over the text is printed, `nats` is added at
  // its position: what spelling it would cost.
  struct Inexact {
    int64_t position = 0;  // index in tokens
    double nats = 0;       // as spelling_nats() has it
  };
  std::vector<Token> tokens;
  std::vector<Inexact> inexact;  // ascending positions
  int64_t bytes = 0;             // UTF-8 bytes of the original text
};

// Text to tokens and back, for one vocabulary. Immutable; any number of threads may use it.
class Tokenizer {
 public:
  Tokenizer() = default;
  Tokenizer(TextOptions options, Vocabulary vocabulary);

  const TextOptions& options() const { return options_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // Normalises and encodes well-formed UTF-8 (any bytes for Unit::byte). No end tokens are added.
  Tokens encode(std::string_view text) const;
  // decode(encode(x).tokens) == normalize(x) where nothing is inexact. <unk> becomes U+FFFD (? for
  // bytes), end "".
  std::string decode(const std::vector<Token>& tokens) const;
  // What a prompt does not spell as it stands, for one notice to the user: distinct characters, at
  // most `most`, e.g. {"é -> e", "☃ -> <unk>"}.
  std::vector<std::string> inexact_examples(std::string_view text, size_t most = 5) const;
  // x as this tokenizer reads it: line ends folded, normalised.
  std::string normalize(std::string_view text) const;
  // The token with which a new text begins: the end token if there is one, else the line feed, else
  // the most frequent character. Generating without a prompt feeds it to the initial state.
  Token start_token() const;

 private:
  TextOptions options_;
  Vocabulary vocabulary_;
};

// The cost in nats of spelling one unknown character: n code points, each uniform over the
// 1,112,064 scalar values, and a bit after each that says whether another follows (a byte: uniform
// over 256).
double spelling_nats(std::string_view character, Unit unit);

}  // namespace inkling::text
