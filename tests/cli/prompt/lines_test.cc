#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/prompt_at_terminal.h"

using namespace inkling::testing;

TEST_CASE("prompt works from a pipe: each line is a prompt, and the text goes on") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result =
      tiny.run("prompt", {"--seed", "1", "-n", "20"}, "The cat\nThe dog\n/show\n");
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.out.starts_with("The cat"));
  CHECK(has(result.out, "\nThe dog"));
  CHECK_FALSE(has(result.out, "> "));
  // /show repeats the whole of it.
  const std::string shown = result.out.substr(0, result.out.size() / 2);
  CHECK(result.out == shown + shown);
  CHECK(tiny.run("prompt", {"--seed", "1", "-n", "20"}, "The cat").out ==
        tiny.run("generate", {"--seed", "1", "-n", "20", "-p", "The cat"}).out);
}

TEST_CASE("settings change live, and wrong ones are said without an end") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result =
      tiny.run("prompt", {"--seed", "1"},
               "/temp 0\n/length 10\nThe cat\n/clear\nThe cat\n/temp "
               "hot\n/tmep 1\n/top-p 3\n/n many\n/help\n/help settings\n/quit\nnever read\n");
  CHECK(result.exit_code == 1);
  const std::string half = result.out.substr(0, result.out.size() / 2);
  CHECK(result.out == half + half);  // greedy: the same text again
  CHECK(half.size() <= 7 + 10 + 1);
  for (const char* part : {"'hot' is no number", "there is no /tmep; did you mean '/temp'?",
                           "/top-p: 3 is out of range", "/n: 'many' is no whole number", "/temp X",
                           "below 1 safer", "/regen", "/n 10, ", "[10]"}) {
    CHECK_MESSAGE(has(result.err, part), std::string(part));
  }
  CHECK(has(result.err, "inkling: not every line was obeyed"));
  CHECK_FALSE(has(result.out, "never read"));
  CHECK_FALSE(has(result.err, "Shift-Tab"));  // nobody presses keys here
  CHECK(tiny.run("prompt", {}, "/exit\nnever read\n").out.empty());
}

TEST_CASE("a setting that is a text or a list can be emptied again") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> options{"--seed", "1", "-n", "10"};
  const std::string text = tiny.run("prompt", options, "The cat\n").out;
  for (const char* setting : {"/only [w]", "/never [^a]", "/logit-bias w+90", "/stop s"}) {
    CAPTURE(setting);
    const std::string name(setting, std::string_view(setting).find(' '));
    const std::string given = std::string(setting) + "\n";
    CHECK(tiny.run("prompt", options, given + "The cat\n").out != text);
    const ProgramResult result =
        tiny.run("prompt", options, fmt::format("{}{}\n{} \"\"\nThe cat\n", given, name, name));
    CHECK(has(result.err, std::string(setting) + ": "));
    CHECK(has(result.err, "; " + name + " \"\" empties it"));
    CHECK(result.out == text);
  }
}

TEST_CASE("/seed repeats a text, /regen writes another in its place") {
  const TinyModel& tiny = TinyModel::get();
  const std::string twice =
      tiny.run("prompt", {"-n", "40"}, "/seed 5\nThe\n/clear\n/seed 5\nThe\n").out;
  CHECK(twice.substr(0, twice.size() / 2) == twice.substr(twice.size() / 2));
  const std::string again =
      tiny.run("prompt", {"-n", "40", "--seed", "5", "--temp", "1.5"}, "The\n/regen\n/show\n").out;
  CHECK(again.starts_with("The"));
  CHECK(again.rfind("The") != 0);
  // Where nothing was written yet it begins.
  const std::vector<std::string> options{"-n", "40", "--seed", "5"};
  CHECK(tiny.run("prompt", options, "/regen\n").out == tiny.run("prompt", options, "/more\n").out);
}

