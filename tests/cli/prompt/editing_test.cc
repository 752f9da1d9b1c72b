#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>

#include "support/prompt_at_terminal.h"
#include "text/caret.h"

// Lines of every kind at the prompt.

using namespace inkling::testing;
using namespace inkling::testing::keys;

TEST_CASE("a paste keeps its lines, and control characters never reach the terminal") {
  Prompt prompt({"--seed", "1", "-n", "1", "--suggestions", "off", "--probs", "off"});
  prompt.ready();
  prompt.type("\033[200~one\r\ntwo \033]0;title\x07 \u202e three\033[201~");
  prompt.require("  two \\x1b]0;title\\x07 \\u202e three");
  CHECK_FALSE(has(prompt.program().output(), "\033]"));
  CHECK_FALSE(has(prompt.program().output(), "\u202e"));
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("/show\r");
  prompt.require("\none\ntwo \\x1b]0;title");
  prompt.leave();
  CHECK_FALSE(has(prompt.program().output(), "\033]"));
}

TEST_CASE("lines can be written over several rows by hand") {
  Prompt prompt;
  prompt.ready().type("one\ntwo\033\rthree");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  three"; });
  CHECK(prompt.screen().row(0) == "> one");
  CHECK(prompt.screen().row(1) == "  two");
  prompt.type(std::string(up) + std::string(up) + "!");
  prompt.require("> one!");
  prompt.type(ctrl_c);
  prompt.leave();
}

TEST_CASE("a megabyte is pasted, edited and written on from") {
  Prompt prompt({"--seed", "1", "-n", "5"});
  prompt.ready();
  std::string text;
  while (text.size() < (size_t{1} << 20)) text += "The cat sat on the mat, นั่งบนเสื่อ.\n";
  prompt.type("\033[200~" + text + "\033[201~");
  prompt.require([](const Screen& screen) {
    return screen.cursor_column() == 2 && has(screen.text(), "เสื่อ");
  });
  prompt.type("The end");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  The end"; });
  prompt.type(std::string(up) + "\x01\x0bnew ");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  new "; });
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  const TempDir dir;
  prompt.type("/save " + dir.file("big") + "\r");
  prompt.require([](const Screen& screen) { return has(screen.text(), "  saved "); });
  prompt.leave();
  const std::string saved = bytes_of_file(dir.file("big"));
  const size_t last_line = text.size() - 1 - std::string("The cat sat on the mat, นั่งบนเสื่อ.").size();
  CHECK(saved.starts_with(text.substr(0, last_line) + "new \nThe end"));
}

TEST_CASE("of a text that is higher than the screen nothing is missing above it once it is done") {
  Prompt prompt({"--seed", "1", "-n", "3", "--suggestions", "off", "--probs", "off"});
  prompt.ready();
  std::string text, shown = ">";
  for (int i = 1; i <= 40; ++i) {
    text += (i == 1 ? "" : "\n") + fmt::format("line {}", i);
    shown += fmt::format("{} line {}\n", i == 1 ? "" : " ", i);
  }
  shown.pop_back();
  prompt.type("\033[200~" + text + "\033[201~");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  line 40"; });
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  CHECK(has(prompt.screen().all_text(), shown));
  prompt.leave();
}

TEST_CASE("any script is edited with the cursor where it belongs, however wide it is drawn") {
  const std::vector<inkling::text::WidthProfile> terminals{
      {},
      {.spacing_mark = 0, .conjunct = 0},
      {.joined_emoji = 2, .emoji_modifier = 2, .emoji_selector = 0}};
  for (const auto& widths : terminals) {
    Prompt prompt({"--suggestions", "off", "--probs", "off"}, {}, widths);
    prompt.ready();
    for (const std::string word : {"ภาษาไทยที่กำ", "हिन्दी में क्षि", "👩‍🚀👍🏽❤️🇩🇪",
                                   "日本語と한국어", "e\u0301tude", "עברית\u200f"}) {
      CAPTURE(word);
      prompt.type(word + "|");
      const auto column = [&](const std::string& text) {
        return 2 + static_cast<int>(inkling::text::display_width(text, widths));
      };
      prompt.require([&](const Screen& screen) {
        return has(screen.text(), "> " + word + "|") &&
               screen.cursor_column() == column(word + "|");
      });
      prompt.type(backspace);
      prompt.type(left);
      prompt.type("_");
      const size_t last = inkling::text::previous_cluster(word, word.size());
      const std::string changed = word.substr(0, last) + "_" + word.substr(last);
      prompt.require([&](const Screen& screen) {
        return has(screen.text(), "> " + changed) &&
               screen.cursor_column() == column(word.substr(0, last) + "_");
      });
      prompt.type("\x05\x15");
      prompt.require([&](const Screen& screen) { return !has(screen.text(), "_"); });
    }
    prompt.leave();
  }
}

