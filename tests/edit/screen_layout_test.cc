#include "edit/screen_layout.h"

#include <doctest/doctest.h>

#include <array>

#include "base/random.h"
#include "text/caret.h"

using namespace inkling::edit;

namespace {

std::string text_of(const Row& row) {
  std::string text;
  for (const Cell& cell : row.cells) text += cell.glyph;
  return text;
}

std::vector<std::string> rows_of(const Frame& frame) {
  std::vector<std::string> rows;
  for (const Row& row : frame.rows) rows.push_back(text_of(row));
  return rows;
}

using Rows = std::vector<std::string>;

View view_of(std::string_view text, size_t cursor) {
  return {.marker = "> ", .text = text, .cursor = cursor};
}

}  // namespace

TEST_CASE("text stands behind the marker and wraps at the margin") {
  const Frame frame = lay_out(view_of("abcdefghij", 10), {.columns = 8});
  CHECK(rows_of(frame) == Rows{"> abcdef", "ghij"});
  CHECK(frame.cursor == Position{1, 4});
  CHECK(lay_out(view_of("abcdefghij", 0), {.columns = 8}).cursor == Position{0, 2});
  CHECK(lay_out(view_of("abcdefghij", 6), {.columns = 8}).cursor == Position{1, 0});
}

TEST_CASE("a word that the margin would cut begins the next row") {
  const auto rows = [](std::string_view text, int columns) {
    return rows_of(lay_out(view_of(text, text.size()), {.columns = columns}));
  };
  CHECK(rows("the cat sat", 12) == Rows{"> the cat ", "sat"});
  CHECK(rows("the cat sat down", 12) == Rows{"> the cat ", "sat down"});
  CHECK(rows("a well-known cat", 9) == Rows{"> a well-", "known cat", ""});
  // A blank behind a full row hangs over the margin, a second one does not.
  CHECK(rows("the cats sat", 10) == Rows{"> the cats", "sat"});
  CHECK(rows("the cats ", 10) == Rows{"> the cats", ""});
  CHECK(rows("the cats   sat", 10) == Rows{"> the cats", "  sat"});
  // What is longer than a row is cut, and nothing stands alone behind the marker.
  CHECK(rows("incomprehensible", 10) == Rows{"> incompre", "hensible"});
  CHECK(rows("an incomprehensible cat", 10) == Rows{"> an ", "incomprehe", "nsible cat", ""});
  // Where there are no blanks Unicode says where.
  CHECK(rows("猫が座った。", 13) == Rows{"> 猫が座っ", "た。"});
  CHECK(rows("ภาษาไทย", 8) == Rows{"> ภาษา", "ไทย"});
  // What is spelt out stays together, as one sign.
  CHECK(rows("a bc\x1b[m", 9) == Rows{"> a ", "bc\\x1b[m"});
}

TEST_CASE("the cursor goes with the word that it is in") {
  const std::string_view text = "the cat sat";
  const auto at = [&](size_t cursor) {
    return lay_out(view_of(text, cursor), {.columns = 12}).cursor;
  };
  CHECK(at(0) == Position{0, 2});
  CHECK(at(7) == Position{0, 9});
  CHECK(at(8) == Position{1, 0});
  CHECK(at(9) == Position{1, 1});
  CHECK(at(11) == Position{1, 3});
  // In the middle of a line the row does not change where the cursor goes through it.
  for (size_t cursor = 0; cursor <= text.size(); ++cursor)
    CHECK(rows_of(lay_out(view_of(text, cursor), {.columns = 12})) == Rows{"> the cat ", "sat"});
}

TEST_CASE("behind a full row the cursor stands in the next") {
  const Frame frame = lay_out(view_of("abcdef", 6), {.columns = 8});
  CHECK(rows_of(frame) == Rows{"> abcdef", ""});
  CHECK(frame.cursor == Position{1, 0});
}

TEST_CASE("wide characters do not hang over the margin, nor is the cursor before them left there") {
  const Frame frame = lay_out(view_of("abcde猫", 5), {.columns = 8});
  CHECK(rows_of(frame) == Rows{"> abcde", "猫"});
  CHECK(frame.cursor == Position{1, 0});
}

