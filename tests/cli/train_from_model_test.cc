// inkling train --init-from: runs that begin with another model.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/lines.h"
#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("--init-from begins with the weights of another model") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const auto first_loss = [&](std::vector<std::string> more, const std::string& log) {
    more.insert(more.end(), {"--steps", "2", "--eval-every", "1", "--log", dir.file(log), "-q"});
    const ProgramResult result = run_inkling(
        {.arguments = tiny_training(tiny.corpus(), dir.file(log + ".safetensors"), more),
         .folder = tiny.folder()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    return json_lines(bytes_of_file(dir.file(log))).front().at("train_loss").get<double>();
  };
  CHECK(first_loss({"--init-from", "tiny"}, "from") < first_loss({}, "anew") - 0.2);
}

TEST_CASE("a run that begins with another model knows its characters, or forgets them") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", "The cat and the owl sat.\nOh, Ωmega!\n");
  const auto train = [&](const std::string& output, std::vector<std::string> more) {
    more.insert(more.end(), {"--steps", "4", "--split", "100/0/0"});
    const ProgramResult result = run_inkling(
        {.arguments = tiny_training(corpus, dir.file(output), more), .folder = tiny.folder()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    return result.err;
  };
  const auto inexact = [&](const std::string& model, const std::string& prompt) {
    return run_inkling({.arguments = {"generate", "-m", dir.file(model), "-n", "3", "--seed", "1",
                                      "-p", prompt}})
        .err;
  };
  const std::string said = train("joint.safetensors", {"--init-from", "tiny"});
  CHECK(has(run_inkling({.arguments = {"info", "--json", dir.file("joint.safetensors")}}).out,
            "--init-from tiny"));
  CHECK_MESSAGE(has(said, "of them only the other model knows"), said);
  CHECK_FALSE(has(said, "are forgotten"));
  CHECK(inexact("joint.safetensors", "pig Ω").empty());
  CHECK(has(train("own.safetensors", {"--init-from", "tiny", "--vocab", "text"}), "are forgotten"));
  CHECK(has(inexact("own.safetensors", "pig Ω"), "p -> "));

  // Going on, and repeating, find the same vocabulary.
  for (const char* output : {"joint.safetensors", "own.safetensors"}) {
    CAPTURE(output);
    const ProgramResult resumed =
        run_inkling({.arguments = {"train", corpus, "-o", dir.file(output), "--resume", "--steps",
                                   "6", "--threads", "1"}});
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    const std::string checkpoint =
        dir.file(std::string(output).replace(std::string(output).find('.'), 1, ".last."));
    const ProgramResult repeated =
        run_inkling({.arguments = {"train", corpus, "-o", dir.file("again.safetensors"), "--force",
                                   "--replay", checkpoint, "--init-from", tiny.path()}});
    CHECK_MESSAGE(repeated.exit_code == 0, repeated.err);
    CHECK(has(repeated.err, "bit for bit"));
  }
}

TEST_CASE("--init-from reads text as the other model does") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const auto train = [&](std::vector<std::string> more) {
    return run_inkling(
        {.arguments = tiny_training(corpus, "m.safetensors", more), .folder = dir.path()});
  };
  REQUIRE(train({"--steps", "2", "--unit", "byte", "--line-ends", "keep"}).exit_code == 0);
  const ProgramResult begun =
      run_inkling({.arguments = {"train", corpus, "-o", "n.safetensors", "--steps", "1",
                                 "--init-from", "m.safetensors"},
                   .folder = dir.path()});
  REQUIRE_MESSAGE(begun.exit_code == 0, begun.err);
  const ProgramResult info =
      run_inkling({.arguments = {"info", "-m", "n.safetensors"}, .folder = dir.path()});
  CHECK_MESSAGE(has(info.out, "--unit byte"), info.out);
  CHECK(has(info.out, "--line-ends keep"));
  // Asked for, other units are other characters.
  CHECK(run_inkling({.arguments = {"train", corpus, "-o", "o.safetensors", "--steps", "1",
                                   "--init-from", "m.safetensors", "--unit", "grapheme"},
                     .folder = dir.path()})
            .exit_code == 0);
}
