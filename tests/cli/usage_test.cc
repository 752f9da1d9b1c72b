#include <doctest/doctest.h>

#include <sstream>

#include "cli/command.h"
#include "support/program.h"
#include "support/temp_dir.h"
#include "text/display_width.h"

using namespace inkling;
using testing::ProgramResult;
using testing::run_inkling;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("wrong usage ends with code 2, a sentence, and where to read more") {
  struct Row {
    std::vector<std::string> line;
    const char* sentence;
  };
  const std::vector<Row> rows{
      {{}, "a command is missing"},
      {{"trian", "x"}, "there is no command 'trian'; did you mean 'train'?"},
      {{"zzz"}, "there is no command 'zzz'; there are: help, train, generate"},
      {{"help", "complet"}, "did you mean 'complete'?"},
      {{"--verbose"}, "'--verbose' stands before a command"},
      {{"train"}, "CORPUS is missing"},
      {{"train", "x.txt"}, "--output is missing"},
      {{"train", "x.txt", "-o", "y", "--hiden-size", "8"},
       "there is no option '--hiden-size'; did you mean '--hidden-size'?"},
      {{"train", "x.txt", "-o", "y", "--hidden-size", "0"},
       "--hidden-size: 0 is out of range; it must be from 1 to 16384"},
      {{"train", "x.txt", "-o", "y", "--cell", "ltsm"},
       "--cell: 'ltsm' is none of: rnn, lstm, gru; did you mean 'lstm'?"},
      {{"train", "x.txt", "-o", "y", "--steps", "3", "--epochs", "2"}, "--"},
      {{"train", "x.txt", "-o", "y", "--split", "50/60/70"}, "split"},
      {{"train", "x.txt", "-o", "y", "--time", "soon"}, "time"},
      {{"train", "x.txt", "-o", "y", "--resume", "--force"}, "--resume"},
      {{"train", "x.txt", "--dry-run", "--resume"}, "--resume needs --output"},
      {{"train", "x.txt", "-o", "y", "--resume", "--init-from", "z"},
       "--resume and --init-from exclude each other"},
      {{"train", "x.txt", "-o", "-"}, "standard output"},
      {{"generate", "--temp", "-1"}, "--temp: -1 is out of range; it must be at least 0"},
      {{"generate", "--top-p", "2"}, "--top-p: 2 is out of range"},
      {{"generate", "-p", "a", "--prompt-file", "b"}, "exclude each other"},
      {{"generate", "--words", "2", "--sentences", "3"}, "exclude each other"},
      {{"generate", "--samplers", "top_k;tpo_p"}, "--samplers: 'tpo_p' is none of: penalties"},
      {{"generate", "--only", "a-z"}, "--only: 'a-z' is no set of characters"},
      {{"generate", "--never", "[a-"}, "--never: '[a-' is no set of characters"},
      {{"generate", "--logit-bias", "e"}, "--logit-bias: 'e' is not a character"},
      {{"generate", "--mirostat", "1"}, "--mirostat: '1' is none of: 0, 2"},
      {{"generate", "--mirostat", "2", "--temp", "0"}, "exclude each other"},
      {{"generate", "--mirostat", "2", "--beam", "3"}, "exclude each other"},
      {{"generate", "--novelty"}, "--novelty needs the CORPUS"},
      {{"generate", "extra"},
       "'extra' is one argument too many: a text to go on from follows --prompt"},
      {{"prompt", "extra"}, "'extra' is one argument too many: there should be none"},
      {{"generate", "-n"}, "inkling: -n needs a value"},
      {{"generate", "-m", ""}, "the model's name is empty"},
      {{"info", ""}, "the model's name is empty"},
      {{"complete"}, "TEXT is missing"},
      {{"complete", "The", "cat"}, "put quotation marks around the text"},
      {{"complete", "The", "-k", "0"},
       "inkling: -k: 0 is out of range; it must be from 1 to 10000"},
      {{"generate", "-n", "many"}, "inkling: -n: 'many' is no whole number"},
      {{"complete", "The", "--candidates", "5"}, "--candidates does nothing without --fill"},
      {{"generate", "--novelty-min", "5"}, "--novelty-min does nothing without --novelty"},
      {{"generate", "--mirostat-ent", "5"}, "--mirostat-ent does nothing without --mirostat 2"},
      {{"generate", "--dry-base", "2"}, "--dry-base does nothing without --dry-multiplier"},
      {{"evaluate", "f", "--adapt-rate", "0.1"}, "--adapt-rate does nothing without --adapt"},
      {{"train", "x.txt", "--dry-run", "--context", "8"},
       "--context does nothing without --shape many-to-one"},
      {{"train", "x.txt", "--dry-run", "--shape", "many-to-one", "--bptt", "8"},
       "--bptt does nothing without --shape many-to-many"},
      {{"train", "x.txt", "--dry-run", "--shape", "many-to-one", "--reset-state", "0.1"},
       "--reset-state does nothing without --shape many-to-many"},
      {{"train", "x.txt", "--dry-run", "--momentum", "0.5"},
       "--momentum does nothing without --optimizer sgd"},
      {{"train", "x.txt", "--dry-run", "--optimizer", "rmsprop", "--beta1", "0.5"},
       "--beta1 does nothing without --optimizer adam"},
      {{"train", "x.txt", "--dry-run", "--steps", "0"}, "--steps 0 leaves nothing to train"},
      {{"train", "x.txt", "--dry-run", "--epochs", "0"}, "--epochs 0 leaves nothing to train"},
      {{"train", "x.txt", "--dry-run", "--time", ""}, "--time '' leaves nothing to train"},
      {{"generate", "-m", "a", "-m", "b"}, "-m is given 2 times: give --ensemble"},
      {{"complete", "The", "-m", "a", "-m", "b"}, "-m is given 2 times: give --ensemble"},
      {{"evaluate", "f", "-m", "a", "-m", "b"}, "-m is given 2 times: give --ensemble"},
      {{"complete", "The", "--next", "--begun"}, "--next"},
      {{"complete", "The", "--stdin"}, "leave TEXT out"},
      {{"complete", "--stdin", "--next", "--begun"}, "--next and --begun exclude each other"},
      {{"complete", "--stdin", "--fill", "--words", "2"}, "leave --words out"},
      {{"complete", "The ___ a", "--fill", "--words", "2"}, "--words"},
      {{"complete", "The ___ a", "--fill", "--next"}, "leave --next out"},
      {{"complete", "The ___ a", "--words", "2"}, "filled with one word"},
      {{"evaluate"}, "FILE is missing"},
      {{"evaluate", "f", "--window", "-3"}, "--window"},
      {{"evaluate", "f", "--window", "3", "--streams", "2"}, "exclude each other"},
      {{"evaluate", "f", "--per-line", "--per-character"}, "exclude each other"},
      {{"evaluate", "f", "--streams", "2", "--per-line"}, "--streams 2 knows no scores of single"},
      {{"evaluate", "f", "--streams", "2", "--per-character"}, "leave it out"},
      {{"evaluate", "f", "--adapt", "--window", "3"}, "--adapt makes one pass"},
      {{"evaluate", "f", "--adapt", "--precision", "int8"}, "--adapt trains and scores in float32"},
      {{"evaluate", "f", "--completion", "--per-line"}, "leave out"},
      {{"evaluate", "f", "--keystrokes", "0"}, "--keystrokes does nothing without --completion"},
      {{"evaluate", "f", "--split", "80/10/10"}, "--part"},
      {{"trace", ""}, "nothing to trace"},
      {{"info", "a", "-m", "b"}, "give one"},
      {{"prompt", "--count", "2"}, "--count"},
      {{"prompt", "--adapt-rate", "0.1"}, "--adapt-rate does nothing without --learn"},
  };
  for (const auto& row : rows) {
    const auto& [line, sentence] = row;
    const ProgramResult result = run_inkling({.arguments = line});
    CAPTURE(row.sentence);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    CHECK(has(result.err, "inkling: "));
    CHECK(has(result.err, sentence));
    CHECK(has(result.err, "See: inkling "));
  }
}

