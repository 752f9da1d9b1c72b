#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "support/letters_model.h"
#include "support/program.h"
#include "support/prompt_at_terminal.h"

// Which document --learn takes a line for, and what becomes of what was learned.

using namespace inkling::testing;

namespace {

// The model that these lines leave. After "/n 1" each text of the model is the end of the document,
// after "/n 0" there is none.
std::string learned(const std::string& lines) {
  const TempDir dir;
  const std::string saved = dir.file("learned.safetensors");
  const ProgramResult result =
      run_inkling({.arguments = {"prompt", "-m", letters_model(dir, true), "--learn", "-n", "0",
                                 "--sentences", "0", "--adapt-every", "1", "--adapt-rate", "0.01"},
                   .input = lines + "/save-model " + saved + "\n",
                   .folder = dir.path()});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  std::string bytes = bytes_of_file(saved);
  REQUIRE(!bytes.empty());
  return bytes;
}

}  // namespace

TEST_CASE("a line behind an end that was taken back is learned as going on, not as a beginning") {
  CHECK(learned("ab\n/n 1\nba\n/undo\n/n 0\naab\n") == learned("ab\nba\n/undo\naab\n"));
  CHECK(learned("/n 1\nab\n/n 0\n/regen\naab\n") == learned("ab\n/regen\naab\n"));
}

TEST_CASE("a line in place of one that began a document is learned as its beginning") {
  const std::string two = "/n 1\nab\n/n 0\nba\n";
  CHECK(learned(two + "/undo\naab\n") == learned("/n 1\nab\nba\naab\n"));
  CHECK(learned("ab\n/undo\naab\n") == learned("ab\n/clear\naab\n"));
}

TEST_CASE("the line feed between two documents is learned in neither") {
  CHECK(learned("/n 1\nab\n/n 0\naab\n") == learned("ab\n/clear\naab\n"));
}

TEST_CASE("another model reads the document that goes on, and no older one") {
  const std::string load = "/load ./ending.safetensors\n";
  CHECK(learned("/n 1\nab\n/n 0\n" + load + "aab\n") == learned(load + "aab\n"));
  CHECK(learned("/n 1\nab\n/n 0\nba\n" + load + "aab\n") == learned("ba\n" + load + "aab\n"));
}

TEST_CASE("who leaves, or loads another model, is asked once whether to keep what was learned") {
  const TempDir dir;
  Prompt prompt({"--learn", "-n", "3", "--seed", "1"}, {.terminal_columns = 120});
  prompt.ready();
  prompt.type("The new cat is here again.\r");
  prompt.require(" characters · ");
  prompt.type("/load " + TinyModel::get().path() + "\r");
  prompt.require("what was learned is not kept: /save-model FILE keeps it\n/load again drops it");
  prompt.type("The new cat is here again.\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("/quit\r");
  prompt.require("leave again to drop it");
  prompt.type("/save-model " + dir.file("learned.safetensors") + "\r");
  prompt.require("saved as ");
  prompt.leave();
}

TEST_CASE("a long line that is being learned can be stopped, and what is left is said") {
  std::string line;
  while (line.size() < 200000) line += "The new cat is here again. ";
  Prompt prompt({"--learn", "-n", "3", "--seed", "1", "--threads", "1", "--adapt-every", "1"},
                {.terminal_columns = 200});
  prompt.ready();
  prompt.type("\033[200~" + line + "\033[201~");
  prompt.require([](const Screen& screen) { return screen.cursor_row() > 3; });
  prompt.type("\r");
  // Once the editor has given the terminal back, Ctrl-C is an interrupt.
  prompt.require([](const Screen& screen) { return !screen.marks_pastes(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  prompt.type(keys::ctrl_c);
  prompt.require("KiB not learned");
  prompt.type(keys::ctrl_d);
  prompt.type(keys::ctrl_d);
  CHECK(prompt.finish().exit_code == 0);
}
