#pragma once

#include <string_view>
#include <vector>

namespace inkling::cli {

// What a value is, by the word that stands for it in --help: so that Tab can complete it.
enum class ValueKind { none, file, model, choice, other };

constexpr ValueKind kind_of(std::string_view word) {
  if (word.empty()) return ValueKind::none;
  if (word == "MODEL" || word == "CHECKPOINT") return ValueKind::model;
  if (word == "FILE" || word == "CORPUS") return ValueKind::file;
  return word.find('|') == std::string_view::npos ? ValueKind::other : ValueKind::choice;
}

// "a|b|c" -> a, b, c
inline std::vector<std::string_view> choices_in(std::string_view word) {
  std::vector<std::string_view> choices;
  while (true) {
    const size_t end = word.find('|');
    choices.push_back(word.substr(0, end));
    if (end == std::string_view::npos) return choices;
    word.remove_prefix(end + 1);
  }
}

}  // namespace inkling::cli
