#include "train/run_state.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/refusal.h"

using namespace inkling::train;
using inkling::testing::refusal;
using inkling::testing::says;

TEST_CASE("every field of a run's state comes back from a checkpoint's metadata, to the bit") {
  RunState state;
  double value = 1.0 / 3;
  state.for_each_field([&](const char*, auto& field) {
    field = static_cast<std::remove_reference_t<decltype(field)>>(value);
    value *= -value < 0 ? 7.1 : 1;
  });
  state.best_val_loss = std::nan("");
  state.loss_nats = 5e-324;
  state.fingerprint = ~uint64_t{0};
  const auto metadata = state.to_metadata();
  RunState read = RunState::from_metadata(metadata);
  CHECK(read.to_metadata() == metadata);
  CHECK(read.seconds == state.seconds);
  CHECK(read.loss_nats == 5e-324);
  CHECK(std::isnan(read.best_val_loss));
  CHECK(read.fingerprint == ~uint64_t{0});
}

TEST_CASE("a state with a field missing or impossible is refused by the field's name") {
  const auto metadata = RunState().to_metadata();
  for (const char* broken : {"", "x", "1x", " 1", "-1", "1.5", "99999999999999999999999"}) {
    CAPTURE(std::string(broken));
    auto changed = metadata;
    changed["state.step"] = broken;
    CHECK(says(refusal([&] { RunState::from_metadata(changed); }), "state.step"));
  }
  for (const auto& [name, text] : metadata) {
    auto changed = metadata;
    changed.erase(name);
    CHECK(says(refusal([&] { RunState::from_metadata(changed); }), name));
  }
}

TEST_CASE("a tensor is read when its name, type and size are as expected, else refused by name") {
  const float numbers[] = {1, -2, 0.5F};
  inkling::model::ModelFile file;
  file.extra.push_back(float_tensor("state.a", numbers, 3));
  float read[3] = {};
  read_float_tensor(file, "state.a", read, 3);
  CHECK(std::equal(read, read + 3, numbers));
  CHECK(float_tensor_size(file, "state.a") == 3);
  CHECK(float_tensor_size(file, "state.b") == -1);
  CHECK(says(refusal([&] { read_float_tensor(file, "state.a", read, 2); }), "state.a"));
  CHECK(says(refusal([&] { read_float_tensor(file, "state.b", read, 3); }), "state.b"));
  file.extra[0].dtype = "U8";
  CHECK(says(refusal([&] { read_float_tensor(file, "state.a", read, 3); }), "state.a"));
}
