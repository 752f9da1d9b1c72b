#include "generate/slot_pool.h"

#include <doctest/doctest.h>

#include <set>

#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

TEST_CASE("slots are handed out once, used again when released, and never slot 0") {
  auto model = testing::random_model(testing::make_tokenizer({"a"}), 1);
  SlotPool pool(model);
  std::set<int64_t> held;
  for (int i = 0; i < 150; ++i) held.insert(pool.acquire());
  CHECK(held.size() == 150);
  CHECK(!held.contains(0));
  CHECK(*held.rbegin() < model.slots());
  const int64_t slots = model.slots();
  for (const int64_t slot : held) pool.release(slot);
  for (int i = 0; i < 150; ++i) CHECK(held.contains(pool.acquire()));
  CHECK(model.slots() == slots);
}

TEST_CASE("two users of a model hold different slots, and give them back at their end") {
  auto model = testing::random_model(testing::make_tokenizer({"a"}), 1);
  std::set<int64_t> held;
  SlotPool first(model);
  for (int i = 0; i < 40; ++i) held.insert(first.acquire());
  {
    SlotPool second(model);
    for (int i = 0; i < 40; ++i) CHECK(held.insert(second.acquire()).second);
  }
  const int64_t slots = model.slots();
  SlotPool third(model);
  std::set<int64_t> again;
  for (int i = 0; i < 40; ++i) again.insert(third.acquire());
  CHECK(again.size() == 40);
  for (const int64_t slot : again) CHECK(held.contains(slot));
  CHECK(model.slots() == slots);
}

}  // namespace
}  // namespace inkling::generate
