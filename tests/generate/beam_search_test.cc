#include "generate/beam_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "generate/generator.h"
#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

std::vector<BeamText> search(NextCharacter& model, const GenerateOptions& options, int64_t width,
                             const SamplingOptions& sampling = {}) {
  const text::Tokenizer& tokenizer = model.tokenizer();
  std::vector<float> logits(static_cast<size_t>(tokenizer.vocabulary().size()));
  const text::Token start = tokenizer.start_token();
  model.reset(0);
  model.read(0, {&start, 1}, logits);
  Sampler sampler(sampling, tokenizer);
  sampler.accept(start);
  return beam_search(model, logits, sampler, Outlet(options, "", tokenizer), options.limit(),
                     width);
}

// Every text that the model can write and the probability of the most probable way to it, by
// trying all characters.
void all_texts(NextCharacter& model, const Sampler& sampler, const Outlet& outlet,
               const std::string& text, double log_probability, int64_t left,
               const std::vector<text::Token>& read, std::map<std::string, double>& found) {
  const text::Vocabulary& vocabulary = model.vocabulary();
  const auto finish = [&](Outlet end) {
    const std::string whole = text + end.finish();
    const auto known = found.find(whole);
    if (known == found.end() || known->second < log_probability) found[whole] = log_probability;
  };
  if (left == 0 || outlet.ending()) return finish(outlet);
  std::vector<float> logits(static_cast<size_t>(vocabulary.size()));
  model.reset(0);
  model.read(0, read, logits);
  Sampler asked = sampler;
  const Candidates candidates = asked.reweighed(logits);
  for (const Candidate& c : candidates) {
    const double next = log_probability + std::log(c.p);
    if (!vocabulary.is_character(c.token)) {
      const std::string whole = text + Outlet(outlet).finish();
      const auto known = found.find(whole);
      if (known == found.end() || known->second < next) found[whole] = next;
      continue;
    }
    Outlet longer = outlet;
    const std::string piece = longer.add(vocabulary.text(c.token));
    std::vector<text::Token> more = read;
    more.push_back(c.token);
    Sampler after = sampler;
    after.accept(c.token);
    all_texts(model, after, longer, text + piece, next, left - 1, more, found);
  }
}

TEST_CASE("a wide beam finds the most probable texts of all, as a search through every text does") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("ab .", true);
  SamplingOptions penalised{.repeat_penalty = 1.3, .presence_penalty = 0.4};
  penalised.never = "[.]";
  for (const SamplingOptions& sampling : {SamplingOptions{}, penalised}) {
    for (const GenerateOptions& options :
         {GenerateOptions{.n = 4}, GenerateOptions{.n = 4, .words = 1},
          GenerateOptions{.n = 4, .stop = {"ba"}}}) {
      auto model = testing::random_model(tokenizer, 3, 3);
      std::map<std::string, double> all;
      const text::Token start = tokenizer.start_token();
      Sampler sampler(sampling, tokenizer);
      sampler.accept(start);
      all_texts(model, sampler, Outlet(options, "", tokenizer), "", 0, options.limit(), {start},
                all);
      std::vector<std::pair<double, std::string>> ranked;
      ranked.reserve(all.size());
      for (const auto& [text, log_probability] : all) ranked.emplace_back(-log_probability, text);
      std::sort(ranked.begin(), ranked.end());
      const std::vector<BeamText> found = search(model, options, 700, sampling);
      REQUIRE(found.size() > 5);
      for (size_t i = 0; i < 5; ++i) {
        CHECK(found[i].text == ranked[i].second);
        CHECK(found[i].log_probability == doctest::Approx(-ranked[i].first));
      }
    }
  }
}

TEST_CASE("a beam of one is greedy, and a wider one finds no less probable text") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("abcd .");
  for (uint64_t seed = 1; seed < 20; ++seed) {
    auto model = testing::random_model(tokenizer, seed, 3, 0.7);
    const GenerateOptions options{.n = 12};
    const std::vector<BeamText> one = search(model, options, 1);
    REQUIRE(one.size() == 1);
    CHECK(one[0].written.characters == 12);
    CHECK(one[0].written.ending == Ending::characters);
    std::string greedy;
    Generator(model, {.temp = 0}, options, 1).write("", 0, [&](std::string_view piece) {
      greedy += piece;
      return true;
    });
    CHECK(one[0].text == greedy);
    const std::vector<BeamText> wide = search(model, options, 40);
    CHECK(wide[0].log_probability >= one[0].log_probability - 1e-9);
    for (size_t i = 1; i < wide.size(); ++i) {
      CHECK(wide[i].log_probability <= wide[i - 1].log_probability);
      CHECK(wide[i].text != wide[i - 1].text);
    }
  }
}

