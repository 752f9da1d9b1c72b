#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "support/tiny_model.h"
#include "text/words.h"

using namespace inkling::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t clusters(const std::string& text) {
  return inkling::text::WordBreaker().clusters(text).size();
}

}  // namespace

TEST_CASE("generate writes the prompt and what follows, the same for the same seed") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult once = tiny.run("generate", {"-p", "The cat", "-n", "50", "--seed", "7"});
  REQUIRE_MESSAGE(once.exit_code == 0, once.err);
  CHECK(once.out.starts_with("The cat"));
  CHECK(once.out.ends_with("\n"));
  CHECK(once.err.empty());
  const size_t written = clusters(once.out) - 7;
  CHECK((written == 50 || written == 51));  // a line feed at the end is added where there is none
  CHECK(tiny.run("generate", {"-p", "The cat", "-n", "50", "--seed", "7"}).out == once.out);
  CHECK(tiny.run("generate", {"-p", "The cat", "-n", "50", "--seed", "8"}).out != once.out);
  CHECK(tiny.run("generate", {"--prompt=-", "-n", "50", "--seed", "7"}, "The cat\n").out ==
        once.out);
  const TempDir dir;
  CHECK(tiny.run("generate",
                 {"--prompt-file", dir.write("p.txt", "The cat\n"), "-n", "50", "--seed", "7"})
            .out == once.out);
}

TEST_CASE("a seed that was chosen by chance is said, and repeats the text") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult chance = tiny.run("generate", {"-n", "40"});
  REQUIRE(chance.exit_code == 0);
  REQUIRE(chance.err.starts_with("seed: "));
  const std::string seed = chance.err.substr(6, chance.err.size() - 7);
  CHECK(tiny.run("generate", {"-n", "40", "--seed", seed}).out == chance.out);
  CHECK(tiny.run("generate", {"-n", "40", "--quiet"}).err.empty());
}

TEST_CASE("a seed is said where something is drawn, and only there") {
  const TinyModel& tiny = TinyModel::get();
  using Options = std::vector<std::string>;
  for (const auto& row :
       std::vector<std::pair<Options, bool>>{{{"--temp", "0.5"}, true},
                                             {{"--temp", "0"}, false},
                                             {{"--temp", "0", "--samplers", "top_k"}, true},
                                             {{"--beam", "2"}, false},
                                             {{"--beam", "2", "--temp", "0"}, false}}) {
    Options options = row.first;
    CAPTURE(options.back());
    options.insert(options.end(), {"-n", "5"});
    CHECK(tiny.run("generate", options).err.starts_with("seed: ") == row.second);
    CHECK(tiny.run("prompt", options, "The\n").err.starts_with("seed: ") == row.second);
  }
}

TEST_CASE("the line end at the end of a prompt is left out, whichever it is") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const auto written = [&](std::vector<std::string> options, const std::string& input = "") {
    options.insert(options.end(), {"-n", "30", "--seed", "7"});
    return tiny.run("generate", options, input).out;
  };
  for (const auto& row : std::vector<std::pair<std::string, std::string>>{
           {"The cat\r\n", "The cat"}, {"The cat\r\n\r\n", "The cat\r\n"}}) {
    const auto& [bytes, prompt] = row;
    const std::string wanted = written({"-p", prompt});
    CHECK(written({"-p", "-"}, bytes) == wanted);
    CHECK(written({"--prompt-file", dir.write("p.txt", bytes)}) == wanted);
  }
  for (const char* command : {"complete", "trace"}) {
    for (const char* bytes : {"The ca\r\n", "The ca"}) {
      CHECK(tiny.run(command, {"-"}, bytes).out == tiny.run(command, {"The ca"}).out);
    }
  }
}

TEST_CASE("--count writes several texts, each as its own run would, parted by a line") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult three =
      tiny.run("generate", {"-p", "A", "-n", "30", "--seed", "1", "--count", "3"});
  REQUIRE(three.exit_code == 0);
  size_t lines = 0;
  for (size_t at = 0; (at = three.out.find("---\n", at)) != std::string::npos; ++at) ++lines;
  CHECK(lines == 2);
  CHECK(three.out.starts_with(tiny.run("generate", {"-p", "A", "-n", "30", "--seed", "1"}).out));
}

