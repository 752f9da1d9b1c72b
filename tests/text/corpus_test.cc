#include "text/corpus.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "support/refusal.h"
#include "text/utf8.h"

using namespace inkling::text;
using inkling::testing::refusal;
using inkling::testing::says;

namespace {

std::vector<SourceText> sources_of(std::initializer_list<std::string> texts) {
  std::vector<SourceText> sources;
  for (const std::string& text : texts) sources.push_back({"name", text, 0});
  return sources;
}

// The part as text, with ends of documents as "|".
std::string shown(const CorpusPart& part, const Vocabulary& vocabulary) {
  std::string text;
  for (const Token token : part.text.tokens) {
    text += vocabulary.has_end() && token == vocabulary.end() ? "|"
            : token == vocabulary.unknown()                   ? "?"
                                                              : vocabulary.text(token);
  }
  return text;
}

std::array<std::string, 3> parts_of(const Corpus& corpus) {
  const Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  return {shown(corpus.train, vocabulary), shown(corpus.validation, vocabulary),
          shown(corpus.test, vocabulary)};
}

using Parts = std::array<std::string, 3>;

}  // namespace

TEST_CASE("a part has the whole characters of its share, from the front") {
  struct Case {
    int64_t n;
    std::array<double, 3> split;
    std::array<size_t, 3> sizes;
  };
  const Case cases[] = {
      {1115394, {0.9, 0.1, 0}, {1003854, 111540, 0}},
      {10, {0.9, 0.1, 0}, {9, 1, 0}},
      {19, {0.9, 0.1, 0}, {17, 2, 0}},
      {100, {0.29, 0.71, 0}, {29, 71, 0}},
      {100, {0.7, 0.2, 0.1}, {70, 20, 10}},
      {7, {0.8, 0.1, 0.1}, {5, 1, 1}},
      {7, {1, 0, 0}, {7, 0, 0}},
      {2, {0.9, 0.1, 0}, {1, 1, 0}},
      {10, {0.5, 0, 0.5}, {5, 0, 5}},
  };
  for (const Case& c : cases) {
    std::string text(static_cast<size_t>(c.n), 'x');
    CorpusOptions options;
    options.split = c.split;
    const Corpus corpus = make_corpus({{"a", text, 0}}, options);
    CHECK(corpus.train.text.tokens.size() == c.sizes[0]);
    CHECK(corpus.validation.text.tokens.size() == c.sizes[1]);
    CHECK(corpus.test.text.tokens.size() == c.sizes[2]);
    CHECK(corpus.train.text.bytes + corpus.validation.text.bytes + corpus.test.text.bytes == c.n);
  }
}

TEST_CASE("the split counts characters, not bytes, and cuts none") {
  CorpusOptions options;
  options.split = {0.5, 0.5, 0};
  CHECK(parts_of(make_corpus(sources_of({"e\u0301👩‍🚀ab"}), options)) ==
        Parts{"é👩‍🚀", "??", ""});
  options.text.unit = Unit::byte;
  CHECK(parts_of(make_corpus(sources_of({"ab\r\nab"}), options)) == Parts{"ab", "?ab", ""});
}

TEST_CASE("each source has its share in each part, joined by a line feed where it lacks one") {
  CorpusOptions options;
  options.split = {0.5, 0.25, 0.25};
  const Corpus corpus = make_corpus(sources_of({"abcdefgh", "ab\ndab\nd", "dcba"}), options);
  CHECK(parts_of(corpus) == Parts{"abcd\nab\nd\ndc", "??\nab\nb", "??\n\nd\na"});
  CHECK(corpus.train.text.bytes == 10 + 2);  // and the line feeds between
  CHECK(corpus.files == 3);
  CHECK(corpus.bytes == 20);
  CHECK(corpus.tokenizer.vocabulary().count(*corpus.tokenizer.vocabulary().find("\n")) == 3);
}

