#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/program.h"
#include "support/temp_dir.h"

namespace inkling::testing {

// Some thousand characters of plain sentences, always the same.
inline std::string tiny_text() {
  std::string text;
  for (const char* animal : {"cat", "dog", "hen", "fox", "owl", "cow", "pig", "ant"}) {
    for (const char* place : {"mat", "hill", "chair", "roof", "grass", "boat"}) {
      for (const char* verb : {"sat", "slept", "stood"}) {
        text += std::string("The ") + animal + " " + verb + " on the " + place + ".\n";
      }
    }
  }
  return text;
}

// A command line that trains a small network on `corpus`, in a second or so.
inline std::vector<std::string> tiny_training(const std::string& corpus, const std::string& output,
                                              std::vector<std::string> more = {}) {
  std::vector<std::string> line{"train",         corpus, "-o",           output, "--cell",    "gru",
                                "--hidden-size", "16",   "--num-layers", "1",    "--threads", "1",
                                "--precision",   "f32",  "--batch-size", "4",    "--bptt",    "16"};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

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
