#pragma once

#include <chrono>
#include <string>

#include "edit/advisor.h"
#include "edit/editor.h"
#include "edit/key_decoder.h"
#include "edit/painter.h"
#include "edit/raw_terminal.h"
#include "edit/width_probe.h"

namespace inkling::edit {

// An Editor at a terminal: reads keys, shows frames, and waits for nothing else in between.
class LineEditor {
 public:
  enum class Result {
    line,       // editor.text(), which stands on the screen, the cursor behind it
    cancelled,  // Ctrl-C; the cursor is on a new line
    left,       // Ctrl-D, or the terminal has gone; so is it
  };

  // interrupted: a descriptor that can be read from once something else has asked for an end of the
  // line (a SIGINT); -1 = none. All must outlive it.
  LineEditor(RawTerminal& terminal, Editor& editor, Advisor& advisor, const Palette& palette,
             int interrupted = -1);
  // Takes answers of the terminal that are still under way, so that no shell reads them as typed.
  ~LineEditor();

  // Begins as Editor::begin() and edits until Enter. Leaves the terminal in Mode::writing. What is
  // typed ahead meanwhile is the next call's.
  Result read(std::string text = "", bool straight = false);

 private:
  void show();
  bool holds() const;
  void wait();
  bool read_keys();
  void hear_report(int column);
  void finish(std::string_view more);

  RawTerminal& terminal_;
  Editor& editor_;
  Advisor& advisor_;
  Painter painter_;
  KeyDecoder decoder_;
  WidthProbe probe_;
  int interrupted_;
  bool was_interrupted_ = false;
  bool ended_ = false;  // nothing more comes from the terminal
  bool changed_ = true;
  std::chrono::steady_clock::time_point held_until_{};  // what has changed is not shown before
  Size size_;
};

}  // namespace inkling::edit
