#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edit/frame.h"
#include "text/display_width.h"

namespace inkling::edit {

// Finds out how wide this terminal draws what terminals disagree about (text::WidthProfile): writes
// an example of each and asks where the cursor has come to. Done once, when such text first comes.
class WidthProbe {
 public:
  // Whether the frame has a character that terminals disagree about, and nothing was asked yet.
  bool needed(const Frame& frame) const;
  // What to send from the begin of an empty row; the row is empty again afterwards.
  std::string question();
  // An answer: the column of the cursor. The profile once the last has come.
  std::optional<text::WidthProfile> hear(int column);
  // Answers are still to come; a terminal that gives none is not waited for.
  bool waiting() const { return asked_ && columns_.size() < answers; }

 private:
  static constexpr size_t answers = 5;

  bool asked_ = false;
  std::vector<int> columns_;
};

}  // namespace inkling::edit
