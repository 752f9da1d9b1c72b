#include "generate/completer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

const std::string story =
    "\nThe cat sat on the mat. The dog sat on the mat. The cat sat on the mat again.\nThen the men "
    "met. "
    "I don't know. He said: \"Go on.\" I don't care. The mats lay there. \"Yes,\" the man said.\n";

std::vector<std::string> words(const CompletionResult& result) {
  std::vector<std::string> words;
  for (const Completion& c : result.completions) words.push_back(c.word);
  return words;
}

TEST_CASE("the most probable word is completed, begun or not") {
  struct Row {
    std::string text;
    CompletionOptions options;
    std::string begun, word, insert;
  };
  const std::vector<Row> table{
      {"The cat sat on the", {}, "", "mat", " mat"},
      {"The cat sat on the ", {}, "", "mat", "mat"},
      {"The cat sat on the m", {}, "m", "mat", "at"},
      {"The cat sat on the ___", {}, "", "mat", "mat"},
      {"The cat sat on the___", {}, "", "mat", " mat"},
      {"The cat sat on the mat", {.begun = true}, "mat", "mat", ""},
      {"The cat sat on t", {}, "t", "the", "he"},
      {"The cat sat on t", {.next = true}, "", "", ""},
      {"The cat sat on the", {.begun = true}, "the", "the", ""},
      {"I don", {}, "don", "don't", "'t"},
      {"I don'", {}, "", "don't", "t"},
      {"He said:", {}, "", "Go", " \"Go"},  // what stands before the word belongs to the text
      {"He said: \"", {}, "", "Go", "Go"},
      {"again.\n", {}, "", "Then", "Then"},
      {"The ca", {}, "ca", "cat", "t"},
  };
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  auto model = testing::counted_model(tokenizer, story, 14);
  Completer completer(model);
  for (const Row& row : table) {
    const CompletionResult result = completer.complete(row.text, row.options);
    INFO(row.text);
    CHECK(result.begun == row.begun);
    REQUIRE_FALSE(result.completions.empty());
    if (row.word.empty()) continue;
    CHECK(result.completions[0].word == row.word);
    CHECK(result.completions[0].insert == row.insert);
    CHECK(result.completions[0].low <= result.completions[0].high);
  }
}

TEST_CASE("what the next word takes for given has its probability") {
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  auto model = testing::counted_model(tokenizer, story, 14);
  Completer completer(model);
  CHECK(completer.complete("The cat sat on the", {}).condition == doctest::Approx(1).epsilon(1e-4));
  // Of three times "sat on the mat" a space stands behind one.
  const CompletionResult result = completer.complete("The cat sat on the mat", {.next = true});
  CHECK(result.condition == doctest::Approx(1.0 / 3).epsilon(1e-4));
  REQUIRE_FALSE(result.completions.empty());
  CHECK(result.completions[0].insert == " again");
  CHECK(result.completions[0].probability() == doctest::Approx(1).epsilon(1e-3));
  CHECK(completer.complete("The cat sat on the ", {}).condition == 1);
  CHECK(completer.complete("The ca", {}).condition == 1);
}

TEST_CASE("half a code point at the end of the text is finished, not taken for no word") {
  const std::string text =
      " le caf\u00e9 noir. le caf\u00e9 noir. un \u00e9t\u00e9. caf\u00d7bon a\u2014b ";
  auto model =
      testing::counted_model(testing::tokenizer_of(text, false, text::Unit::byte), text, 12);
  Completer completer(model);
  struct Row {
    std::string text, word, insert;
    CompletionOptions options{};
  };
  const std::vector<Row> table{
      {" le caf\xc3", "caf\u00e9", "\xa9"},
      {" le caf\xc3", "caf\u00e9", "\xa9", {.begun = true}},
      {" un \xc3", "\u00e9t\u00e9", "\xa9t\u00e9"},
      {" a\xe2\x80", "b",
       "\x94"
       "b"},
      {" \u00e9t\u00e9. caf\xc3",
       "bon",
       "\x97"
       "bon",
       {.next = true}},
      {" le caf\xc3", "caf\u00e9 noir", "\xa9 noir", {.words = 2}},
  };
  for (const Row& row : table) {
    INFO(row.text);
    const CompletionResult result = completer.complete(row.text, row.options);
    REQUIRE_FALSE(result.completions.empty());
    CHECK(result.completions[0].word == row.word);
    CHECK(result.completions[0].insert == row.insert);
    CHECK(result.no_word < 1e-4);
  }
}

TEST_CASE("the next word is not the last one with what follows an apostrophe") {
  auto model = testing::counted_model(testing::tokenizer_of(story), story, 14);
  Completer completer(model);
  for (const std::string text : {"I don'", "I don't", "mat."}) {
    const CompletionResult result = completer.complete(text, {.k = 3, .next = true});
    INFO(text);
    CHECK(result.begun.empty());
    REQUIRE_FALSE(result.completions.empty());
    for (const Completion& c : result.completions) CHECK(c.insert.starts_with(' '));
  }
  // Without spaces it follows at once, but "a'a" is one word.
  auto dense = testing::random_model(testing::make_tokenizer({"a", "'", "."}), 1);
  Completer other(dense);
  const CompletionResult result = other.complete("a'", {.k = 2, .next = true});
  REQUIRE(result.completions.size() == 2);
  for (const Completion& c : result.completions) CHECK_FALSE(c.insert.starts_with('a'));
}

