#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edit/advisor.h"
#include "edit/screen_layout.h"
#include "edit/text_buffer.h"

namespace inkling::edit {

// What Tab offers for a command or a name of a file: one candidate is written at once, of several
// what they have in common, and then each in turn.
class CompletionMenu {
 public:
  // Opens with these, of which there is at least one, for what stands before the buffer's cursor.
  // Stays closed where there is nothing left to choose.
  void open(Completions completions, TextBuffer& buffer);
  void close() { completions_.candidates.clear(); }
  bool is_open() const { return !completions_.candidates.empty(); }

  // Writes the next, or previous, candidate in place of what is there.
  void next(TextBuffer& buffer);
  void previous(TextBuffer& buffer);

  std::vector<View::Item> strip() const;
  std::string meaning() const;

 private:
  void write(TextBuffer& buffer);

  Completions completions_;
  std::optional<size_t> chosen_;
};

}  // namespace inkling::edit
