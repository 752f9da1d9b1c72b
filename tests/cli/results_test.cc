// What complete, evaluate and info print, for programs and for people.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "model/model_file.h"
#include "support/lines.h"
#include "support/tiny_model.h"
#include "text/display_width.h"

using namespace inkling::testing;
using nlohmann::json;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("complete --json has the promised keys, and probabilities that descend") {
  const json result = TinyModel::get().run_json("complete", {"The cat sat on the", "-k", "4"});
  CHECK(result.at("prompt") == "The cat sat on the");
  CHECK(result.at("begun").is_string());
  CHECK(result.at("open_mass").get<double>() >= 0);
  CHECK(result.at("proven").is_boolean());
  const json& completions = result.at("completions");
  REQUIRE(!completions.empty());
  CHECK(completions.size() <= 4);
  double before = 1;
  for (const json& completion : completions) {
    CHECK(completion.at("word").is_string());
    CHECK(completion.at("insert").is_string());
    const double p = completion.at("probability").get<double>();
    CHECK(p <= before);
    CHECK(completion.at("log_probability").get<double>() == doctest::Approx(std::log(p)));
    before = p;
  }
  CHECK(TinyModel::get().run_json("complete", {"-", "-k", "4"}, "The cat sat on the\n") == result);
}

TEST_CASE("complete prints a table that keeps to the terminal") {
  const ProgramResult table = TinyModel::get().run("complete", {"The cat sat on the", "-k", "3"});
  REQUIRE_MESSAGE(table.exit_code == 0, table.err);
  const std::vector<std::string> lines = lines_of(table.out);
  REQUIRE(!lines.empty());
  CHECK(lines[0].starts_with("  1  "));
  CHECK(has(lines[0], " %"));
}

TEST_CASE("evaluate reports one loss in all its units") {
  const TinyModel& tiny = TinyModel::get();
  const json result = TinyModel::get().run_json("evaluate", {tiny.corpus()});
  const double loss = result.at("loss").get<double>();
  const auto characters = static_cast<double>(tiny_text().size() - 1);
  CHECK(loss > 0.1);
  CHECK(loss < 3);
  CHECK(result.at("characters").get<double>() == characters);
  CHECK(result.at("bpc").get<double>() == doctest::Approx(loss / std::numbers::ln2));
  CHECK(result.at("perplexity").get<double>() == doctest::Approx(std::exp(loss)));
  CHECK(result.at("bits_per_byte").get<double>() ==
        doctest::Approx(loss * characters / std::numbers::ln2 /
                        characters));  // the first is not predicted
  CHECK(result.at("unknown_characters") == 0);
  CHECK(has(result.at("protocol").get<std::string>(), "stateful"));
  CHECK(result.at("dynamic_evaluation") == false);
  CHECK(result.at("probability_sum").at("positions") == characters);
  CHECK(result.at("probability_sum").at("largest_error").get<double>() < 1e-5);
  CHECK(TinyModel::get().run_json("evaluate", {"-"}, tiny_text()) == result);

  const ProgramResult table = tiny.run("evaluate", {tiny.corpus()});
  for (const char* part :
       {"nats per character", "bits per byte", "perplexity", "protocol", "stateful"}) {
    CHECK_MESSAGE(has(table.out, part), part);
  }
  CHECK(has(TinyModel::get()
                .run_json("evaluate", {tiny.corpus(), "--window", "64"})
                .at("protocol")
                .get<std::string>(),
            "64"));
  CHECK(has(TinyModel::get()
                .run_json("evaluate", {tiny.corpus(), "--streams", "4"})
                .at("protocol")
                .get<std::string>(),
            "stateful, in 4 parallel streams"));
}

TEST_CASE("a part can be all that there is") {
  const TinyModel& tiny = TinyModel::get();
  const json whole = TinyModel::get().run_json("evaluate", {tiny.corpus()});
  for (const auto& [split, part] : {std::pair("0/0/100", "test"), {"0/100/0", "validation"}}) {
    const json all =
        TinyModel::get().run_json("evaluate", {tiny.corpus(), "--part", part, "--split", split});
    CHECK(all.at("loss") == whole.at("loss"));
  }
}