TEST_CASE("the finished word and every longer one compete in one distribution") {
  const std::string text = " the then the then the they the. ";
  auto model = testing::counted_model(testing::tokenizer_of(text), text, 4);
  Completer completer(model);
  const CompletionResult result = completer.complete("the then the", {.k = 3, .begun = true});
  CHECK(words(result) == std::vector<std::string>{"the", "then", "they"});
  // Behind " the": 4 of 7 end, 2 go on to then, 1 to they.
  CHECK(std::abs(result.completions[0].probability() - 4 / 7.) < 1e-4);
  CHECK(std::abs(result.completions[1].probability() - 2 / 7.) < 1e-4);
  CHECK(std::abs(result.completions[2].probability() - 1 / 7.) < 1e-4);
  CHECK(result.proven);
  CHECK(result.open_mass < 1e-3);
}

TEST_CASE("a word that a joiner follows is finished or not by what comes behind the joiner") {
  // "mat" is always followed by a full stop: of three, one goes on to "mat.com".
  const std::string text = " mat. mat. mat.com ";
  auto model = testing::counted_model(testing::tokenizer_of(text), text, 5);
  Completer completer(model);
  CompletionResult result = completer.complete(" mat", {.k = 2, .begun = true});
  CHECK(words(result) == std::vector<std::string>{"mat", "mat.com"});
  CHECK(std::abs(result.completions[0].probability() - 2 / 3.) < 1e-4);
  CHECK(std::abs(result.completions[1].probability() - 1 / 3.) < 1e-4);
  CHECK(completer.complete(" mat", {.k = 2}).begun.empty());  // finished with 2/3
  // A budget that ends before that is known is an answer all the same.
  result = completer.complete(" mat", {.k = 2, .max_expansions = 1});
  CHECK(result.expansions == 1);
  CHECK_FALSE(result.proven);
}

TEST_CASE("a begun word takes its last character back: cafe may become caf\u00e9") {
  const std::string text = " caf\u00e9 caf\u00e9s cafe caf\u00e9 cafe cafard caf\u00e9 ";
  auto model = testing::counted_model(testing::tokenizer_of(text), text, 5);
  Completer completer(model);
  const CompletionResult result = completer.complete(" cafe", {.k = 3, .begun = true});
  CHECK(result.begun == "cafe");
  CHECK(words(result) == std::vector<std::string>{"caf\u00e9", "cafe", "caf\u00e9s"});
  const std::vector<std::string> inserts{"\u0301", "", "\u0301s"};
  const std::vector<double> probabilities{3 / 6., 2 / 6., 1 / 6.};  // not cafard
  for (size_t i = 0; i < 3; ++i) {
    CHECK(result.completions[i].insert == inserts[i]);
    CHECK(std::abs(result.completions[i].probability() - probabilities[i]) < 1e-4);
    CHECK(model.tokenizer().normalize(" cafe" + result.completions[i].insert) ==
          " " + result.completions[i].word);
  }
  CHECK(result.proven);
  // Typed as it is, it is finished with 2/6 only.
  CHECK(completer.complete(" cafe", {}).begun == "cafe");
  CHECK(completer.complete(" caf\u00e9", {}).begun.empty());
  CHECK(completer.complete(" cafe", {.next = true}).begun.empty());
}

TEST_CASE("a last character turns into none that cannot come") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({" ", "e", "\u00e9", "\u00ea"});
  const auto token = [&](const char* character) {
    return static_cast<size_t>(*tokenizer.vocabulary().find(character));
  };
  const size_t blank = token(" "), e = token("e"), acute = token("\u00e9");
  testing::FakeNextCharacter model(tokenizer, 1, [=](const auto& history, std::span<float> row) {
    std::fill(row.begin(), row.end(), -std::numeric_limits<float>::infinity());
    if (static_cast<size_t>(history.back()) == blank) {
      row[e] = row[acute] = 0;
    } else {
      row[blank] = 0;
    }
  });
  const CompletionResult result = Completer(model).complete(" e", {.k = 3, .begun = true});
  CHECK(words(result) == std::vector<std::string>{"e", "\u00e9"});
  CHECK(result.open_mass == 0);
}

TEST_CASE("a last character that the model does not know may still turn into one that it knows") {
  const std::string text = " \u0915\u093f\u0924\u093e\u092c \u0915\u093f \u0928 ";  // kitab, ki
  auto model = testing::counted_model(testing::tokenizer_of(text), text, 3);
  REQUIRE_FALSE(model.vocabulary().find("\u0915"));
  Completer completer(model);
  const CompletionResult result = completer.complete(" \u0915", {.k = 2});
  CHECK(result.begun == "\u0915");
  CHECK(words(result) ==
        std::vector<std::string>{"\u0915\u093f", "\u0915\u093f\u0924\u093e\u092c"});
  CHECK(result.completions[1].insert == "\u093f\u0924\u093e\u092c");
  CHECK(std::abs(result.completions[0].probability() + result.completions[1].probability() - 1) <
        1e-4);
}

