#include "edit/painter.h"

#include <doctest/doctest.h>

#include <array>

#include "base/random.h"
#include "edit/screen_layout.h"
#include "support/screen.h"

using namespace inkling::edit;
using inkling::testing::Screen;

namespace {

constexpr Palette palette = palette_for(Colors::many);

std::string text_of(const Row& row) {
  std::string text;
  for (const Cell& cell : row.cells) text += cell.glyph;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void check_shown(const Frame& frame, const Screen& screen, int first_row) {
  for (size_t i = 0; i < frame.rows.size(); ++i) {
    CHECK(screen.row(first_row + static_cast<int>(i)) == text_of(frame.rows[i]));
  }
  CHECK(screen.cursor_row() == first_row + frame.cursor.row);
  CHECK(screen.cursor_column() == frame.cursor.column);
}

}  // namespace

TEST_CASE("only what differs is written") {
  Painter painter(palette);
  const auto show = [&](std::string_view text, std::string_view ghost) {
    const View view{.marker = "> ", .text = text, .cursor = text.size(), .ghost = ghost};
    return painter.paint(lay_out(view, {.columns = 40}));
  };
  CHECK(show("The", "") == "\033[38;5;39m> \033[0mThe");
  CHECK(show("The", "") == "");
  CHECK(show("The ", "") == " ");
  CHECK(show("The ", "cat sat") == "\033[38;5;245mcat sat\033[0m\033[7G");
  // Typing along turns one letter from ghost to text.
  CHECK(show("The c", "at sat") == "c");
  CHECK(show("The cow", "") == "ow\033[K");
}

TEST_CASE("a screen shows every frame, whatever was there before") {
  const std::array<std::string_view, 10> pieces{"a",           " ",  "é",  "e\u0301", "कि",
                                                "👩‍🚀", "\n", "猫", "กำ",      "long word "};
  const std::array<inkling::text::WidthProfile, 2> terminals{
      {{}, {.spacing_mark = 0, .conjunct = 0, .joined_emoji = 2, .emoji_selector = 0}}};
  for (uint64_t seed = 0; seed < 60; ++seed) {
    inkling::Random random(seed);
    const auto& profile = terminals[seed % 2];
    const Size size{5 + static_cast<int>(random.below(30)), 4 + static_cast<int>(random.below(8))};
    CAPTURE(seed);
    Screen screen(size.columns, size.rows, profile);
    screen.feed("top\r\n");
    Painter painter(palette);
    int written = 1;  // rows above the frame
    for (int step = 0; step < 30; ++step) {
      std::string text;
      for (uint64_t n = random.below(25); n > 0; --n) text += pieces[random.below(pieces.size())];
      View view{.marker = "> ", .text = text, .cursor = text.size()};
      if (random.below(2) == 0) view.ghost = "ghost words";
      if (random.below(2) == 0) view.strip = {{"one", "1 %", true}, {"猫", "2 %"}};
      if (random.below(2) == 0) view.note = "note";
      const Frame frame = lay_out(view, size, profile);
      screen.feed(painter.paint(frame));
      const int below = static_cast<int>(frame.rows.size()) - 1 - frame.cursor.row;
      // The frame may have scrolled the screen; then it ends in the last row.
      const int first = std::min(written, screen.cursor_row() - frame.cursor.row);
      CHECK(first + frame.cursor.row + below < size.rows);
      check_shown(frame, screen, first);
      written = first;
    }
    CHECK(screen.unknown().empty());
    CHECK(screen.all_text().starts_with("top\n"));
  }
}

TEST_CASE("what a terminal would draw as one with what is before it is set apart") {
  Screen screen(20, 4);
  Painter painter(palette);
  View view{.marker = "> ", .text = "🏽🇩", .cursor = std::string_view("🏽🇩").size()};
  view.ghost = "🇪";
  const Frame frame = lay_out(view, {.columns = 20, .rows = 4});
  screen.feed(painter.paint(frame));
  check_shown(frame, screen, 0);
}

TEST_CASE("a character that begins with a sign without width is painted whole") {
  Screen screen(20, 4);
  Painter painter(palette);
  for (const std::string text : {"", "\u0600\u0661", "\u0600\u0661\u0662"}) {
    const Frame frame =
        lay_out({.marker = "> ", .text = text, .cursor = text.size()}, {.columns = 20, .rows = 4});
    screen.feed(painter.paint(frame));
    check_shown(frame, screen, 0);
  }
  CHECK(screen.row(0) == "> \u0600\u0661\u0662");
}

TEST_CASE("a sign without width goes with the cell that it stands on") {
  Screen screen(20, 4);
  Painter painter(palette);
  const auto show = [&](std::string_view marker, const std::string& text) {
    const View view{.marker = std::string(marker), .text = text, .cursor = text.size()};
    const Frame frame = lay_out(view, {.columns = 20, .rows = 4});
    screen.feed(painter.paint(frame));
    check_shown(frame, screen, 0);
  };
  for (const std::string_view marker : {"> ", ""}) {
    for (const std::string text :
         {"\u0600", "\u0600\u0600a", "\u0600", "x", "xy\u200bz", "xw\u200bz", "xw\u200b", "xw",
          "\u200b", "\u200ba", "\u0600\u200b", " \u0600?", " \u0600\u0600?"}) {
      CAPTURE(text);
      show(marker, text);
    }
    show(marker, "");
  }
}

TEST_CASE("leaving begins a new line, erasing leaves nothing") {
  Screen screen(20, 6);
  Painter painter(palette);
  View view{.marker = "> ", .text = "one\ntwo", .cursor = 2, .note = "note"};
  CHECK(painter.erase_resized(20, true).empty());  // nothing is painted yet
  screen.feed(painter.paint(lay_out(view, {20, 6})));
  screen.feed(painter.leave() + "next\r\n");
  CHECK(screen.text() == "> one\n  two\n  note\nnext");
  screen.feed(painter.paint(lay_out(view, {20, 6})));
  screen.feed(painter.erase() + "over");
  CHECK(screen.all_text() == "> one\n  two\n  note\nnext\nover");
}

TEST_CASE("after a resize the frame is found again, and what is above it stays") {
  for (const int columns : {10, 13, 20, 40}) {
    for (const size_t cursor : {size_t{0}, size_t{12}, size_t{25}}) {
      CAPTURE(columns);
      CAPTURE(cursor);
      Screen screen(20, 12);
      Painter painter(palette);
      screen.feed("above\r\n");
      View view{.marker = "> ",
                .text = "a text of three rows here and more",
                .cursor = cursor,
                .note = "a note of 18 cols"};
      screen.feed(painter.paint(lay_out(view, {20, 12})));
      screen.resize(columns, 12);
      screen.feed(painter.erase_resized(columns, true));
      const Frame frame = lay_out(view, {columns, 12});
      screen.feed(painter.paint(frame));
      CHECK(screen.row(0) == "above");
      check_shown(frame, screen, 1);
      CHECK(screen.row(1 + static_cast<int>(frame.rows.size())).empty());
    }
  }
}

TEST_CASE("a terminal that does not reflow has the cursor in the row where it was") {
  for (const auto& [reflows, up] : {std::pair{true, "\033[1A"}, std::pair{false, ""}}) {
    Painter painter(palette);
    const std::string_view text = "fifteen columns";
    painter.paint(lay_out({.marker = "> ", .text = text, .cursor = text.size()}, {20, 6}));
    CHECK(painter.erase_resized(10, reflows) == up + std::string("\r\033[J"));
  }
}

TEST_CASE("a lent row is painted again") {
  Screen screen(20, 6);
  Painter painter(palette);
  const View view{.marker = "> ", .text = "one two", .cursor = 3, .note = "note"};
  screen.feed(painter.paint(lay_out(view, {20, 6})));
  screen.feed(painter.lend_row() + "something\r\033[K");
  screen.feed(painter.paint(lay_out(view, {20, 6})));
  CHECK(screen.text() == "> one two\n  note");
  CHECK(screen.cursor_column() == 5);
}