TEST_CASE("a part's bytes are those of its characters, whichever part begins") {
  CorpusOptions options;
  options.split = {0.5, 0.25, 0.25};
  const Corpus corpus = make_corpus(sources_of({"a", "bcdefghi"}), options);
  CHECK(corpus.train.text.bytes == 4);
  CHECK(corpus.validation.text.bytes == 2);
  CHECK(corpus.test.text.bytes == 4);
}

TEST_CASE("the vocabulary is that of the training part") {
  CorpusOptions options;
  options.split = {0.5, 0.5, 0};
  const Corpus corpus = make_corpus(sources_of({"baab\nBéxa"}), options);
  const Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  CHECK(vocabulary.entries() == std::vector<Vocabulary::Entry>{{"a", 2}, {"b", 2}});
  CHECK(parts_of(corpus) == Parts{"baab", "?b??a", ""});
  REQUIRE(corpus.validation.text.inexact.size() == 4);
  CHECK(corpus.validation.text.inexact[1].position == 1);
  CHECK(corpus.validation.text.inexact[1].nats == doctest::Approx(std::log(2224128.0)));
  CHECK(corpus.train.text.inexact.empty());
}

TEST_CASE("texts to validate on are of the validation part whole") {
  CorpusOptions options;
  options.split = {0.5, 0, 0.5};
  const auto split = [&](std::initializer_list<std::string> texts,
                         std::initializer_list<std::string> validation) {
    return make_corpus(sources_of(texts), options, nullptr, sources_of(validation));
  };
  const Corpus corpus = split({"baab\nbaaa", "a"}, {"ab", "bca\n"});
  CHECK(parts_of(corpus) == Parts{"baab", "ab?b?a?", "?baaa?a"});
  CHECK(corpus.files == 4);
  CHECK(corpus.bytes == 16);
  CHECK(corpus.tokenizer.vocabulary().entries() ==
        std::vector<Vocabulary::Entry>{{"a", 2}, {"b", 2}});
  // The same texts in the same parts, but not the same corpus.
  CHECK(corpus.fingerprint != split({"baab\nbaaa", "a", "ab"}, {"bca\n"}).fingerprint);
  CHECK(corpus.fingerprint != split({"baab\nbaaa", "a"}, {"ab", "bda\n"}).fingerprint);

  options.text.documents = Documents::file;
  CHECK(parts_of(split({"aa", "bb"}, {"a", "b"})) == Parts{"|aa|", "|a|?|", "|??|"});
}

TEST_CASE("what is known already stays in the vocabulary") {
  CorpusOptions options;
  options.split = {1, 0, 0};
  options.min_count = 2;
  options.max_vocab = 2;  // b and another
  options.known_characters = {"z", "b", "\n"};
  const Corpus corpus = make_corpus(sources_of({"aaabccdddd"}), options);
  CHECK(corpus.tokenizer.vocabulary().entries() ==
        std::vector<Vocabulary::Entry>{{"\n", 0}, {"b", 1}, {"d", 4}, {"z", 0}});
  CHECK(corpus.rare == std::vector<Vocabulary::Entry>{{"a", 3}, {"c", 2}});
  CHECK(corpus.tokenizer.vocabulary().unknown_count() == 5);
  options.max_vocab = 1;
  CHECK(make_corpus(sources_of({"aab"}), options).tokenizer.vocabulary().characters() == 3);
}

TEST_CASE("rare characters are folded or unknown, and listed") {
  CorpusOptions options;
  options.split = {1, 0, 0};
  options.min_count = 3;
  const Corpus corpus = make_corpus(sources_of({"aaaá☃☃áaÁxx漢bbb"}), options);
  CHECK(corpus.rare ==
        std::vector<Vocabulary::Entry>{{"x", 2}, {"á", 2}, {"☃", 2}, {"Á", 1}, {"漢", 1}});
  CHECK(parts_of(corpus)[0] == "aaaa??aaa???bbb");
  CHECK(corpus.train.text.inexact.size() == 8);
  CHECK(corpus.tokenizer.vocabulary().unknown_count() == 8);
  options.min_count = 1;
  options.max_vocab = 2;
  CHECK(make_corpus(sources_of({"abcabcabdd"}), options).tokenizer.vocabulary().entries() ==
        std::vector<Vocabulary::Entry>{{"a", 3}, {"b", 3}});
  options.min_count = 100;
  CHECK(says(refusal([&] { make_corpus(sources_of({"abc"}), options); }),
             "no character occurs 100 times"));
}