TEST_CASE("/undo after /regen brings back what stood there before") {
  const TinyModel& tiny = TinyModel::get();
  const auto shown = [&](const std::string& commands) {
    const ProgramResult result = tiny.run("prompt", {"--seed", "1", "-n", "8"}, commands);
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    return result.out;
  };
  const std::string turns = "The cat\nThe dog\n";
  const std::string two = shown(turns), third = shown(turns + "/regen\n").substr(two.size());
  const std::string all = two + third;
  CHECK(shown(turns + "/regen\n/undo\n/show\n") == all + two);
  CHECK(shown(turns + "/regen\n/regen\n/undo\n/undo\n/show\n") ==
        shown(turns + "/regen\n/regen\n") + two);
  // Then the turn.
  CHECK(shown(turns + "/regen\n/undo\n/undo\n/show\n") == all + shown("The cat\n"));
}

TEST_CASE("text may begin with a slash, and broken bytes do no harm") {
  const ProgramResult result =
      TinyModel::get().run("prompt", {"--seed", "1", "-n", "5"}, "//path\n\xff\xfe\r\n\n");
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with("/path"));
  CHECK(has(result.out, "\uFFFD"));
}

TEST_CASE("a turn is taken back, and the model writes more") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> options{"--seed", "3", "-n", "10", "-q"};
  const std::string shown =
      tiny.run("prompt", options, "The cat\nThe dog\n/undo\n/undo\n/undo\n/show\n").out;
  const std::string turns = tiny.run("prompt", options, "The cat\nThe dog\n").out;
  CHECK(shown == turns);  // nothing is left to show
  const std::string one = tiny.run("prompt", options, "The cat\n").out;
  CHECK(tiny.run("prompt", options, "The cat\nThe dog\n/undo\n/show\n").out == turns + one);
  // Seeds count up: a second text is the one that its own seed writes.
  const std::string more = tiny.run("prompt", options, "The cat\n/more\n").out;
  const std::string text = one.substr(0, one.size() - 1);
  CHECK(more ==
        one +
            tiny.run("generate", {"--seed", "4", "-n", "10", "-p", text}).out.substr(text.size()));
}

TEST_CASE("a line that begins with a blank goes straight on") {
  const TinyModel& tiny = TinyModel::get();
  const std::string shown =
      tiny.run("prompt", {"--seed", "3", "-n", "2", "-q"}, "The cat\n sat\nNext\n/show\n").out;
  const std::string text = shown.substr(shown.find("The cat", 1));
  CHECK(text.starts_with("The cat"));
  CHECK(text.substr(9).starts_with(text[8] == ' ' ? "sat" : " sat"));
  CHECK(has(text, "\nNext"));
}

TEST_CASE("the text is saved, and a file that is there is not written over unasked") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const std::string path = dir.file("story.txt");
  const ProgramResult first = tiny.run("prompt", {"--seed", "3", "-n", "10"},
                                       "The cat\n/save " + path + "\n/more\n/save\n");
  CHECK(has(first.err, "saved "));
  const std::string saved = bytes_of_file(path);
  CHECK(saved.starts_with("The cat"));
  CHECK(saved.size() > 7 + 10 + 1);
  const ProgramResult second = tiny.run("prompt", {"--seed", "3", "-n", "10"},
                                        "The dog\n/save " + path + "\n/save\n/save /nowhere/x\n");
  CHECK(second.exit_code == 1);
  CHECK(has(second.err, path + " is there already; /save --force " + path + " writes over it"));
  CHECK(has(second.err, "/save needs the name of a file"));
  CHECK(has(second.err, "/nowhere/x: cannot write it"));
  CHECK(bytes_of_file(path) == saved);
  tiny.run("prompt", {"--seed", "3", "-n", "10"}, "The dog\n/save --force " + path + "\n");
  CHECK(bytes_of_file(path).starts_with("The dog"));
  const ProgramResult again = tiny.run("prompt", {"--seed", "3", "-n", "10"},
                                       "The man\n/save --force " + path + "\n/save --force\n");
  CHECK(again.exit_code == 0);
  CHECK(bytes_of_file(path).starts_with("The man"));
}

