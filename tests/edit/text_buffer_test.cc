#include "edit/text_buffer.h"

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <vector>

#include "base/random.h"
#include "text/caret.h"

using namespace inkling::edit;

namespace {

TextBuffer buffer_of(std::string text) {
  TextBuffer buffer;
  buffer.reset(std::move(text));
  return buffer;
}

// The text with a bar where the cursor is.
std::string seen(const TextBuffer& buffer) {
  return buffer.text().substr(0, buffer.cursor()) + "|" + buffer.text().substr(buffer.cursor());
}

}  // namespace

TEST_CASE("the cursor moves by what people call characters") {
  TextBuffer buffer = buffer_of("e\u0301猫👩‍🚀กำ");
  buffer.left();
  CHECK(seen(buffer) == "e\u0301猫👩‍🚀|กำ");
  buffer.left();
  CHECK(seen(buffer) == "e\u0301猫|👩‍🚀กำ");
  buffer.left();
  buffer.left();
  CHECK(buffer.cursor() == 0);
  buffer.left();
  CHECK(buffer.cursor() == 0);
  buffer.right();
  CHECK(seen(buffer) == "e\u0301|猫👩‍🚀กำ");
}

TEST_CASE("words are Unicode's") {
  TextBuffer buffer = buffer_of("Don't go, नमस्ते दुनिया!");
  buffer.word_left();
  CHECK(seen(buffer) == "Don't go, नमस्ते |दुनिया!");
  buffer.word_left();
  buffer.word_left();
  buffer.word_left();
  CHECK(seen(buffer) == "|Don't go, नमस्ते दुनिया!");
  buffer.word_right();
  CHECK(seen(buffer) == "Don't| go, नमस्ते दुनिया!");
  buffer.word_right();
  CHECK(seen(buffer) == "Don't go|, नमस्ते दुनिया!");
  TextBuffer thai = buffer_of("ภาษาไทย");
  thai.word_left();
  CHECK(seen(thai) == "ภาษา|ไทย");
}

TEST_CASE("Backspace takes an emoji or a letter with its accent whole, of other scripts a sign") {
  TextBuffer buffer = buffer_of("a👩‍🚀");
  buffer.backspace();
  CHECK(buffer.text() == "a");
  buffer.reset("cafe\u0301");
  buffer.backspace();
  CHECK(buffer.text() == "caf");
  buffer.reset("कि");
  buffer.backspace();
  CHECK(buffer.text() == "क");
  buffer.reset("ที่");
  buffer.backspace();
  CHECK(buffer.text() == "ที");
  buffer.reset("🇩🇪");
  buffer.backspace();
  CHECK(buffer.text().empty());
  buffer.backspace();
  CHECK(buffer.text().empty());
}

TEST_CASE("Delete takes the whole character behind the cursor") {
  TextBuffer buffer = buffer_of("कि猫");
  buffer.move_to(0);
  buffer.remove();
  CHECK(seen(buffer) == "|猫");
  buffer.remove();
  buffer.remove();
  CHECK(buffer.text().empty());
}

TEST_CASE("a mark that is typed joins its letter, and the cursor is never inside") {
  TextBuffer buffer = buffer_of("ab");
  buffer.move_to(1);
  buffer.type("\u0301");
  CHECK(seen(buffer) == "a\u0301|b");
  buffer = buffer_of("\u0301b");
  buffer.move_to(0);
  buffer.type("e");
  CHECK(seen(buffer) == "e\u0301|b");
}

TEST_CASE("what is killed comes back, several kills in a row as one") {
  TextBuffer buffer = buffer_of("one two, three");
  buffer.kill_word_left();
  buffer.kill_word_left();
  CHECK(seen(buffer) == "one |");
  buffer.yank();
  CHECK(seen(buffer) == "one two, three|");
  buffer.move_to(3);
  buffer.kill_to_line_end();
  CHECK(seen(buffer) == "one|");
  buffer.move_to(0);
  buffer.yank();
  CHECK(seen(buffer) == " two, three|one");
  buffer.reset("cd ~/a-b/c  ");
  buffer.kill_blank_word_left();
  CHECK(seen(buffer) == "cd |");
  buffer.reset("ab cd");
  buffer.move_to(2);
  buffer.kill_word_right();
  CHECK(seen(buffer) == "ab|");
}

