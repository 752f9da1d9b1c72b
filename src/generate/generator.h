#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "generate/generate_options.h"
#include "generate/next_character.h"
#include "generate/sampler.h"

namespace inkling::generate {

// What ended a text.
enum class Ending { characters, sentences, words, stop, end, asked };
constexpr std::array<std::string_view, 6> ending_names{"characters", "sentences", "words",
                                                       "stop",       "end",       "asked"};
constexpr std::span<const std::string_view> names_of(Ending) { return ending_names; }

struct Written {
  Ending ending = Ending::characters;  // end: the model's end token; asked: the sink wished it
  int64_t characters = 0;              // written, in the model's unit
};

// Takes the next piece of a text: whole grapheme clusters, never empty. Returns false to end it.
using TextSink = std::function<bool(std::string_view piece)>;

// Writes texts that go on from a prompt. Uses slot 0 of the model, which must outlive it. Not
// thread-safe.
class Generator {
 public:
  // Throws UsageError, as validate() of both options.
  Generator(NextCharacter& model, const SamplingOptions& sampling, const GenerateOptions& options,
            uint64_t seed);

  // Text number `index` after `prompt`, drawn with Random(seed, index): the same arguments, the
  // same text. A boundary or a stop text is seen in what follows it: some characters are then drawn
  // and not written. A code point that is half written when the text ends is left out.
  Written write(std::string_view prompt, uint64_t index, const TextSink& sink);

 private:
  NextCharacter& model_;
  Sampler sampler_;
  GenerateOptions options_;
  std::vector<std::string> stops_;  // as the model writes them
  uint64_t seed_;
  std::vector<float> logits_;  // [V]
};

}  // namespace inkling::generate
