#include "cli/word_wrap.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/prompt_at_terminal.h"
#include "text/segmenter.h"

using namespace inkling::testing;
using inkling::cli::WordWrap;

namespace {

// The text set character by character, a break as "|".
std::string wrapped(const std::string& text, int width, int64_t column = 0) {
  std::string shown;
  WordWrap wrap(width, column,
                {[&](std::string_view piece) { shown += piece; },
                 [&](std::string_view blanks) {
                   CHECK_FALSE(blanks.empty());
                   shown += '|';
                 }});
  inkling::text::for_each_character(text, inkling::text::Unit::grapheme,
                                    [&](std::string_view character) { wrap.add(character); });
  wrap.finish();
  return shown;
}

}  // namespace

TEST_CASE("a word that the edge would cut begins the next line") {
  CHECK(wrapped("The cat sat on the mat.", 10) == "The cat|sat on the|mat.");
  CHECK(wrapped("The cat sat", 11) == "The cat sat");
  CHECK(wrapped("The cat sat", 10) == "The cat|sat");
  CHECK(wrapped("cat sat", 10, 4) == "cat|sat");   // behind what stands there
  CHECK(wrapped(" sat on", 10, 24) == " sat|on");  // two rows further down
  CHECK(wrapped("sat", 10, 9) == "sat");           // part of the word that stands there
  CHECK(wrapped("a   b", 4) == "a|b");
  CHECK(wrapped("The cat\nsat on\n\nthe mat", 10) == "The cat\nsat on\n\nthe mat");
  CHECK(wrapped("ends in blanks  \nso", 12) == "ends in|blanks  \nso");
  CHECK(wrapped("exactly10c and", 10) == "exactly10c|and");
}

TEST_CASE("a word longer than a line is cut where it stands, and is not held back without an end") {
  CHECK(wrapped("a incomprehensibilities b", 10) == "a incomprehensibilities b");
  std::string shown;
  WordWrap wrap(20, 0, {[&](std::string_view piece) { shown += piece; }, [](std::string_view) {}});
  for (int i = 0; i < 100; ++i) wrap.add("x");
  CHECK(shown.size() > 60);
}

TEST_CASE("columns count, not bytes, and of scripts without spaces nothing is held back") {
  CHECK(wrapped("\u00e9t\u00e9 \u00e9t\u00e9", 7) == "\u00e9t\u00e9 \u00e9t\u00e9");
  CHECK(wrapped("\u732b\u732b \u732b\u732b", 6) == "\u732b\u732b|\u732b\u732b");
  std::string shown;
  WordWrap wrap(20, 0, {[&](std::string_view piece) { shown += piece; }, [](std::string_view) {}});
  wrap.add("\u732b");
  CHECK(shown == "\u732b");
}

TEST_CASE("where there is no terminal nothing is broken or held back") {
  CHECK(wrapped("The cat sat on the mat.", 0) == "The cat sat on the mat.");
  std::string shown;
  WordWrap wrap(0, 7, {[&](std::string_view piece) { shown += piece; }, [](std::string_view) {}});
  wrap.add("Th");
  CHECK(shown == "Th");
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

  line.insert(line.begin(), {"generate", "-m", tiny.path()});
  TerminalProgram generate({.arguments = line, .terminal_columns = 33});
  CHECK(generate.finish().exit_code == 0);
  CHECK(rows_hold_whole_words(generate.screen()));
}
