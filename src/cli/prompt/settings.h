#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "generate/generate_options.h"
#include "generate/sampling_options.h"

namespace inkling::cli {

enum class Switch { off, on };
constexpr std::array<std::string_view, 2> switch_names{"off", "on"};
constexpr std::span<const std::string_view> names_of(Switch) { return switch_names; }

// What a person at a terminal gets to see beside the text.
struct ShownOptions {
  Switch suggestions = Switch::on;
  Switch probs = Switch::on;
  Switch shade = Switch::off;

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "suggestions",
             .meaning = "show ahead of the cursor, in grey, how the model would go on"},
      suggestions);
    v(Option{.name = "probs",
             .meaning = "show below the line the most probable words and their probabilities"},
      probs);
    v(Option{.name = "shade",
             .meaning = "colour what the model writes by how little it expected each character; "
                        "needs 256 colours"},
      shade);
  }
};

// All that can be changed while writing at the prompt.
struct PromptSettings {
  generate::SamplingOptions sampling;
  generate::GenerateOptions length;
  ShownOptions shown;

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    sampling.for_each_option(v);
    // How many texts: here it is always one.
    length.for_each_option([&](const Option& option, auto& member) {
      if (option.name != "count") v(option, member);
    });
    shown.for_each_option(v);
  }
  void validate() const {
    sampling.validate();
    length.validate();
  }
};

}  // namespace inkling::cli
