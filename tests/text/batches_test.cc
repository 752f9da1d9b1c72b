#include "text/batches.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"

using namespace inkling;
using namespace inkling::text;

namespace {

// Tokens 0 .. characters-1 are characters; then, in a vocabulary of documents, the end; then <unk>.
Vocabulary vocabulary_of(int characters, bool documents) {
  std::vector<Vocabulary::Entry> entries;
  for (int i = 0; i < characters; ++i) entries.push_back({std::to_string(i), 1});
  return Vocabulary(std::move(entries), 1, documents ? std::optional<int64_t>(1) : std::nullopt);
}

// A part whose token at each position is the position, so that a batch tells where it is from.
CorpusPart counting_part(int64_t count) {
  CorpusPart part;
  for (int64_t i = 0; i < count; ++i) part.text.tokens.push_back(static_cast<Token>(i));
  return part;
}

size_t index_of(int64_t step, int64_t stream, int64_t batch) {
  return static_cast<size_t>(step * batch + stream);
}

}  // namespace

TEST_CASE("streams: each position is a target once in an epoch, in order along each stream") {
  struct Case {
    int64_t characters, batch, steps;  // asked for
    int64_t real_batch, real_steps;
  };
  const Case cases[] = {
      {101, 4, 5, 4, 5},     {101, 4, 7, 4, 7},    {100, 4, 5, 4, 5},
      {101, 1, 200, 1, 100}, {101, 10, 20, 5, 20}, {101, 64, 64, 1, 64},
      {2, 8, 8, 1, 1},       {10, 3, 3, 3, 3},     {12, 100, 2, 5, 2},
  };
  for (const Case& c : cases) {
    CAPTURE(c.characters);
    CAPTURE(c.batch);
    CAPTURE(c.steps);
    const CorpusPart part = counting_part(c.characters);
    const Vocabulary vocabulary = vocabulary_of(static_cast<int>(c.characters), false);
    const StreamBatches batches(part, vocabulary, c.batch, c.steps);
    CHECK(batches.batch() == c.real_batch);
    CHECK(batches.steps() == c.real_steps);
    std::vector<int> seen(static_cast<size_t>(c.characters));
    int64_t scored = 0;
    std::vector<Token> before(static_cast<size_t>(c.real_batch), -1);
    Batch batch;
    for (int64_t chunk = 0; chunk < batches.per_epoch(); ++chunk) {
      batches.fill(chunk, batch);
      scored += batch.characters;
      for (int64_t t = 0; t < batches.steps(); ++t) {
        for (int64_t b = 0; b < batches.batch(); ++b) {
          const size_t i = index_of(t, b, batches.batch());
          CHECK((batch.inputs[i] < 0) == (batch.targets[i] < 0));
          CHECK(batch.resets[i] == (chunk == 0 && t == 0));
          if (batch.targets[i] < 0) continue;
          ++seen[static_cast<size_t>(batch.targets[i])];
          CHECK(batch.targets[i] == batch.inputs[i] + 1);
          Token& last = before[static_cast<size_t>(b)];
          if (last >= 0) CHECK(batch.inputs[i] == last);
          last = batch.targets[i];
        }
      }
    }
    // What does not fill a row of streams is left over at the end.
    const int64_t targets = c.characters - 1, used = targets - targets % c.real_batch;
    CHECK(scored == used);
    CHECK(seen[0] == 0);
    for (int64_t p = 1; p < c.characters; ++p) {
      CHECK(seen[static_cast<size_t>(p)] == (p <= used ? 1 : 0));
    }
  }
}

TEST_CASE("windows: each position is a target once in an epoch, after the characters before it") {
  struct Case {
    int64_t characters, batch, steps;
    int64_t real_batch, real_steps;
  };
  const Case cases[] = {
      {200, 16, 8, 16, 8}, {200, 7, 1, 7, 1}, {50, 64, 5, 49, 5},
      {20, 4, 100, 4, 19}, {2, 5, 5, 1, 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.characters);
    CAPTURE(c.batch);
    const CorpusPart part = counting_part(c.characters);
    const Vocabulary vocabulary = vocabulary_of(static_cast<int>(c.characters), false);
    const WindowBatches batches(part, vocabulary, c.batch, c.steps, 9);
    CHECK(batches.batch() == c.real_batch);
    CHECK(batches.steps() == c.real_steps);
    std::vector<std::vector<Token>> orders;
    int64_t cut = 0;
    for (const int64_t epoch : {0, 1, 0}) {
      std::vector<Token> order;
      int64_t scored = 0;
      Batch batch;
      for (int64_t chunk = 0; chunk < batches.per_epoch(); ++chunk) {
        batches.fill(epoch, chunk, batch);
        scored += batch.characters;
        for (int64_t b = 0; b < batches.batch(); ++b) {
          const Token target = batch.targets[index_of(batches.steps() - 1, b, batches.batch())];
          if (target >= 0) order.push_back(target);
          int64_t length = 0;
          for (int64_t t = 0; t < batches.steps(); ++t) {
            const size_t i = index_of(t, b, batches.batch());
            if (t + 1 < batches.steps()) CHECK(batch.targets[i] < 0);
            const bool inside = batch.inputs[i] >= 0;
            CHECK(batch.resets[i] == (inside && length == 0));
            length += inside;
            if (length > 0) CHECK(batch.inputs[i] == target - (batches.steps() - t));
          }
          CHECK((length > 0) == (target >= 0));
          const int64_t longest = std::min<int64_t>(batches.steps(), target);
          if (target >= 0) cut += length < longest;
        }
      }
      CHECK(scored == c.characters - 1);
      orders.push_back(order);
      std::sort(order.begin(), order.end());
      std::vector<Token> all(part.text.tokens.begin() + 1, part.text.tokens.end());
      CHECK(order == all);
    }
    CHECK(orders[0] == orders[2]);
    if (c.characters > 20) CHECK(orders[0] != orders[1]);
    // One window in eight is cut, most of these to less than they had.
    if (c.steps == 8) {
      CHECK(cut > 30);
      CHECK(cut < 120);
    }
    if (c.steps == 1) CHECK(cut == 0);
  }
}