TEST_CASE("documents have an end token before each and after the last") {
  struct Case {
    Documents documents;
    std::vector<SourceText> sources;
    Parts parts;
    std::array<int64_t, 3> counts;
  };
  const Case cases[] = {
      {Documents::line, sources_of({"aa\nbb\n\ncc\ndd\n"}), {"|aa|dd|", "|??|", "|??|"}, {2, 1, 1}},
      {Documents::line,
       sources_of({"aa\r\nbb\r\ncc\r\ndd", "b\na"}),
       {"|aa|dd|b|", "|bb|a|", "|??|"},
       {3, 2, 1}},
      {Documents::blank_line,
       sources_of({"a\nb\n\n\nb\na\n"}),
       {"|a\nb|", "|b\na|", ""},
       {1, 1, 0}},
      {Documents::file,
       sources_of({"aa\n", "bb\n", "cc\n", "dd"}),
       {"|aa\n|dd|", "|??\n|", "|??\n|"},
       {2, 1, 1}},
      {Documents::file, sources_of({"all in one"}), {"|all in one|", "", ""}, {1, 0, 0}},
      {Documents::line, sources_of({"a long line\nb"}), {"|a long line|", "|?|", ""}, {1, 1, 0}},
  };
  for (const Case& c : cases) {
    CorpusOptions options;
    options.split = {0.5, 0.25, 0.25};
    options.text.documents = c.documents;
    const Corpus corpus = make_corpus(c.sources, options);
    CHECK(parts_of(corpus) == c.parts);
    CHECK(corpus.train.documents == c.counts[0]);
    CHECK(corpus.validation.documents == c.counts[1]);
    CHECK(corpus.test.documents == c.counts[2]);
    CHECK(corpus.tokenizer.vocabulary().end_count() == c.counts[0]);
  }
}

TEST_CASE("of a sorted list every part has its share of all letters") {
  std::string names;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    for (int i = 0; i < 40; ++i) names += std::string(1, letter) + "xy\n";
  }
  CorpusOptions options;
  options.split = {0.8, 0.15, 0.05};
  options.text.documents = Documents::line;
  const Corpus corpus = make_corpus(sources_of({names}), options);
  CHECK(corpus.train.documents == 832);
  CHECK(corpus.validation.documents == 156);
  CHECK(corpus.test.documents == 52);
  for (const CorpusPart* part : {&corpus.train, &corpus.validation, &corpus.test}) {
    const std::string text = shown(*part, corpus.tokenizer.vocabulary());
    CHECK(text.find('?') == std::string::npos);
    for (char letter = 'a'; letter <= 'w'; ++letter) {
      const auto count = std::count(text.begin(), text.end(), letter);
      CHECK(std::abs(static_cast<double>(count * 26 / part->documents) - 1) <= 0.5);
    }
  }
}

TEST_CASE("a given tokenizer's vocabulary and options hold") {
  const Tokenizer tokenizer({.line_ends = LineEnds::keep},
                            Vocabulary({{"a", 1}, {"\r\n", 1}}, 0, std::nullopt));
  CorpusOptions options;
  options.split = {1, 0, 0};
  const Corpus corpus = make_corpus(sources_of({"aA\r\nb", "a"}), options, &tokenizer);
  CHECK(parts_of(corpus)[0] == "aa\r\n?a");  // no line feed to join with
  CHECK(corpus.tokenizer.vocabulary() == tokenizer.vocabulary());
  CHECK(corpus.rare == std::vector<Vocabulary::Entry>{{"A", 1}, {"b", 1}});
}

