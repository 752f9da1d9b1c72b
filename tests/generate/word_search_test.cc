#include "generate/word_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "generate/longer_characters.h"
#include "generate/prompt.h"
#include "generate/read_text.h"
#include "support/all_texts.h"
#include "support/fake_next_character.h"
#include "text/normalizer.h"
#include "text/utf8.h"

namespace inkling::generate {
namespace {

using testing::all_texts;
using testing::make_tokenizer;
using testing::Texts;

// Where the first word ends that ends at `from` or behind it; 0 without one.
using WordEnd = std::function<size_t(const std::string& text, size_t from)>;

size_t icu_word_end(const std::string& text, size_t from) {
  static text::WordBreaker breaker;
  for (const text::Segment& s : breaker.words(text)) {
    if (s.is_word && static_cast<size_t>(s.end) >= from) return static_cast<size_t>(s.end);
  }
  return 0;
}

// A search at the end of a prompt.
struct PromptSearch {
  PromptSearch(NextCharacter& model, const std::string& prompt)
      : slots(model), read(model, slots), search(model, slots) {
    read.read(prompt_tokens(model.tokenizer(), prompt));
    text::WordBreaker breaker;
    search.start(word_at_end(prompt, breaker), read.end());
  }
  WordSearch* operator->() { return &search; }

  SlotPool slots;
  ReadText read;
  WordSearch search;
};

constexpr int64_t plenty = 1000000;

// The k best words of a search against the same words counted in all texts. A word is exact there
// if two more characters stand behind it.
void check_exact(NextCharacter& model, const std::string& prompt, size_t length, size_t k,
                 const WordEnd& word_end = icu_word_end) {
  const Texts texts = all_texts(model, prompt, length);
  PromptSearch search(model, prompt);
  search->run(k, 0, {.max_expansions = plenty});
  CHECK(search->proven(k));

  std::map<std::string, double> expected;
  for (const auto& [text, p] : texts) {
    const size_t end = word_end(text, prompt.size());
    if (end > 0) expected[text.substr(0, end)] += p;
  }
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [text, p] : expected) order.emplace_back(-p, text);
  std::sort(order.begin(), order.end());

  const auto found = search->found(k);
  REQUIRE(found.size() == k);
  text::WordBreaker breaker;
  // The search keeps the text's tail only.
  for (size_t i = 0; i < k; ++i) REQUIRE(order[i].second.ends_with(found[i].text));
  for (size_t i = 0; i < k; ++i) {
    INFO(prompt << "|" << found[i].text << " expected " << order[i].second);
    CHECK(std::abs(found[i].probability.low / -order[i].first - 1) < 1e-9);
    CHECK(found[i].probability.low == found[i].probability.high);
    CHECK(breaker.words(found[i].text).back().begin == static_cast<int64_t>(found[i].begin));
    REQUIRE(breaker.clusters(order[i].second.substr(prompt.size())).size() + 2 <= length);
  }
}

TEST_CASE("the search finds what counting all texts finds") {
  const std::vector<std::string> prompts{"a b", "b ", "a'", "ab.", "\"", "b_", "1."};
  const text::Tokenizer letters = make_tokenizer({"a", "b", "'", ".", " "});
  const text::Tokenizer mixed = make_tokenizer({"a", "1", "_", ",", " "}, true);
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    auto model = testing::random_model(letters, seed, 2, 1.0);
    auto other = testing::random_model(mixed, seed, 2, 1.0);
    for (const std::string& prompt : prompts) {
      check_exact(model, prompt, 7, 4);
      check_exact(other, prompt, 7, 4);
    }
  }
}

// A random model that never writes `next` behind `last` where `forbidden` says so.
testing::FakeNextCharacter restricted_model(
    const text::Tokenizer& tokenizer, uint64_t seed,
    const std::function<bool(std::string_view last, std::string_view next)>& forbidden) {
  auto random =
      std::make_shared<testing::FakeNextCharacter>(testing::random_model(tokenizer, seed, 2, 1.0));
  return {tokenizer, 2, [=](const auto& history, std::span<float> logits) {
            random->reset(0);
            random->read(0, history, logits);
            const text::Vocabulary& vocabulary = random->vocabulary();
            logits[static_cast<size_t>(*vocabulary.find(" "))] +=
                2;  // short words are soon decided
            for (text::Token token = 0; token < vocabulary.characters(); ++token) {
              if (!forbidden(vocabulary.text(history.back()), vocabulary.text(token))) continue;
              logits[static_cast<size_t>(token)] = -std::numeric_limits<float>::infinity();
            }
          }};
}

