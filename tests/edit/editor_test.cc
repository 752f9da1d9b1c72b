#include "edit/editor.h"

#include <doctest/doctest.h>

#include "support/editor_fixture.h"

using namespace inkling::edit;
using Fixture = inkling::testing::EditorFixture;
using Outcome = Editor::Outcome;

namespace {

constexpr std::string_view up = "\033[A", down = "\033[B", right = "\033[C", left = "\033[D",
                           home = "\033[H", end = "\033[F", back_tab = "\033[Z", ctrl_r = "\x12";

}  // namespace

TEST_CASE("keys edit the text") {
  Fixture f;
  f.type("helo");
  f.type(left);
  f.type("l");
  CHECK(f.seen() == "> hell|o\n");
  f.type("\x01_\x05!\x02\x08");
  CHECK(f.seen() == "> _hell|!\n");
  f.type("\x1f");
  CHECK(f.seen() == "> _hello|!\n");
  f.type("\033_");
  CHECK(f.seen() == "> _hell|!\n");
  CHECK(f.type("\r") == Outcome::submit);
  CHECK(f.editor.text() == "_hell!");
  CHECK(f.history.entries().back() == "_hell!");
}

TEST_CASE("what leaves, stops, clears and cancels is for others to do") {
  Fixture f;
  CHECK(f.type("\x04") == Outcome::leave);
  CHECK(f.type("a\x04") == Outcome::go_on);
  CHECK(f.type("\x03") == Outcome::cancel);
  CHECK(f.type("\x1a") == Outcome::suspend);
  CHECK(f.type("\x1c") == Outcome::quit);
  CHECK(f.type("\x0c") == Outcome::clear);
  CHECK(f.editor.text() == "a");
}

TEST_CASE("Tab and Right take a word of the ghost, End all of it") {
  for (const std::string_view key : {std::string_view("\t"), right, std::string_view("\x06"),
                                     std::string_view("\033f"), std::string_view("\033[1;5C")}) {
    Fixture f;
    f.advisor.answers["The"] = {.continuations = {{" cat sat."}}};
    f.type("The");
    CHECK(f.seen() == "> The| cat sat.\n");
    f.type(key);
    CHECK(f.editor.text() == "The cat");
  }
  for (const std::string_view key : {end, std::string_view("\x05")}) {
    Fixture f;
    f.advisor.answers["The"] = {.continuations = {{" cat sat."}}};
    f.type("The");
    f.type(key);
    CHECK(f.editor.text() == "The cat sat.");
  }
}

TEST_CASE("there is no ghost in the middle of a text, and these keys move there") {
  Fixture f;
  f.advisor.answers["ab"] = {.continuations = {{"c"}}};
  f.type("ab");
  f.type(left);
  CHECK(f.seen() == "> a|b\n");
  f.type(right);
  CHECK(f.seen() == "> ab|c\n");
  f.type(home);
  CHECK(f.seen() == "> |ab\n");
  f.type(end);
  CHECK(f.seen() == "> ab|c\n");
  CHECK(f.editor.text() == "ab");
}

TEST_CASE("typing along keeps the ghost while the answer is under way") {
  Fixture f;
  f.advisor.answers["The "] = {.continuations = {{"cat sat"}}};
  f.type("The ");
  f.advisor.at_once = false;
  f.type("c");
  CHECK(f.seen() == "> The c|at sat\n");
  f.type("o");
  CHECK(f.seen() == "> The co|\n");
  CHECK(f.advisor.asked == "The co");
  f.advisor.answers["The co"] = {.continuations = {{"w"}}};
  f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.seen() == "> The co|w\n");
}

