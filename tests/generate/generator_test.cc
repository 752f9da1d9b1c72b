#include "generate/generator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/thread_pool.h"
#include "generate/model_next_character.h"
#include "support/fake_next_character.h"
#include "support/stepped_loss.h"
#include "text/utf8.h"

namespace inkling::generate {
namespace {

struct Result {
  std::string text;
  Written written;
  std::vector<std::string> pieces;
};

Result write(NextCharacter& model, const GenerateOptions& options, std::string_view prompt = "",
             SamplingOptions sampling = {.temp = 0}, uint64_t seed = 1, uint64_t index = 0) {
  Generator generator(model, sampling, options, seed);
  Result result;
  result.written = generator.write(prompt, index, [&](std::string_view piece) {
    result.pieces.emplace_back(piece);
    result.text += piece;
    return true;
  });
  return result;
}

const std::string story =
    "\nHe came home. She said: don't go. They went to the mat.com shop. The end was near.\n";

TEST_CASE("a watcher is told each character and how surprising it was, before any filter") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  // a, b, c in these shares, whatever was before; <unk>, however probable, takes no part.
  const std::vector<double> shares{0.5, 0.25, 0.25, 3.0};
  testing::FakeNextCharacter model(
      tokenizer, 1, [&](const testing::FakeNextCharacter::History&, std::span<float> logits) {
        for (size_t i = 0; i < shares.size(); ++i) {
          logits[i] = static_cast<float>(std::log(shares[i]));
        }
      });
  Generator generator(model, {.temp = 2, .top_k = 2}, {.n = 40}, 1);
  std::string written, watched;
  generator.watch([&](std::string_view character, double surprise) {
    CHECK(watched.size() >= written.size());
    watched += character;
    CHECK(surprise == doctest::Approx(character == "a" ? 1 : 2).epsilon(1e-6));
  });
  generator.write("a", 0, [&](std::string_view piece) {
    written += piece;
    return true;
  });
  CHECK(written.size() == 40);
  CHECK(watched == written);
  CHECK(written.find('b') != std::string::npos);
}

TEST_CASE("a text ends where it was asked to") {
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  auto model = testing::counted_model(tokenizer, story, 12);
  struct Row {
    GenerateOptions options;
    std::string prompt, text;
    Ending ending;
  };
  const std::vector<Row> table{
      {{.n = 7}, "", "He came", Ending::characters},
      {{.n = 0}, "", "", Ending::characters},
      {{.n = 5}, "She said", ": don", Ending::characters},
      {{.words = 2}, "", "He came", Ending::words},
      {{.words = 2}, "She sa", "id: don't", Ending::words},
      {{.n = 4, .words = 2}, "", "He c", Ending::characters},
      {{.sentences = 1}, "", "He came home.", Ending::sentences},
      {{.sentences = 2},
       "She",
       " said: don't go. They went to the mat.com shop.",
       Ending::sentences},
      {{.stop = {"home", "xyz"}}, "", "He came ", Ending::stop},
      {{.n = 8, .stop = {"me h-"}}, "", "He came ", Ending::characters},
  };
  for (const Row& row : table) {
    const Result result = write(model, row.options, row.prompt);
    CHECK_MESSAGE(result.text == row.text, row.text);
    CHECK_MESSAGE(result.written.ending == row.ending, row.text);
    CHECK_MESSAGE(result.written.characters == static_cast<int64_t>(row.text.size()), row.text);
    for (const std::string& piece : result.pieces) CHECK_FALSE(piece.empty());
  }
}

TEST_CASE("the same seed and index write the same text, others another") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("abcdefghij ");
  auto model = testing::random_model(tokenizer, 5);
  const GenerateOptions options{.n = 60};
  const SamplingOptions sampling;
  const std::string text = write(model, options, "a", sampling, 3, 4).text;
  CHECK(text.size() == 60);
  CHECK(write(model, options, "a", sampling, 3, 4).text == text);
  CHECK(write(model, options, "a", sampling, 3, 5).text != text);
  CHECK(write(model, options, "a", sampling, 4, 4).text != text);
}

