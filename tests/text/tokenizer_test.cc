#include "text/tokenizer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>

#include "support/sample_texts.h"
#include "text/segmenter.h"
#include "text/utf8.h"

using namespace inkling::text;
using inkling::Random;
using inkling::testing::script_samples;

namespace {

// Knows every character of the text.
Tokenizer tokenizer_of(std::string_view text, TextOptions options) {
  std::map<std::string, int64_t> counts;
  const std::string normal = Tokenizer(options, {}).normalize(text);
  for_each_character(normal, options.unit,
                     [&](std::string_view character) { ++counts[std::string(character)]; });
  std::vector<Vocabulary::Entry> counted;
  counted.reserve(counts.size());
  for (const auto& [character, count] : counts) counted.push_back({character, count});
  return {options, Vocabulary::from_counts(counted, 1, 0, std::nullopt)};
}

Tokenizer knowing(std::string_view text, Unit unit = Unit::grapheme) {
  return tokenizer_of(text, {.unit = unit, .line_ends = LineEnds::keep});
}

}  // namespace

TEST_CASE("decode(encode(x)) is normalize(x), on ten scripts, in all units and forms") {
  for (const auto& sample : script_samples) {
    CAPTURE(sample.script);
    for (const Unit unit : {Unit::grapheme, Unit::codepoint, Unit::byte}) {
      for (const Normalization form :
           {Normalization::none, Normalization::nfc, Normalization::nfkc}) {
        for (const LineEnds line_ends : {LineEnds::lf, LineEnds::keep}) {
          const Tokenizer tokenizer =
              tokenizer_of(sample.text, {.unit = unit, .normalize = form, .line_ends = line_ends});
          const Tokens encoded = tokenizer.encode(sample.text);
          CHECK(tokenizer.decode(encoded.tokens) == tokenizer.normalize(sample.text));
          CHECK(encoded.inexact.empty());
          CHECK(encoded.bytes == static_cast<int64_t>(sample.text.size()));
        }
      }
    }
  }
}

TEST_CASE("decode(encode(x)) is normalize(x), on random mixtures") {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (uint64_t n = random.below(40); n-- > 0;)
      append_code_point(text, inkling::testing::random_code_point(random));
    const Tokenizer tokenizer =
        tokenizer_of(text, {.unit = random.below(2) == 0 ? Unit::grapheme : Unit::codepoint});
    REQUIRE(tokenizer.decode(tokenizer.encode(text).tokens) == tokenizer.normalize(text));
  }
}

TEST_CASE("any bytes at all survive in bytes") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const Tokenizer tokenizer = knowing(bytes, Unit::byte);
  CHECK(tokenizer.decode(tokenizer.encode(bytes).tokens) == bytes);
}

TEST_CASE("unseen characters are folded or <unk>, and cost what spelling them costs") {
  const Tokenizer tokenizer = knowing("cafe \n");
  const Tokens encoded = tokenizer.encode("Café☃👩‍🚀e");
  const Vocabulary& vocabulary = tokenizer.vocabulary();
  CHECK(tokenizer.decode(encoded.tokens) == "cafe\uFFFD\uFFFDe");
  CHECK(encoded.tokens[4] == vocabulary.unknown());
  REQUIRE(encoded.inexact.size() == 4);
  const int64_t positions[] = {0, 3, 4, 5};
  const double code_points[] = {1, 1, 1, 3};
  for (size_t i = 0; i < 4; ++i) {
    CHECK(encoded.inexact[i].position == positions[i]);
    CHECK(encoded.inexact[i].nats ==
          doctest::Approx(code_points[i] * (std::log(1112064.0) + std::log(2.0))).epsilon(1e-14));
  }
  CHECK(knowing("ab", Unit::byte).decode(knowing("ab", Unit::byte).encode("a\xE9").tokens) == "a?");
}

TEST_CASE("the cost of spelling") {
  CHECK(spelling_nats("e", Unit::grapheme) == doctest::Approx(std::log(2224128.0)).epsilon(1e-14));
  CHECK(spelling_nats("👩‍🚀", Unit::grapheme) ==
        doctest::Approx(3 * std::log(2224128.0)).epsilon(1e-14));
  CHECK(spelling_nats("漢", Unit::codepoint) ==
        doctest::Approx(std::log(2224128.0)).epsilon(1e-14));
  CHECK(spelling_nats("\xFF", Unit::byte) == doctest::Approx(std::log(256.0)).epsilon(1e-14));
}

TEST_CASE("examples of what is inexact are distinct, few and readable") {
  const Tokenizer tokenizer = knowing("cafe ");
  using Examples = std::vector<std::string>;
  CHECK(tokenizer.inexact_examples("cafe").empty());
  CHECK(tokenizer.inexact_examples("éé☃é\t\u0301X") ==
        Examples{"é -> e", "☃ -> <unk>", "U+0009 -> <unk>", "U+0301 -> <unk>", "X -> <unk>"});
  CHECK(tokenizer.inexact_examples("☃xyz", 2).size() == 2);
  CHECK(tokenizer.inexact_examples("\u00A0") == Examples{"U+00A0 -> U+0020"});
  CHECK(knowing("a", Unit::byte).inexact_examples("\xE9") == Examples{"0xE9 -> <unk>"});
}

TEST_CASE(
    "a text starts from the end token, else the line feed, else the most frequent character") {
  CHECK(Tokenizer({}, Vocabulary({{"a", 1}, {"\n", 1}}, 0, 4)).start_token() == 2);
  CHECK(Tokenizer({}, Vocabulary({{"a", 1}, {"\n", 1}}, 0, {})).start_token() == 1);
  CHECK(Tokenizer({}, Vocabulary({{"a", 1}, {"b", 3}, {"c", 3}}, 0, {})).start_token() == 1);
  CHECK(Tokenizer({}, Vocabulary({}, 0, {})).start_token() == 0);
}

TEST_CASE("an end token decodes to nothing") {
  const Tokenizer tokenizer({}, Vocabulary({{"a", 1}}, 0, 4));
  CHECK(tokenizer.decode({1, 0, 1, 0, 1}) == "aa");
}
