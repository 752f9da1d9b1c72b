#include "cli/word_wrap.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/prompt_at_terminal.h"
#include "text/segmenter.h"
#include "text/words.h"

using namespace inkling::testing;
using inkling::cli::WordWrap;

namespace {

struct Wrapped {
  std::string shown;
  WordWrap wrap;

  explicit Wrapped(int width)
      : wrap([width] { return width; },
             {[this](std::string_view piece) {
                CHECK(inkling::text::WordBreaker().clusters(shown + std::string(piece)).size() ==
                      inkling::text::WordBreaker().clusters(shown).size() +
                          inkling::text::WordBreaker().clusters(piece).size());
                shown += piece;
              },
              [this](std::string_view) { shown += '|'; }}) {}
  Wrapped(const Wrapped&) = delete;
  Wrapped& operator=(const Wrapped&) = delete;

  // Character by character.
  void add(const std::string& text) {
    inkling::text::for_each_character(text, inkling::text::Unit::grapheme,
                                      [&](std::string_view character) { wrap.add(character); });
  }
};

// The text set behind what stands there, a break as "|".
std::string wrapped(const std::string& text, int width, const std::string& before = "") {
  Wrapped wrapped(width);
  wrapped.wrap.stand_behind(before);
  wrapped.add(text);
  wrapped.wrap.finish();
  return wrapped.shown;
}

}  // namespace

TEST_CASE("a word that the edge would cut begins the next line") {
  CHECK(wrapped("The cat sat on the mat.", 10) == "The cat|sat on the|mat.");
  CHECK(wrapped("The cat sat", 11) == "The cat sat");
  CHECK(wrapped("The cat sat", 10) == "The cat|sat");
  CHECK(wrapped("a   b", 4) == "a|b");
  CHECK(wrapped("The cat\nsat on\n\nthe mat", 10) == "The cat\nsat on\n\nthe mat");
  CHECK(wrapped("ends in blanks  \nso", 12) == "ends in|blanks  \nso");
  CHECK(wrapped("exactly10c and", 10) == "exactly10c|and");
  CHECK(wrapped("a\tb on", 12) == "a\tb on");
  CHECK(wrapped("a\tb one", 12) == "a\tb|one");
}

TEST_CASE("a line goes on behind what stands on its row") {
  CHECK(wrapped("cat sat", 10, "> ab") == "cat|sat");
  CHECK(wrapped("at sat", 10, "> abcdefgh c") == "at sat");  // two columns of the second row
  CHECK(wrapped("sat", 10, "> abcdefg") == "sat");           // part of the word that stands there
  CHECK(wrapped("sat", 10, "> abcdef ") == "|sat");          // but not behind its blank
  CHECK(wrapped("sat on", 10, "> abcdefgh") == "sat on");
  CHECK(wrapped(" sat", 10, "> abcdefgh") == "|sat");
  CHECK(wrapped("\u732b", 5, "> \u732b\u732b") == "\u732b");
}

TEST_CASE("a word longer than a line is cut where it stands, and is not held back without an end") {
  CHECK(wrapped("a incomprehensibilities b", 10) == "a incomprehensibilities b");
  Wrapped endless(20);
  for (int i = 0; i < 100; ++i) endless.add("x");
  CHECK(endless.shown.size() > 60);
}

TEST_CASE("columns count, not bytes, in every script") {
  CHECK(wrapped("\u00e9t\u00e9 \u00e9t\u00e9", 7) == "\u00e9t\u00e9 \u00e9t\u00e9");
  // Letters of two and three bytes: a word that fits on a line is not cut.
  CHECK(wrapped("\u0438 \u0434\u043e\u0441\u0442\u043e\u043f\u0440\u0438", 10) ==
        "\u0438 \u0434\u043e\u0441\u0442\u043e\u043f\u0440\u0438");
  CHECK(wrapped("\u0438 \u0434\u043e\u0441\u0442\u043e\u043f\u0440\u0438", 9) ==
        "\u0438|\u0434\u043e\u0441\u0442\u043e\u043f\u0440\u0438");
  CHECK(wrapped("\u10d0 \u10d1\u10d2\u10d3\u10d4\u10d5\u10d6", 7) ==
        "\u10d0|\u10d1\u10d2\u10d3\u10d4\u10d5\u10d6");
  CHECK(wrapped("\u732b\u732b \u732b\u732b", 6) == "\u732b\u732b|\u732b\u732b");
  CHECK(wrapped("\u732b\u732b\u732b a bc", 5) == "\u732b\u732b|\u732b a|bc");
  // What is wide leaves the last column of a row empty where it does not fit.
  CHECK(wrapped("bc", 5, "\u732b\u732b\u732b ") == "bc");
}

