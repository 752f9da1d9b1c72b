#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/editor_fixture.h"

// What each key does to the text and the cursor.

using namespace inkling::edit;
using Fixture = inkling::testing::EditorFixture;

namespace {

constexpr std::string_view up = "\033[A", down = "\033[B", left = "\033[D", escape = "\033",
                           ctrl_p = "\x10", ctrl_n = "\x0e", ctrl_r = "\x12", backspace = "\x7f";

struct Effect {
  std::string_view keys;
  std::string_view before, after;  // a bar where the cursor is
};

// The editor with a text of ASCII whose cursor is where the bar is.
void begin(Fixture& f, std::string_view text) {
  const size_t bar = text.find('|');
  f.editor.begin(std::string(text.substr(0, bar)) + std::string(text.substr(bar + 1)));
  for (size_t i = bar + 1; i < text.size(); ++i) f.type(left);
}

// As EditorFixture::seen() shows it.
std::string as_seen(std::string_view text) {
  std::string all = "> ";
  for (const char c : text) all += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return all + "\n";
}

}  // namespace

TEST_CASE("every key changes the text or moves the cursor as readline has it") {
  const std::vector<Effect> effects{
      {"\x17", "cd ~/a-b|c", "cd |c"},                // Ctrl-W
      {"\033\x7f", "cd ~/a-b|c", "cd ~/a-|c"},        // Alt-Backspace
      {"\033\x08", "cd ~/a-b|c", "cd ~/a-|c"},        //
      {"\033d", "one| two-three", "one|-three"},      // Alt-D
      {"\033[3;5~", "one| two three", "one| three"},  // Ctrl-Delete
      {"\033[3~", "a|bc", "a|c"},                     // Delete
      {"\x04", "a|bc", "a|c"},                        // Ctrl-D
      {"\x15", "one\ntw|o", "one\n|o"},               // Ctrl-U
      {"\x0b", "o|ne\ntwo", "o|\ntwo"},               // Ctrl-K
      {"\x17\x01\x19", "one two|", "two|one "},       // Ctrl-W, Ctrl-A, Ctrl-Y
      {"\x14", "a|bc", "ba|c"},                       // Ctrl-T
      {"\x14", "abc|", "acb|"},
      {"\033[1;5D", "one two|", "one |two"},    // Ctrl-Left
      {"\033b", "one two|", "one |two"},        // Alt-B
      {"\033[1;5H", "one\ntwo|", "|one\ntwo"},  // Ctrl-Home
      {"\033[1;5F", "o|ne\ntwo", "one\ntwo|"},  // Ctrl-End
      {"\033[H", "one\ntwo|", "one\n|two"},     // Home
      {"\033[F", "|one\ntwo", "one|\ntwo"},     // End
      // Ctrl-G, Ctrl-O, Ctrl-X, Alt-x, Alt-[, Escape, F5, Page Up: for nothing.
      {"\x07", "a|b", "a|b"},
      {"\x0f", "a|b", "a|b"},
      {"\x18", "a|b", "a|b"},
      {"\033x", "a|b", "a|b"},
      {"\033[", "a|b", "a|b"},
      {escape, "a|b", "a|b"},
      {"\033[15~", "a|b", "a|b"},
      {"\033[5~", "a|b", "a|b"},
  };
  for (const Effect& effect : effects) {
    CAPTURE(std::string(effect.keys.substr(effect.keys.starts_with('\033') ? 1 : 0)));
    CAPTURE(std::string(effect.before));
    Fixture f;
    begin(f, effect.before);
    REQUIRE(f.seen() == as_seen(effect.before));
    CHECK(f.type(effect.keys) == Editor::Outcome::go_on);
    CHECK(f.seen() == as_seen(effect.after));
  }
}

TEST_CASE("what a key has changed is undone as one") {
  for (const std::string_view key : {"\x17", "\033\x7f", "\x14", "\x15"}) {
    Fixture f;
    f.editor.begin("one two");
    f.type(key);
    CHECK(f.editor.text() != "one two");
    f.type("\x1f");
    CHECK(f.editor.text() == "one two");
  }
}

TEST_CASE("Ctrl-P and Ctrl-N go through the history from any row, and bring the draft back") {
  Fixture f;
  f.history.add("older");
  f.history.add("newer");
  f.editor.begin("one\ntwo");
  f.type(ctrl_p);
  CHECK(f.editor.text() == "newer");
  f.type(ctrl_p);
  CHECK(f.editor.text() == "older");
  f.type(ctrl_n);
  CHECK(f.seen() == "> newer|\n");
  f.type(ctrl_n);
  CHECK(f.editor.text() == "one\ntwo");
}

TEST_CASE("in a search Backspace looks for less, Up and Down for others, Escape gives it up") {
  Fixture f;
  for (const char* entry : {"the cat sat", "a dog", "the dog"}) f.history.add(entry);
  f.editor.begin("draft");
  f.type(ctrl_r);
  f.type("dog");
  f.type(up);
  CHECK(f.seen() == "> a dog|\n  search: dog\n");
  f.type(down);
  CHECK(f.seen() == "> the dog|\n  search: dog\n");
  f.type("s");
  CHECK(f.seen() == "> the dog|\n  search: dogs  (not found)\n");
  f.type(backspace);
  CHECK(f.seen() == "> the dog|\n  search: dog\n");
  f.type(escape);
  CHECK(f.seen() == "> draft|\n");
}

TEST_CASE("Tab where nothing comes takes nothing of a later answer") {
  Fixture f;
  f.advisor.at_once = false;
  f.type("The\t");
  f.advisor.ready = true;
  f.editor.hear();
  f.advisor.answers["The"] = {.continuations = {{" cat"}}};
  f.editor.ask();
  f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.seen() == "> The| cat\n");
}