TEST_CASE("Tab before the answer takes the word when it comes, unless another key does") {
  Fixture f;
  f.advisor.at_once = false;
  f.advisor.answers["The"] = {.continuations = {{" cat sat"}}};
  f.type("The\t");
  CHECK(f.editor.text() == "The");
  f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.editor.text() == "The cat");
  // Also in a line that is only just begun.
  f.advisor.answers[""] = {.continuations = {{"A dog"}}};
  f.editor.begin();
  f.editor.ask();
  f.type("\t");
  f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.editor.text() == "A");
  // An answer that is only begun, without a word so far, is waited on.
  f.advisor.answers["The"] = {.complete = false};
  f.editor.begin();
  f.type("The\t");
  f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.editor.text() == "The");
  f.advisor.answers["The"] = {.continuations = {{" cat sat"}}};
  f.advisor.waiting = f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.editor.text() == "The cat");
  f.editor.begin();
  f.type("The\t\x08");
  f.type("e");
  f.advisor.ready = true;
  f.editor.hear();
  CHECK(f.editor.text() == "The");
}

TEST_CASE("Shift-Tab shows the alternatives, the strip says which") {
  Fixture f;
  f.advisor.answers["a"] = {.continuations = {{" b"}, {" c"}},
                            .chances = {{"b", "60 %", 0}, {"c", "30 %", 1}}};
  f.type("a");
  CHECK(f.seen() == "> a| b\n  b 60 %  c 30 %\n");
  f.type(back_tab);
  CHECK(f.seen() == "> a| c\n  b 60 %  c 30 %\n");
  CHECK(f.editor.frame().rows[1].cells[10].style == Style::chosen);
  f.type("\t");
  CHECK(f.editor.text() == "a c");
}

TEST_CASE("a word taken into an empty text may go straight on, and the marker shows it") {
  Fixture f;
  f.advisor.answers[""] = {.continuations = {{" and then", true}}};
  f.editor.ask();
  f.type("\t");
  CHECK(f.editor.straight());
  CHECK(f.advisor.straight);
  CHECK(f.seen().starts_with("+  and|"));
  f.type("\x15");
  CHECK_FALSE(f.editor.straight());
  CHECK(f.seen() == "> | and then\n");
}

TEST_CASE("a line of the history begins anew, whatever the draft did") {
  Fixture f;
  f.history.add("older");
  f.editor.begin();
  f.advisor.answers[""] = {.continuations = {{"and then", true}}};
  f.editor.ask();
  f.type("\t");
  REQUIRE(f.editor.straight());
  f.type(up);
  CHECK(f.seen().starts_with("> older|"));
  CHECK_FALSE(f.editor.straight());
  f.type(down);
  CHECK(f.editor.text() == "and");
  CHECK(f.editor.straight());
  f.type(ctrl_r);
  f.type("old\t");
  CHECK(f.editor.text() == "older");
  CHECK_FALSE(f.editor.straight());
  f.editor.begin("taken back", true);
  CHECK(f.editor.straight());
  f.editor.begin("other");
  CHECK_FALSE(f.editor.straight());
}

TEST_CASE("a slash that is typed first takes the place of a line that was taken back") {
  Fixture f;
  f.editor.begin("taken back", true);
  f.type("/undo");
  CHECK(f.editor.text() == "/undo");
  CHECK_FALSE(f.editor.straight());
  f.editor.begin("taken back");
  f.type(left);
  f.type("/");
  CHECK(f.editor.text() == "taken bac/k");
  f.editor.begin("taken back");
  f.type(" and/or");
  CHECK(f.editor.text() == "taken back and/or");
}

TEST_CASE("a paste is inserted whole, with its lines, and submits nothing") {
  Fixture f;
  CHECK(f.type("\033[200~one\r\ntwo\rthree\033[201~") == Outcome::go_on);
  CHECK(f.editor.text() == "one\ntwo\nthree");
  f.type("\x1f");
  CHECK(f.editor.text().empty());
}