TEST_CASE("a part of the text that is empty is named") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result = tiny.run("evaluate", {tiny.corpus(), "--part", "test"});
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "the test part of the text has no second character"));
}

TEST_CASE("evaluate says what weights of 8 bits cost") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> precisely{tiny.corpus(), "--precision", "f32"},
      roughly{tiny.corpus(), "--precision", "int8"};
  const json exact = TinyModel::get().run_json("evaluate", precisely),
             rounded = TinyModel::get().run_json("evaluate", roughly);
  const double cost = rounded.at("int8_cost").get<double>();
  CHECK(cost == doctest::Approx(rounded.at("loss").get<double>() - exact.at("loss").get<double>()));
  CHECK(cost != 0);
  CHECK(std::abs(cost) < 0.02);
  CHECK(!exact.contains("int8_cost"));
  CHECK(has(tiny.run("evaluate", roughly).out, "int8 costs "));
  const ProgramResult windows =
      tiny.run("evaluate", {tiny.corpus(), "--precision", "int8", "--window", "64"});
  CHECK(windows.exit_code == 2);
  CHECK(has(windows.err, "leave out --streams and --window"));
  const ProgramResult trained =
      run_inkling({.arguments = {"train", tiny.corpus(), "--precision", "int8", "--steps", "1",
                                 "-o", tiny.folder() + "/int8.safetensors"}});
  CHECK(trained.exit_code == 2);
  CHECK(has(trained.err, "use --precision f32, bf16 or auto"));
}

TEST_CASE("a loss without bounds is printed in a few digits") {
  const TinyModel& tiny = TinyModel::get();
  inkling::model::ModelFile file = inkling::model::load_model_file(tiny.path());
  const std::string sure = tiny.folder() + "/sure.safetensors";
  for (const auto& [scale, perplexity] :
       {std::pair{100.0F, "e+"}, std::pair{1e6F, "perplexity     inf\n"}}) {
    inkling::model::ModelFile scaled = file;
    for (float& weight : scaled.model.weights) weight *= scale;
    inkling::model::save_model(sure, scaled);
    const ProgramResult table = run_inkling({.arguments = {"evaluate", "-m", sure, tiny.corpus()}});
    CHECK_MESSAGE(table.exit_code == 0, table.err);
    CHECK_MESSAGE(has(table.out, perplexity), table.out);
    for (const std::string& line : lines_of(table.out)) CHECK_MESSAGE(line.size() < 70, line);
    const ProgramResult values =
        run_inkling({.arguments = {"evaluate", "-m", sure, tiny.corpus(), "--json"}});
    CHECK(json::parse(values.out).at("loss").get<double>() > 20);
  }
}

TEST_CASE("dynamic evaluation is labelled as such, and learns") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 40; ++i) text += "A wholly new sentence, again.\n";
  const std::string file = dir.write("new.txt", text);
  const json still = TinyModel::get().run_json("evaluate", {file}),
             adapted = TinyModel::get().run_json("evaluate", {file, "--adapt"});
  CHECK(adapted.at("dynamic_evaluation") == true);
  CHECK(has(adapted.at("protocol").get<std::string>(), "dynamic evaluation (rate 0.0007"));
  CHECK(adapted.at("characters") == still.at("characters"));
  CHECK(adapted.at("loss").get<double>() < 0.95 * still.at("loss").get<double>());
  const ProgramResult table = tiny.run("evaluate", {file, "--adapt", "--adapt-every", "8"});
  CHECK(has(table.out, "in dynamic evaluation"));
  CHECK(has(table.out, "every 8"));
}

