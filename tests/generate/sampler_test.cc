#include "generate/sampler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>

#include "generate/character_bias.h"
#include "support/fake_next_character.h"
#include "text/utf8.h"

namespace inkling::generate {
namespace {

SamplingOptions plain() { return {.temp = 1, .top_k = 0, .top_p = 1, .min_p = 0}; }

std::vector<float> logits_of(const std::vector<double>& probs) {
  std::vector<float> logits;
  logits.reserve(probs.size());
  for (const double p : probs) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

TEST_CASE("pick finds the candidate whose part of 0 to 1 holds the coin") {
  const Candidates candidates{{.token = 5, .logit = 0, .p = 0.5},
                              {.token = 6, .logit = 0, .p = 0},
                              {.token = 7, .logit = 0, .p = 0.5}};
  const std::vector<std::pair<double, size_t>> table{
      {0, 0}, {0.49, 0}, {0.5, 2}, {0.99, 2}, {1.0, 2}};
  for (const auto& [coin, index] : table) CHECK(pick(candidates, coin) == index);
}

TEST_CASE("characters are drawn as often as their probabilities say") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  Sampler sampler(plain(), tokenizer);
  const std::vector<float> logits = logits_of({.2, .3, .5, 1});
  Random random(1);
  std::map<text::Token, int> drawn;
  const int n = 20000;
  for (int i = 0; i < n; ++i) ++drawn[sampler.draw(logits, random)];
  CHECK(drawn.size() == 3);
  CHECK(std::abs(drawn[0] - .2 * n) < 300);
  CHECK(std::abs(drawn[2] - .5 * n) < 300);
}

TEST_CASE("<unk> is never drawn, the end token where there is one") {
  const text::Tokenizer with_end = testing::make_tokenizer({"a", "b"}, true);
  Sampler sampler(plain(), with_end);
  Random random(1);
  bool ended = false;
  for (int i = 0; i < 200; ++i) {
    const text::Token token = sampler.draw(logits_of({.1, .1, .4, .9}), random);
    CHECK(token != with_end.vocabulary().unknown());
    ended = ended || token == with_end.vocabulary().end();
  }
  CHECK(ended);
}

TEST_CASE("temperature comes after the filters, as in llama.cpp") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  SamplingOptions options = plain();
  options.top_p = 0.75;
  options.temp = 100;
  Sampler sampler(options, tokenizer);
  Random random(1);
  sampler.draw(logits_of({.1, .5, .4, 1}), random);
  REQUIRE(sampler.candidates().size() == 2);  // temperature first would let all three in
  CHECK(std::abs(sampler.candidates()[0].p - 0.5) < 0.01);
}

TEST_CASE("temperature 0 is greedy and takes nothing from the generator") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  SamplingOptions options = plain();
  options.temp = 0;
  Sampler sampler(options, tokenizer);
  Random random(9);
  CHECK(sampler.draw(logits_of({.1, .6, .3, 1}), random) == 1);
  CHECK(random.state() == Random(9).state());
}

TEST_CASE("the repetition penalty looks back repeat_last_n characters") {
  struct Row {
    int64_t last_n;
    std::vector<text::Token> read;
    text::Token best;
  };
  const std::vector<Row> table{{0, {0, 0}, 0}, {1, {0}, 1},           {1, {0, 2}, 0},
                               {2, {0, 2}, 1}, {-1, {0, 2, 2, 2}, 1}, {2, {0, 0, 2, 2}, 0}};
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  for (const Row& row : table) {
    SamplingOptions options = plain();
    options.temp = 0;
    options.repeat_penalty = 3;
    options.repeat_last_n = row.last_n;
    Sampler sampler(options, tokenizer);
    for (const text::Token token : row.read) sampler.accept(token);
    Random random(1);
    CHECK(sampler.draw(std::vector<float>{2, 1, 0, 9}, random) == row.best);
    sampler.reset();
    CHECK(sampler.draw(std::vector<float>{2, 1, 0, 9}, random) == 0);
  }
}

// The most probable after the text, when drawing is greedy.
text::Token best_after(const SamplingOptions& options, const std::vector<text::Token>& read,
                       const std::vector<float>& logits) {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  Sampler sampler(options, tokenizer);
  for (const text::Token token : read) sampler.accept(token);
  Random random(1);
  return sampler.draw(logits, random);
}