TEST_CASE("streams start anew at the end tokens that begin documents, <unk> is no input") {
  const Vocabulary vocabulary = vocabulary_of(3, true);
  const Token end = vocabulary.end(), unknown = vocabulary.unknown();
  CorpusPart part;
  part.text.tokens = {end, 0, 1, end, 2, unknown, 1, end, 0, end};
  const StreamBatches batches(part, vocabulary, 1, 9);
  REQUIRE(batches.batch() == 1);
  Batch batch;
  batches.fill(0, batch);
  CHECK(batch.inputs == std::vector<Token>{end, 0, 1, end, 2, -1, 1, end, 0});
  CHECK(batch.targets == std::vector<Token>{0, 1, end, 2, unknown, 1, end, 0, end});
  CHECK(batch.resets == std::vector<uint8_t>{1, 0, 0, 1, 0, 0, 0, 1, 0});
}

TEST_CASE("a window goes no further back than its document's beginning") {
  const Vocabulary vocabulary = vocabulary_of(3, true);
  const Token end = vocabulary.end();
  CorpusPart part;
  part.text.tokens = {end, 0, 1, end, 2, 0, 1, end};
  const WindowBatches batches(part, vocabulary, 1, 5, 4);
  Batch batch;
  for (int64_t chunk = 0; chunk < batches.per_epoch(); ++chunk) {
    batches.fill(0, chunk, batch);
    const auto begin = std::find_if(batch.inputs.begin(), batch.inputs.end(),
                                    [](Token token) { return token >= 0; });
    CHECK(std::count(batch.inputs.begin(), batch.inputs.end(), end) <= 1);
    const auto at = std::find(batch.inputs.begin(), batch.inputs.end(), end);
    if (at != batch.inputs.end()) CHECK(at == begin);
    CHECK(std::count(batch.resets.begin(), batch.resets.end(), 1) == 1);
    CHECK(batch.resets[static_cast<size_t>(begin - batch.inputs.begin())] == 1);
  }
}

TEST_CASE("a text of less than two characters is refused") {
  const Vocabulary vocabulary = vocabulary_of(2, false);
  for (const int64_t size : {0, 1}) {
    const CorpusPart part = counting_part(size);
    CHECK_THROWS_AS(StreamBatches(part, vocabulary, 1, 1), DataError);
    CHECK_THROWS_AS(WindowBatches(part, vocabulary, 1, 1, 1), DataError);
  }
}

TEST_CASE("permuted() is a permutation, another one for another key") {
  for (const uint64_t n : {1U, 2U, 3U, 4U, 5U, 15U, 16U, 17U, 63U, 64U, 65U, 1000U, 4096U, 5000U}) {
    CAPTURE(n);
    std::vector<std::vector<uint64_t>> orders;
    for (const uint64_t key : {0U, 1U, 77U}) {
      std::vector<uint64_t> order;
      for (uint64_t i = 0; i < n; ++i) order.push_back(permuted(i, n, key));
      CHECK(*std::max_element(order.begin(), order.end()) == n - 1);
      CHECK(std::set<uint64_t>(order.begin(), order.end()).size() == n);
      orders.push_back(order);
    }
    if (n >= 15) CHECK(orders[0] != orders[1]);
    if (n >= 15) CHECK(orders[1] != orders[2]);
    // Neighbours do not stay together: few follow the one before them.
    int64_t followers = 0;
    for (size_t i = 1; i < n; ++i) followers += orders[0][i] == orders[0][i - 1] + 1;
    if (n >= 63) CHECK(followers < static_cast<int64_t>(n) / 8);
  }
}
