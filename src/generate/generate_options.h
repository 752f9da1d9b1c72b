#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/option.h"

namespace inkling::generate {

// How much is written, and what ends it.
struct GenerateOptions {
  int64_t n = -1;                   // characters at most (of the model's unit); -1 = see limit()
  int64_t sentences = 0;            // end with the N-th sentence; 0 = not by sentences
  int64_t words = 0;                // end with the N-th word; 0 = not by words
  std::vector<std::string> stop{};  // end before any of these texts
  int64_t count = 1;                // how many texts

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "n",
             .meaning =
                 "characters to write at most; -1 = 500, or 5000 for each wished sentence or word",
             .letter = 'n',
             .low = -1},
      n);
    v(Option{.name = "sentences",
             .meaning =
                 "end with this many sentences, each of which a line's end ends, too; 0 = not by "
                 "sentences",
             .low = 0,
             .high = 1e9},
      sentences);
    v(Option{.name = "words",
             .meaning = "end with this many words; 0 = not by words",
             .low = 0,
             .high = 1e9},
      words);
    v(Option{.name = "stop",
             .meaning = "end before this text, in which \\n is a line's end, \\t a tab, \\\\ a "
                        "backslash",
             .value = "TEXT",
             .often = true},
      stop);
    v(Option{.name = "count",
             .meaning = "write this many texts; text i is drawn from seed and i",
             .low = 1,
             .high = 1e9},
      count);
  }

  // Characters written at most. A text asked for in sentences or words is not cut short by the
  // usual 500, but a model that never ends a sentence must not write for ever either.
  int64_t limit() const;

  // Throws UsageError: sentences together with words, an empty stop text.
  void validate() const;
};

}  // namespace inkling::generate
