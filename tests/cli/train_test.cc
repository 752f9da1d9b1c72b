#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "support/lines.h"
#include "support/tiny_model.h"

using namespace inkling;
using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t entries(const std::string& folder) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(folder)) ++count;
  return count;
}

}  // namespace

TEST_CASE("train writes a model, its checkpoints and a log, and says what it did") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result = run_inkling(
      {.arguments = tiny_training(corpus, "m.safetensors",
                                  {"--steps", "40", "--eval-every", "10", "--log", "m.jsonl"}),
       .folder = dir.path()});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.out.empty());
  CHECK(fs::exists(dir.file("m.safetensors")));
  CHECK(fs::exists(dir.file("m.last.safetensors")));
  for (const char* part : {"1 file", "distinct characters", "train ", "1 layer of 16", "parameters",
                           "1 thread", "step 10 ", "step 40 ", "val ", "best validation loss",
                           "inkling generate -m m.safetensors"}) {
    CHECK_MESSAGE(has(result.err, part), part);
  }
  CHECK_FALSE(has(result.err, "\033"));
  CHECK_FALSE(has(result.err, "\r"));

  const std::vector<nlohmann::json> log = json_lines(bytes_of_file(dir.file("m.jsonl")));
  REQUIRE(log.size() == 4);
  for (size_t i = 0; i < log.size(); ++i) {
    CHECK(log[i].size() == 8);
    CHECK(log[i].at("step") == 10 * (i + 1));
    for (const char* key : {"epoch", "seconds", "train_loss", "val_loss", "learning_rate",
                            "grad_norm", "chars_per_second"}) {
      CHECK_MESSAGE(log[i].at(key).is_number(), key);
    }
  }
  CHECK(log[3].at("val_loss").get<double>() < log[0].at("val_loss").get<double>());
}

TEST_CASE("--storage bf16 halves the model file and says what the rounding costs") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  std::map<std::string, uintmax_t> sizes;
  for (const char* storage : {"f32", "bf16"}) {
    const std::string model = std::string(storage) + ".safetensors";
    const ProgramResult result = run_inkling(
        {.arguments = tiny_training(corpus, model,
                                    {"--steps", "20", "--storage", storage, "--hidden-size", "64"}),
         .folder = dir.path()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    CHECK(has(result.err, "stored in bfloat16 it has ") == (std::string(storage) == "bf16"));
    sizes[storage] = fs::file_size(dir.file(model));
  }
  CHECK(sizes["bf16"] < sizes["f32"] * 6 / 10);
  const ProgramResult text = run_inkling(
      {.arguments = {"generate", "-m", "bf16.safetensors", "-n", "20"}, .folder = dir.path()});
  CHECK_MESSAGE(text.exit_code == 0, text.err);
}

TEST_CASE("--stacks trains networks side by side, and says so") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result = run_inkling(
      {.arguments = tiny_training(corpus, "m.safetensors", {"--steps", "20", "--stacks", "3"}),
       .folder = dir.path()});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(has(result.err, "3 stacks of 1 layer of 16"));
  const ProgramResult info =
      run_inkling({.arguments = {"info", "--json", "m.safetensors"}, .folder = dir.path()});
  const nlohmann::json told = nlohmann::json::parse(info.out);
  CHECK(told.at("stacks") == 3);
  CHECK(told.at("num_layers") == 1);
  CHECK(has(told.at("command").get<std::string>(), "--stacks 3"));
  const ProgramResult begun =
      run_inkling({.arguments = {"train", corpus, "-o", "n.safetensors", "--threads", "1", "--time",
                                 "0.2s", "--init-from", "m.safetensors"},
                   .folder = dir.path()});
  CHECK_MESSAGE(has(begun.err, "3 stacks of 1 layer of 16"), begun.err);

  const ProgramResult many = run_inkling(
      {.arguments = {"train", corpus, "-o", "o.safetensors", "--num-layers", "5", "--stacks", "7"},
       .folder = dir.path()});
  CHECK(many.exit_code == 2);
  CHECK(has(many.err, "--num-layers 5 times --stacks 7"));
}

