#include "generate/novelty.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

const std::vector<text::SourceText> corpus{
    {"first.txt", "One.\nThe cat sat on the mat, and the dog slept.\nThe end.\n", 0},
    {"second.txt", "A wholly different caf\u00e9 was closed today.\r\nThe cat sat still.\n", 0}};

Novelty of(const std::string& text, int64_t least = 10) {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a"});
  const std::vector<std::string> texts{text};
  return compare_with_corpus(texts, corpus, tokenizer, least).front();
}

std::string words_of(const std::string& text, const Passage& p) {
  return text.substr(static_cast<size_t>(p.begin), static_cast<size_t>(p.end - p.begin));
}

TEST_CASE("passages are whole words, as long as they can be, with their place") {
  const std::string text = "Then my cat sat on the mat, and the dogs barked.";
  const Novelty novelty = of(text);
  REQUIRE(novelty.passages.size() == 1);
  const Passage& passage = novelty.passages.front();
  CHECK(words_of(text, passage) == "cat sat on the mat, and the");
  CHECK(passage.words == 7);
  CHECK(passage.characters == 27);
  CHECK(passage.source == "first.txt");
  CHECK(passage.line == 2);
  CHECK(novelty.characters == 48);
  CHECK(novelty.copied == 27);
  CHECK(novelty.share() == doctest::Approx(27 / 48.0));
}

TEST_CASE("passages that overlap are both named, and counted once") {
  const std::string text = "The cat sat on the mat. wholly different caf\u00e9 was";
  const Novelty novelty = of(text, 5);
  REQUIRE(novelty.passages.size() == 2);
  CHECK(words_of(text, novelty.passages[0]) == "The cat sat on the mat");
  CHECK(words_of(text, novelty.passages[1]) == "wholly different caf\u00e9 was");
  CHECK(novelty.passages[1].characters == 25);  // é is one
  CHECK(novelty.passages[1].source == "second.txt");
  CHECK(novelty.passages[1].line == 1);
  CHECK(novelty.copied == 22 + 25);

  const std::vector<text::SourceText> two{{"x", "a b c d e", 0}, {"y", "c d e f g", 0}};
  const std::vector<std::string> texts{"a b c d e f g"};
  const Novelty both = compare_with_corpus(texts, two, testing::make_tokenizer({"a"}), 5).front();
  CHECK(both.passages.size() == 2);
  CHECK(both.copied == 13);
}

TEST_CASE("the longest passage is named, however short; a new text has none") {
  CHECK_FALSE(of("zzz").longest);
  CHECK_FALSE(of("").longest);
  CHECK(of("").share() == 0);
  const std::string text = "zzz the mat zzz";
  const Novelty novelty = of(text, 30);
  CHECK(novelty.passages.empty());
  CHECK(novelty.copied == 0);
  REQUIRE(novelty.longest.has_value());
  CHECK(words_of(text, *novelty.longest) == "the mat");
}

TEST_CASE("the corpus is read as the model reads it: normalised, its line ends folded") {
  const std::string text = "today.\nThe cat sat still";
  const Novelty novelty = of(text);
  REQUIRE(novelty.passages.size() == 1);
  CHECK(words_of(text, novelty.passages.front()) == text);
  const std::vector<text::SourceText> decomposed{{"d", "un cafe\u0301 noir", 0}};
  const std::vector<std::string> texts{"un caf\u00e9 noir"};
  CHECK(compare_with_corpus(texts, decomposed, testing::make_tokenizer({"a"}), 5).front().copied ==
        12);
}

TEST_CASE("many long texts, in several passes, are each judged as alone") {
  Random random(1);
  std::string source;
  const auto word = [&] {
    return std::string(1 + random.below(4), static_cast<char>('a' + random.below(6)));
  };
  while (source.size() < 3000) source += word() + " ";
  std::vector<std::string> texts;
  for (int i = 0; i < 5; ++i) {
    std::string& text = texts.emplace_back();
    while (text.size() < 60'000) text += word() + " ";
  }
  const std::vector<text::SourceText> sources{{"s", source, 0}};
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a"});
  const std::vector<Novelty> all = compare_with_corpus(texts, sources, tokenizer, 12);
  REQUIRE(all.size() == 5);
  for (size_t i = 0; i < 5; i += 4) {
    const Novelty alone =
        compare_with_corpus(std::span(texts).subspan(i, 1), sources, tokenizer, 12).front();
    CHECK(all[i].copied == alone.copied);
    CHECK(all[i].passages.size() == alone.passages.size());
    for (const Passage& p : all[i].passages)
      REQUIRE(source.find(words_of(texts[i], p)) != std::string::npos);
    CHECK(all[i].copied > 0);
  }
}

}  // namespace
}  // namespace inkling::generate