TEST_CASE("in documents mode the end token ends a word, or leaves none") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "n"}, true);
  const text::Token end = tokenizer.vocabulary().end();
  testing::FakeNextCharacter model(tokenizer, 1,
                                   [end](const auto& history, std::span<float> logits) {
                                     std::fill(logits.begin(), logits.end(), 0.0F);
                                     if (history.back() == end)
                                       logits[static_cast<size_t>(end)] = std::log(2.0F);
                                   });
  Completer completer(model);
  const CompletionResult result = completer.complete("", {.k = 2});
  // Each of a, n: 1/4 to be begun, 1/3 to end there. No word at all: 1/2.
  CHECK(words(result) == std::vector<std::string>{"a", "n"});
  CHECK(std::abs(result.completions[0].low - 1 / 12.) < 1e-7);
  CHECK(result.no_word == doctest::Approx(0.5));
  // No space in this vocabulary: the next word would have to follow at once, and no letter ends a
  // word.
  const CompletionResult next = completer.complete("an", {.k = 2, .next = true});
  CHECK(next.completions.empty());
  CHECK(next.no_word == doctest::Approx(1));
}

TEST_CASE("behind a script without spaces the next word follows at once") {
  const std::string text =
      "\u6211\u559c\u6b22\u732b\u3002\u6211\u559c\u6b22\u732b\u3002\u6211\u559c\u6b22\u72d7\u3002";
  auto model = testing::counted_model(testing::tokenizer_of(text + " "), text, 4);
  Completer completer(model);
  const CompletionResult begun = completer.complete("\u6211\u559c", {});
  CHECK(begun.begun == "\u559c");
  CHECK(begun.completions[0].word == "\u559c\u6b22");
  const CompletionResult next = completer.complete("\u6211\u559c\u6b22", {});
  CHECK(next.begun.empty());
  CHECK(next.completions[0].word == "\u732b");
  CHECK(next.completions[0].insert == "\u732b");
  CHECK(std::abs(next.completions[0].probability() - 2 / 3.) < 1e-3);
}

TEST_CASE("a small budget gives the best so far and says that it is not proven") {
  auto model = testing::random_model(testing::tokenizer_of("abcdefgh '."), 4);
  Completer completer(model);
  const CompletionResult result = completer.complete("a ", {.k = 10, .max_expansions = 20});
  CHECK_FALSE(result.proven);
  CHECK_FALSE(result.completions.empty());
  CHECK(result.open_mass > 0.1);
  for (size_t i = 1; i < result.completions.size(); ++i) {
    CHECK(result.completions[i - 1].probability() >= result.completions[i].probability());
  }
}

TEST_CASE("no more prefixes are read than the budget allows, however it is spent") {
  // A full stop leaves open whether "a" is finished: what tells is read before the next word is.
  const std::string text = " a. b a. b a.b a. c a. bc a. ";
  auto stops = testing::counted_model(testing::tokenizer_of(text), text, 5);
  auto random = testing::random_model(testing::tokenizer_of("abcdefgh '."), 4);
  for (NextCharacter* model : std::initializer_list<NextCharacter*>{&stops, &random}) {
    Completer completer(*model);
    for (const int64_t budget : {1, 8, 16, 17, 100}) {
      for (const int64_t words : {1, 2, 3}) {
        const CompletionOptions options{.words = words, .max_expansions = budget};
        CHECK(completer.complete("a ", options).expansions <= budget * words);
        CHECK(completer.complete("a", options).expansions <= budget * words);
      }
    }
  }
  Completer completer(stops);
  const int64_t all = completer.complete(" a", {.k = 2}).expansions;
  const CompletionResult same = completer.complete(" a", {.k = 2, .max_expansions = all});
  CHECK(same.begun.empty());
  CHECK(same.expansions == all);
}

TEST_CASE("the same question has the same answer, whatever was asked before") {
  auto model = testing::random_model(testing::tokenizer_of("abcdefgh '."), 4);
  Completer completer(model);
  const CompletionResult first = completer.complete("ab", {});
  completer.complete("another' one", {.next = true});
  const CompletionResult again = completer.complete("ab", {});
  CHECK(words(first) == words(again));
  CHECK(first.open_mass == again.open_mass);
}

TEST_CASE("a model that predicts no number is refused with a sentence") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& logits : {std::vector<float>{nan, nan, nan}, {0, nan, 0}}) {
    testing::FakeNextCharacter model(testing::make_tokenizer({"a", "b"}), 1,
                                     [&](const auto&, std::span<float> row) {
                                       std::copy(logits.begin(), logits.end(), row.begin());
                                     });
    Completer completer(model);
    CHECK_THROWS_AS(completer.complete("a", {}), DataError);
  }
}

TEST_CASE("next and begun exclude each other") {
  CHECK_THROWS_AS((CompletionOptions{.next = true, .begun = true}.validate()), UsageError);
}

}  // namespace
}  // namespace inkling::generate