TEST_CASE("without a validation part val_loss is null in the log") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result =
      run_inkling({.arguments = tiny_training(corpus, "m.safetensors",
                                              {"--steps", "10", "--eval-every", "5", "--log",
                                               "m.jsonl", "--split", "100/0/0", "--quiet"}),
                   .folder = dir.path()});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.err.empty());
  for (const nlohmann::json& line : json_lines(bytes_of_file(dir.file("m.jsonl"))))
    CHECK(line.at("val_loss").is_null());
}

TEST_CASE("--dry-run says what would be trained and writes nothing") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text() + "One snowman: ☃.\n");
  const ProgramResult result = run_inkling(
      {.arguments = {"train", corpus, "--dry-run", "--min-count", "2", "--split", "100/0/0",
                     "--log", "m.jsonl", "--hidden-size", "32", "-o", "m.safetensors"},
       .folder = dir.path()});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  for (const char* part :
       {"corpus", "split", "vocabulary", "☃ (1)", "of memory", "2 layers of 32"}) {
    CHECK_MESSAGE(has(result.out, part), part);
  }
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("an existing output is kept unless --force is given") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  for (const char* existing : {"m.safetensors", "m.last.safetensors", "m.previous.safetensors"}) {
    const std::string file = dir.write(existing, "precious");
    const ProgramResult refused =
        run_inkling({.arguments = tiny_training(corpus, "m.safetensors", {"--steps", "3"}),
                     .folder = dir.path()});
    CHECK(refused.exit_code == 1);
    CHECK(has(refused.err, std::string(existing) + " exists already; give --resume"));
    CHECK(bytes_of_file(file) == "precious");
    fs::remove(file);
  }
  dir.write("m.safetensors", "precious");
  const ProgramResult forced =
      run_inkling({.arguments = tiny_training(corpus, "m.safetensors", {"--steps", "3", "--force"}),
                   .folder = dir.path()});
  CHECK_MESSAGE(forced.exit_code == 0, forced.err);
  CHECK(bytes_of_file(dir.file("m.safetensors")) != "precious");
}

