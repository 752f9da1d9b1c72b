#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "edit/key.h"

namespace inkling::edit {

// The bytes that a terminal sends as the keys that were pressed: UTF-8, the escape sequences of
// xterm and its likes (ECMA-48, modifyOtherKeys, the kitty protocol's CSI u), bracketed paste. What
// arrives in pieces is put together.
class KeyDecoder {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }
  // The next whole key; nothing where bytes are missing.
  std::optional<Key> next();

  // How long to wait for the rest of a key that has begun; nothing where none has.
  std::optional<std::chrono::milliseconds> patience() const;
  // The rest has not come: what is there counts as it stands (a lone ESC is the Escape key).
  void settle();

 private:
  std::optional<Key> next_pasted();
  std::optional<Key> escape_sequence();
  std::optional<Key> control_sequence(size_t begin);
  std::optional<size_t> answer_size(size_t begin) const;
  std::optional<Key> typed_text();
  Key take(size_t size, Key key);

  std::string bytes_;
  bool pasting_ = false;
  std::string pasted_;
  bool settled_ = false;
};

}  // namespace inkling::edit