TEST_CASE("in documents mode a text ends by itself, and a prompt is read behind the end token") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"}, true);
  const text::Token end = tokenizer.vocabulary().end();
  std::vector<text::Token> first;
  // Writes "ab" after the beginning, then ends.
  testing::FakeNextCharacter model(
      tokenizer, 3,
      [&](const testing::FakeNextCharacter::History& history, std::span<float> logits) {
        if (first.empty()) first = history;
        std::fill(logits.begin(), logits.end(), -10.0F);
        const text::Token last = history.back();
        logits[static_cast<size_t>(last == end ? 0 : last + 1)] = 10;
      });
  const Result whole = write(model, {});
  CHECK(whole.text == "ab");
  CHECK(whole.written.ending == Ending::end);
  CHECK(whole.written.characters == 2);
  CHECK(first == std::vector<text::Token>{end});
  first.clear();
  CHECK(write(model, {}, "a").text == "b");
  CHECK(first.front() == end);
}

TEST_CASE("what stands before a text to begin it was not used in it") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"}, true);
  const SamplingOptions sampling{.temp = 0, .presence_penalty = 5};
  const auto model_of_end = [&](float end_logit) {
    return testing::FakeNextCharacter(tokenizer, 1, [=](const auto&, std::span<float> logits) {
      std::fill(logits.begin(), logits.end(), 0.0F);
      logits[2] = end_logit;
    });
  };
  for (const char* prompt : {"", "a"}) {
    auto model = model_of_end(1);
    CHECK(write(model, {.n = 4}, prompt, sampling).written.ending == Ending::end);
  }
}

TEST_CASE("the sink ends the text") {
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  auto model = testing::counted_model(tokenizer, story, 12);
  Generator generator(model, {.temp = 0}, {}, 1);
  std::string text;
  const Written written = generator.write("", 0, [&](std::string_view piece) {
    text += piece;
    return text.size() < 4;
  });
  CHECK(text == "He c");
  CHECK(written.ending == Ending::asked);
  CHECK(written.characters == 4);
}

TEST_CASE("no piece holds half a cluster, in any unit") {
  const std::string source =
      "e\u0301 \U0001f469\u200d\U0001f680 \u0915\u094d\u0937\u093f \u0e01\u0e33 x\u0301\u0302 ";
  text::WordBreaker breaker;
  for (const text::Unit unit : {text::Unit::grapheme, text::Unit::codepoint, text::Unit::byte}) {
    std::vector<std::string> characters;
    for (const text::Segment& s : breaker.clusters(source)) {
      std::string cluster =
          source.substr(static_cast<size_t>(s.begin), static_cast<size_t>(s.end - s.begin));
      if (unit == text::Unit::grapheme) {
        characters.push_back(cluster);
        continue;
      }
      for (size_t at = 0; at < cluster.size();) {
        const size_t from = at;
        if (unit == text::Unit::codepoint)
          text::next_code_point(cluster, at);
        else
          ++at;
        characters.push_back(cluster.substr(from, at - from));
      }
    }
    std::sort(characters.begin(), characters.end());
    characters.erase(std::unique(characters.begin(), characters.end()), characters.end());
    auto model = testing::random_model(testing::make_tokenizer(characters, false, unit), 11);
    for (uint64_t index = 0; index < 30; ++index) {
      const Result result = write(model, {.n = 40}, "", {}, 1, index);
      std::vector<std::string> clusters;
      size_t at = 0;
      std::vector<bool> ends(result.text.size() + 1);
      for (const text::Segment& s : breaker.clusters(result.text))
        ends[static_cast<size_t>(s.end)] = true;
      for (const std::string& piece : result.pieces) {
        at += piece.size();
        CHECK(ends[at]);
      }
      CHECK_FALSE(text::find_ill_formed(result.text).has_value());
    }
  }
}

TEST_CASE("half a code point at the prompt's end is finished: the drawn byte is not lost") {
  const std::string source = " le caf\u00e9 noir. Un the\xc3 et ";
  auto model =
      testing::counted_model(testing::tokenizer_of(source, false, text::Unit::byte), source, 8);
  struct Row {
    GenerateOptions options;
    std::string prompt, text;
  };
  const std::vector<Row> table{
      {{.n = 3}, " le caf\xc3", "\xa9 n"},
      {{.n = 1}, " le caf\xc3", "\xa9"},
      {{.words = 1}, " le caf\xc3", "\xa9"},
      {{.words = 2}, " le caf\xc3", "\xa9 noir"},
      {{.sentences = 1}, " le caf\xc3", "\xa9 noir."},
      {{.stop = {" noir"}}, " le caf\xc3", "\xa9"},
      {{.stop = {"\u00e9"}}, " le caf\xc3", ""},
      {{.n = 3}, " Un the\xc3", " et"},  // nothing is written for the bytes that stand there
      {{.n = 0}, " le caf\xc3", ""},
  };
  for (const Row& row : table) {
    for (const int64_t beam : {0, 2}) {
      INFO(row.prompt << " beam " << beam);
      const Result result = write(model, row.options, row.prompt, {.temp = 0, .beam = beam});
      CHECK_MESSAGE(result.text == row.text, row.text);
      CHECK_MESSAGE(result.written.characters == static_cast<int64_t>(row.text.size()), row.text);
    }
  }
}