TEST_CASE("the search is exact in code points, with marks that come by themselves") {
  const text::Tokenizer tokenizer =
      make_tokenizer({"a", "\u0301", "'", " "}, false, text::Unit::codepoint);
  const std::vector<std::string> prompts{"a ", "a", "a a"};
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    // Marks behind a quote put off the decision, beyond what this test counts.
    auto model =
        restricted_model(tokenizer, seed, [](std::string_view last, std::string_view next) {
          return next == "\u0301" && (last == "'" || last == next);
        });
    for (const std::string& prompt : prompts) check_exact(model, prompt, 8, 3);
  }
}

TEST_CASE("the search is exact in bytes, where one code point takes several") {
  const text::Tokenizer tokenizer =
      make_tokenizer({"a", "\xc3", "\xa9", ".", " "}, false, text::Unit::byte);
  const std::vector<std::string> prompts{"a ", "a", "\u00e9a", ".", "a\xc3", " \xc3"};
  const auto whole_word_end = [](const std::string& text, size_t from) {
    return icu_word_end(text.substr(0, text::without_begun_code_point(text)), from);
  };
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    auto model =
        restricted_model(tokenizer, seed, [](std::string_view last, std::string_view next) {
          return (last == "\xc3") != (next == "\xa9");
        });
    for (const std::string& prompt : prompts) check_exact(model, prompt, 9, 2, whole_word_end);
  }
}

TEST_CASE("with the last character taken back the search finds what counting all texts finds") {
  const text::Tokenizer clusters =
      make_tokenizer({"a", "\u00e1", "\u00e4", "b", "a\u0323\u0308", " "});
  const text::Tokenizer code_points =
      make_tokenizer({"a", "\u00e1", "b", "\u0301", " "}, false, text::Unit::codepoint);
  for (const text::Tokenizer& tokenizer : {clusters, code_points}) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
      auto model = restricted_model(
          tokenizer, seed, [](std::string_view last, std::string_view) { return last == ""; });
      for (const std::string before : {"b ", "ba"}) {
        constexpr size_t length = 6;
        const Texts texts = all_texts(model, before, length);
        PromptSearch search(model, before + "a");
        const LongerCharacters characters(tokenizer);
        const std::vector<text::Token> longer = characters.of("a");
        REQUIRE_FALSE(longer.empty());
        text::WordBreaker breaker;
        search->start(word_at_end(before + "a", breaker), search.read.end(),
                      {"a", tokenizer.vocabulary().find("a"), *search.read.before_last(), longer});
        search->run(3, 0, {.max_expansions = plenty});
        CHECK(search->proven(3));

        std::map<std::string, double> expected;
        double sum = 0;
        for (const auto& [text, p] : texts) {
          if (!text::decompose(text).starts_with(before + "a")) continue;
          // A mark that comes by itself turns the whole text into one of a longer character.
          sum += p;
          const size_t end = icu_word_end(text, before.size() + 1);
          if (end > 0) expected[text.substr(0, end)] += p;
        }
        std::vector<std::pair<double, std::string>> order;
        for (const auto& [text, p] : expected) order.emplace_back(-p / sum, text);
        std::sort(order.begin(), order.end());
        const auto found = search->found(3);
        REQUIRE(found.size() == 3);
        for (size_t i = 0; i < found.size(); ++i) {
          INFO(before << "|" << found[i].text << " expected " << order[i].second);
          CHECK(order[i].second.ends_with(found[i].text));
          CHECK(std::abs(found[i].probability.low / -order[i].first - 1) < 1e-9);
          CHECK(found[i].probability.low == found[i].probability.high);
        }
      }
    }
  }
}