TEST_CASE("--json gives each text as an object, the same text as without it") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> line{"-p", "The", "-n", "30", "--seed", "4"};
  std::vector<std::string> two = line;
  two.insert(two.end(), {"--json", "--count", "2"});
  const ProgramResult result = tiny.run("generate", two);
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  const auto first = nlohmann::json::parse(result.out.substr(0, result.out.find('\n')));
  CHECK(first.at("index") == 0);
  CHECK(first.at("seed") == 4);
  CHECK(first.at("prompt") == "The");
  CHECK(first.at("ending") == "characters");
  CHECK(first.at("characters") == 30);
  CHECK_FALSE(first.contains("novelty"));
  CHECK(tiny.run("generate", line).out.starts_with("The" + first.at("text").get<std::string>()));
}

TEST_CASE("--json has each text as soon as it is written") {
  // The reader leaves after the first of a million texts.
  const ProgramResult result = run_inkling(
      {.arguments = {"-c", INKLING_BINARY " generate -q --json -n 20 --count 1000000 --seed 1 -m " +
                               TinyModel::get().path() + " | head -n 1"},
       .program = "/bin/bash"});
  CHECK(nlohmann::json::parse(result.out).at("index") == 0);
}

TEST_CASE("--stop takes a line feed by its escape") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> line{"-p", "The", "-n", "2000", "--seed", "4"};
  const std::string whole = tiny.run("generate", line).out;
  REQUIRE(whole.find('\n') + 1 < whole.size());
  std::vector<std::string> stopped = line;
  stopped.insert(stopped.end(), {"--stop", "\\n"});
  CHECK(tiny.run("generate", stopped).out == whole.substr(0, whole.find('\n') + 1));
}

TEST_CASE("--novelty says what stands in the corpus, and marks it on a terminal") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> line{"-p", "The cat", "-n", "120", "--seed", "4", "--temp", "0.2"};
  std::vector<std::string> compared = line;
  compared.insert(compared.end(), {"--novelty", tiny.corpus(), "--novelty-min", "8"});
  const ProgramResult result = tiny.run("generate", compared);
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.out.starts_with(tiny.run("generate", line).out));
  CHECK(has(result.out, "---\nnovelty   "));
  CHECK(has(result.out, "corpus.txt:"));
  CHECK_FALSE(has(result.out, "\033"));

  std::vector<std::string> as_json = compared;
  as_json.emplace_back("--json");
  const auto json = nlohmann::json::parse(tiny.run("generate", as_json).out);
  const auto& novelty = json.at("novelty");
  REQUIRE(!novelty.at("passages").empty());
  const std::string text = json.at("text"), corpus = bytes_of_file(tiny.corpus());
  for (const auto& passage : novelty.at("passages")) {
    const std::string quoted = passage.at("text");
    CHECK(has(corpus, quoted));
    CHECK(quoted.size() >= 8);
    CHECK(text.substr(passage.at("begin"), quoted.size()) == quoted);
  }
  CHECK(novelty.at("share_copied").get<double>() > 0);

  std::vector<std::string> shown{"generate", "-m", tiny.path(), "-q"};
  shown.insert(shown.end(), compared.begin(), compared.end());
  CHECK(has(run_inkling({.arguments = shown, .terminal_columns = 80}).out, "\033[4;33m"));
  const std::string plain =
      run_inkling({.arguments = shown, .environment = {{"NO_COLOR", "1"}}, .terminal_columns = 80})
          .out;
  CHECK(has(plain, "\033[4m"));
  CHECK_FALSE(has(plain, "\033[4;33m"));

  // What is shorter than a passage has to be is no copy, but the longest of it is named.
  std::vector<std::string> by_page = compared;
  by_page.back() = "1000";
  const ProgramResult short_ones = tiny.run("generate", by_page);
  CHECK(has(short_ones.out, "novelty   100.0 % new; 0 of "));
  const std::string longest = novelty.at("longest").at("text");
  std::string one_line = longest;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  CHECK(has(short_ones.out, "passage   " + std::to_string(longest.size()) + " characters ("));

  // Several texts are parted as they are without it, and of all their passages five are named.
  std::vector<std::string> eight = line, eight_compared = compared;
  for (auto* options : {&eight, &eight_compared}) options->insert(options->end(), {"--count", "8"});
  const std::string texts = tiny.run("generate", eight).out;
  const std::string judged = tiny.run("generate", eight_compared).out;
  CHECK(judged.starts_with(texts + "---\nnovelty   "));
  size_t named = 0;
  for (size_t at = 0; (at = judged.find(" characters (text ", at)) != std::string::npos; ++at)
    ++named;
  CHECK(named == 5);

  const ProgramResult missing = tiny.run("generate", {"--novelty", "no-such-corpus"});
  CHECK(missing.exit_code == 1);
  CHECK(has(missing.err, "no-such-corpus"));
}

