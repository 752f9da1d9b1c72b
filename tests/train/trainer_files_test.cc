#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <new>
#include <set>

#include "model/safetensors_header.h"
#include "support/crash_disk.h"
#include "support/names_in.h"
#include "support/refusal.h"
#include "support/stopped_training.h"
#include "train/run_state.h"

namespace fs = std::filesystem;
using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

namespace {

// A checkpoint at the start and at every second step, and best models.
TrainOptions saving_options(int64_t steps) {
  TrainOptions options = small_options();
  options.hidden_size = 6;
  options.batch_size = 3;
  options.steps = steps;
  options.eval_every = options.save_every = 2;
  return options;
}

// Whether a restart finds a whole checkpoint, and of which step; -1 = none.
int64_t step_found(RunFiles files) {
  try {
    return RunState::from_metadata(load_checkpoint(files, [](const auto&) {}).extra_metadata).step;
  } catch (const DataError&) {
    return -1;
  }
}

const std::set<std::string> all_files{"m.safetensors", "m.last.safetensors",
                                      "m.previous.safetensors"};

}  // namespace

TEST_CASE("after a power cut at any moment a restart finds the old checkpoint or the new one") {
  const TrainOptions options = saving_options(6);
  const text::Corpus corpus = corpus_of(tiny_text().substr(0, 300), options);
  const TempDir dir;
  CrashDisk disk;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  files.calls = &disk;
  struct Saved {
    size_t calls;  // by which it was done
    int64_t step;
  };
  std::vector<Saved> saved;
  int64_t step = 0;
  const auto look = [&] {
    if (step % 2 == 0) saved.push_back({disk.calls(), step});
  };
  TrainCallbacks callbacks;
  callbacks.before_update = [&](auto, auto) { look(); };
  callbacks.on_step = [&](const Progress& progress) { step = progress.step; };
  Trainer trainer(options, corpus);
  trainer.run(files, callbacks);
  look();
  REQUIRE(saved.size() == 4);
  const Outcome whole = run_with_stops(options, corpus, {});

  size_t states = 0;
  std::map<int64_t, CrashDisk::Files> found;  // a state for each checkpoint that may be found
  for (size_t calls = 0; calls <= disk.calls(); ++calls) {
    const auto done = [&](const Saved& s) { return s.calls <= calls; };
    const auto next = std::find_if_not(saved.begin(), saved.end(), done);
    const int64_t old_step = next == saved.begin() ? -1 : std::prev(next)->step;
    const int64_t new_step = next == saved.end() ? old_step : next->step;
    disk.for_each_crash(calls, [&](const CrashDisk::Files& remains) {
      ++states;
      const TempDir after;
      for (const auto& [name, bytes] : remains) after.write(name, bytes);
      const RunFiles restarted = RunFiles::for_output(after.file("m.safetensors"));
      const int64_t present = step_found(restarted);
      CAPTURE(calls);
      CHECK((present == old_step || present == new_step));
      if (present >= 0) found.emplace(present, remains);
      if (fs::exists(restarted.best)) CHECK_NOTHROW(model::load_model(restarted.best));
      train::remove_stale_temporaries(restarted);
      for (const std::string& name : names_in(after.path())) CHECK(all_files.contains(name));
    });
  }
  CHECK(states > 100);

  CHECK(found.size() == 4);
  for (const auto& state : found) {
    CAPTURE(state.first);
    const TempDir after;
    for (const auto& [name, bytes] : state.second) after.write(name, bytes);
    RunFiles restarted = RunFiles::for_output(after.file("m.safetensors"));
    const auto again = resumed(options, corpus, restarted);
    check_same(outcome_of(*again, restarted, again->run(restarted, {})), whole);
  }
}

namespace {

// A disk on which one call fails, or every one from it on; only removing a file never does.
struct FailingDisk : UnsyncedCalls {
  enum class Way { fail, write_less } way = Way::fail;
  int64_t first = -1;  // counted from 0; -1 = none
  bool for_good = false;
  int error = EIO;
  int64_t calls = 0;
  std::string failed;                 // the kind of call that did
  std::map<int, std::string> opened;  // as what: "to write", "to read", "a folder"