TEST_CASE("bytes that are no text count as drawn, not by the length of what replaces them") {
  const text::Tokenizer tokenizer =
      testing::make_tokenizer({" ", "a", "\xc3", "\xa9"}, false, text::Unit::byte);
  struct Row {
    std::string drawn, text, first_word;
    int64_t characters, in_first_word;
  };
  const std::vector<Row> table{
      {"\xc3 \xc3 a ", "\ufffd \ufffd a ", "\ufffd \ufffd a", 6, 5},
      {"\xc3\xc3\xa9 a", "\ufffd\u00e9 a", "\ufffd\u00e9", 5, 3},
      {"\xa9\xa9\xa9", "\ufffd\ufffd\ufffd", "", 3, 0},
      {"a\xc3", "a", "a", 1, 1},  // what is begun is not written
  };
  for (const Row& row : table) {
    const std::vector<text::Token> tokens = tokenizer.encode(row.drawn).tokens;
    size_t at = 0;
    testing::FakeNextCharacter model(
        tokenizer, 1, [&](const testing::FakeNextCharacter::History&, std::span<float> logits) {
          std::fill(logits.begin(), logits.end(), -30.0F);
          logits[static_cast<size_t>(tokens[at++ % tokens.size()])] = 10;
        });
    const Result result = write(model, {.n = static_cast<int64_t>(row.drawn.size())}, " ");
    CHECK(result.text == row.text);
    CHECK(result.written.characters == row.characters);
    if (row.first_word.empty()) continue;
    at = 0;
    const Result word = write(model, {.words = 1}, " ");
    CHECK(word.text == row.first_word);
    CHECK(word.written.characters == row.in_first_word);
  }
}

// Texts, and how each ended, as write_all hands them on; also checks the order.
std::vector<Result> write_all(NextCharacter& model, const GenerateOptions& options,
                              const SamplingOptions& sampling, std::string_view prompt,
                              uint64_t seed) {
  Generator generator(model, sampling, options, seed);
  std::vector<Result> results(1);
  generator.write_all(prompt, {.piece =
                                   [&](uint64_t index, std::string_view piece) {
                                     REQUIRE(index == results.size() - 1);
                                     results.back().text += piece;
                                   },
                               .end =
                                   [&](uint64_t index, const Written& written) {
                                     REQUIRE(index == results.size() - 1);
                                     results.back().written = written;
                                     results.emplace_back();
                                   }});
  results.pop_back();
  return results;
}

TEST_CASE("many texts at once are the ones that each would be alone, on threads as well") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("abc de.\n", true);
  auto model = testing::random_model(tokenizer, 5);
  ThreadPool threads(3);
  SUBCASE("on one") {}
  SUBCASE("on three") { model.work_on(threads); }
  SamplingOptions sampling{.repeat_penalty = 1.2, .dry_multiplier = 0.8, .dry_allowed_length = 3};
  sampling.mirostat = Mirostat::second;
  sampling.mirostat_ent = 2;
  for (const GenerateOptions& options :
       {GenerateOptions{.n = 40, .count = 150}, GenerateOptions{.words = 3, .count = 70},
        GenerateOptions{.sentences = 2, .count = 70}, GenerateOptions{.n = 0, .count = 3},
        GenerateOptions{.n = 30, .stop = {"a"}, .count = 300},
        GenerateOptions{.n = 9, .count = 1}}) {
    const std::vector<Result> all = write_all(model, options, sampling, "abc", 3);
    REQUIRE(all.size() == static_cast<size_t>(options.count));
    for (size_t i = 0; i < all.size(); ++i) {
      const Result alone = write(model, options, "abc", sampling, 3, i);
      CHECK(all[i].text == alone.text);
      CHECK(all[i].written.ending == alone.written.ending);
      CHECK(all[i].written.characters == alone.written.characters);
    }
  }
}