TEST_CASE("an ensemble of several -m, and what cannot be one") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> twice{"-m", tiny.path(), "--ensemble", tiny.corpus()};
  const json both = TinyModel::get().run_json("evaluate", twice);
  CHECK(both.at("models") == 2);
  CHECK(both.at("loss").get<double>() ==
        doctest::Approx(
            TinyModel::get().run_json("evaluate", {tiny.corpus()}).at("loss").get<double>()));
  CHECK(tiny.run("generate", {"-m", tiny.path(), "--ensemble", "--seed", "1", "-n", "30"}).out ==
        tiny.run("generate", {"--seed", "1", "-n", "30"}).out);
  const ProgramResult alone = tiny.run("generate", {"--ensemble"});
  CHECK(alone.exit_code == 2);
  CHECK(has(alone.err, "give -m more than once"));
  const ProgramResult typed =
      tiny.run("evaluate", {"-m", tiny.path(), "--ensemble", "--completion", tiny.corpus()});
  CHECK(typed.exit_code == 2);
  CHECK(has(typed.err, "--completion types with one model: leave --ensemble out"));
  const ProgramResult other = tiny.run(
      "generate", {"--ensemble", "-m", INKLING_SOURCE_FOLDER "/models/english.safetensors"});
  CHECK(other.exit_code == 1);
  CHECK(has(other.err, "an ensemble needs models of the same characters"));
}

TEST_CASE("of models that are scored in different ways each way is named") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const std::string windows = dir.file("windows.safetensors");
  REQUIRE(run_inkling({.arguments = tiny_training(
                           tiny.corpus(), windows,
                           {"--shape", "many-to-one", "--context", "5", "--steps", "2"})})
              .exit_code == 0);
  const json mixed =
      TinyModel::get().run_json("evaluate", {"-m", windows, "--ensemble", tiny.corpus()});
  CHECK(has(mixed.at("protocol").get<std::string>(),
            "stateful, in one pass from the initial state and a window of 5 characters"));
  const ProgramResult refused =
      tiny.run("evaluate", {"-m", windows, "--ensemble", "--window", "64", tiny.corpus()});
  CHECK(refused.exit_code == 2);
  CHECK(has(refused.err, "leave out --streams and --window"));
}

TEST_CASE("evaluate --completion types the text and counts the keys") {
  const TinyModel& tiny = TinyModel::get();
  const json result =
      TinyModel::get().run_json("evaluate", {tiny.corpus(), "--completion", "--keystrokes", "300"});
  CHECK(result.at("characters") == 300);
  CHECK(result.at("words").get<int>() > 40);
  double before = 0;
  int suggestions[] = {1, 3, 5}, i = 0;
  for (const json& typed : result.at("keystrokes")) {
    CHECK(typed.at("suggestions") == suggestions[i++]);
    const double saved = typed.at("saved").get<double>();
    CHECK(saved == doctest::Approx(1 - typed.at("keys").get<double>() / 300));
    CHECK(saved >= before);
    before = saved;
  }
  CHECK(i == 3);
  CHECK(before > 0.4);
  CHECK(result.at("top1").get<double>() > 0.3);
  CHECK(result.at("top3") >= result.at("top1"));
  const ProgramResult table =
      tiny.run("evaluate", {tiny.corpus(), "--completion", "--keystrokes", "300"});
  CHECK(has(table.out, "with 5 suggestions"));
  CHECK(has(table.out, "among the first three"));
}

TEST_CASE("evaluate scores the part that the model was not trained on as training did") {
  const TinyModel& tiny = TinyModel::get();
  const json info = TinyModel::get().run_json("info", {});
  const json validation = TinyModel::get().run_json(
      "evaluate", {tiny.corpus(), "--part", "validation", "--precision", "f32"});
  CHECK(validation.at("loss").get<double>() ==
        doctest::Approx(info.at("val_loss").get<double>()).epsilon(1e-4));
  CHECK(validation.at("characters") <
        TinyModel::get().run_json("evaluate", {tiny.corpus(), "--part", "train"}).at("characters"));
}

TEST_CASE("--per-line and --per-character add up to the whole") {
  const TempDir dir;
  const std::string file = dir.write("lines.txt", "The cat sat.\n\nThe\tdog ☃ slept.\nno end");
  const json whole = TinyModel::get().run_json("evaluate", {file});
  const double nats = whole.at("loss").get<double>() * whole.at("characters").get<double>();
  CHECK(whole.at("unknown_characters") == 2);

  const json scores = TinyModel::get().run_json("evaluate", {file, "--per-character"}).at("scores");
  CHECK(scores.size() == whole.at("characters"));
  double sum = 0;
  for (const json& score : scores) sum += score.at("nats").get<double>();
  CHECK(sum == doctest::Approx(nats));

  const std::vector<std::string> lines =
      lines_of(TinyModel::get().run("evaluate", {file, "--per-line"}).out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("1\t"));
  CHECK(lines[0].ends_with("\tThe cat sat."));
  CHECK(lines[1].starts_with("3\t"));
  CHECK(lines[1].ends_with("The\uFFFDdog \uFFFD slept."));
  CHECK(lines[2].ends_with("no end"));

  const std::vector<std::string> characters =
      lines_of(TinyModel::get().run("evaluate", {file, "--per-character"}).out);
  CHECK(characters.size() == whole.at("characters"));
  CHECK(characters[0].starts_with("h\t"));
}

