// The search on the model that ships, against looking at every text that is not too improbable.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "generate/completer.h"
#include "generate/model_next_character.h"
#include "generate/prompt.h"
#include "model/model_file.h"

namespace inkling::generate {
namespace {

// Every text of a mass above `least`, level by level, its first word divided off by ICU alone:
// finds every word more probable than that, with the bounds of its probability.
class Exhaustive {
 public:
  Exhaustive(NextCharacter& model, const std::string& prompt, double least)
      : model_(model), prompt_(prompt), least_(least) {
    const auto vocab_size = static_cast<size_t>(model.vocabulary().size());
    std::vector<Text> texts{{prompt, 1, std::vector<float>(vocab_size), 1}};
    model.resize(2);
    model.reset(1);
    model.read(1, prompt_tokens(model.tokenizer(), prompt), texts[0].logits);
    while (!texts.empty()) texts = lengthen(texts);
  }

  std::map<std::string, Bounds> words;

 private:
  struct Text {
    std::string text;
    double mass;
    std::vector<float> logits;
    int64_t slot;
  };

  std::vector<Text> lengthen(const std::vector<Text>& texts) {
    const text::Vocabulary& vocabulary = model_.vocabulary();
    const auto vocab_size = static_cast<size_t>(vocabulary.size());
    std::vector<Text> longer;
    std::vector<int64_t> parents;
    std::vector<text::Token> tokens;
    for (const Text& text : texts) {
      double sum = 0;
      for (text::Token t = 0; t < vocabulary.unknown(); ++t)
        sum += std::exp(static_cast<double>(text.logits[static_cast<size_t>(t)]));
      for (text::Token t = 0; t < vocabulary.unknown(); ++t) {
        const double mass =
            text.mass * std::exp(static_cast<double>(text.logits[static_cast<size_t>(t)])) / sum;
        const std::string next = text.text + std::string(vocabulary.text(t));
        if (settled(next, mass)) continue;
        longer.push_back({next, mass, {}, 0});
        parents.push_back(text.slot);
        tokens.push_back(t);
      }
    }
    // The states of this level stand behind those of the last.
    const int64_t first = texts.back().slot + 1;
    const auto n = static_cast<int64_t>(longer.size());
    model_.resize(first + n);
    std::vector<int64_t> slots;
    for (int64_t i = 0; i < n; ++i) {
      slots.push_back(first + i);
      longer[static_cast<size_t>(i)].slot = first + i;
      model_.copy(parents[static_cast<size_t>(i)], first + i);
    }
    std::vector<float> logits(static_cast<size_t>(n) * vocab_size);
    model_.step(slots, tokens, logits);
    for (size_t i = 0; i < longer.size(); ++i) {
      const auto row = logits.begin() + static_cast<int64_t>(i * vocab_size);
      longer[i].logits.assign(row, row + static_cast<int64_t>(vocab_size));
    }
    return longer;
  }

  // Whether nothing behind the text is looked at: its word has ended, as it has for certain where
  // two characters or white space stand behind it, or its mass is too small.
  bool settled(const std::string& text, double mass) {
    for (const text::Segment& s : breaker_.words(text)) {
      const auto end = static_cast<size_t>(s.end);
      if (!s.is_word || end < prompt_.size()) continue;
      const std::string_view behind = std::string_view(text).substr(end);
      const bool ended = behind.size() > 1 || behind == " " || behind == "\n";
      if (!ended && mass >= least_) return false;
      if (behind.empty()) return true;
      Bounds& word = words[text.substr(0, end)];
      word.high += mass;
      if (ended) word.low += mass;
      return true;
    }
    return mass < least_;
  }

  NextCharacter& model_;
  std::string prompt_;
  double least_;
  text::WordBreaker breaker_;
};

TEST_CASE("the search finds on the shipped model what looking at all texts finds") {
  const model::LanguageModel model =
      model::load_model(INKLING_SOURCE_FOLDER "/models/english.safetensors");
  for (const std::string prompt : {"He went to a", "I am in ", "The cat sat on the m"}) {
    INFO(prompt);
    ModelNextCharacter next(model);
    Completer completer(next);
    constexpr size_t k = 8;
    const CompletionResult result = completer.complete(prompt, {.k = k, .begun = true});
    REQUIRE(result.proven);
    REQUIRE(result.completions.size() == k);

    const double least = result.completions.back().low / 20;
    ModelNextCharacter other(model);
    const Exhaustive all(other, prompt, least);
    for (size_t i = 0; i < k; ++i) {
      const Completion& completion = result.completions[i];
      INFO(completion.word);
      REQUIRE(all.words.contains(prompt + completion.insert));
      const Bounds expected = all.words.at(prompt + completion.insert);
      CHECK(completion.low <= expected.high + 1e-9);
      CHECK(completion.high >= expected.low - 1e-9);
      CHECK(expected.high - expected.low < 0.1 * expected.low);
    }
    // No word is more probable than those that are listed before it.
    for (const auto& [text, bounds] : all.words) {
      for (const Completion& completion : result.completions) {
        if (prompt + completion.insert == text) break;
        CHECK(bounds.low <= completion.high + 1e-9);
      }
    }
  }
}

}  // namespace
}  // namespace inkling::generate