TEST_CASE("a part for evaluating is the whole text as encode has it") {
  const std::string text = "e\u0301a\r\nSnow ☃";
  const Tokenizer tokenizer({},
                            Vocabulary({{"\n", 1}, {"a", 1}, {"o", 1}, {"é", 1}}, 0, std::nullopt));
  const CorpusPart part = make_part(sources_of({text}), tokenizer);
  const Tokens encoded = tokenizer.encode(text);
  CHECK(part.text.tokens == encoded.tokens);
  CHECK(part.text.bytes == encoded.bytes);
  CHECK(part.documents == 0);
  REQUIRE(part.text.inexact.size() == encoded.inexact.size());
  for (size_t i = 0; i < encoded.inexact.size(); ++i) {
    CHECK(part.text.inexact[i].position == encoded.inexact[i].position);
    CHECK(part.text.inexact[i].nats == encoded.inexact[i].nats);
  }
  const Tokenizer lines({.documents = Documents::line}, Vocabulary({{"a", 1}}, 0, 3));
  const CorpusPart documents = make_part(sources_of({"a\naa\n", "a"}), lines);
  CHECK(shown(documents, lines.vocabulary()) == "|a|aa|a|");
  CHECK(documents.documents == 3);
  CHECK(documents.text.bytes == 6);
}

TEST_CASE("the fingerprint is that of the normalised text, the split and the options") {
  CorpusOptions options;
  const auto fingerprint = [&](std::initializer_list<std::string> texts) {
    return make_corpus(sources_of(texts), options).fingerprint;
  };
  const uint64_t first = fingerprint({"some text\n", "é"});
  CHECK(first == fingerprint({"some text\r\n", "e\u0301"}));
  CHECK(first != fingerprint({"some text\né"}));
  CHECK(first != fingerprint({"some text\n", "è"}));
  options.split = {0.8, 0.2, 0};
  CHECK(first != fingerprint({"some text\n", "é"}));
  options.split = {0.9, 0.1, 0};
  options.text.unit = Unit::codepoint;
  CHECK(first != fingerprint({"some text\n", "é"}));
}

TEST_CASE("a corpus without anything to train on is refused") {
  CorpusOptions options;
  CHECK(says(refusal([&] { make_corpus({}, options); }), "the corpus holds no text"));
  CHECK(says(refusal([&] {
               make_corpus(sources_of({"", ""}), options);
             }),
             "the corpus holds no text"));
  CHECK(says(refusal([&] { make_corpus(sources_of({"x"}), options); }), "the corpus is too short"));
  options.text.documents = Documents::line;
  CHECK(says(refusal([&] { make_corpus(sources_of({"\n\n"}), options); }),
             "no document that is not empty"));
  options.split = {0.9, 0.2, 0};
  CHECK_THROWS_AS(make_corpus(sources_of({"abc"}), options), inkling::UsageError);
}

TEST_CASE(
    "more different characters than a model may have are refused before anything is trained") {
  std::string text;
  for (char32_t c = 0x20000; text.size() < size_t{4} * 300000; ++c) append_code_point(text, c);
  CorpusOptions options;
  options.text.unit = Unit::codepoint;
  options.split = {1, 0, 0};
  options.text.normalize = Normalization::none;
  options.max_vocab = 0;
  CHECK(says(refusal([&] { make_corpus(sources_of({text}), options); }),
             "the text has 300000 different characters, the limit is 262142; lower --max-vocab"));
}

TEST_CASE("replaced bytes are summed") {
  std::vector<SourceText> sources = sources_of({"some text", "more text"});
  sources[0].replaced = 2;
  sources[1].replaced = 3;
  CHECK(make_corpus(sources, {}).replaced == 5);
}