TEST_CASE("neither the model nor the log takes the place of a text, a model or another log") {
  const TempDir dir;
  const std::string text = tiny_text();
  struct Row {
    std::vector<std::string> more;
    const char *written, *sentence;
    int code = 1;
  };
  for (const Row& row : {
           Row{{"--log", "corpus.txt"}, "corpus.txt", "corpus.txt exists already"},
           Row{{"--log", "corpus.txt", "--force"}, "corpus.txt", "is one of the texts"},
           Row{{"-o", "corpus.txt", "--force"}, "corpus.txt", "is one of the texts"},
           Row{{"-o", "link", "--force"}, "corpus.txt", "is one of the texts"},
           Row{{"--log", "./m.safetensors"}, nullptr, "is a model of this run"},
           Row{{"--log", "m.last.safetensors"}, nullptr, "is a model of this run"},
           Row{{"--log", "old.jsonl"}, "old.jsonl", "give --force to replace it"},
           Row{{"--log", "old.jsonl", "--init-from", "old.jsonl", "--force"},
               "old.jsonl",
               "is a model of this run"},
           Row{{"-o", "/dev/null", "--force"}, nullptr, "no regular file"},
           Row{{"--log", "-"}, nullptr, "--log: give a file", 2},
           Row{{"-o", "a.last.safetensors"}, nullptr, "the name of a checkpoint", 2},
       }) {
    dir.write("corpus.txt", text), dir.write("old.jsonl", text);
    if (!fs::exists(dir.file("link"))) fs::create_symlink("corpus.txt", dir.file("link"));
    std::vector<std::string> more = row.more;
    more.insert(more.end(), {"--steps", "2"});
    if (row.more[0] != "-o") more.insert(more.end(), {"-o", "m.safetensors"});
    std::vector<std::string> arguments{"train", ".", "--hidden-size", "8"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult refused = run_inkling({.arguments = arguments, .folder = dir.path()});
    INFO(refused.err);
    CHECK(refused.exit_code == row.code);
    CHECK(has(refused.err, row.sentence));
    if (row.written != nullptr) CHECK(bytes_of_file(dir.file(row.written)) == text);
    CHECK(!fs::exists(dir.file("m.safetensors")));
  }
}

TEST_CASE("a corpus that cannot be trained on is refused with a sentence, and nothing is written") {
  const TempDir dir;
  fs::create_directory(dir.file("empty-folder"));
  dir.write("empty.txt", "");
  dir.write("one.txt", "x");
  dir.write("ill-formed.txt", "first line\nsecond \xff line\n");
  dir.write("good.txt", tiny_text());
  struct Row {
    const char *corpus, *output;
    const char* sentence;
  };
  const size_t before = entries(dir.path());
  for (const Row& row :
       {Row{"missing.txt", "m.safetensors", "missing.txt"},
        Row{"empty-folder", "m.safetensors", "empty-folder"},
        Row{"empty.txt", "m.safetensors", "empty"}, Row{"one.txt", "m.safetensors", "inkling: "},
        Row{"ill-formed.txt", "m.safetensors", "ill-formed.txt"},
        Row{"good.txt", "no/folder/m.safetensors", "no/folder"},
        Row{"good.txt", "/proc/m.safetensors", "/proc"},
        Row{"good.txt", "empty-folder", "is a folder"}}) {
    const auto& [corpus, output, sentence] = row;
    CAPTURE(row.sentence);
    const ProgramResult result =
        run_inkling({.arguments = tiny_training(corpus, output), .folder = dir.path()});
    CAPTURE(result.err);
    CHECK(result.exit_code == 1);
    CHECK(result.err.starts_with("inkling: "));
    CHECK(has(result.err, sentence));
    CHECK(result.err.find('\n') == result.err.size() - 1);
    CHECK(entries(dir.path()) == before);
  }
  const ProgramResult ill_formed = run_inkling(
      {.arguments = tiny_training("ill-formed.txt", "m.safetensors"), .folder = dir.path()});
  CHECK(has(ill_formed.err, "line 2"));
  CHECK(has(ill_formed.err, "18"));
}

TEST_CASE("a learning rate that breaks the training ends it, with the last good model kept") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result =
      run_inkling({.arguments = tiny_training(
                       corpus, "m.safetensors",
                       {"--steps", "1000", "--eval-every", "20", "--learning-rate", "1e6"}),
                   .folder = dir.path()});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "going back to the last good weights with half the learning rate"));
  CHECK(has(result.err,
            "inkling: training diverged 4 times; m.safetensors holds the last good "
            "model"));
  CHECK(has(result.err, "try a lower --learning-rate"));
  CHECK(run_inkling({.arguments = {"generate", "-m", dir.file("m.safetensors"), "-n", "5"}})
            .exit_code == 0);
}

TEST_CASE("the output is checked before the corpus is read") {
  const ProgramResult result =
      run_inkling({.arguments = tiny_training("missing.txt", "/no/folder/m.safetensors")});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "/no/folder"));
}

TEST_CASE("why a run ended early is said as it was") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const auto train = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--learning-rate", "1e-30", "--patience", "2", "--eval-every", "2",
                             "--steps", "400"});
    return run_inkling(
               {.arguments = tiny_training(corpus, "m.safetensors", more), .folder = dir.path()})
        .err;
  };
  const std::string said = train({});
  CHECK_MESSAGE(has(said, "the validation loss was not better 2 times; kept is the best"), said);
  CHECK_FALSE(has(said, "by heart"));
  CHECK(has(train({"--resume"}), "the run has ended already"));
}

