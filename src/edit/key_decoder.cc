#include "edit/key_decoder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "text/utf8.h"

namespace inkling::edit {
namespace {

using Name = Key::Name;
using std::chrono::milliseconds;

constexpr char escape = '\x1b';
constexpr char ctrl_c = '\x03';
constexpr std::string_view paste_end = "\x1b[201~";
constexpr size_t longest_sequence = 64;  // longer ones are noise
constexpr size_t longest_answer = 4096;
constexpr size_t mouse_bytes = 3;  // button, column and row of X10's report, behind "ESC [ M"

// A person who presses Escape waits; a terminal sends the rest at once, over a network soon.
constexpr milliseconds escape_patience{60};
constexpr milliseconds text_patience{500};
constexpr milliseconds paste_patience{5000};

// Bits of a modifier parameter less one.
enum Modifier { shift = 1, alt = 2, control = 4 };

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What follows "ESC [" up to its final byte.
struct Sequence {
  std::string_view parameters;
  char final = 0;

  // Parameter i, or 0 where there is none or it is negative.
  int number(size_t i) const {
    std::string_view rest = parameters;
    for (; i > 0; --i) {
      const size_t semicolon = rest.find(';');
      if (semicolon == std::string_view::npos) return 0;
      rest.remove_prefix(semicolon + 1);
    }
    int value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return std::max(value, 0);
  }
  int modifiers() const { return std::max(number(1) - 1, 0); }
};

Key plain_or(Name plain, Name modified, int modifiers) {
  return {.name = (modifiers & (alt | control)) != 0 ? modified : plain};
}

Key control_key(char c) {
  switch (c) {
    case '\r':
      return {.name = Name::enter};
    case '\n':
      return {.name = Name::new_line};
    case '\t':
      return {.name = Name::tab};
    case '\x08':
    case '\x7f':
      return {.name = Name::backspace};
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(c);
  if (code == 0) return {};
  return {.name = Name::control, .letter = static_cast<char>(code < 27 ? code + 96 : code + 64)};
}

Key alt_key(char c) {
  switch (c) {
    case '\r':
    case '\n':
      return {.name = Name::new_line};
    case '\x08':
    case '\x7f':
      return {.name = Name::word_backspace};
    case '\t':
      return {.name = Name::back_tab};
    default:
      return is_control(c) ? Key{} : Key{.name = Name::alt, .letter = c};
  }
}

// A key given by its code point and modifiers.
Key coded_key(int code, int modifiers) {
  if (code == 13 && modifiers != 0) return {.name = Name::new_line};
  if (code == 9 && modifiers == shift) return {.name = Name::back_tab};
  if (code == 27) return {.name = Name::escape};
  if (code == 127) return plain_or(Name::backspace, Name::word_backspace, modifiers);
  if (code > 0x10ffff) return {};
  if (code < 0x20) return control_key(static_cast<char>(code));
  if (code < 0x7f && (modifiers & control) != 0) {
    const int lower = code >= 'A' && code <= 'Z' ? code + 32 : code;
    if (lower >= 'a' && lower <= 'z') return control_key(static_cast<char>(lower - 96));
    return {.name = Name::control, .letter = static_cast<char>(lower)};
  }
  if (code < 0x7f && (modifiers & alt) != 0) return alt_key(static_cast<char>(code));
  // No characters: C1 controls, halves of surrogates, and the private ones that stand for other
  // keys.
  if ((code >= 0x80 && code < 0xa0) || (code >= 0xd800 && code < 0xf900)) return {};
  Key key{.name = Name::text};
  text::append_code_point(key.text, static_cast<char32_t>(code));
  return key;
}

Key tilde_key(const Sequence& sequence) {
  const int modifiers = sequence.modifiers();
  switch (sequence.number(0)) {
    case 1:
    case 7:
      return plain_or(Name::home, Name::text_begin, modifiers);
    case 3:
      return plain_or(Name::remove, Name::word_remove, modifiers);
    case 4:
    case 8:
      return plain_or(Name::end, Name::text_end, modifiers);
    case 27:
      return coded_key(sequence.number(2), modifiers);
    default:
      return {};
  }
}

Key sequence_key(const Sequence& sequence) {
  const int modifiers = sequence.modifiers();
  switch (sequence.final) {
    case 'A':
      return {.name = Name::up};
    case 'B':
      return {.name = Name::down};
    case 'C':
      return plain_or(Name::right, Name::word_right, modifiers);
    case 'D':
      return plain_or(Name::left, Name::word_left, modifiers);
    case 'F':
      return plain_or(Name::end, Name::text_end, modifiers);
    case 'H':
      return plain_or(Name::home, Name::text_begin, modifiers);
    case 'R':
      return {.name = Name::report, .column = std::max(sequence.number(1) - 1, 0)};
    case 'Z':
      return {.name = Name::back_tab};
    case 'c':
      return plain_or(Name::other, Name::word_right, control);  // rxvt
    case 'd':
      return plain_or(Name::other, Name::word_left, control);
    case 'u':
      return coded_key(sequence.number(0), modifiers);
    case '~':
      return tilde_key(sequence);
    default:
      return {};
  }
}

std::string with_line_feeds(std::string_view pasted) {
  std::string text;
  text.reserve(pasted.size());
  for (size_t i = 0; i < pasted.size(); ++i) {
    if (pasted[i] != '\r') {
      text += pasted[i];
    } else if (i + 1 == pasted.size() || pasted[i + 1] != '\n') {
      text += '\n';
    }
  }
  return text;
}

}  // namespace

std::optional<Key> KeyDecoder::next() {
  if (pasting_) return next_pasted();
  if (bytes_.empty()) return std::nullopt;
  const char first = bytes_.front();
  if (first == escape) return escape_sequence();
  if (is_control(first)) return take(1, control_key(first));
  return typed_text();
}

std::optional<milliseconds> KeyDecoder::patience() const {
  // Ctrl-C behind a paste whose end never came.
  if (pasting_) return bytes_.ends_with(ctrl_c) ? text_patience : paste_patience;
  if (bytes_.empty()) return std::nullopt;
  return bytes_.front() == escape ? escape_patience : text_patience;
}

void KeyDecoder::settle() { settled_ = true; }

Key KeyDecoder::take(size_t size, Key key) {
  bytes_.erase(0, size);
  settled_ = false;
  return key;
}

std::optional<Key> KeyDecoder::next_pasted() {
  const size_t end = bytes_.find(paste_end);
  if (end == std::string::npos && !settled_) {
    // The end mark itself may have arrived in part.
    const size_t sure = bytes_.size() - std::min(bytes_.size(), paste_end.size() - 1);
    pasted_.append(bytes_, 0, sure);
    bytes_.erase(0, sure);
    return std::nullopt;
  }
  const bool is_broken = end == std::string::npos && bytes_.ends_with(ctrl_c);
  pasted_.append(bytes_, 0, is_broken ? bytes_.find(ctrl_c) : end);
  Key key{.name = Name::paste, .text = with_line_feeds(text::replace_ill_formed(pasted_))};
  pasted_.clear();
  pasting_ = false;
  // The Ctrl-C is the next key.
  const size_t rest = is_broken ? bytes_.size() - 1 : bytes_.size();
  return take(end == std::string::npos ? rest : end + paste_end.size(), std::move(key));
}

// From an ESC at the front on.
std::optional<Key> KeyDecoder::escape_sequence() {
  size_t begin = 1;
  // Some terminals put an ESC for Alt before a whole sequence.
  const bool doubled =
      bytes_.size() > 2 && bytes_[1] == escape && (bytes_[2] == '[' || bytes_[2] == 'O');
  if (doubled) ++begin;
  if (bytes_.size() == begin) {
    if (!settled_) return std::nullopt;
    return take(begin, {.name = Name::escape});
  }
  const char kind = bytes_[begin];
  if (kind == '[' || kind == 'O') {
    if (bytes_.size() == begin + 1) {
      if (!settled_) return std::nullopt;
      return take(begin + 1, alt_key(kind));
    }
    std::optional<Key> key = control_sequence(begin + 1);
    if (key && doubled) {
      if (key->name == Name::left) key->name = Name::word_left;
      if (key->name == Name::right) key->name = Name::word_right;
    }
    return key;
  }
  if (kind == ']' || kind == 'P') {
    const std::optional<size_t> size = answer_size(begin);
    if (size == 0) return std::nullopt;
    if (size) return take(*size, {});
  }
  if (kind == escape) {
    if (bytes_.size() == 2 && !settled_) return std::nullopt;  // perhaps Alt before a sequence
    return take(1, {.name = Name::escape});
  }
  if (text::is_ascii(kind)) return take(begin + 1, alt_key(kind));
  return take(1, {});  // Alt with a letter beyond ASCII: the letter alone
}

// What a terminal answers or is told: the size of a string from "ESC ]" or "ESC P" on, whose letter
// is at `begin`, to its terminator; 0 where more may come, nothing where it is none. A person's
// Alt-] has nothing like it behind it.
std::optional<size_t> KeyDecoder::answer_size(size_t begin) const {
  constexpr std::string_view digits = "0123456789", parameters = "0123456789>+!$|=";
  const bool waits = !settled_ && bytes_.size() <= longest_answer;
  const auto more = waits ? std::optional<size_t>(0) : std::nullopt;
  if (bytes_.size() == begin + 1) return more;
  const std::string_view first = bytes_[begin] == ']' ? digits : parameters;
  if (first.find(bytes_[begin + 1]) == std::string_view::npos) return std::nullopt;
  const size_t end = bytes_.find_first_of("\a\x1b", begin);
  if (end == std::string::npos) return more;
  if (bytes_[end] == '\a') return end + 1;
  if (end + 1 == bytes_.size()) return more;
  return bytes_[end + 1] == '\\' ? std::optional(end + 2) : std::nullopt;
}

// From behind "ESC [" or "ESC O" on.
std::optional<Key> KeyDecoder::control_sequence(size_t begin) {
  size_t end = begin;
  const bool numbered = bytes_[begin - 1] == '[';
  // The Linux console's function keys have a second bracket.
  const size_t skipped = numbered && bytes_[begin] == '[' ? 1 : 0;
  end += skipped;
  const size_t longest = begin + longest_sequence;
  while (end < std::min(bytes_.size(), longest) && bytes_[end] >= 0x20 && bytes_[end] <= 0x3f) {
    ++end;
  }
  if (end == longest) return take(end, {});
  if (end == bytes_.size()) {
    if (!settled_) return std::nullopt;
    return take(end, {});
  }
  const char final = bytes_[end];
  // Something else has begun before this was complete.
  if (is_control(final) || !text::is_ascii(final)) return take(end, {});
  if (skipped != 0) return take(end + 1, {});
  if (final == 'M') {
    if (!numbered) return take(end + 1, {.name = Name::enter});  // of the number pad
    if (end > begin) return take(end + 1, {});                   // a mouse, as SGR or urxvt say it
    if (bytes_.size() < end + 1 + mouse_bytes && !settled_) return std::nullopt;
    return take(std::min(bytes_.size(), end + 1 + mouse_bytes), {});
  }
  const std::string parameters = bytes_.substr(begin, end - begin);
  if (numbered && parameters == "200" && final == '~') {
    take(end + 1, {});
    pasting_ = true;
    return next_pasted();
  }
  return take(end + 1, sequence_key({parameters, final}));
}

std::optional<Key> KeyDecoder::typed_text() {
  const auto end = std::find_if(bytes_.begin(), bytes_.end(), is_control);
  const std::string_view run(bytes_.data(), static_cast<size_t>(end - bytes_.begin()));
  size_t whole = run.size();
  // Only at the end of all bytes can a code point still be completed.
  if (end == bytes_.end() && !settled_) whole = text::without_begun_code_point(run);
  if (whole == 0) return std::nullopt;
  Key key{.name = Name::text, .text = text::replace_ill_formed(run.substr(0, whole))};
  return take(whole, std::move(key));
}

}  // namespace inkling::edit