// The same behind the word that the prompt ends in: what joins it is in no text that counts.
void check_exact_behind(NextCharacter& model, const std::string& prompt, size_t length, size_t k) {
  SlotPool slots(model);
  ReadText read(model, slots);
  WordSearch search(model, slots);
  text::WordBreaker breaker;
  const Texts texts = all_texts(model, prompt, length);
  read.read(prompt_tokens(model.tokenizer(), prompt));
  const WordAtEnd at = word_at_end(prompt, breaker);
  search.start_behind(at, read.end());
  search.run(k, 0, {.max_expansions = plenty});
  CHECK(search.proven(k));
  while (search.tighten_root({.max_expansions = plenty})) continue;

  const auto end = static_cast<int64_t>(prompt.size() - at.tail.size() + at.end);
  double condition = 0;
  std::map<std::string, double> expected;
  for (const auto& [text, p] : texts) {
    const std::string whole = text.substr(0, text::without_begun_code_point(text));
    bool ended = false;
    std::string next;
    for (const text::Segment& s : breaker.words(whole)) {
      ended = ended || s.end == end;
      if (ended && next.empty() && s.is_word && s.begin >= end)
        next = whole.substr(0, static_cast<size_t>(s.end));
    }
    if (ended) condition += p;
    if (!next.empty()) expected[next] += p;
  }
  CHECK(std::abs(search.condition().low / condition - 1) < 1e-9);
  CHECK(std::abs(search.condition().high / condition - 1) < 1e-9);
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [text, p] : expected) order.emplace_back(-p, text);
  std::sort(order.begin(), order.end());
  const auto found = search.found(k);
  REQUIRE(found.size() == k);
  for (size_t i = 0; i < k; ++i) {
    INFO(prompt << "|" << found[i].text << " expected " << order[i].second);
    CHECK(order[i].second.ends_with(found[i].text));
    CHECK(std::abs(found[i].probability.low / -order[i].first - 1) < 1e-9);
    CHECK(found[i].probability.low == found[i].probability.high);
    CHECK(found[i].characters >= found[i].probability.high);
    REQUIRE(order[i].second.size() - prompt.size() + 2 <= length);
  }
}

TEST_CASE("a word behind another is searched for in the texts in which that one has ended") {
  const text::Tokenizer letters = make_tokenizer({"a", "'", ".", " "});
  const text::Tokenizer mixed = make_tokenizer({"a", "1", ",", " "}, true);
  const text::Tokenizer bytes =
      make_tokenizer({"a", "\xc3", "\xa9", ".", " "}, false, text::Unit::byte);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    auto model = testing::random_model(letters, seed, 2, 1.0);
    auto other = testing::random_model(mixed, seed, 2, 1.0);
    auto third = restricted_model(bytes, seed, [](std::string_view last, std::string_view next) {
      return (last == "\xc3") != (next == "\xa9");
    });
    for (const std::string prompt : {"aa", " a", "a'"}) check_exact_behind(model, prompt, 8, 2);
    for (const std::string prompt : {"a", "1"}) check_exact_behind(other, prompt, 8, 2);
    for (const std::string prompt : {"a", "a\u00e9"}) check_exact_behind(third, prompt, 9, 2);
  }
}

TEST_CASE("bytes that are no text are in no completion") {
  const text::Tokenizer tokenizer =
      make_tokenizer({"a", "\xc3", "\xa9", " "}, false, text::Unit::byte);
  auto model = testing::random_model(tokenizer, 2, 2, 1.0);
  PromptSearch search(model, "a ");
  search->run(30, 0, {.max_expansions = 3000});
  double sum = search->open_mass() + search->no_word();
  for (const auto& found : search->found(100000)) {
    CHECK_FALSE(text::find_ill_formed(found.text).has_value());
    sum += found.probability.low;
  }
  CHECK(std::abs(sum - 1) < 1e-9);
}

