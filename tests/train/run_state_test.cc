#include "train/run_state.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/refusal.h"

using namespace inkling::train;
using inkling::testing::refusal;
using inkling::testing::says;

TEST_CASE("every field of a run's state comes back from a checkpoint's metadata, to the bit") {
  RunState state;
  double value = 1.0 / 3;
  state.for_each_field([&](const char*, auto& field) {
    field = static_cast<std::remove_reference_t<decltype(field)>>(value);
    value *= 2.1;
  });
  state.best_val_loss = std::nan("");
  state.loss_nats = 5e-324;
  state.rate_factor = 1.0 / 3;
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
  for (const auto& row :
       std::vector<std::pair<std::string, std::string>>{{"state.epoch", "9223372036854775807"},
                                                        {"state.updates", "9007199254740993"},
                                                        {"state.seconds", "nan"},
                                                        {"state.seconds", "inf"},
                                                        {"state.seconds", "-1e300"},
                                                        {"state.seconds", "1e300"},
                                                        {"state.loss_nats", "nan"},
                                                        {"state.rate_factor", "0"},
                                                        {"state.rate_factor", "-1"},
                                                        {"state.rate_factor", "2"}}) {
    CAPTURE(row.first);
    CAPTURE(row.second);
    auto changed = metadata;
    changed[row.first] = row.second;
    CHECK(says(refusal([&] { RunState::from_metadata(changed); }), row.first));
  }
  for (const auto& [name, text] : metadata) {
    auto changed = metadata;
    changed.erase(name);
    if (name == "state.validation_characters") {
      CHECK(RunState::from_metadata(changed).validation_characters == RunState::as_many_as_usual);
      continue;
    }
    CHECK(says(refusal([&] { RunState::from_metadata(changed); }), name));
  }
}

TEST_CASE("a tensor is read when its name, type and size are as expected, else refused by name") {
  const std::vector<float> numbers{1, -2, 0.5F};
  const std::vector<int64_t> steps{1, int64_t{1} << 60};
  inkling::model::ModelFile file;
  for (const auto& view :
       {state_tensor<float>("state.a", numbers), state_tensor<int64_t>("state.steps", steps)}) {
    file.extra.push_back(
        {view.name, view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}});
  }
  CHECK(read_state_tensor<float>(file, "state.a") == numbers);
  CHECK(read_state_tensor<int64_t>(file, "state.steps") == steps);
  std::vector<float> read(3);
  read_state_tensor(file, "state.a", read);
  CHECK(read == numbers);
  std::vector<float> two(2);
  // Of no numbers at all.
  file.extra.push_back({"state.none", file.extra.front().dtype, {0}, {}});
  CHECK(read_state_tensor<float>(file, "state.none").empty());
  read_state_tensor(file, "state.none", std::span<float>());
  CHECK(says(refusal([&] { read_state_tensor(file, "state.a", two); }), "state.a"));
  CHECK(says(refusal([&] { read_state_tensor(file, "state.b", read); }), "state.b"));
  CHECK(says(refusal([&] { read_state_tensor<float>(file, "state.steps"); }), "state.steps"));
  CHECK(says(refusal([&] { read_state_tensor<int64_t>(file, "state.a"); }), "state.a"));
}
