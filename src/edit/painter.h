#pragma once

#include <string>

#include "edit/frame.h"
#include "edit/palette.h"

namespace inkling::edit {

// Turns frames into what a terminal has to be sent so that it shows them, given what it shows: only
// what differs is written again. The frame lies wherever the cursor was when the first was painted,
// at the begin of an empty line, and what is above it is never touched. ECMA-48, as every terminal
// but a "dumb" one knows it.
class Painter {
 public:
  explicit Painter(const Palette& palette) : palette_(palette) {}

  // What shows `next`.
  std::string paint(Frame next);
  // What moves the cursor behind the frame's last row, to the begin of a new line. The next frame
  // is then painted there.
  std::string leave();
  // Something else was, or will be, written from where the cursor is: the next frame is painted
  // anew, at the begin of a line that the caller sees to.
  void forget();
  // What wipes the frame away, leaving the cursor where it began.
  std::string erase();
  // As erase(), after the terminal has become `columns` wide. Where it reflows, its longer rows
  // have become several.
  std::string erase_resized(int columns, bool reflows);
  // What wipes the cursor's row, for something to be tried out there; the next paint() restores it.
  std::string lend_row();

  bool painted() const { return !shown_.rows.empty(); }

 private:
  std::string move_to(Position to);
  std::string paint_row(int index, const Row& next);

  Palette palette_;
  Frame shown_;
  Position cursor_;  // of the terminal, in the frame
};

}  // namespace inkling::edit