TEST_CASE("unseen characters in a prompt work, and are said once") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result = tiny.run("generate", {"-p", "☃☃ é", "-n", "20", "--seed", "1"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with("☃☃ é"));
  CHECK(has(result.err, "☃"));
  CHECK(result.err.find("does not know") == result.err.rfind("does not know"));
  CHECK(tiny.run("generate", {"-p", "☃", "-n", "20", "--seed", "1", "--quiet"}).err.empty());
}

TEST_CASE("a folder is neither a prompt nor a model") {
  const TinyModel& tiny = TinyModel::get();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"generate", "-m", "tiny", "--prompt-file", tiny.folder()},
        {"generate", "-m", tiny.folder()}}) {
    const ProgramResult result = run_inkling({.arguments = arguments, .folder = tiny.folder()});
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, " is a folder"));
  }
}

TEST_CASE("a prompt's file in another encoding is not advised options that there are not") {
  const TempDir dir;
  const std::string path = dir.write("latin.txt",
                                     "Der B\xe4r kommt \xfc"
                                     "ber die Stra\xdf"
                                     "e.\n");
  const ProgramResult result = TinyModel::get().run("generate", {"--prompt-file", path});
  CHECK(result.exit_code == 1);
  CHECK_MESSAGE(has(result.err, "give it in UTF-8"), result.err);
  CHECK_FALSE(has(result.err, "--encoding"));
  CHECK_FALSE(has(result.err, "--invalid"));
}

TEST_CASE("a prompt that is no UTF-8 is refused") {
  const ProgramResult result = TinyModel::get().run("generate", {"-p", "ab\xff"});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "the prompt is not UTF-8 from byte 2"));
}

TEST_CASE("a reader that leaves ends generate quietly") {
  const TinyModel& tiny = TinyModel::get();
  Program program({.arguments = {"generate", "-m", tiny.path(), "-n", "100000000", "--seed", "1"}});
  REQUIRE(program.wait_for("\n"));
  program.close_output();
  const ProgramResult result = program.finish();
  CHECK(result.signal == SIGPIPE);
  CHECK(result.err.empty());
}

TEST_CASE("a full disk behind standard output is a failure") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result =
      run_inkling({.arguments = {"generate", "-m", tiny.path(), "-n", "50", "--seed", "1"},
                   .output = "/dev/full"});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "No space left on device"));
}

TEST_CASE(
    "a terminal never receives control characters from a text, a pipe all bytes as they are") {
  const TinyModel& tiny = TinyModel::get();
  const std::string prompt = "\x1b]0;x\x07 \u202e";
  const std::vector<std::string> line{"generate", "-m", tiny.path(), "-n",   "5",
                                      "--seed",   "1",  "-p",        prompt, "-q"};
  const ProgramResult shown =
      run_inkling({.arguments = line, .environment = {{"NO_COLOR", "1"}}, .terminal_columns = 80});
  CHECK(has(shown.out, "\\x1b]0;x\\x07 \\u202e"));
  CHECK_FALSE(has(shown.out, "\x1b"));
  CHECK(run_inkling({.arguments = line}).out.starts_with(prompt));
}

TEST_CASE("models are found by name in ./models, in the user's folder and by $INKLING_MODEL") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> line{"generate", "-n", "10", "--seed", "1"};
  const std::string expected = tiny.run("generate", {"-n", "10", "--seed", "1"}).out;
  std::vector<std::string> named = line;
  named.insert(named.end(), {"-m", "tiny"});
  CHECK(run_inkling({.arguments = named, .folder = tiny.folder()}).out == expected);
  const TempDir home;
  home.write("inkling/models/tiny.safetensors", bytes_of_file(tiny.path()));
  CHECK(run_inkling({.arguments = named,
                     .environment = {{"XDG_DATA_HOME", home.path()}},
                     .folder = home.path()})
            .out == expected);
  CHECK(
      run_inkling(
          {.arguments = line, .environment = {{"INKLING_MODEL", "tiny"}}, .folder = tiny.folder()})
          .out == expected);
  CHECK(run_inkling({.arguments = line, .environment = {{"INKLING_MODEL", tiny.path()}}}).out ==
        expected);
  const ProgramResult here = run_inkling({.arguments = named, .folder = tiny.folder() + "/models"});
  CHECK(here.exit_code == 1);
  CHECK(has(here.err, "but a file tiny.safetensors here: give tiny.safetensors"));
}