TEST_CASE("of more ended texts than the beam is wide the most probable stay") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("ab", true);
  // Each next character is as probable as the end: a, ab and aba end one after the other.
  testing::FakeNextCharacter model(tokenizer, 1, [&](const auto& history, std::span<float> row) {
    const text::Vocabulary& vocabulary = tokenizer.vocabulary();
    const text::Token a = *vocabulary.find("a"), b = *vocabulary.find("b");
    std::fill(row.begin(), row.end(), -20.0F);
    row[static_cast<size_t>(history.back() == a ? b : a)] = 1;
    row[static_cast<size_t>(vocabulary.end())] = 1;
  });
  const std::vector<BeamText> found = search(model, {.n = 6}, 2);
  REQUIRE(found.size() == 2);
  CHECK(found[0].text.empty());
  CHECK(found[1].text == "a");
}

TEST_CASE("a text that differs from another by its last line feed is the same") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("\na", true);
  testing::FakeNextCharacter model(tokenizer, 1, [&](const auto& history, std::span<float> row) {
    const text::Vocabulary& vocabulary = tokenizer.vocabulary();
    const text::Token a = *vocabulary.find("a"), feed = *vocabulary.find("\n");
    std::fill(row.begin(), row.end(), -20.0F);
    if (history.back() != a)
      row[static_cast<size_t>(history.back() == feed ? vocabulary.end() : a)] = 2;
    if (history.back() == a) row[static_cast<size_t>(feed)] = 1;
    if (history.back() == a)
      row[static_cast<size_t>(a)] = row[static_cast<size_t>(vocabulary.end())] = 0;
  });
  const std::vector<BeamText> found = search(model, {.n = 9}, 3);
  REQUIRE(found.size() == 3);
  CHECK(found[0].text == "a\n");
  CHECK(found[1].text == "aa\n");
  CHECK(found[2].text == "aaa\n");
}

TEST_CASE("a search that is stopped has the best text so far") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("abcd .");
  auto model = testing::random_model(tokenizer, 3, 3);
  const std::vector<BeamText> whole = search(model, {.n = 4}, 6);
  int asked = 0;
  Generator generator(model, {.beam = 6}, {.n = 100}, 1);
  generator.stop_search_when([&] { return ++asked == 4; });
  std::string text;
  const Written written = generator.write("", 0, [&](std::string_view piece) {
    text += piece;
    return true;
  });
  CHECK(asked == 4);
  CHECK(text == whole.front().text);
  CHECK(written.ending == Ending::asked);
  CHECK(written.characters == 4);
}

TEST_CASE("the generator writes what the beam finds, the best first") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("abcd .");
  auto model = testing::random_model(tokenizer, 3, 3);
  const std::vector<BeamText> found = search(model, {.n = 9}, 6);
  REQUIRE(found.size() == 6);
  for (const size_t count : {size_t{3}, size_t{6}}) {
    Generator several(model, {.beam = 6}, {.n = 9, .count = static_cast<int64_t>(count)}, 1);
    std::vector<std::string> texts(count);
    size_t ends = 0;
    several.write_all("", {.piece = [&](uint64_t i, std::string_view text) { texts.at(i) += text; },
                           .end = [&](uint64_t i, const Written&) { CHECK(i == ends++); }});
    CHECK(ends == count);
    for (size_t i = 0; i < count; ++i) CHECK(texts[i] == found[i].text);
  }
  Generator generator(model, {.beam = 6}, {.n = 9, .count = 3}, 1);
  std::string best;
  generator.write("", 7, [&](std::string_view piece) {
    best += piece;
    return true;
  });
  CHECK(best == found[0].text);
}

}  // namespace
}  // namespace inkling::generate