TEST_CASE("the model steps many texts at once as long as there are many") {
  auto model = testing::random_model(testing::tokenizer_of("abc de.\n", true), 5);
  const auto all = write_all(model, {.n = 8, .stop = {"a"}, .count = 1000}, {}, "b", 3);
  CHECK(all.size() == 1000);
  const auto full = std::count(model.stepped.begin(), model.stepped.end(), 64U);
  CHECK(full > 20);
  CHECK(static_cast<size_t>(full) + 8 >= model.stepped.size());  // but for the end, of 8 steps
}

TEST_CASE("a sink that throws ends the writing, and the slots are free again") {
  auto model = testing::random_model(testing::tokenizer_of("abc de.\n", true), 5);
  Generator generator(model, {}, {.n = 20, .count = 100}, 3);
  struct Refused {};
  int64_t slots = 0;
  for (int i = 0; i < 3; ++i) {
    int pieces = 0;
    const TextsSink sink{.piece =
                             [&](uint64_t, std::string_view) {
                               if (++pieces == 50) throw Refused();
                             },
                         .end = [](uint64_t, const Written&) {}};
    CHECK_THROWS_AS(generator.write_all("a", sink), Refused);
    if (i == 0) slots = model.slots();
    CHECK(model.slots() == slots);
  }
}

TEST_CASE("what is wrong with one text of many comes to the caller, from a thread as well") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("ab");
  int steps = 0;
  testing::FakeNextCharacter model(
      tokenizer, 1, [&](const testing::FakeNextCharacter::History&, std::span<float> logits) {
        std::fill(logits.begin(), logits.end(), ++steps == 40 ? std::nanf("") : 0.0F);
      });
  ThreadPool threads(3);
  SUBCASE("on one") {}
  SUBCASE("on three") { model.work_on(threads); }
  CHECK_THROWS_WITH_AS(write_all(model, {.n = 5, .count = 20}, {}, "a", 3),
                       doctest::Contains("not a number"), DataError);
  steps = 40;
  CHECK(write_all(model, {.n = 5, .count = 20}, {}, "a", 3).size() == 20);
}

TEST_CASE("a real network writes in a batch what it writes alone, to the bit, on threads as well") {
  for (const int64_t context : {0, 5}) {
    for (const nn::Precision precision : {nn::Precision::f32, nn::Precision::automatic}) {
      const model::LanguageModel trained =
          testing::sample_model_of({.cell = nn::CellKind::gru, .context = context});
      ModelNextCharacter alone(trained, precision, 1);
      for (const int threads : {1, 3}) {
        ModelNextCharacter model(trained, precision, threads);
        CHECK(model.threads_for(1) == nullptr);  // so small a network needs none for one text
        const GenerateOptions options{.n = 25, .count = 64};
        const std::vector<Result> all = write_all(model, options, {}, "ab", 3);
        CHECK((model.threads_for(1) != nullptr) == (threads > 1));
        REQUIRE(all.size() == 64);
        for (size_t i = 0; i < all.size(); i += 7)
          CHECK(all[i].text == write(alone, options, "ab", {}, 3, i).text);
      }
    }
  }
}

TEST_CASE("options that exclude each other are refused") {
  CHECK_THROWS_AS((GenerateOptions{.sentences = 1, .words = 1}.validate()), UsageError);
  CHECK_THROWS_AS(GenerateOptions{.stop = {""}}.validate(), UsageError);
  auto model = testing::random_model(testing::tokenizer_of("ab"), 5);
  CHECK_THROWS_AS(Generator(model, {.beam = 3}, {.count = 4}, 1), UsageError);
  CHECK_THROWS_AS(Generator(model, {.mirostat = Mirostat::second, .beam = 3}, {}, 1), UsageError);
  CHECK(GenerateOptions{}.limit() == 500);
  CHECK(GenerateOptions{.n = 0}.limit() == 0);
  CHECK(GenerateOptions{.words = 2}.limit() == 10000);
  CHECK(GenerateOptions{.n = 30, .words = 2}.limit() == 30);
}

}  // namespace
}  // namespace inkling::generate
