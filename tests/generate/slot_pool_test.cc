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

}  // namespace
}  // namespace inkling::generate