TEST_CASE("presence and frequency penalties, bias and sets bind a greedy drawing too") {
  SamplingOptions options = plain();
  options.temp = 0;
  CHECK(best_after(options, {0, 0}, {2, 1.5, 0, 9}) == 0);
  SamplingOptions presence = options, frequency = options, bias = options, only = options;
  presence.presence_penalty = 1;
  CHECK(best_after(presence, {0, 0}, {2, 1.5, 0, 9}) == 1);
  frequency.frequency_penalty = 0.3;
  CHECK(best_after(frequency, {0}, {2, 1.5, 0, 9}) == 0);
  CHECK(best_after(frequency, {0, 0}, {2, 1.5, 0, 9}) == 1);
  bias.logit_bias = {"c+1.5", "c+1"};
  CHECK(best_after(bias, {}, {2, 1.5, 0, 9}) == 2);
  only.only = "[bc]";
  CHECK(best_after(only, {}, {2, 1.5, 0, 9}) == 1);
  only.never = "b";
  CHECK_THROWS_AS(best_after(only, {}, {2, 1.5, 0, 9}), UsageError);
  only.never = "[b]";
  CHECK(best_after(only, {}, {2, 1.5, 0, 9}) == 2);
}

TEST_CASE("an extreme wish for a character is not the reverse of one") {
  SamplingOptions presence = plain(), frequency = plain(), bias = plain();
  presence.presence_penalty = -1e39;
  frequency.frequency_penalty = -1e39;
  bias.logit_bias = {"a+3e38", "a+3e38"};
  CHECK(best_after(presence, {0}, {0, 1, 2, 9}) == 0);
  CHECK(best_after(frequency, {0}, {0, 1, 2, 9}) == 0);
  CHECK(best_after(bias, {}, {0, 1, 2, 9}) == 0);
  // Only -inf forbids: this is drawn where there is nothing else.
  bias.logit_bias = {"a-3e38", "a-3e38", "b-inf", "c-inf"};
  CHECK(best_after(bias, {}, {0, 1, 2, 9}) == 0);
}

TEST_CASE("dry turns a long repetition, and no short one") {
  SamplingOptions options = plain();
  options.temp = 0;
  options.dry_multiplier = 1;
  options.dry_base = 2;
  options.dry_allowed_length = 3;
  // "aba c aba": what stood behind "aba" loses 1, enough to lose its lead.
  CHECK(best_after(options, {0, 1, 0, 2, 0, 1, 0}, {0, 0.5, 1.2F, 9}) == 1);
  CHECK(best_after(options, {1, 0, 2, 1, 0}, {0, 0.5, 1.2F, 9}) == 2);
  options.dry_penalty_last_n = 0;
  CHECK(best_after(options, {0, 1, 0, 2, 0, 1, 0}, {0, 0.5, 1.2F, 9}) == 2);
}

TEST_CASE("the order of the steps can be chosen, by llama.cpp's names and their kin") {
  using Step = SamplerStep;
  struct Row {
    const char* samplers;
    Mirostat mirostat;
    std::vector<SamplerStep> steps;
  };
  const std::vector<Row> table{
      {"top_k;temperature", Mirostat::off, {Step::top_k, Step::temperature}},
      {"temp,top-p,typical", Mirostat::off, {Step::temperature, Step::top_p, Step::typ_p}},
      {"", Mirostat::off, {}},
      {"min_p;dry;penalties", Mirostat::second, {Step::dry, Step::penalties, Step::mirostat}},
      {"mirostat;temperature", Mirostat::second, {Step::mirostat, Step::temperature}},
      {"mirostat;temperature", Mirostat::off, {Step::mirostat, Step::temperature}},
  };
  for (const Row& row : table) {
    CAPTURE(row.samplers);
    SamplingOptions options;
    options.samplers = row.samplers;
    options.mirostat = row.mirostat;
    CHECK(options.steps() == row.steps);
  }
  const std::vector<SamplerStep> usual{Step::penalties, Step::dry,   Step::top_k,      Step::typ_p,
                                       Step::top_p,     Step::min_p, Step::temperature};
  CHECK(SamplingOptions().steps() == usual);
  for (const char* wrong : {"top_q", "top_k;top-k", "top_k;;min_p"}) {
    SamplingOptions options;
    options.samplers = wrong;
    CHECK_THROWS_WITH_AS(options.validate(), doctest::Contains("--samplers: '"), UsageError);
  }
}

TEST_CASE("temperature before top_p lets others in than after it") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  SamplingOptions options = plain();
  options.top_p = 0.75;
  options.temp = 100;
  options.samplers = "temperature;top_p";
  Sampler sampler(options, tokenizer);
  Random random(1);
  sampler.draw(logits_of({.1, .5, .4, 1}), random);
  CHECK(sampler.candidates().size() == 3);
  options.samplers = "top_p";  // temperature left out: it rests
  Sampler without(options, tokenizer);
  without.draw(logits_of({.1, .5, .4, 1}), random);
  REQUIRE(without.candidates().size() == 2);
  CHECK(std::abs(without.candidates()[0].p - 5 / 9.) < 1e-6);
}

