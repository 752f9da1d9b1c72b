#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

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

// Told of each character when it is drawn, before it goes on its way to the sink: its bytes, and
// its surprise to the model in bits, -log2 of the probability before any filter (log_share()).
// Those that are drawn and not written are among them.
using DrawWatcher = std::function<void(std::string_view character, double surprise)>;

}  // namespace inkling::generate
