#include "edit/line_editor.h"

#include <doctest/doctest.h>

#include <optional>
#include <thread>

#include "support/editor_fixture.h"
#include "support/pseudo_terminal.h"

using namespace inkling::edit;
using inkling::testing::EditorFixture;
using inkling::testing::PseudoTerminal;
using Result = LineEditor::Result;

namespace {

struct Fixture : EditorFixture {
  Fixture() { lines.emplace(terminal, editor, advisor, palette_for(Colors::none)); }

  PseudoTerminal screen;
  RawTerminal terminal{screen.program, screen.program};
  std::optional<LineEditor> lines;
};

}  // namespace

TEST_CASE("an answer that the terminal gives when the last line is done is not left to the shell") {
  Fixture f;
  bool asked = false;
  std::thread person([&] {
    f.screen.type("❤️");
    asked = f.screen.wait_for("\033[6n");
    f.screen.type("\r");
  });
  CHECK(f.lines->read() == Result::line);
  person.join();
  CHECK(asked);
  CHECK(f.editor.text() == "❤️");
  for (int answer = 0; answer < 5; ++answer) f.screen.type("\033[1;3R");
  CHECK(f.screen.has_unread_keys());
  f.lines.reset();
  CHECK_FALSE(f.screen.has_unread_keys());
}

TEST_CASE("a terminal that has gone away has left, now and ever after") {
  Fixture f;
  bool seen = false;
  std::thread person([&] {
    const bool edits = f.screen.wait_for("\033[?2004h");  // else the terminal itself echoes
    f.screen.type("one");
    seen = edits && f.screen.wait_for("one");
    f.screen.hang_up();
  });
  CHECK(f.lines->read() == Result::left);
  person.join();
  CHECK(seen);
  CHECK(f.editor.text() == "one");
  CHECK(f.lines->read() == Result::left);
}
