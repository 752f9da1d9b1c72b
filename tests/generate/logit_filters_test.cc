#include "generate/logit_filters.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace inkling::generate {
namespace {

// Candidates of these probabilities; token i at i.
Candidates from(const std::vector<double>& probs) {
  Candidates candidates;
  for (size_t i = 0; i < probs.size(); ++i) {
    const auto logit = static_cast<float>(std::log(probs[i]));
    candidates.push_back({.token = static_cast<text::Token>(i), .logit = logit});
  }
  return candidates;
}

void check(const Candidates& candidates, const std::vector<text::Token>& tokens,
           const std::vector<double>& probs = {}) {
  REQUIRE(candidates.size() == tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) CHECK(candidates[i].token == tokens[i]);
  for (size_t i = 0; i < probs.size(); ++i) {
    CHECK(std::abs(candidates[i].p - probs[i]) < 1e-6);
  }
}

template <class Filter, class... Args>
Candidates after(Filter filter, const std::vector<double>& probs, Args... args) {
  Candidates candidates = from(probs);
  filter(candidates, args...);
  return candidates;
}

const double infinity = std::numeric_limits<double>::infinity();

TEST_CASE("top_k keeps the k most probable, ties by token") {
  check(after(top_k, {.1, .2, .3, .4}, 2), {3, 2});
  check(after(top_k, {.1, .2, .3, .4}, 0), {3, 2, 1, 0});
  check(after(top_k, {.1, .2, .3, .4}, 9), {3, 2, 1, 0});
  check(after(top_k, {.25, .25, .25, .25}, 2), {0, 1});
  check(after(top_k, {1.0}, 1), {0});
}

TEST_CASE("top_k is what a sort begins with, for long lists and short") {
  Random random(1);
  for (const size_t n : std::initializer_list<size_t>{1, 7, 8, 9, 15, 16, 17, 33, 100}) {
    Candidates all;
    for (size_t i = 0; i < n; ++i) {
      all.push_back({.token = static_cast<text::Token>(i),
                     .logit = static_cast<float>(random.below(1 + n / 2))});  // with ties
    }
    Candidates sorted = all;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Candidate& a, const Candidate& b) { return a.logit > b.logit; });
    for (size_t k = 1; k <= n; ++k) {
      Candidates kept = all;
      top_k(kept, static_cast<int64_t>(k));
      REQUIRE(kept.size() == k);
      CHECK(std::equal(kept.begin(), kept.end(), sorted.begin(),
                       [](const Candidate& a, const Candidate& b) { return a.token == b.token; }));
    }
  }
}

TEST_CASE("top_p keeps the fewest that hold the share") {
  check(after(top_p, {.1, .2, .3, .4}, 0.3), {3}, {1});
  check(after(top_p, {.1, .2, .3, .4}, 0.69), {3, 2}, {.4 / .7, .3 / .7});
  check(after(top_p, {.1, .2, .3, .4}, 0.71), {3, 2, 1}, {.4 / .9, .3 / .9, .2 / .9});
  check(after(top_p, {.1, .2, .3, .4}, 0.0), {3}, {1});
  check(after(top_p, {.1, .2, .3, .4}, 1.0), {3, 2, 1, 0});
  check(after(top_p, {.25, .25, .25, .25}, 0.45), {0, 1}, {.5, .5});
}

TEST_CASE("min_p keeps what is not far less probable than the best") {
  check(after(min_p, {.1, .2, .3, .4}, 0.51), {3, 2}, {.4 / .7, .3 / .7});
  check(after(min_p, {.1, .2, .3, .4}, 0.26), {3, 2, 1}, {.4 / .9, .3 / .9, .2 / .9});
  check(after(min_p, {.1, .2, .3, .4}, 0.0), {3, 2, 1, 0});
  check(after(min_p, {.1, .2, .3, .4}, 1.0), {3}, {1});
}

TEST_CASE("typical keeps those whose surprise is nearest to the entropy") {
  // The entropy of {.97, .01, .01, .01} is .168: nearest is .97 (surprise .03).
  check(after(typical, {.97, .01, .01, .01}, 0.5), {0}, {1});
  // The entropy of {.5, .2, .2, .1} is 1.2206; surprises .693, 1.609, 1.609, 2.303: .2 is nearest
  // (.389), then .5 (.527).
  check(after(typical, {.5, .2, .2, .1}, 0.19), {1}, {1});
  check(after(typical, {.5, .2, .2, .1}, 0.3), {1, 2}, {.5, .5});
  check(after(typical, {.5, .2, .2, .1}, 0.5), {0, 1, 2}, {5 / 9., 2 / 9., 2 / 9.});
  check(after(typical, {.5, .2, .2, .1}, 1.0), {0, 1, 2, 3});
}