TEST_CASE("evaluate refuses a text with nothing to predict") {
  const TempDir dir;
  const ProgramResult one = TinyModel::get().run("evaluate", {dir.write("one.txt", "x")});
  CHECK(one.exit_code == 1);
  CHECK(one.err.starts_with("inkling: "));
  const ProgramResult wordless =
      TinyModel::get().run("evaluate", {dir.write("stops.txt", "...\n"), "--completion"});
  CHECK(wordless.exit_code == 1);
  CHECK(has(wordless.err, "there is no word to type"));
  const ProgramResult missing = TinyModel::get().run("evaluate", {dir.file("missing.txt")});
  CHECK(missing.exit_code == 1);
  CHECK(has(missing.err, "missing.txt"));
}

TEST_CASE("tables fit narrow terminals") {
  const TinyModel& tiny = TinyModel::get();
  for (const char* command : {"trace", "complete"}) {
    for (const int columns : {20, 40, 80}) {
      const ProgramResult result =
          run_inkling({.arguments = {command, "-m", tiny.path(), "The cat sat on", "-q"},
                       .terminal_columns = columns});
      CHECK(result.exit_code == 0);
      for (const std::string& line : lines_of(result.out)) {
        // The terminal ends lines with CR LF.
        CHECK(inkling::text::display_width(line.substr(0, line.size() - 1)) <= columns);
      }
    }
  }
}

TEST_CASE("info says what a model is") {
  const json info = TinyModel::get().run_json("info", {});
  CHECK(info.at("cell") == "gru");
  CHECK(info.at("num_layers") == 1);
  CHECK(info.at("hidden_size") == 16);
  CHECK(info.at("embedding_size") == 0);
  CHECK(info.at("unit") == "grapheme");
  CHECK(info.at("shape") == "many-to-many");
  CHECK(info.at("vocab_size").get<int64_t>() > 10);
  CHECK(info.at("val_loss").get<double>() > 0);
  CHECK(has(info.at("command").get<std::string>(), "--hidden-size 16"));
  CHECK_FALSE(has(info.at("command").get<std::string>(), "corpus"));
  const auto vocab_size = info.at("vocab_size").get<int64_t>();
  CHECK(info.at("parameters").get<int64_t>() ==
        int64_t{3} * 16 * (vocab_size + 16 + 2) + vocab_size * 17);

  const TinyModel& tiny = TinyModel::get();
  const ProgramResult table = run_inkling({.arguments = {"info", "tiny"}, .folder = tiny.folder()});
  for (const char* part :
       {"gru, 1 layer of 16", "parameters", "vocabulary", "validation", "--hidden-size 16"}) {
    CHECK_MESSAGE(has(table.out, part), part);
  }
  const json last =
      json::parse(run_inkling({.arguments = {"info", "--json",
                                             tiny.folder() + "/models/tiny.last.safetensors"}})
                      .out);
  CHECK(last.at("checkpoint") == true);
  CHECK(info.at("checkpoint") == false);
}

TEST_CASE("info says how much a many-to-one model reads back") {
  const TempDir dir;
  inkling::model::ModelFile file = inkling::model::load_model_file(TinyModel::get().path());
  file.model.config.shape = inkling::model::Shape::many_to_one;
  file.model.config.context = 37;
  inkling::model::save_model(dir.file("one.safetensors"), file);
  const std::vector<std::string> line{"info", dir.file("one.safetensors")};
  CHECK(has(run_inkling({.arguments = line}).out, "many-to-one with a context of 37"));
  CHECK_FALSE(has(TinyModel::get().run("info", {}).out, "with a context"));
}