TEST_CASE("lines have blanks in the marker's place") {
  const Frame frame = lay_out(view_of("one\n\ntwo\n", 9), {.columns = 20});
  CHECK(rows_of(frame) == Rows{"> one", "  ", "  two", "  "});
  CHECK(frame.cursor == Position{3, 2});
  CHECK(lay_out(view_of("one\n\ntwo\n", 4), {.columns = 20}).cursor == Position{1, 2});
  CHECK(lay_out(view_of("one\n\ntwo\n", 3), {.columns = 20}).cursor == Position{0, 5});
}

TEST_CASE("nothing in the text can steer the terminal") {
  const Frame frame = lay_out(view_of("a\033[2J\u202e\tb\x7f", 3), {.columns = 40});
  CHECK(rows_of(frame) == Rows{"> a\\x1b[2J\\u202e        b\\x7f"});
  CHECK(frame.cursor == Position{0, 2 + 1 + 4 + 1});
}

TEST_CASE("a ghost is cut behind the last word that fits, but shows one") {
  View view = view_of("abc", 3);
  view.ghost = " def ghi";
  CHECK(rows_of(lay_out(view, {.columns = 20})) == Rows{"> abc def ghi"});
  CHECK(rows_of(lay_out(view, {.columns = 12})) == Rows{"> abc def"});
  CHECK(rows_of(lay_out(view, {.columns = 7})) == Rows{"> abc ", "def"});
  view.ghost = "def ghi";
  CHECK(rows_of(lay_out(view, {.columns = 7})) == Rows{"> abcde", "f"});
  view.ghost = " def";
  CHECK(rows_of(lay_out(view, {.columns = 5})) == Rows{"> abc", "def"});
  const Frame frame = lay_out(view, {.columns = 20});
  CHECK(frame.cursor == Position{0, 5});
  CHECK(frame.rows[0].cells[4].style == Style::plain);
  CHECK(frame.rows[0].cells[5].style == Style::ghost);
}

TEST_CASE("a mark that begins a row stands on a blank") {
  View view = view_of("abcdef", 6);
  view.ghost = "\u0301g";
  const Frame frame = lay_out(view, {.columns = 8});
  CHECK(rows_of(frame) == Rows{"> abcdef", " \u0301g"});
  CHECK(frame.rows[1].width() == 2);
}

TEST_CASE("the strip holds what fits, and the chosen one always") {
  View view = view_of("", 0);
  view.strip = {{"mat", "47 %"}, {"mother", "3 %"}, {"猫", "1 %"}, {"end"}};
  view.note = "a note that is longer than the screen";
  CHECK(rows_of(lay_out(view, {.columns = 31})) ==
        Rows{"> ", "  mat 47 %  mother 3 %  猫 1 %", "  a note that is longer tha..."});
  CHECK(rows_of(lay_out(view, {.columns = 20}))[1] == "  mat 47 %");
  view.strip[3].chosen = true;
  CHECK(rows_of(lay_out(view, {.columns = 20}))[1] == "  猫 1 %  end");
  // A low screen belongs to the text.
  CHECK(lay_out(view, {.columns = 20, .rows = 3}).rows.size() == 1);
}

TEST_CASE("line feeds in a note or a label are spelt out") {
  View view = view_of("", 0);
  view.strip = {{"a\nb"}};
  view.note = "c\r\nd";
  CHECK(rows_of(lay_out(view, {.columns = 30})) == Rows{"> ", "  a\\nb", "  c\\x0d\\nd"});
}

TEST_CASE("of a text higher than the screen the rows around the cursor are set") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + "\n";
  const Size size{.columns = 20, .rows = 5};
  Frame frame = lay_out(view_of(text, text.size()), size);
  CHECK(rows_of(frame) == Rows{"  96", "  97", "  98", "  99", "  "});
  CHECK(frame.cursor == Position{4, 2});
  frame = lay_out(view_of(text, 0), size);
  CHECK(rows_of(frame) == Rows{"> 0", "  1", "  2", "  3", "  4"});
  CHECK(frame.cursor == Position{0, 2});
  frame = lay_out(view_of(text, text.find("50")), size);
  CHECK(rows_of(frame) == Rows{"  48", "  49", "  50", "  51", "  52"});
  CHECK(frame.cursor == Position{2, 2});
}