TEST_CASE("Up and Down move by rows, then through the history, and bring the draft back") {
  Fixture f;
  f.history.add("older");
  f.history.add("newer");
  f.editor.begin();
  f.type("one\ntwo\nx");
  f.type(up);
  CHECK(f.seen() == "> one\n  t|wo\n  x\n");
  f.type(up);
  CHECK(f.seen() == "> o|ne\n  two\n  x\n");
  f.type(up);
  CHECK(f.editor.text() == "newer");
  f.type(up);
  CHECK(f.editor.text() == "older");
  f.type(up);
  CHECK(f.editor.text() == "older");
  f.type(down);
  f.type(down);
  CHECK(f.editor.text() == "one\ntwo\nx");
  f.type(down);
  CHECK(f.editor.text() == "one\ntwo\nx");
}

TEST_CASE("a column is kept over a shorter row") {
  Fixture f;
  f.type("abcdef\nx\nabcdef");
  f.type(left);
  f.type(up);
  f.type(up);
  CHECK(f.seen() == "> abcde|f\n  x\n  abcdef\n");
}

TEST_CASE("Ctrl-R searches the history") {
  Fixture f;
  for (const char* entry : {"the cat sat", "a dog", "the dog"}) f.history.add(entry);
  f.editor.begin();
  f.type("draft");
  f.type(ctrl_r);
  f.type("dog");
  CHECK(f.seen() == "> the dog|\n  search: dog\n");
  f.type(ctrl_r);
  CHECK(f.seen() == "> a dog|\n  search: dog\n");
  f.type("gy");
  CHECK(f.seen() == "> a dog|\n  search: doggy  (not found)\n");
  f.type("\x07");
  CHECK(f.seen() == "> draft|\n");
  // Other keys edit what was found.
  f.type(ctrl_r);
  f.type("cat");
  f.type("\x01So ");
  CHECK(f.editor.text() == "So the cat sat");
  f.type(ctrl_r);
  f.type("dog");
  CHECK(f.type("\r") == Outcome::submit);
  CHECK(f.editor.text() == "the dog");
  f.editor.begin();
  f.type(ctrl_r);
  f.type("cat");
  CHECK(f.type("\x03") == Outcome::go_on);
  CHECK(f.editor.text().empty());
}

TEST_CASE("Tab completes commands: one at once, several by what they share and then in turn") {
  Fixture f;
  f.advisor.completions["/lo"] = {.begin = 0, .candidates = {{"/load "}}};
  f.advisor.completions["/t"] = {
      .begin = 0, .candidates = {{"/temp ", "temp", "heat"}, {"/test ", "test", "try"}}};
  f.advisor.completions["/te"] = f.advisor.completions["/t"];
  f.type("/lo\t");
  CHECK(f.editor.text() == "/load ");
  f.editor.begin();
  f.type("/t\t");
  CHECK(f.editor.text() == "/te");
  CHECK(f.seen() == "> /te|\n  temp  test\n");
  f.type("\t");
  CHECK(f.seen() == "> /temp |\n  temp  test\n  heat\n");
  f.type("\t");
  CHECK(f.editor.text() == "/test ");
  f.type(back_tab);
  CHECK(f.editor.text() == "/temp ");
  f.type("1");
  CHECK(f.seen() == "> /temp 1|\n");
}

TEST_CASE("the last frame is the text alone, all of it set as sent") {
  Fixture f;
  f.advisor.answers["ab"] = {.continuations = {{" c"}}, .chances = {{"c", "1 %"}}, .note = "n"};
  f.editor.set_status("status");
  f.type("ab");
  f.type(left);
  const Frame frame = f.editor.last_frame();
  REQUIRE(frame.rows.size() == 1);
  CHECK(frame.cursor == Position{0, 4});
  CHECK(frame.rows[0].cells[2].style == Style::sent);
}

TEST_CASE("a status stands at the bottom until there is something to say") {
  Fixture f;
  f.editor.set_status("seed 5");
  CHECK(f.seen() == "> |\n  seed 5\n");
  f.advisor.answers["/t"] = {.note = "a command"};
  f.type("/t");
  CHECK(f.seen() == "> /t|\n  a command\n");
}