TEST_CASE("mirostat brings the mean surprise to its target, which is the model's own by default") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c", "d", "e", "f"});
  const std::vector<double> probs{.5, .2, .1, .1, .05, .05, 1};  // 2.06 bits on average
  SamplingOptions options;
  options.mirostat = Mirostat::second;
  CHECK_THROWS_AS(Sampler(options, tokenizer), UsageError);  // no target
  for (const double target : {1.2, 1.7}) {
    for (const bool given : {true, false}) {
      options.mirostat_ent = given ? target : -1;
      Sampler sampler(options, tokenizer, given ? 0.1 : target);
      Random random(3);
      double bits = 0;
      const int n = 4000;
      for (int i = 0; i < n; ++i) {
        const auto token = static_cast<size_t>(sampler.draw(logits_of(probs), random));
        bits -= std::log2(probs[token]);
      }
      CHECK(std::abs(bits / n - target) < 0.02);
    }
  }
  options.temp = 0;
  CHECK_THROWS_AS(options.validate(), UsageError);
}

TEST_CASE("bytes are allowed while an allowed character can come of them") {
  std::vector<std::string> bytes;
  for (int byte = 1; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  const text::Tokenizer tokenizer = testing::make_tokenizer(bytes, false, text::Unit::byte);
  SamplingOptions options = plain();
  options.only = "[a-cλ€\\U0001F680]";
  Sampler sampler(options, tokenizer);
  Random random(1);
  const std::vector<float> logits(256);
  std::map<std::string, int> drawn;
  std::string begun;
  for (int i = 0; i < 3000; ++i) {
    const text::Token token = sampler.draw(logits, random);
    sampler.accept(token);
    begun += tokenizer.vocabulary().text(token);
    if (text::without_begun_code_point(begun) < begun.size()) continue;
    ++drawn[begun];
    begun.clear();
  }
  CHECK(drawn.size() == 6);
  for (const char* character : {"a", "b", "c", "λ", "€", "🚀"}) CHECK(drawn[character] > 100);
}

TEST_CASE("a bias is a character, a sign and a number") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "\n", "+", "\\", "é"});
  const auto bias_of = [&](const std::string& text, const char* character) {
    const std::vector<std::string> biases{text};
    const std::vector<float> bias = token_bias(biases, tokenizer);
    return bias[static_cast<size_t>(*tokenizer.vocabulary().find(character))];
  };
  CHECK(bias_of("a+1.5", "a") == 1.5F);
  CHECK(bias_of("a-1e-1", "a") == -0.1F);
  CHECK(bias_of("++2", "+") == 2);
  CHECK(bias_of("\\n-3", "\n") == -3);
  CHECK(bias_of("\\\\-3", "\\") == -3);
  CHECK(bias_of("\\-3", "\\") == -3);
  CHECK(bias_of("e\u0301+1", "é") == 1);  // normalised as the model's text is
  CHECK(bias_of("a-inf", "a") == -std::numeric_limits<float>::infinity());
  // Two flags are two characters.
  CHECK_THROWS_WITH_AS(bias_of("🇫🇷🇩🇪+1", "a"), doctest::Contains("is not a character, a sign"),
                       UsageError);
  for (const char* wrong : {"", "a", "a+", "ab+1", "a1", "+1", "a+inf", "a+nan", "a+1x", "z+1"}) {
    CAPTURE(wrong);
    const std::vector<std::string> biases{wrong};
    CHECK_THROWS_WITH_AS(token_bias(biases, tokenizer), doctest::Contains("--logit-bias: '"),
                         UsageError);
  }
}

TEST_CASE("a model that predicts no number is refused with a sentence") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"});
  Sampler sampler(plain(), tokenizer);
  Random random(1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(sampler.draw(std::vector<float>{0, nan, 0}, random), DataError);
  CHECK_THROWS_AS(sampler.draw(std::vector<float>{infinity, 0, 0}, random), DataError);
  CHECK_THROWS_AS(sampler.draw(std::vector<float>{-infinity, -infinity, 0}, random), DataError);
}

TEST_CASE("sampling options: defaults are llama.cpp's, seeds differ, nonsense is refused") {
  const SamplingOptions options;
  CHECK(options.temp == 0.8);
  CHECK(options.top_k == 40);
  CHECK(options.top_p == 0.95);
  CHECK(options.min_p == 0.05);
  CHECK(options.chosen_seed() != options.chosen_seed());
  CHECK(SamplingOptions{.seed = 7}.chosen_seed() == 7);
  SamplingOptions broken;
  broken.temp = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(broken.validate(), UsageError);
}

}  // namespace
}  // namespace inkling::generate