TEST_CASE("lines of scripts without spaces are broken where they may be") {
  // No line begins with a full stop or ends with an opening bracket.
  CHECK(wrapped("猫が寝た。「犬も」", 8) == "猫が寝|た。「犬|も」");
  CHECK(wrapped("猫が寝たよ。", 10) == "猫が寝た|よ。");
  CHECK(wrapped("abc猫def", 5) == "abc猫|def");
  CHECK(wrapped("the 猫猫", 6) == "the 猫|猫");
  // แมว นั่ง อยู่ บน เสื่อ: of three, two, two, two and three columns.
  const std::string thai = "แมวนั่งอยู่บนเสื่อ";
  CHECK(wrapped(thai, 20) == thai);
  CHECK(wrapped(thai, 6) == "แมวนั่ง|อยู่บน|เสื่อ");
  CHECK(wrapped(thai + " " + thai, 14) == thai + "|" + thai);
}

TEST_CASE("of Han and kana one character is held back, of Thai some words, of either no line") {
  Wrapped han(20);
  han.add("猫が寝た");
  CHECK(han.shown == "猫が寝");
  Wrapped thai(20);
  for (int i = 0; i < 10; ++i) thai.add("แมว");
  CHECK(thai.shown.size() >= 6 * std::string("แมว").size());
  Wrapped strange(20);
  for (int i = 0; i < 100; ++i) strange.add("ก");
  CHECK(strange.shown.size() > 60);
}

TEST_CASE("a width that changes counts from the next word on") {
  std::string shown;
  int width = 20;
  WordWrap wrap([&] { return width; }, {[&](std::string_view text) { shown += text; },
                                        [&](std::string_view) { shown += '|'; }});
  wrap.add("The cat sat on ");
  width = 8;
  wrap.add("the mat. The dog ");
  width = 40;
  wrap.add("sat there, too. ");
  wrap.finish();
  CHECK(shown == "The cat sat on|the mat.|The dog sat there, too. ");
}

TEST_CASE("characters are as wide as the terminal draws them") {
  const std::string text = "\U0001F44D\U0001F3FD ab";  // a thumb with a skin tone
  for (const int64_t modifier : {0, 2}) {
    std::string shown;
    WordWrap wrap(
        [] { return 6; },
        {[&](std::string_view piece) { shown += piece; }, [&](std::string_view) { shown += '|'; }},
        {.emoji_modifier = modifier});
    wrap.add(text);
    wrap.finish();
    CHECK(shown.find('|') == (modifier == 0 ? shown.npos : text.size() - 3));
  }
}

TEST_CASE("where there is no terminal nothing is broken or held back") {
  CHECK(wrapped("The cat sat on the mat.", 0) == "The cat sat on the mat.");
  Wrapped wrap(0);
  wrap.wrap.stand_behind("> a line");
  wrap.add("Th");
  CHECK(wrap.shown == "Th");
}

TEST_CASE("at a terminal what the model writes is broken between words") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> options{"--seed", "3", "-n", "300", "--temp", "0.5"};
  std::vector<std::string> line = options;
  line.insert(line.end(), {"-p", "The cat"});
  const std::string text = tiny.run("generate", line).out;
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(" \n", at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const auto rows_hold_whole_words = [&](const Screen& screen) {
    std::string rest = screen.all_text();
    for (const std::string& word : words) {
      const size_t at = rest.find(word);
      if (at == std::string::npos) return false;
      rest.erase(0, at + word.size());
    }
    return true;
  };
  Prompt prompt(options, {.terminal_columns = 33});
  prompt.ready().type("The cat\r");
  prompt.require("300 characters");
  CHECK(rows_hold_whole_words(prompt.screen()));
  prompt.leave();

  // A line that fills its row: the editor's cursor is on the next one already.
  Prompt full(options, {.terminal_columns = 20});
  full.ready().type("The cat sat on the\r");
  full.require("300 characters");
  CHECK_FALSE(has(full.screen().all_text(), "> The cat sat on the\n\n"));
  CHECK(has(full.screen().all_text(), "> The cat sat on the\n"));
  full.leave();

  line.insert(line.begin(), {"generate", "-m", tiny.path()});
  TerminalProgram generate({.arguments = line, .terminal_columns = 33});
  CHECK(generate.finish().exit_code == 0);
  CHECK(rows_hold_whole_words(generate.screen()));
}
