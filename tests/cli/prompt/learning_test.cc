#include <doctest/doctest.h>

#include "support/letters_model.h"
#include "support/program.h"

// Which document --learn takes a line for.

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