TEST_CASE("another text is not saved in the place of the one before, nor over what others wrote") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const std::string path = dir.file("story.txt");
  const ProgramResult cleared =
      tiny.run("prompt", {"--seed", "3", "-n", "10"},
               "The cat\n/save " + path + "\n/clear\nThe dog\n/save\n/save " + path + "\n");
  CHECK(has(cleared.err, "/save needs the name of a file"));
  CHECK(has(cleared.err, path + " is there already"));
  CHECK(bytes_of_file(path).starts_with("The cat"));

  Prompt prompt({"--seed", "3", "-n", "10"}, {.environment = {{"TERM", "dumb"}}});
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("The cat\n/save --force " + path + "\n");
  prompt.require("saved ");
  dir.write("story.txt", "by hand");
  prompt.type("/save\n");
  prompt.require("was changed by somebody else; /save --force");
  CHECK(bytes_of_file(path) == "by hand");
  prompt.leave();
}

TEST_CASE("a saved text is gone on with") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const std::string path = dir.write("story.txt", "The cat sat on the mat.\nThe dog\n");
  const std::vector<std::string> options{"--seed", "3", "-n", "10", "-q"};
  const std::string more =
      tiny.run("generate", {"--seed", "3", "-n", "10", "--prompt-file", path}).out.substr(31);
  CHECK(tiny.run("prompt", options, "/open " + path + "\n/more\n").out == more);
  std::vector<std::string> opened = options;
  opened.insert(opened.end(), {"--open", path});
  CHECK(tiny.run("prompt", opened, "\n/save\n").out == more);
  CHECK(bytes_of_file(path) == "The cat sat on the mat.\nThe dog" + more);
  // The text before it comes back.
  const ProgramResult back =
      tiny.run("prompt", options, "The owl\n/open " + path + "\n/undo\n/show\n/save\n");
  CHECK(has(back.out, "The owl"));
  CHECK_FALSE(has(back.out, "sat on the mat"));
  CHECK(has(back.err, "/save needs the name of a file"));
  // Several that were opened give way one after another.
  const ProgramResult opened_twice = tiny.run(
      "prompt", options, "The owl\n/open " + path + "\n/open " + path + "\n/undo\n/undo\n/show\n");
  CHECK(has(opened_twice.out.substr(opened_twice.out.size() / 2), "The owl"));
  for (const std::string bad : {"/open", "/open /no/such", "/open .", "/open -", "/open /dev/null"})
    CHECK(tiny.run("prompt", options, bad + "\n").exit_code == 1);
  opened.back() = "/no/such";
  CHECK(tiny.run("prompt", opened, "").exit_code == 1);
}

TEST_CASE(
    "a file with carriage returns is gone on with in line feeds, a folder is none to save in") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  dir.write("dos.txt", "The cat\r\nThe dog\r\n");
  CHECK(tiny.run("prompt", {}, "/open " + dir.file("dos.txt") + "\n/show\n").out ==
        "The cat\nThe dog\n");
  CHECK(tiny.run("prompt", {}, "/open \"" + dir.file("dos.txt") + "\"\n/show\n").out ==
        "The cat\nThe dog\n");
  const ProgramResult folder =
      tiny.run("prompt", {"--seed", "1", "-n", "3"}, "The cat\n/save " + dir.path() + "\n");
  CHECK(has(folder.err, "is a folder; name a file in it"));
  CHECK_FALSE(has(folder.err, "--force"));
  // Another program's options are not the prompt's.
  dir.write("latin.txt", "caf\xe9 noir, th\xe9 vert");
  const ProgramResult latin = tiny.run("prompt", {}, "/open " + dir.file("latin.txt") + "\n");
  CHECK(has(latin.err, "iconv -f "));
  CHECK(has(latin.err, " -t utf-8"));
}

