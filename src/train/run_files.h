#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "base/file_calls.h"
#include "model/model_file.h"

namespace inkling::train {

// What the names of a run's checkpoints end in, in place of the model's ".safetensors".
constexpr std::array<std::string_view, 2> checkpoint_ends{".last.safetensors",
                                                          ".previous.safetensors"};

// The output of the run whose checkpoint is named so: "book.safetensors" for
// "book.last.safetensors"; "" where the name is no checkpoint's.
std::string output_of_checkpoint(std::string_view path);

// Where a run keeps its files. Output "book.safetensors": `best` is book.safetensors, the best
// model so far; `last` and `previous` are book.last.safetensors and book.previous.safetensors,
// checkpoints; `lock` is .book.lock, which keeps a second trainer away.
struct RunFiles {
  std::string best, last, previous, lock;
  // `last` is a whole checkpoint of this run: the next save makes it the previous one.
  bool last_is_whole = false;
  FileCalls* calls = &system_calls();

  static RunFiles for_output(const std::string& output);
  // best == "": nothing is written.
  bool writes() const { return !best.empty(); }
};

// The last checkpoint of a run; where it is missing or damaged the one before, with a sentence to
// `notice`. Sets files.last_is_whole. Throws DataError when there is none.
model::ModelFile load_checkpoint(RunFiles& files,
                                 const std::function<void(const std::string&)>& notice);

// Removes what killed runs may have left half written. For the holder of the lock.
void remove_stale_temporaries(const RunFiles& files);

}  // namespace inkling::train
