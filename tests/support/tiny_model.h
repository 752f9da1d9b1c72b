#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/program.h"
#include "support/temp_dir.h"
#include "support/tiny_training.h"

namespace inkling::testing {

// A model that the real binary has trained, once for all tests of a process.
// models/tiny.safetensors in folder().
class TinyModel {
 public:
  static const TinyModel& get() {
    static const TinyModel model;
    return model;
  }
  std::string folder() const { return dir_.path(); }
  std::string path() const { return dir_.file("models/tiny.safetensors"); }
  std::string corpus() const { return dir_.file("corpus.txt"); }

  // Runs a command with this model, which must succeed, and returns its JSON: one line.
  nlohmann::json run_json(const std::string& command, std::vector<std::string> arguments,
                          const std::string& input = "") const {
    arguments.emplace_back("--json");
    const ProgramResult result = run(command, arguments, input);
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    REQUIRE(result.out.find('\n') == result.out.size() - 1);
    return nlohmann::json::parse(result.out);
  }
  // Runs a command with this model.
  ProgramResult run(const std::string& command, std::vector<std::string> arguments,
                    std::string input = "") const {
    arguments.insert(arguments.begin(), {command, "-m", path()});
    return run_inkling(
        {.arguments = std::move(arguments), .input = std::move(input), .folder = folder()});
  }

 private:
  TinyModel() {
    dir_.write("corpus.txt", tiny_text());
    dir_.write("models/.keep", "");
    const ProgramResult result =
        run_inkling({.arguments = tiny_training(corpus(), path(),
                                                {"--steps", "800", "--learning-rate", "1e-2"})});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  }

  TempDir dir_;
};

}  // namespace inkling::testing