TEST_CASE("a setting may have an equals sign before its value") {
  const TinyModel& tiny = TinyModel::get();
  CHECK(tiny.run("prompt", {"--seed", "1"}, "/n=5\nThe cat\n").out ==
        tiny.run("prompt", {"--seed", "1"}, "/n 5\nThe cat\n").out);
}

TEST_CASE("a text that was cleared away comes back") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> options{"--seed", "3", "-n", "10", "-q"};
  const std::string text = tiny.run("prompt", options, "The cat\n").out;
  CHECK(tiny.run("prompt", options, "The cat\n/clear\n/undo\n/show\n").out == text + text);
  CHECK(has(tiny.run("prompt", options, "The cat\n/clear\nThe\n/undo\n/undo\n/show\n").out,
            "\n" + text));
  CHECK(has(tiny.run("prompt", options, "The cat\n/clear\n/undo\n/undo\n/undo\n").err, ""));
}

TEST_CASE("what stands behind a command that takes nothing is refused") {
  const TinyModel& tiny = TinyModel::get();
  for (const std::string command : {"/undo 2", "/quit now", "/clear it", "/more 3", "/show me"}) {
    const ProgramResult result = tiny.run("prompt", {"-n", "1"}, command + "\n");
    CHECK(result.exit_code == 1);
    CHECK_MESSAGE(has(result.err, " stands alone: "), result.err);
  }
}

TEST_CASE("a path that begins with ~/ is one below the home folder") {
  const TempDir dir;
  const ProgramResult result =
      run_inkling({.arguments = {"prompt", "-m", TinyModel::get().path(), "-n", "1"},
                   .input = "The cat\n/save ~/story.txt\n",
                   .folder = dir.path()});
  CHECK(result.exit_code == 0);
  CHECK(has(result.err, " in " + dir.file("story.txt")));
  CHECK(bytes_of_file(dir.file("story.txt")).starts_with("The cat"));
}

TEST_CASE("input that cannot be read ends the session with a sentence") {
  const ProgramResult result = run_inkling(
      {.arguments = {"-c", INKLING_BINARY " prompt -m " + TinyModel::get().path() + " < /"},
       .program = "/bin/bash"});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "inkling: cannot read standard input: "));
}

TEST_CASE("another model is loaded on the way, and a missing one is no end") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result =
      tiny.run("prompt", {"--seed", "3", "-n", "10"},
               "The cat\n/load nothing\n/load\n/load tiny\n/undo\n/seed 3\nThe cat\n");
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "there is no model 'nothing'"));
  CHECK(has(result.err, "/load needs the path of a model"));
  CHECK(has(result.err, "the model is now tiny"));
  const std::string half = result.out.substr(0, result.out.size() / 2);
  CHECK(result.out == half + half);
}

TEST_CASE("a pipe gets every byte as it is") {
  const std::string line = "\x1b]0;x\x07 \u202e \u200f";
  const ProgramResult result =
      TinyModel::get().run("prompt", {"--seed", "1", "-n", "5", "-q"}, line + "\n");
  CHECK(result.out.starts_with(line));
  CHECK(result.err.empty());
}

TEST_CASE("a seed that was chosen by chance is said") {
  const ProgramResult chance = TinyModel::get().run("prompt", {"-n", "40"}, "The\n");
  REQUIRE(chance.err.starts_with("seed: "));
  const std::string seed = chance.err.substr(6, chance.err.find('\n') - 6);
  CHECK(TinyModel::get().run("prompt", {"-n", "40", "--seed", seed}, "The\n").out == chance.out);
}

