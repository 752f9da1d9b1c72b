#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::text {

enum class Unit { grapheme, codepoint, byte };
constexpr std::array<std::string_view, 3> unit_names{"grapheme", "codepoint", "byte"};
constexpr std::span<const std::string_view> names_of(Unit) { return unit_names; }

enum class Normalization { none, nfc, nfkc };
constexpr std::array<std::string_view, 3> normalization_names{"none", "nfc", "nfkc"};
constexpr std::span<const std::string_view> names_of(Normalization) { return normalization_names; }

enum class Documents { none, line, blank_line, file };
constexpr std::array<std::string_view, 4> documents_names{"none", "line", "blank-line", "file"};
constexpr std::span<const std::string_view> names_of(Documents) { return documents_names; }

enum class Invalid { error, replace };
constexpr std::array<std::string_view, 2> invalid_names{"error", "replace"};
constexpr std::span<const std::string_view> names_of(Invalid) { return invalid_names; }

enum class LineEnds { lf, keep };
constexpr std::array<std::string_view, 2> line_ends_names{"lf", "keep"};
constexpr std::span<const std::string_view> names_of(LineEnds) { return line_ends_names; }

// How text becomes characters. Travels in the model and is applied to prompts too.
struct TextOptions {
  Unit unit = Unit::grapheme;
  Normalization normalize = Normalization::nfc;
  LineEnds line_ends = LineEnds::lf;      // CR LF and CR become LF
  Documents documents = Documents::none;  // what ends a document; none = one running text

  bool operator==(const TextOptions&) const = default;
};

// How bytes become text.
struct ReadOptions {
  std::string encoding = "utf-8";    // any name ICU knows
  Invalid invalid = Invalid::error;  // ill-formed input: refuse, or U+FFFD with a count
  bool advise_options = true;        // the user has --encoding and --invalid: errors name them
};

}  // namespace inkling::text