TEST_CASE("temperature sharpens below 1, flattens above, is greedy at 0") {
  check(after(temperature, {.2, .8}, 1.0), {0, 1}, {.2, .8});
  check(after(temperature, {.2, .8}, 0.5), {0, 1}, {.04 / .68, .64 / .68});
  check(after(temperature, {.2, .8}, 2.0), {0, 1}, {1 / 3., 2 / 3.});
  check(after(temperature, {.2, .8}, 1e-300), {0, 1}, {0, 1});
  check(after(temperature, {.2, .8}, infinity), {0, 1}, {.5, .5});
  check(after(temperature, {.2, .4, .4}, 0.0), {1}, {1});
}

TEST_CASE("repeat_penalty divides positive logits and multiplies negative ones") {
  Candidates candidates{
      {.token = 0, .logit = 2}, {.token = 1, .logit = -2}, {.token = 2, .logit = 2}};
  repeat_penalty(candidates, std::vector<int32_t>{3, 1, 0}, 2.0);
  CHECK(candidates[0].logit == 1);
  CHECK(candidates[1].logit == -4);
  CHECK(candidates[2].logit == 2);
  // An impossible character stays so, whichever way the penalty goes.
  constexpr float impossible = -std::numeric_limits<float>::infinity();
  candidates[0].logit = impossible;
  repeat_penalty(candidates, std::vector<int32_t>{1, 0, 0}, 0.5);
  CHECK(candidates[0].logit == impossible);
}

TEST_CASE("after an extreme penalty there is still a distribution") {
  for (const double penalty : {1e-308, 1e308}) {
    Candidates candidates{{.token = 0, .logit = 3}, {.token = 1, .logit = -3}, {.token = 2}};
    repeat_penalty(candidates, std::vector<int32_t>{1, 1, 1}, penalty);
    normalise(candidates);
    for (const Candidate& c : candidates) CHECK((c.p >= 0 && c.p <= 1));
    CHECK(candidates[0].p + candidates[1].p + candidates[2].p == 1);
  }
}

TEST_CASE(
    "an extreme penalty or bias ends at the largest numbers, and what is forbidden stays so") {
  constexpr float most = std::numeric_limits<float>::max();
  const auto never = static_cast<float>(-infinity);
  const Candidates all{{.token = 0, .logit = 3}, {.token = 1, .logit = never}, {.token = 2}};
  const std::vector<int32_t> count{3, 1, 0};
  for (const double penalty : {-1e308, -1e39, -3e38, 3e38, 1e39, 1e308}) {
    CAPTURE(penalty);
    for (const auto filter : {presence_penalty, frequency_penalty}) {
      Candidates candidates = all;
      for (int twice = 0; twice < 2; ++twice) filter(candidates, count, penalty);
      CHECK(candidates[0].logit == (penalty > 0 ? -most : most));
      CHECK(candidates[1].logit == never);
      CHECK(candidates[2].logit == 0);
      normalise(candidates);
      CHECK(candidates[0].p == (penalty > 0 ? 0 : 1));
      CHECK(candidates[2].p == (penalty > 0 ? 1 : 0));
    }
  }
  Candidates candidates = all;
  for (int twice = 0; twice < 2; ++twice) {
    logit_bias(candidates, std::vector<float>{most, most, never});
  }
  CHECK(candidates[0].logit == most);
  CHECK(candidates[1].logit == never);
  CHECK(candidates[2].logit == never);
}

// Three candidates of logits 2, 0 and -2; token i at i. The logits after a filter.
template <class Filter, class... Args>
std::vector<float> logits_after(Filter filter, const Args&... args) {
  Candidates candidates{
      {.token = 0, .logit = 2}, {.token = 1, .logit = 0}, {.token = 2, .logit = -2}};
  filter(candidates, args...);
  std::vector<float> logits;
  for (const Candidate& c : candidates) logits.push_back(c.logit);
  return logits;
}

using Logits = std::vector<float>;
using Counts = std::vector<int32_t>;

TEST_CASE("presence_penalty is taken once, frequency_penalty as often as a character was used") {
  CHECK(logits_after(presence_penalty, Counts{3, 1, 0}, 0.5) == Logits{1.5, -0.5, -2});
  CHECK(logits_after(presence_penalty, Counts{3, 1, 0}, 0.0) == Logits{2, 0, -2});
  CHECK(logits_after(presence_penalty, Counts{0, 0, 2}, -1.0) == Logits{2, 0, -1});
  CHECK(logits_after(frequency_penalty, Counts{3, 1, 0}, 0.5) == Logits{0.5, -0.5, -2});
  CHECK(logits_after(frequency_penalty, Counts{3, 1, 9}, 0.0) == Logits{2, 0, -2});
  CHECK(logits_after(frequency_penalty, Counts{0, 0, 2}, -1.0) == Logits{2, 0, 0});
}

