#include "generate/read_text.h"

#include <doctest/doctest.h>

#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

using Tokens = std::vector<text::Token>;

// A random model that counts what it reads.
class CountingModel final : public NextCharacter {
 public:
  const text::Tokenizer& tokenizer() const override { return model_.tokenizer(); }
  int64_t slots() const override { return model_.slots(); }
  void resize(int64_t slots) override { model_.resize(slots); }
  void reset(int64_t slot) override { model_.reset(slot); }
  void copy(int64_t from, int64_t to) override { model_.copy(from, to); }
  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
            std::span<float> logits) override {
    count += tokens.size();
    model_.step(slots, tokens, logits);
  }
  void read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits) override {
    count += tokens.size();
    model_.read(slot, tokens, logits);
  }

  size_t count = 0;

 private:
  testing::FakeNextCharacter model_ =
      testing::random_model(testing::make_tokenizer({"a", "b", "c"}), 1, 1000);
};

Tokens pattern(size_t n) {
  Tokens tokens;
  for (size_t i = 0; i < n; ++i) tokens.push_back(static_cast<text::Token>(i * i % 7 % 3));
  return tokens;
}

std::vector<float> read_anew(CountingModel& model, std::span<const text::Token> tokens) {
  std::vector<float> logits(4);
  model.reset(0);
  model.read(0, tokens, logits);
  return logits;
}

bool same(std::span<const float> a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

TEST_CASE("what is kept of a text is what reading it anew gives, and costs only what differs") {
  struct Row {
    Tokens tokens;
    size_t most_read;
  };
  Tokens changed = pattern(700);
  changed[600] = (changed[600] + 1) % 3;
  const std::vector<Row> table{{pattern(5), 5},     {pattern(6), 1},   {pattern(7), 1},
                               {pattern(7), 0},     {pattern(6), 0},   {pattern(5), 0},
                               {pattern(3), 3},     {Tokens{2}, 1},    {Tokens{2, 1}, 1},
                               {pattern(700), 700}, {changed, 188},    {pattern(601), 89},
                               {pattern(512), 256}, {pattern(513), 1}, {pattern(256), 256}};
  CountingModel model;
  SlotPool slots(model);
  ReadText text(model, slots);
  for (const Row& row : table) {
    INFO(row.tokens.size());
    model.count = 0;
    text.read(row.tokens);
    CHECK(model.count <= row.most_read);
    CHECK(same(text.end().logits, read_anew(model, row.tokens)));
    const auto before = text.before_last();
    REQUIRE(before.has_value() == (row.tokens.size() > 1));
    if (!before) continue;
    CHECK(
        same(before->logits, read_anew(model, std::span(row.tokens).first(row.tokens.size() - 1))));
    std::vector<float> logits(4);
    const int64_t slot = 0;
    model.copy(before->slot, slot);
    model.step({&slot, 1}, {&row.tokens.back(), 1}, logits);
    CHECK(same(text.end().logits, logits));
  }
}

TEST_CASE("a text that grows for long keeps a bounded number of states") {
  CountingModel model;
  SlotPool slots(model);
  ReadText text(model, slots);
  const Tokens tokens = pattern(40000);
  for (size_t n = 1; n < 400; ++n) text.read(std::span(tokens).first(n));
  text.read(std::span(tokens).first(30000));
  for (size_t n = 39700; n < tokens.size(); ++n) text.read(std::span(tokens).first(n));
  CHECK(model.slots() <= 512);
  model.count = 0;
  text.read(std::span(tokens).first(39990));
  CHECK(model.count == 0);
  CHECK(same(text.end().logits, read_anew(model, std::span(tokens).first(39990))));
}

}  // namespace
}  // namespace inkling::generate
