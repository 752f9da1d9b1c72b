#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/language_model.h"

namespace inkling::model {

// A named tensor beside the model's own: an optimizer's moments, recurrent states, counters, as raw
// bytes.
struct ExtraTensor {
  std::string name;   // begins with "state."
  std::string dtype;  // "F32", "U64", "I64" or "U8"
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;  // little-endian, C order
};

struct SaveOptions {
  bool bf16_weights = false;  // store the weights as BF16, rounded to nearest even
  WriteOptions write = {};    // where the old file goes
};

struct ModelView;

struct ModelFile {
  LanguageModel model;
  std::vector<ExtraTensor> extra;  // empty for a plain model
  std::map<std::string, std::string>
      extra_metadata;  // of a checkpoint: keys that begin with "state."

  operator ModelView() const;
};

// The same, of what lies elsewhere: nothing of it is copied to be written.
struct TensorView {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};
struct ModelView {
  const LanguageModel& model;
  std::vector<TensorView> extra = {};
  std::map<std::string, std::string> extra_metadata = {};
};

// Writes models/FORMAT.md's safetensors file, atomically and durably: temporary file in the same
// folder, fsync, verify, rename, fsync of the folder. The same model, the same bytes. Throws
// DataError; an existing file is then untouched.
void save_model(const std::string& path, const ModelView& file, const SaveOptions& options = {});

// Reads it. Trusts nothing: header size, JSON, names, types, shapes, offsets, overflow, duplicates,
// and what memory is free are checked before anything is allocated from them, the checksum over
// header and data before anything is returned. Throws DataError with the path and what to do.
// with_extra = false skips the extra tensors (they are still covered by the checksum).
ModelFile load_model_file(const std::string& path, bool with_extra = false);
inline LanguageModel load_model(const std::string& path) { return load_model_file(path).model; }

}  // namespace inkling::model
