#include <doctest/doctest.h>

#include <limits>

#include "support/letters_model.h"
#include "support/prompt_at_terminal.h"

// Settings at the prompt that the model cannot follow.

using namespace inkling::model;
using namespace inkling::nn;
using namespace inkling::testing;

namespace {

// Options that leave letters_model() nothing to draw.
const std::vector<std::string> nothing{"--logit-bias", "a-inf",        "--logit-bias",
                                       "b-inf",        "--logit-bias", "\\n-inf"};

// A file with a model whose weights are finite, and its sums not.
std::string overflowing_model(const TempDir& dir) {
  LanguageModel model = sample_model(NetworkSpec::chain(0, 0, CellKind::gru, 1, 8));
  const ParameterLayout layout(model.config.network);
  const auto fill = [&](const ParameterInfo& info, float even, float odd) {
    for (int64_t i = 0; i < info.size(); ++i) {
      model.weights[static_cast<size_t>(info.offset + i)] = i % 2 == 0 ? even : odd;
    }
  };
  constexpr float most = std::numeric_limits<float>::max();
  fill(layout.at("fc.weight"), most, -most);  // [H, V]: one sign for each character
  fill(layout.at("fc.bias"), most, most);
  std::string path = dir.file("overflowing.safetensors");
  save_model(path, {model, {}, {}});
  return path;
}

}  // namespace

TEST_CASE("a setting that the model cannot follow is refused when it is made") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> options{"--seed", "1", "-n", "10"};
  const std::string text = tiny.run("prompt", options, "The cat\n").out;
  for (const auto& row : std::vector<std::pair<std::string, std::string>>{
           {"/only [☃]", "/only and /never leave no character of the model"},
           {"/never [^☃]", "/only and /never leave no character of the model"},
           {"/logit-bias ☃+1", "/logit-bias: '☃+1': the model has no such character"}}) {
    const auto& [command, answer] = row;
    CAPTURE(row.first);
    const ProgramResult result = tiny.run("prompt", options, command + "\nThe cat\n");
    CHECK(result.exit_code == 1);
    CHECK_MESSAGE(has(result.err, answer), result.err);
    CHECK(result.out == text);
  }
  const TempDir dir;
  const ProgramResult aimless = run_inkling(
      {.arguments = {"prompt", "-m", letters_model(dir)}, .input = "/mirostat 2\n/more\n"});
  CHECK(aimless.exit_code == 1);
  CHECK(has(aimless.err, "mirostat has no target"));
  CHECK(has(aimless.err, "give /mirostat-ent"));
}

TEST_CASE("settings that were given with the command are refused before the first line") {
  const ProgramResult result = TinyModel::get().run("prompt", {"--only", "[☃]"});
  CHECK(result.exit_code == 2);
  CHECK(has(result.err, "--only and --never leave no character of the model"));
}

TEST_CASE("a model that cannot follow the settings is not loaded, and the text goes on") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const std::string path = letters_model(dir);
  const std::vector<std::string> options{"--seed", "1", "-n", "10", "--logit-bias", "T+1"};
  const ProgramResult result = tiny.run("prompt", options, "The cat\n/load " + path + "\n/more\n");
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "/logit-bias: 'T+1': the model has no such character"));
  CHECK_FALSE(has(result.err, "the model is now"));
  CHECK(result.out == tiny.run("prompt", options, "The cat\n/more\n").out);
  CHECK(has(tiny.run("prompt", options, "/logit-bias \"\"\n/load " + path + "\n").err,
            "the model is now " + path));
}

TEST_CASE("where nothing can be drawn that is said, and the session goes on") {
  const TempDir dir;
  std::vector<std::string> options{"-m", letters_model(dir), "--seed", "1", "-n", "5"};
  options.insert(options.end(), nothing.begin(), nothing.end());
  const std::string sentence = "no character is left to draw: /only, /never and /logit-bias";
  std::vector<std::string> arguments = options;
  arguments.insert(arguments.begin(), "prompt");
  const ProgramResult result =
      run_inkling({.arguments = arguments, .input = "a\n/logit-bias \"\"\n/n 2\nb\n"});
  CHECK(result.exit_code == 1);
  CHECK_MESSAGE(has(result.err, sentence), result.err);
  CHECK(result.err.find(sentence) == result.err.rfind(sentence));
  CHECK(result.out.starts_with("a\nb"));

  Prompt prompt(options, {.terminal_columns = 200});
  prompt.ready().type("a\r");
  prompt.require("> a\n" + sentence);
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("/logit-bias \"\"\r/n 2\rb\r");
  prompt.require("2 characters");
  prompt.leave();
}

TEST_CASE("a damaged model suggests nothing, and what ails it is said when it is to write") {
  const TempDir dir;
  const std::string path = overflowing_model(dir);
  Prompt prompt({"-m", path}, {.terminal_columns = 200});
  prompt.ready().type("a\tb");
  prompt.require([](const Screen& screen) { return screen.row(0) == "> ab"; });
  prompt.type("\r");
  prompt.require("> ab\nthe model's output is not a number: its weights are damaged");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.leave();
}

TEST_CASE("output that cannot be written ends the session") {
  const ProgramResult result =
      run_inkling({.arguments = {"prompt", "-m", TinyModel::get().path(), "-q"},
                   .input = "The cat\nThe dog\n",
                   .output = "/dev/full"});
  CHECK(result.exit_code == 1);
  const std::string sentence = "cannot write to standard output";
  CHECK(has(result.err, sentence));
  CHECK(result.err.find(sentence) == result.err.rfind(sentence));
}