TEST_CASE("--help of every command lists every option with its default, on every width") {
  for (const cli::CommandEntry& entry : cli::commands()) {
    const std::string name(entry.name);
    CAPTURE(name);
    for (const char* columns : {"20", "40", "80", "200"}) {
      const ProgramResult result =
          run_inkling({.arguments = {name, "--help"}, .environment = {{"COLUMNS", columns}}});
      CHECK(result.exit_code == 0);
      CHECK(result.err.empty());
      const std::unique_ptr<cli::Command> command = entry.make();
      cli::OptionParser parser;
      command->declare(parser);
      for (const cli::OptionGroup& group : parser.groups()) {
        for (const cli::DeclaredOption& declared : group.options) {
          const std::string option(declared.option.name);
          CHECK_MESSAGE(has(result.out, (option.size() == 1 ? "-" : "--") + option), option);
          if (!declared.default_text.empty())
            CHECK_MESSAGE(has(result.out, "[" + declared.default_text + "]"), option);
        }
      }
      for (const std::string_view example : entry.examples)
        CHECK(has(result.out, std::string(example)));
    }
    CHECK(run_inkling({.arguments = {"help", name}}).out ==
          run_inkling({.arguments = {name, "--help"}}).out);
  }
}

TEST_CASE("help keeps to the width of the terminal, but for examples and single words") {
  for (const int width : {40, 80}) {
    for (const char* name : {"train", "generate", "complete"}) {
      const ProgramResult result = run_inkling(
          {.arguments = {name, "-h"}, .environment = {{"COLUMNS", std::to_string(width)}}});
      std::istringstream lines(result.out);
      for (std::string line; std::getline(lines, line);) {
        const bool breakable =
            line.find("inkling ") == std::string::npos && line.find(" --") == std::string::npos;
        const bool has_space = line.find(' ', line.find_first_not_of(' ')) != std::string::npos;
        if (breakable && has_space) CHECK_MESSAGE(text::display_width(line) <= width, line);
      }
    }
  }
}