TEST_CASE("texts to validate on can be named") {
  const TempDir dir;
  const std::string all = tiny_text();
  dir.write("texts/book.txt", all.substr(0, 3000));
  dir.write("texts/valid.txt", all.substr(3000, 500));
  const auto train = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--steps", "3", "--force"});
    return run_inkling(
        {.arguments = tiny_training("texts", "m.safetensors", more), .folder = dir.path()});
  };
  // Out of the folder, it only validates.
  const ProgramResult named = train({"--validation", "texts/valid.txt"});
  REQUIRE_MESSAGE(named.exit_code == 0, named.err);
  CHECK(has(named.err, "train 3,000, validation 500, test 0"));
  CHECK(has(named.err, "best validation loss"));

  const auto resume = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"train", "texts", "-o", "m.safetensors", "--resume", "--steps", "5"});
    return run_inkling({.arguments = more, .folder = dir.path()});
  };
  CHECK(resume({}).exit_code == 1);
  CHECK(resume({"--validation", "texts/valid.txt"}).exit_code == 0);

  CHECK(has(train({"--validation", "texts/valid.txt", "--split", "90/0/10"}).err,
            "train 2,700, validation 500, test 300"));
  CHECK(resume({"--validation", "texts/valid.txt"}).exit_code == 0);
  const ProgramResult both = train({"--validation", "texts/valid.txt", "--split", "80/10/10"});
  CHECK(both.exit_code == 2);
  CHECK(has(both.err, "must leave no share to it"));
  const ProgramResult nothing = train({"--validation", "texts"});
  CHECK(nothing.exit_code == 2);
  CHECK(has(nothing.err, "all of the corpus is given as --validation"));
  CHECK(train({"--validation", "missing.txt"}).exit_code == 1);
}

TEST_CASE("standard input is a corpus") {
  const TempDir dir;
  const ProgramResult result =
      run_inkling({.arguments = tiny_training("-", "m.safetensors", {"--steps", "2"}),
                   .input = tiny_text(),
                   .folder = dir.path()});
  CHECK_MESSAGE(result.exit_code == 0, result.err);
}

TEST_CASE("samples of the text come as often as is asked for, or never") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  for (const auto& [every, any] : {std::pair{"1", true}, std::pair{"-1", false}}) {
    const ProgramResult result = run_inkling(
        {.arguments = tiny_training(corpus, "m.safetensors",
                                    {"--steps", "20", "--sample-every", every, "--force"}),
         .folder = dir.path()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    CHECK(has(result.err, "char/s\n    ") == any);
  }
}

TEST_CASE("a terminal gets a bar that is drawn over, and samples of the text") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result =
      run_inkling({.arguments = tiny_training(corpus, "m.safetensors",
                                              {"--steps", "200", "--sample-every", "2"}),
                   .folder = dir.path(),
                   .terminal_columns = 60});
  REQUIRE_MESSAGE(result.exit_code == 0, result.out);
  CHECK(has(result.out, "\r│"));
  CHECK(has(result.out, "\033[K"));
  CHECK(has(result.out, " left"));
  CHECK(has(result.out, "best validation loss"));
  const ProgramResult dumb = run_inkling(
      {.arguments = tiny_training(corpus, "m.safetensors", {"--steps", "20", "--force"}),
       .environment = {{"TERM", "dumb"}},
       .folder = dir.path(),
       .terminal_columns = 60});
  CHECK(dumb.exit_code == 0);
  CHECK_FALSE(has(dumb.out, "\033"));
}

TEST_CASE("bfloat16 is refused where no processor multiplies it") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result =
      run_inkling({.arguments = tiny_training(corpus, "m.safetensors", {"--precision", "bf16"}),
                   .environment = {{"INKLING_MAX_ISA", "avx2"}},
                   .folder = dir.path()});
  CHECK(result.exit_code == 2);
  CHECK_MESSAGE(has(result.err, "multiplies no bfloat16 matrices; use --precision f32 or auto"),
                result.err);
  CHECK(entries(dir.path()) == 1);
}