TEST_CASE(
    "a word that a dictionary finds ends where a boundary stands after one further character") {
  // "I like cats", "China", and Thai "eat rice": with what may follow.
  const std::vector<std::vector<std::string>> alphabets{
      {"\u6211", "\u559c", "\u6b22", "\u732b", " "},
      {"\u4e2d", "\u56fd", "\u4eba", "a", "\u3002"},
      {"\u0e01\u0e34", "\u0e19", "\u0e02\u0e49", "\u0e32", " "}};
  text::WordBreaker breaker;
  const auto word_end = [&](const std::string& text, size_t from) -> size_t {
    for (const text::Segment& cluster : breaker.clusters(text)) {
      const auto end = static_cast<size_t>(cluster.end);
      if (end <= from) continue;
      const auto words = breaker.words(text.substr(0, end));
      const auto before = static_cast<int64_t>(cluster.begin);
      for (const text::Segment& s : words) {
        if (s.is_word && s.end == before && s.end > static_cast<int64_t>(from))
          return static_cast<size_t>(s.end);
      }
    }
    return 0;
  };
  for (const auto& alphabet : alphabets) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
      auto model = testing::random_model(make_tokenizer(alphabet), seed, 2, 1.0);
      check_exact(model, "a ", 6, 3, word_end);
    }
  }
}

TEST_CASE(
    "words, open prefixes and no word sum to 1 at any time, and bounds hold what comes later") {
  const text::Tokenizer tokenizer = make_tokenizer({"a", "b", "c", "'", ".", " "}, true);
  auto model = testing::random_model(tokenizer, 3, 3);
  PromptSearch full(model, "ab");
  full->run(20, 0, {.max_expansions = plenty});
  REQUIRE(full->proven(20));
  std::map<std::string, Bounds> exact;
  for (const auto& found : full->found(20)) exact[found.text] = found.probability;

  double open_before = 1;
  for (const int64_t budget : {1, 16, 32, 100, 400, 1500}) {
    PromptSearch search(model, "ab");
    search->run(20, 0, {.max_expansions = budget});
    CHECK(search->expansions() <= budget);
    if (budget < 100) CHECK_FALSE(search->proven(20));
    double sum = search->open_mass() + search->no_word();
    for (const auto& found : search->found(100000)) {
      sum += found.probability.low;
      if (!exact.contains(found.text)) continue;
      CHECK(found.probability.low <= exact[found.text].low + 1e-12);
      CHECK(found.probability.high >= exact[found.text].high - 1e-12);
    }
    CHECK(std::abs(sum - 1) < 1e-9);
    CHECK(search->open_mass() <= open_before);
    open_before = search->open_mass();
  }
}

TEST_CASE("a deadline that has passed ends the search at once") {
  auto model = testing::random_model(make_tokenizer({"a", "b", " "}), 3);
  PromptSearch search(model, "a ");
  search->run(5, 0, {.max_expansions = plenty, .deadline = std::chrono::steady_clock::now()});
  CHECK(search->expansions() == 0);
  CHECK_FALSE(search->proven(5));
}

TEST_CASE("a vocabulary of thousands: what is left out is neither lost nor called proven") {
  std::vector<std::string> characters{" "};
  for (char32_t c = 0x100; c < 0x900; ++c) {
    if (text::word_class(c) != text::WordClass::letter) continue;
    text::append_code_point(characters.emplace_back(), c);
  }
  auto model =
      testing::random_model(make_tokenizer(characters, false, text::Unit::codepoint), 3, 1, 3.0);
  PromptSearch search(model, " ");
  search->run(10, 0, {.max_expansions = 64});
  CHECK_FALSE(search->proven(10));
  double sum = search->open_mass();
  for (const auto& found : search->found(100000)) sum += found.probability.low;
  CHECK(std::abs(sum - 1) < 1e-9);
}

TEST_CASE("slots are used again: a second search needs no more of them") {
  auto model = testing::random_model(make_tokenizer({"a", "b", ".", " "}), 3);
  PromptSearch search(model, "a ");
  int64_t slots = 0;
  for (int round = 0; round < 3; ++round) {
    search->start(WordAtEnd{}, search.read.end());
    search->run(60, 0, {.max_expansions = plenty});
    CHECK(search->proven(60));
    if (round > 0) CHECK(model.slots() == slots);
    slots = model.slots();
  }
}

}  // namespace
}  // namespace inkling::generate