  bool fails(const std::string& kind) {
    const int64_t call = calls++;
    if (first < 0 || call < first || (call > first && !for_good)) return false;
    failed = kind;
    errno = error;
    return true;
  }
  int open(const char* path, int flags, mode_t mode) override {
    const std::string as = (flags & O_CREAT) != 0       ? "to write"
                           : (flags & O_DIRECTORY) != 0 ? "a folder"
                                                        : "to read";
    if (way == Way::fail && fails("open " + as)) return -1;
    const int number = FileCalls::open(path, flags, mode);
    opened[number] = as;
    return number;
  }
  ssize_t read(int number, void* bytes, size_t size) override {
    return way == Way::fail && fails("read") ? -1 : FileCalls::read(number, bytes, size);
  }
  ssize_t write(int number, const void* bytes, size_t size) override {
    if (!fails("write")) return FileCalls::write(number, bytes, size);
    return way == Way::fail ? -1 : FileCalls::write(number, bytes, (size + 1) / 2);
  }
  int sync(int number) override {
    return way == Way::fail && fails("sync what was opened " + opened[number]) ? -1 : 0;
  }
  int close(int number) override {
    const int result = FileCalls::close(number);
    return way == Way::fail && fails("close what was opened " + opened[number]) ? -1 : result;
  }
  int rename(const char* from, const char* to) override {
    const bool keeps = std::string(to).find("previous") != std::string::npos;
    if (way == Way::fail && fails(keeps ? "rename to keep" : "rename")) return -1;
    return FileCalls::rename(from, to);
  }
};

struct Saving {
  explicit Saving(FailingDisk& disk) {
    files = RunFiles::for_output(dir.file("m.safetensors"));
    files.calls = &disk;
  }

  // "" or the sentence with which it ended.
  std::string train(const TrainOptions& options, const text::Corpus& corpus) {
    TrainCallbacks callbacks;
    callbacks.on_notice = [&](const std::string& sentence) {
      CHECK(says(sentence, "; training goes on"));
      ++notices;
      CHECK(step_found(files) >= 0);
    };
    trainer = std::make_unique<Trainer>(options, corpus);
    return refusal([&] { result = trainer->run(files, callbacks); });
  }

  TempDir dir;
  RunFiles files;
  std::unique_ptr<Trainer> trainer;
  TrainResult result;
  int64_t notices = 0;
};

}  // namespace

TEST_CASE("whichever call of a run's saves fails, training goes on and the files are whole") {
  const TrainOptions options = saving_options(4);
  const text::Corpus corpus = corpus_of(tiny_text().substr(0, 300), options);
  const Outcome whole = run_with_stops(options, corpus, {});
  FailingDisk sound;
  Saving counted(sound);
  REQUIRE(counted.train(options, corpus).empty());
  REQUIRE(sound.calls > 40);

  // What may fail in silence: closing what was not written, and keeping an old checkpoint.
  const std::set<std::string> harmless{"close what was opened to read",
                                       "close what was opened a folder", "rename to keep"};
  for (const int error : {ENOSPC, EIO, EINTR, EMFILE, EROFS, EXDEV, EDQUOT}) {
    for (int64_t call = 0; call < sound.calls; ++call) {
      CAPTURE(error);
      CAPTURE(call);
      FailingDisk disk;
      disk.first = call;
      disk.error = error;
      Saving run(disk);
      const std::string sentence = run.train(options, corpus);
      if (!sentence.empty()) {
        // Only where not even the first checkpoint can be written is nothing trained.
        CHECK(says(sentence, "m.last.safetensors: "));
        CHECK(run.trainer->current().weights != whole.weights);
        CHECK(names_in(run.dir.path()).size() <= 1);
        continue;
      }
      check_same(outcome_of(*run.trainer, run.files, run.result), whole);
      CHECK(names_in(run.dir.path()) == all_files);
      const bool not_synced = error == EROFS && disk.failed == "sync what was opened a folder";
      CAPTURE(disk.failed);
      const bool retried = error == EINTR && disk.failed != "rename";
      CHECK((run.notices > 0) == !(retried || harmless.contains(disk.failed) || not_synced));
    }
  }
}

TEST_CASE("a disk that stays full or broken costs no more than the saves") {
  const TrainOptions options = saving_options(4);
  const text::Corpus corpus = corpus_of(tiny_text().substr(0, 300), options);
  const Outcome whole = run_with_stops(options, corpus, {});
  FailingDisk sound;
  REQUIRE(Saving(sound).train(options, corpus).empty());
  for (const int error : {ENOSPC, EIO, EROFS}) {
    for (int64_t call = 0; call < sound.calls; ++call) {
      CAPTURE(error);
      CAPTURE(call);
      FailingDisk disk;
      disk.first = call;
      disk.error = error;
      disk.for_good = true;
      Saving run(disk);
      const std::string sentence = run.train(options, corpus);
      if (sentence.empty()) {  // nothing was left to be written
        check_same(outcome_of(*run.trainer, run.files, run.result), whole);
        continue;
      }
      const std::set<std::string> names = names_in(run.dir.path());
      CHECK(std::includes(all_files.begin(), all_files.end(), names.begin(), names.end()));
      if (run.notices == 0) continue;  // the first checkpoint
      CHECK(says(sentence, "the last save failed"));
      CHECK(run.trainer->current().weights == whole.weights);
      CHECK(step_found(run.files) >= 0);
    }
  }
}