TEST_CASE("lines end at line feeds for Home, End and the kills") {
  TextBuffer buffer = buffer_of("one\ntwo\nthree");
  buffer.move_to(5);
  buffer.line_begin();
  CHECK(seen(buffer) == "one\n|two\nthree");
  buffer.line_end();
  CHECK(seen(buffer) == "one\ntwo|\nthree");
  buffer.kill_to_line_begin();
  CHECK(seen(buffer) == "one\n|\nthree");
  buffer.kill_to_line_begin();
  CHECK(seen(buffer) == "one|\nthree");
  buffer.kill_to_line_end();
  CHECK(seen(buffer) == "one|three");
}

TEST_CASE("two characters change places") {
  TextBuffer buffer = buffer_of("a猫");
  buffer.transpose();
  CHECK(seen(buffer) == "猫a|");
  buffer.move_to(3);
  buffer.transpose();
  CHECK(seen(buffer) == "a猫|");
  buffer.reset("x");
  buffer.transpose();
  CHECK(seen(buffer) == "x|");
  buffer.reset("a\nb");
  buffer.transpose();
  CHECK(seen(buffer) == "a\nb|");
}

TEST_CASE("typing is undone by words, all else step by step, and done again") {
  TextBuffer buffer = buffer_of("");
  for (const char* letter : {"o", "n", "e", " ", "t", "w", "o"}) buffer.type(letter);
  buffer.insert(" pasted");
  buffer.undo();
  CHECK(seen(buffer) == "one two|");
  buffer.undo();
  CHECK(seen(buffer) == "one |");
  buffer.undo();
  CHECK(seen(buffer) == "|");
  buffer.undo();
  CHECK(seen(buffer) == "|");
  buffer.redo();
  buffer.redo();
  CHECK(seen(buffer) == "one two|");
  buffer.type("!");
  buffer.redo();
  CHECK(seen(buffer) == "one two!|");
  for (int i = 0; i < 4; ++i) buffer.backspace();
  buffer.undo();
  CHECK(seen(buffer) == "one two!|");
}

TEST_CASE("whatever is done can be undone to the begin, and the cursor is always at a boundary") {
  const std::array<std::string_view, 9> pieces{"a",           " ",  "é",  "e\u0301", "कि",
                                               "👩‍🚀", "\n", "猫", "ไทย"};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    inkling::Random random(seed);
    TextBuffer buffer = buffer_of("start");
    const std::vector<std::function<void()>> moves{
        [&] { buffer.type(pieces[random.below(pieces.size())]); },
        [&] { buffer.insert(pieces[random.below(pieces.size())]); },
        [&] { buffer.left(); },
        [&] { buffer.right(); },
        [&] { buffer.word_left(); },
        [&] { buffer.word_right(); },
        [&] { buffer.backspace(); },
        [&] { buffer.remove(); },
        [&] { buffer.kill_word_left(); },
        [&] { buffer.kill_to_line_end(); },
        [&] { buffer.kill_to_line_begin(); },
        [&] { buffer.yank(); },
        [&] { buffer.transpose(); },
        [&] { buffer.undo(); },
        [&] { buffer.redo(); },
    };
    for (int i = 0; i < 300; ++i) {
      moves[random.below(moves.size())]();
      REQUIRE(inkling::text::cluster_boundary(buffer.text(), buffer.cursor()) == buffer.cursor());
    }
    for (int i = 0; i < 400; ++i) buffer.undo();
    CHECK(buffer.text() == "start");
  }
}

TEST_CASE("a megabyte is edited in place") {
  std::string text;
  while (text.size() < (size_t{1} << 20)) text += "ภาษาไทย 猫 word ";
  TextBuffer buffer;
  buffer.insert(text);
  buffer.move_to(text.size() / 2);
  for (int i = 0; i < 100; ++i) {
    buffer.word_left();
    buffer.left();
    buffer.type("x");
    buffer.backspace();
  }
  CHECK(buffer.text() == text);
  buffer.undo();
}
