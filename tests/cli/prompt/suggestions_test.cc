#include <doctest/doctest.h>

#include "support/prompt_at_terminal.h"

// What the prompt offers while one types.

using namespace inkling::testing;
using namespace inkling::testing::keys;

TEST_CASE("the model's own continuation stands in grey behind what is typed") {
  Prompt prompt({}, {.environment = {{"TERM", "xterm-256color"}}});
  prompt.ready();
  CHECK(prompt.screen().marks_pastes());
  prompt.type("The cat sat on the ");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> The cat sat on the " && screen.row(0).ends_with(".");
  });
  CHECK(prompt.screen().style_of("The cat").empty());
  const std::string ghost = prompt.screen().row(0).substr(21);
  CHECK(prompt.screen().style_of(ghost) == "38;5;245");
  // Tab takes its first word, End the rest.
  prompt.type("\t");
  const std::string word = ghost.substr(0, ghost.find('.'));
  prompt.require([&](const Screen& screen) {
    return screen.before_cursor() == "> The cat sat on the " + word &&
           screen.style_of(word).empty();
  });
  prompt.require([&](const Screen& screen) { return has(screen.row(0), word + "."); });
  prompt.type(end);
  prompt.require([&](const Screen& screen) {
    return screen.before_cursor().starts_with("> The cat sat on the " + word + ".");
  });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("below it stand the words and their probabilities, and Shift-Tab goes through them") {
  Prompt prompt;
  prompt.ready();
  prompt.type("The cat sat on the ");
  const auto first_of = [](const std::string& strip) {
    return strip.size() < 3 ? "?" : strip.substr(2, strip.find(' ', 2) - 2);
  };
  prompt.require([&](const Screen& screen) {
    return screen.row(0).starts_with("> The cat sat on the " + first_of(screen.row(1)));
  });
  const std::string first = first_of(prompt.screen().row(1));
  CHECK(prompt.screen().style_of(first + " ") != "");
  prompt.type(back_tab);
  prompt.require([&](const Screen& screen) { return !has(screen.row(0), "the " + first); });
  const std::string second = prompt.screen().row(0).substr(21);
  CHECK(has(prompt.screen().row(1), second.substr(0, second.find('.'))));
  prompt.type("\t");
  prompt.require([&](const Screen& screen) {
    return screen.before_cursor() == "> The cat sat on the " + second.substr(0, second.find('.'));
  });
  // The strip is a setting.
  prompt.type("\x15/probs\r");
  prompt.require("probs off");
  prompt.type("The cat sat on the ");
  prompt.require([](const Screen& screen) {
    return has(screen.row(screen.cursor_row()), "the ") &&
           screen.row(screen.cursor_row()).ends_with(".");
  });
  CHECK_FALSE(has(prompt.screen().row(prompt.screen().cursor_row() + 1), "%"));
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("commands are explained and completed as they are typed") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  dir.write("notes/first.txt", "");
  dir.write("notes/second.txt", "");
  Prompt prompt({}, {.folder = dir.path()});
  prompt.ready().type("/te");
  prompt.require("/temp X: temperature");
  CHECK(prompt.screen().row(0) == "> /temp");
  prompt.type("\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /temp "; });
  prompt.type("\x15/lo\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /load "; });
  prompt.type("\x15/top\t\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /top-k "; });
  CHECK(has(prompt.screen().row(1), "/top-p"));
  prompt.type("\x15/save no\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /save notes/"; });
  prompt.type("\t\t");
  prompt.require("first.txt  second.txt");
  prompt.require(
      [](const Screen& screen) { return screen.before_cursor() == "> /save notes/second.txt"; });
  prompt.type("\x15/shade \t");
  prompt.require("  off  on");
  prompt.type("\x15/");
  prompt.require("Tab completes a command, //text is text that begins with a slash");
  prompt.type("nothing");
  prompt.require("there is no /nothing; //nothing is text");
  prompt.type(" here");
  prompt.require([](const Screen& screen) { return screen.row(1) == "  there is no /nothing"; });
  prompt.type("\r");
  prompt.require("there is no /nothing; /help lists what there is");
  prompt.type("/load " + tiny.path() + "\r");
  prompt.require("the model is now");
  prompt.leave();
}

TEST_CASE("a model is completed by its name, and by the path of its file") {
  const TempDir dir;
  dir.write("models/mine.safetensors", bytes_of_file(TinyModel::get().path()));
  dir.write("models/minutes.txt", "");
  dir.write("models/one.last.safetensors", "");
  dir.write("models/one.safetensors", "");
  Prompt prompt({}, {.folder = dir.path()});
  prompt.ready().type("/load mi\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /load mine"; });
  prompt.type("\x15/load models/mi\t");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> /load models/mine.safetensors";
  });
  prompt.type("\r");
  prompt.require("the model is now models/mine.safetensors");
  // No checkpoint before the model itself.
  prompt.type("/load on\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /load one"; });
  prompt.type("\x15/load models/on\t\t");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> /load models/one.safetensors";
  });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("without suggestions the words and their probabilities are for reading alone") {
  Prompt prompt({"--suggestions", "off"});
  prompt.ready().type("The cat sat on the ");
  prompt.require([](const Screen& screen) {
    return screen.row(0) == "> The cat sat on the" && has(screen.row(1), " %");
  });
  prompt.type("\t!");
  prompt.require(
      [](const Screen& screen) { return screen.before_cursor() == "> The cat sat on the !"; });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("a word taken into an empty line goes straight on, and the marker says so") {
  Prompt prompt({"--seed", "1", "--words", "2"});
  prompt.ready().type("The cat sat\r");
  prompt.require(" characters ");
  prompt.require([](const Screen& screen) { return screen.row(screen.cursor_row()).size() > 3; });
  prompt.type("\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor().starts_with("… "); });
  prompt.type("\x15");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.leave();
}