TEST_CASE("a disk that writes less than it is given writes all in the end") {
  const TrainOptions options = saving_options(4);
  const text::Corpus corpus = corpus_of(tiny_text().substr(0, 300), options);
  FailingDisk disk;
  disk.way = FailingDisk::Way::write_less;
  disk.first = 0;
  disk.for_good = true;
  Saving run(disk);
  CHECK(run.train(options, corpus).empty());
  CHECK(run.notices == 0);
  check_same(outcome_of(*run.trainer, run.files, run.result), run_with_stops(options, corpus, {}));
}

TEST_CASE("a save that gets no memory is left out with a notice, and made up for at the end") {
  struct NoMemory : UnsyncedCalls {
    int open(const char* path, int flags, mode_t mode) override {
      if ((flags & O_CREAT) != 0 && files++ == fails_at) throw std::bad_alloc();
      return FileCalls::open(path, flags, mode);
    }
    int files = 0, fails_at = 0;
  };
  const TrainOptions options = saving_options(4);
  const text::Corpus corpus = corpus_of(tiny_text().substr(0, 300), options);
  const Outcome whole = run_with_stops(options, corpus, {});
  // The first evaluation's files, after the checkpoint at the start.
  for (const char* lost : {"m.safetensors", "m.last.safetensors"}) {
    CAPTURE(lost);
    const TempDir dir;
    NoMemory disk;
    disk.fails_at = lost == std::string("m.safetensors") ? 1 : 2;
    RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
    files.calls = &disk;
    std::vector<std::string> notices;
    TrainCallbacks callbacks;
    callbacks.on_notice = [&](const std::string& sentence) { notices.push_back(sentence); };
    Trainer trainer(options, corpus);
    const TrainResult result = trainer.run(files, callbacks);
    CHECK(notices ==
          std::vector<std::string>{dir.file(lost) +
                                   ": too little memory is left to write it; training goes on"});
    check_same(outcome_of(trainer, files, result), whole);
    CHECK(names_in(dir.path()) == all_files);
  }
}

TEST_CASE("a best model that is whole but cannot be read now is not written over") {
  const TrainOptions options = saving_options(6);
  const text::Corpus corpus = corpus_of(tiny_text().substr(0, 300), options);
  const TempDir dir;
  UnsyncedCalls calls;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  files.calls = &calls;
  TrainCallbacks stopping;
  int64_t step = 0;
  stopping.on_step = [&](const Progress& progress) { step = progress.step; };
  stopping.should_stop = [&] { return step == 4; };
  Trainer(options, corpus).run(files, stopping);
  std::vector<std::string> notices;
  TrainCallbacks callbacks;
  callbacks.on_notice = [&](const std::string& sentence) { notices.push_back(sentence); };

  constexpr uint64_t size = uint64_t{1} << 42;  // larger than any memory
  model::SafetensorsHeader header;
  header.metadata = {{"inkling", "1"}};
  header.tensors = {{"fc.bias", model::Dtype::f32, {1024, 1024, size >> 22}, 0, size}};
  const std::string text = model::header_text(header);
  std::string length(8, '\0');
  for (size_t i = 0; i < length.size(); ++i) length[i] = static_cast<char>(text.size() >> 8 * i);
  dir.write("m.safetensors", length + text);
  fs::resize_file(files.best, length.size() + text.size() + size);
  CHECK(says(refusal([&] { resumed(options, corpus, files)->run(files, callbacks); }),
             "m.safetensors: reading it needs "));
  CHECK(notices.empty());
  CHECK(fs::file_size(files.best) > size);

  dir.write("m.safetensors", "no model");
  resumed(options, corpus, files)->run(files, callbacks);
  REQUIRE(notices.size() == 1);
  CHECK(says(notices[0], "the best model so far is lost"));
  CHECK(refusal([&] { model::load_model(files.best); }).empty());
}
