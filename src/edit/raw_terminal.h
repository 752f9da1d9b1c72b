#pragma once

#include <string_view>

#include "edit/frame.h"

namespace inkling::edit {

// The terminal that a person sits at. As long as this lives it may be in other modes than it was
// found in; it is put back by the destructor, by restore(), and by every signal that ends or stops
// the process and can be caught (SIGTERM and SIGHUP where nobody else handles them, SIGQUIT,
// SIGTSTP, crashes), which then do what they always do. After a stop the mode comes back. One at a
// time.
class RawTerminal {
 public:
  enum class Mode {
    found,    // as it was
    editing,  // every key comes at once and nothing is echoed; pastes are marked
    writing,  // keys wait unseen; Ctrl-C, Ctrl-Z and Ctrl-backslash are signals
  };

  // Descriptors of one terminal. Throws DataError when it does not let itself be asked.
  RawTerminal(int input, int output);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  void enter(Mode mode);
  void restore() { enter(Mode::found); }
  // The same for one who knows of none that lives and is about to end the process.
  static void restore_before_end();
  // Stops the process's group, as Ctrl-Z does; returns when it goes on, in the same mode.
  void suspend();

  Size size() const;
  // Nothing where the process is in the background: what stands there is another's.
  void write(std::string_view bytes) const;
  int input() const;
  // Can be read from after the terminal was resized, or the process went on after a stop.
  int change_descriptor() const;
  // Whether the process went on after a stop since the last call; change_descriptor() then waits
  // for the next change.
  bool take_resumed();
};

}  // namespace inkling::edit