TEST_CASE("the overview names every command, and --version the version") {
  const ProgramResult overview = run_inkling({.arguments = {"--help"}});
  CHECK(overview.exit_code == 0);
  for (const cli::CommandEntry& entry : cli::commands())
    CHECK(has(overview.out, std::string(entry.summary)));
  CHECK(run_inkling({.arguments = {"help"}}).out == overview.out);
  const ProgramResult version = run_inkling({.arguments = {"--version"}});
  CHECK(version.exit_code == 0);
  CHECK(version.out.starts_with("inkling "));
  CHECK(has(version.out, "Unicode"));
}

TEST_CASE("help of help is the overview") {
  const std::string overview = run_inkling({.arguments = {"--help"}}).out;
  for (const char* about : {"help", "--help", "-h"}) {
    CAPTURE(about);
    const ProgramResult result = run_inkling({.arguments = {"help", about}});
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(result.out == overview);
  }
}

TEST_CASE("a full standard output is a failure with a sentence") {
  const ProgramResult result = run_inkling({.arguments = {"--help"}, .output = "/dev/full"});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "cannot write to standard output: No space left on device"));
}

TEST_CASE("a model that is not there is said with all places where it was looked for") {
  const testing::TempDir dir;
  const ProgramResult by_name = run_inkling({.arguments = {"info", "-m", "nosuch"},
                                             .environment = {{"XDG_DATA_HOME", "/data/home"}},
                                             .folder = dir.path()});
  CHECK(by_name.exit_code == 1);
  for (const char* part :
       {"'nosuch'", "./models", "/data/home/inkling/models", "/share/inkling/models"}) {
    CHECK_MESSAGE(has(by_name.err, part), part);
  }
  // Who has no home has no folder there.
  const ProgramResult homeless = run_inkling(
      {.arguments = {"info", "-m", "nosuch"}, .environment = {{"HOME", ""}}, .folder = dir.path()});
  std::string without = by_name.err;
  const std::string of_home = "/data/home/inkling/models, ";
  without.erase(without.find(of_home), of_home.size());
  CHECK(homeless.err == without);
  const ProgramResult by_path =
      run_inkling({.arguments = {"info", "no/such.safetensors"}, .folder = dir.path()});
  CHECK(by_path.exit_code == 1);
  CHECK(has(by_path.err, "there is no model file no/such.safetensors"));
  const auto refusal_of = [](const std::string& model) {
    return run_inkling({.arguments = {"info", "-m", model}, .folder = INKLING_SOURCE_FOLDER}).err;
  };
  CHECK(has(refusal_of("englsh"), "there is no model 'englsh'; did you mean 'english'?"));
  CHECK(has(refusal_of("english.safetensors"), "did you mean 'english'?"));
  CHECK(has(refusal_of("models"), "models is a folder, not a model"));
  CHECK(has(refusal_of("models/english"),
            "but a file models/english.safetensors here: give models/english.safetensors"));
  const ProgramResult fallback = run_inkling(
      {.arguments = {"info"}, .environment = {{"INKLING_MODEL", "mine"}}, .folder = dir.path()});
  CHECK(fallback.exit_code == 1);
  CHECK(has(fallback.err, "inkling: $INKLING_MODEL: there is no model 'mine'"));
  const ProgramResult none = run_inkling({.arguments = {"info"}, .folder = dir.path()});
  CHECK(none.exit_code == 1);
  CHECK(has(none.err, "there is no model 'english'"));
  CHECK(has(none.err, "name it with -m"));
}

TEST_CASE("a damaged model is refused by every command that loads one") {
  const testing::TempDir dir;
  const std::string path =
      dir.write("bad.safetensors", "This is a letter to a friend, and no model at all.");
  for (const std::vector<std::string>& line :
       std::vector<std::vector<std::string>>{{"info", path},
                                             {"generate", "-m", path},
                                             {"complete", "-m", path, "The"},
                                             {"trace", "-m", path, "The"},
                                             {"evaluate", "-m", path, path},
                                             {"prompt", "-m", path}}) {
    const ProgramResult result = run_inkling({.arguments = line});
    CAPTURE(line.front());
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, "bad.safetensors"));
    CHECK(result.out.empty());
  }
}