TEST_CASE("a seed that a setting chose by chance is said") {
  const TinyModel& tiny = TinyModel::get();
  const auto seed_in = [](const std::string& err) {
    const size_t at = err.find("seed: ");
    REQUIRE(at != std::string::npos);
    CHECK(at == err.rfind("seed: "));
    return err.substr(at + 6, err.find('\n', at) - at - 6);
  };
  for (const char* setting : {"/seed -1\n", "/beam 0\n"}) {
    CAPTURE(setting);
    const std::vector<std::string> options = setting[1] == 's'
                                                 ? std::vector<std::string>{"--seed", "1"}
                                                 : std::vector<std::string>{"--beam", "2"};
    const ProgramResult chance = tiny.run("prompt", options, setting + std::string("The\n"));
    CHECK(chance.out == tiny.run("prompt", {"--seed", seed_in(chance.err)}, "The\n").out);
  }
}

TEST_CASE("the model's text ends with a sentence, unless another end is asked for") {
  const TinyModel& tiny = TinyModel::get();
  const auto sentences = [&](std::vector<std::string> options) {
    options.insert(options.end(), {"--seed", "1", "-q"});
    const std::string text = tiny.run("prompt", options, "The").out;
    return std::count(text.begin(), text.end(), '.');
  };
  CHECK(sentences({}) == 3);
  CHECK(sentences({"--sentences", "1"}) == 1);
  CHECK(sentences({"-n", "400"}) > 5);
  CHECK(sentences({"--words", "4"}) <= 1);
}

TEST_CASE("--learn learns what is typed, on a copy, and /save-model keeps it") {
  const TinyModel& tiny = TinyModel::get();
  const std::string before = bytes_of_file(tiny.path());
  const TempDir dir;
  std::string typed, lines;
  for (int i = 0; i < 30; ++i) typed += "The new cat is here again.\n";
  for (int i = 0; i < 30; ++i) lines += "The new cat is here again.\n";
  const std::string file = dir.write("typed.txt", typed), saved = dir.file("mine.safetensors");
  lines += "/save-model\n/save-model /nowhere/mine.safetensors\n/save-model " + saved +
           "\n/save-model " + saved + "\n";
  const std::vector<std::string> arguments{"--learn", "--seed",       "1",    "-n",
                                           "4",       "--adapt-rate", "0.003"};
  const ProgramResult result = tiny.run("prompt", arguments, lines);
  REQUIRE_MESSAGE(result.exit_code == 1, result.err);
  CHECK(has(result.err, "inkling: not every line was obeyed"));
  CHECK(has(result.err, "/save-model needs the name of a new file"));
  CHECK(has(result.err, "/nowhere/mine.safetensors: cannot write it"));
  CHECK(has(result.err, "saved as " + saved));
  CHECK(has(result.err, saved + " exists already"));
  CHECK(bytes_of_file(tiny.path()) == before);
  const auto loss_of = [&](const std::string& model) {
    const ProgramResult score =
        run_inkling({.arguments = {"evaluate", "-m", model, file, "--json"}});
    REQUIRE_MESSAGE(score.exit_code == 0, score.err);
    return nlohmann::json::parse(score.out).at("loss").get<double>();
  };
  // Nothing new was learned since the save; without one that is said.
  const std::string reminder = "what was learned is not kept: /save-model FILE keeps it";
  CHECK_FALSE(has(result.err, reminder));
  const ProgramResult unsaved = tiny.run("prompt", arguments, "The new cat is here again.\n");
  CHECK(has(unsaved.err, reminder));
  CHECK(unsaved.exit_code == 0);
  CHECK_FALSE(has(tiny.run("prompt", arguments, "").err, reminder));
  CHECK(loss_of(saved) < 0.8 * loss_of(tiny.path()));
  const ProgramResult info = run_inkling({.arguments = {"info", saved}});
  CHECK(has(info.out, "adapted at the prompt"));

  const ProgramResult still = tiny.run("prompt", {"-n", "4", "--seed", "1"},
                                       "The cat\n/save-model " + dir.file("no.safetensors") + "\n");
  CHECK(has(still.err, "start the prompt with --learn"));
  CHECK(still.exit_code == 1);
}
