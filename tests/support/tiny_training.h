#pragma once

#include <algorithm>
#include <string>
#include <vector>

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
                                "--precision",   "f32",  "--batch-size", "4"};
  const bool windows = std::find(more.begin(), more.end(), "many-to-one") != more.end();
  if (!windows) line.insert(line.end(), {"--bptt", "16"});
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

}  // namespace inkling::testing