TEST_CASE("what is drawn wider than usual leaves nothing behind at the margin") {
  Prompt prompt({"--suggestions", "off", "--probs", "off"}, {.terminal_columns = 20},
                {.emoji_modifier = 2});
  prompt.ready().type(std::string(16, 'a') + "👍🏽");
  prompt.require([](const Screen& screen) {
    return screen.row(0) == "> " + std::string(16, 'a') && screen.row(1) == "👍🏽" &&
           screen.cursor_row() == 1 && screen.cursor_column() == 4;
  });
  prompt.type("b");
  prompt.require([](const Screen& screen) { return screen.row(1) == "👍🏽b"; });
  CHECK(prompt.screen().row(0) == "> " + std::string(16, 'a'));
  prompt.type(ctrl_c);
  prompt.leave();
}

TEST_CASE("the history lasts from one session to the next, and is searched") {
  const TempDir dir;
  const ProgramCall call{.environment = {{"XDG_STATE_HOME", dir.path()}}};
  {
    Prompt prompt({"--seed", "1", "-n", "3"}, call);
    prompt.ready().type("The cat\r");
    prompt.require([](const Screen& screen) { return screen.cursor_row() > 0; });
    prompt.type("The dog\nwith two lines\r");
    prompt.require("two lines");
    prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
    prompt.leave();
  }
  CHECK(bytes_of_file(dir.file("inkling/history")) == "The cat\nThe dog\\nwith two lines\n");
  Prompt prompt({}, call);
  prompt.ready().type(up);
  prompt.require("  with two lines");
  prompt.type(std::string(up) + std::string(up));
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
  prompt.type(std::string(ctrl_r) + "dog");
  prompt.require("search: dog");
  CHECK(prompt.screen().row(0) == "> The dog");
  prompt.type("\x07");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("a text that is left without being saved is kept, and one that was saved is not") {
  const TempDir dir;
  const std::string last = dir.file("inkling/last-text.txt");
  const ProgramCall call{.environment = {{"XDG_STATE_HOME", dir.path()}}, .terminal_columns = 200};
  const auto write_and_leave = [&](const std::string& first, const std::string& then) {
    Prompt prompt({"--seed", "1", "-n", "3"}, call);
    prompt.ready().type(first + "\r");
    prompt.require([](const Screen& screen) {
      return screen.cursor_row() > 0 && screen.before_cursor() == "> ";
    });
    if (!then.empty()) prompt.type(then + "\r");
    if (!then.empty()) prompt.require("saved ");
    prompt.leave();
    return prompt.screen().all_text();
  };
  CHECK(has(write_and_leave("The cat", ""), "what was not saved is in " + last));
  const std::string kept = bytes_of_file(last);
  CHECK(kept.starts_with("The cat"));
  CHECK(kept.size() == 7 + 3 + 1);
  CHECK_FALSE(has(write_and_leave("The dog", "/save " + dir.file("dog.txt")), "not saved"));
  CHECK(bytes_of_file(last) == kept);
  // The one before it, where the last one was saved, or is empty.
  {
    Prompt prompt({"--seed", "1", "-n", "3"}, call);
    prompt.ready().type("The owl\r");
    prompt.require([](const Screen& screen) {
      return screen.cursor_row() > 0 && screen.before_cursor() == "> ";
    });
    prompt.type("/clear\r");
    prompt.require("a new text; /undo comes back");
    prompt.leave();
    CHECK(has(prompt.screen().all_text(), "not saved"));
  }
  const std::string owl = bytes_of_file(last);
  CHECK(owl.starts_with("The owl"));
  // An empty one takes no text's place.
  Prompt({}, call).ready().leave();
  CHECK(bytes_of_file(last) == owl);
  // Those of before are still there.
  CHECK(bytes_of_file(dir.file("inkling/last-text.1.txt")) == kept);
}

TEST_CASE("a text is kept where a signal ends the session, and all that were left are") {
  const auto writes = [](Prompt& prompt, const std::string& line) {
    const int rows = prompt.screen().cursor_row();
    prompt.type(line + "\r");
    prompt.require([&](const Screen& screen) {
      return screen.cursor_row() > rows && screen.before_cursor() == "> ";
    });
  };
  for (const int signal : {SIGTERM, SIGHUP}) {
    for (const bool writing : {false, true}) {
      CAPTURE(signal);
      CAPTURE(writing);
      const TempDir dir;
      Prompt prompt({"--seed", "1", "-n", "3"}, {.environment = {{"XDG_STATE_HOME", dir.path()}}});
      writes(prompt.ready(), "The cat");
      prompt.type("/clear\r");
      prompt.require("a new text; /undo comes back");
      writes(prompt, "The dog");
      if (writing) {
        prompt.type("/length 1000000000\rand so\r");
        prompt.require([](const Screen& screen) { return screen.cursor_row() > 20; });
      } else {
        prompt.type("a line that was no");
        prompt.require([](const Screen& screen) { return has(screen.before_cursor(), "was no"); });
      }
      prompt.program().send(signal);
      const ProgramResult result = prompt.finish();
      CHECK(result.signal == signal);
      CHECK(result.terminal_was_sane);
      const std::string kept = bytes_of_file(dir.file("inkling/last-text.txt"));
      CHECK(kept.starts_with("The dog"));
      CHECK((writing || kept.ends_with("\na line that was no\n")));
      CHECK(bytes_of_file(dir.file("inkling/last-text.1.txt")).starts_with("The cat"));
    }
  }
}

TEST_CASE("a line that is sent as a signal comes is kept once") {
  for (int i = 0; i < 5; ++i) {
    const TempDir dir;
    Prompt prompt({"--seed", "1", "-n", "3"}, {.environment = {{"XDG_STATE_HOME", dir.path()}}});
    prompt.ready().type("The dog");
    prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The dog"; });
    prompt.type("\r");
    prompt.program().send(SIGTERM);
    CHECK(prompt.finish().signal == SIGTERM);
    const std::string kept = bytes_of_file(dir.file("inkling/last-text.txt"));
    CHECK(kept.starts_with("The dog"));
    CHECK(kept.find("The dog") == kept.rfind("The dog"));
  }
}

TEST_CASE("while the history is looked at, what was typed before is what is kept") {
  const TempDir dir;
  Prompt prompt({"--seed", "1", "-n", "3"}, {.environment = {{"XDG_STATE_HOME", dir.path()}}});
  prompt.ready().type("The cat\r");
  prompt.require([](const Screen& screen) {
    return screen.cursor_row() > 0 && screen.before_cursor() == "> ";
  });
  prompt.type("The dog" + std::string(up));
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
  prompt.program().send(SIGTERM);
  prompt.finish();
  CHECK(bytes_of_file(dir.file("inkling/last-text.txt")).ends_with("\nThe dog\n"));
}

TEST_CASE("a history that cannot be written is said once") {
  Prompt prompt({"--seed", "1", "-n", "3"},
                {.environment = {{"XDG_STATE_HOME", "/proc/self"}}, .terminal_columns = 200});
  prompt.ready().type("The cat\r");
  const std::string sentence = "/proc/self/inkling: cannot make this folder for the history";
  prompt.require(sentence);
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("The dog\r");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> " && has(screen.all_text(), "> The dog");
  });
  prompt.type(ctrl_d);  // nor the text
  prompt.require("the text cannot be kept: ");
  prompt.require("/save FILE saves it, leave again to drop it");
  // Nor one that gave way to another: that is another question.
  prompt.type("/clear\r");
  prompt.require("a new text; /undo comes back");
  prompt.type(ctrl_d);
  prompt.require([](const Screen& screen) {
    const std::string seen = screen.all_text();
    const std::string words = "leave again to drop it";
    return seen.find(words) != seen.rfind(words);
  });
  prompt.leave();
  const std::string all = prompt.screen().all_text();
  CHECK(all.find(sentence) == all.rfind(sentence));
}
