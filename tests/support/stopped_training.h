#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/small_training.h"

// Runs that are stopped and gone on with, to be compared with unbroken ones.
namespace inkling::testing {

// A disk that is quick, and would lose everything in a power cut.
struct UnsyncedCalls : FileCalls {
  int sync(int) override { return 0; }
  void uncache(int) override {}
};

// What a run leaves behind.
struct Outcome {
  std::vector<float> weights;
  std::string best;                                     // bytes of the file
  std::map<std::string, std::vector<std::byte>> state;  // the last checkpoint's tensors
  std::map<std::string, std::string> metadata;          // and its counters, but for the seconds
  train::TrainResult result;
};

inline void check_same(const Outcome& a, const Outcome& b) {
  CHECK(a.weights == b.weights);
  CHECK(a.best == b.best);
  CHECK(a.state == b.state);
  CHECK(a.metadata == b.metadata);
}

inline Outcome outcome_of(const train::Trainer& trainer, const train::RunFiles& files,
                          const train::TrainResult& result) {
  Outcome outcome{trainer.current().weights, bytes_of_file(files.best), {}, {}, result};
  model::ModelFile last = model::load_model_file(files.last, true);
  for (model::ExtraTensor& tensor : last.extra)
    outcome.state[tensor.name] = std::move(tensor.bytes);
  outcome.metadata = std::move(last.extra_metadata);
  outcome.metadata.erase("state.seconds");
  return outcome;
}

inline std::unique_ptr<train::Trainer> resumed(const train::TrainOptions& options,
                                               const text::Corpus& corpus, train::RunFiles& files) {
  const model::ModelFile checkpoint = train::load_checkpoint(files, [](const std::string&) {});
  return std::make_unique<train::Trainer>(options, corpus,
                                          train::TrainStart{.resume = &checkpoint});
}

// Trains to the end, stopping after each of `stops` and going on from the files with a new trainer.
inline Outcome run_with_stops(const train::TrainOptions& options, const text::Corpus& corpus,
                              const std::set<int64_t>& stops,
                              const train::TrainCallbacks& callbacks = {},
                              const train::TrainStart& start = {}) {
  const TempDir dir;
  UnsyncedCalls calls;
  train::RunFiles files = train::RunFiles::for_output(dir.file("m.safetensors"));
  files.calls = &calls;
  auto trainer = std::make_unique<train::Trainer>(options, corpus, start);
  int64_t step = 0;
  train::TrainCallbacks stopping = callbacks;
  stopping.on_step = [&](const train::Progress& progress) {
    step = progress.step;
    if (callbacks.on_step) callbacks.on_step(progress);
  };
  stopping.should_stop = [&] { return stops.count(step) > 0; };
  size_t stopped = 0;
  train::TrainResult result = trainer->run(files, stopping);
  for (; result.reason == train::StopReason::interrupted; ++stopped) {
    trainer = resumed(options, corpus, files);
    result = trainer->run(files, stopping);
  }
  CHECK(stopped == stops.size());
  return outcome_of(*trainer, files, result);
}

}  // namespace inkling::testing