TEST_CASE("rows can be stepped through, near the same column") {
  const std::string text = "abcdefghij\nx\nklmnop";
  Frame frame = lay_out(view_of(text, text.size()), {.columns = 8});
  REQUIRE(rows_of(frame) == Rows{"> abcdef", "ghij", "  x", "  klmnop", ""});
  CHECK(offset_in_row(frame, -1, 4) == 15);  // before m
  CHECK(offset_in_row(frame, -2, 4) == 12);  // behind x
  CHECK(offset_in_row(frame, -3, 4) == 10);  // behind j
  CHECK(offset_in_row(frame, -3, 1) == 7);   // before h
  CHECK(offset_in_row(frame, -4, 0) == 0);   // the marker is the line's begin
  CHECK(offset_in_row(frame, -4, 99) == 5);  // the last place in a row that wraps
  CHECK(offset_in_row(frame, -5, 0) == std::string::npos);
  CHECK(offset_in_row(frame, 1, 0) == std::string::npos);
  View view = view_of(text, text.size());
  view.note = "below";
  CHECK(offset_in_row(lay_out(view, {.columns = 8}), 1, 0) == std::string::npos);
}

TEST_CASE("any text is set whole, within the margin, with the cursor where it belongs") {
  const std::array<std::string_view, 11> pieces{
      "a", " ", "é", "e\u0301", "कि", "👩‍🚀", "\n", "猫", "กำ", "\t", "long word"};
  for (uint64_t seed = 0; seed < 60; ++seed) {
    inkling::Random random(seed);
    std::string text;
    for (uint64_t n = random.below(40); n > 0; --n) text += pieces[random.below(pieces.size())];
    const size_t cursor = inkling::text::cluster_boundary(text, random.below(text.size() + 1));
    const int columns = 4 + static_cast<int>(random.below(30));
    CAPTURE(text);
    CAPTURE(columns);
    const Frame frame = lay_out(view_of(text, cursor), {.columns = columns, .rows = 1000});
    std::string together, expected = "> ";
    for (const Row& row : frame.rows) {
      CHECK(row.width() <= columns);
      CHECK(row.offsets.size() == row.cells.size() + 1);
      together += text_of(row);
    }
    for (const char c : text) expected += c == '\n' ? std::string("  ") : std::string(1, c);
    const auto without_blanks = [](std::string s) {
      std::erase(s, ' ');
      std::erase(s, '\t');
      return s;
    };
    CHECK(without_blanks(together) == without_blanks(expected));
    // The cell under the cursor is the first of its character.
    REQUIRE(frame.cursor.row < static_cast<int>(frame.rows.size()));
    CHECK(frame.cursor.column < columns);
    const size_t under = offset_in_row(frame, 0, frame.cursor.column);
    const bool hangs = cursor < text.size() && text[cursor] == ' ' && frame.cursor.column == 0;
    CHECK((under == cursor || (hangs && under == cursor + 1)));
  }
}

TEST_CASE("a megabyte without a line end is set around the cursor, wherever that is") {
  std::string text;
  while (text.size() < (size_t{1} << 20)) text += "ภาษาไทย 猫 words ";
  const Size size{.columns = 80, .rows = 24};
  for (const size_t at : {size_t{0}, text.size() / 3, text.size() / 2, text.size()}) {
    const size_t cursor = inkling::text::cluster_boundary(text, at);
    const Frame frame = lay_out(view_of(text, cursor), size);
    CHECK(frame.rows.size() == 24);
    CHECK(offset_in_row(frame, 0, frame.cursor.column) == cursor);
    // Rows follow one another without a gap.
    for (size_t i = 1; i < frame.rows.size(); ++i) {
      const Row& before = frame.rows[i - 1];
      const size_t last = before.offsets[before.offsets.size() - 2];
      size_t next = inkling::text::next_cluster(text, last);
      if (before.width() == size.columns && text[next] == ' ') ++next;  // hangs
      CHECK(next == frame.rows[i].offsets.front());
    }
  }
}