TEST_CASE("logit_bias adds to each token its own") {
  CHECK(logits_after(logit_bias, Logits{-1, 0.5, 0}) == Logits{1, 0.5, -2});
  const float never = -std::numeric_limits<float>::infinity();
  CHECK(logits_after(logit_bias, Logits{never, 0, 0}) == Logits{never, 0, -2});
}

TEST_CASE("keep_allowed keeps the allowed in their order, perhaps none") {
  using Mask = std::vector<uint8_t>;
  CHECK(logits_after(keep_allowed, Mask{1, 0, 1}) == Logits{2, -2});
  CHECK(logits_after(keep_allowed, Mask{1, 1, 1}) == Logits{2, 0, -2});
  CHECK(logits_after(keep_allowed, Mask{0, 0, 0}).empty());
}

TEST_CASE("dry grows with the repetition, from the allowed length on") {
  CHECK(logits_after(dry, Counts{9, 10, 12}, 1.0, 2.0, 10) == Logits{2, -1, -6});
  CHECK(logits_after(dry, Counts{12, 0, 11}, 0.5, 2.0, 10) == Logits{0, 0, -3});
  CHECK(logits_after(dry, Counts{12, 0, 11}, 0.0, 2.0, 10) == Logits{2, 0, -2});
  CHECK(logits_after(dry, Counts{1, 0, 0}, 1.0, 3.0, 0) == Logits{-1, 0, -2});
  // A penalty beyond every number stays one.
  CHECK(logits_after(dry, Counts{100000, 0, 0}, 1.0, 2.0, 10) == Logits{2.F - 1e6F, 0, -2});
}

TEST_CASE("mirostat keeps what is not too surprising, and the best in any case") {
  // Surprises 1, 2, 3 and 3 bits.
  check(after(mirostat, {.5, .25, .125, .125}, 2.5), {0, 1}, {2 / 3., 1 / 3.});
  check(after(mirostat, {.5, .25, .125, .125}, 3.1), {0, 1, 2, 3}, {.5, .25, .125, .125});
  check(after(mirostat, {.125, .25, .125, .5}, 1.5), {3}, {1});
  check(after(mirostat, {.125, .25, .125, .5}, -4.0), {3}, {1});
  check(after(mirostat, {.125, .25, .125, .5}, infinity), {3, 1, 0, 2});
}

TEST_CASE("mirostat's limit falls after a surprise and rises after none, up to 30 bits") {
  CHECK(mirostat_limit(4, 3, 2, 0.1) == doctest::Approx(3.9));
  CHECK(mirostat_limit(4, 2, 2, 0.1) == doctest::Approx(4));
  CHECK(mirostat_limit(4, 0, 2, 0.5) == doctest::Approx(5));
  CHECK(mirostat_limit(29.9, 0, 2, 0.5) == 30);
  CHECK(mirostat_limit(1, 9, 2, 1) == doctest::Approx(-6));
}

TEST_CASE("impossible characters stay impossible in every filter") {
  const float never = -std::numeric_limits<float>::infinity();
  Candidates candidates{
      {.token = 0, .logit = never}, {.token = 1, .logit = 1}, {.token = 2, .logit = never}};
  typical(candidates, 0.9);
  top_p(candidates, 0.9);
  min_p(candidates, 0.1);
  temperature(candidates, 0.7);
  check(candidates, {1}, {1});
}

TEST_CASE("the shares sum to 1, and the support shrinks with the share") {
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    std::vector<double> probs;
    for (uint64_t n = 1 + random.below(40); n > 0; --n)
      probs.push_back(std::exp(3 * random.normal()));
    size_t before = probs.size();
    for (const double share : {1.0, 0.9, 0.7, 0.5, 0.2, 0.01, 0.0}) {
      for (const auto filter : {top_p, typical}) {
        Candidates candidates = after(filter, probs, share);
        REQUIRE(candidates.size() >= 1);
        if (filter == top_p) {
          CHECK(candidates.size() <= before);
          before = candidates.size();
        }
        normalise(candidates);
        double sum = 0;
        for (const Candidate& c : candidates) sum += c.p;
        CHECK(std::abs(sum - 1) < 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace inkling::generate
