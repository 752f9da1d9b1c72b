#include "model/model_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/error.h"
#include "fuzz/target.h"
#include "model/metadata.h"
#include "model/parameter_codec.h"
#include "train/run_state.h"

// A whole model file or checkpoint, read as the program reads it. The checksum and the header's
// length are set right here, so that what lies behind them is reached.
//
// An input: a byte that says what is set right; 2 bytes, how long the data is; the header up to a
// zero byte; the data, zeros once there is none left. Or the file as it is.
namespace inkling::model {
namespace {

using fuzz::expect;

std::string with_checksum(std::string file) {
  constexpr std::string_view key = R"("checksum":")", zeros = "0000000000000000";
  const size_t at = file.find(key);
  if (at == file.npos || file.size() - at < key.size() + zeros.size()) return file;
  const size_t digits = at + key.size();
  file.replace(digits, zeros.size(), zeros);
  return file.replace(digits, zeros.size(), fmt::format("{:016x}", Checksum().add(file).value()));
}

std::string file_of(fuzz::Input& input, uint8_t how) {
  if ((how & 1U) != 0) return std::string(input.rest());
  const size_t data_size = input.take<uint16_t>() % 4096;
  const std::string_view header = input.string();
  const uint64_t header_size = header.size();
  std::string file(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  file += header;
  file += input.rest().substr(0, data_size);
  file.resize(sizeof header_size + header.size() + data_size);
  return (how & 2U) != 0 ? file : with_checksum(std::move(file));
}

// A file in memory that has a path.
class FileInMemory {
 public:
  FileInMemory() : number_(memfd_create("model", MFD_CLOEXEC)) {}
  ~FileInMemory() { close(number_); }
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;

  void write(const std::string& bytes) const {
    expect(ftruncate(number_, 0) == 0 &&
               pwrite(number_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
           "the harness can write its file");
  }
  std::string path() const { return fmt::format("/proc/self/fd/{}", number_); }

 private:
  int number_;
};

void check_model(const LanguageModel& model) {
  const nn::ParameterLayout layout(model.config.network);
  expect(model.weights.size() == static_cast<size_t>(layout.size()), "all weights are there");
  expect(all_finite(model.weights), "all weights are finite");
  expect(model.config.network.vocab_size == model.vocabulary().size(), "a row for each token");
  const LanguageModel again = model_of(metadata_of(model));
  expect(again.config == model.config && again.vocabulary() == model.vocabulary() &&
             again.tokenizer.options() == model.tokenizer.options(),
         "the model written and read is the same");
}

void check_checkpoint(const ModelFile& file) {
  for (const ExtraTensor& tensor : file.extra) {
    expect(tensor.name.starts_with(state_prefix), "a checkpoint's tensors have its prefix");
  }
  train::RunState state = train::RunState::from_metadata(file.extra_metadata);
  for (const auto& [key, value] : state.to_metadata()) {
    expect(file.extra_metadata.contains(key), "a run's state comes from the file");
  }
}

}  // namespace
}  // namespace inkling::model

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace inkling::model;
  static const FileInMemory file;
  inkling::fuzz::Input input(data, size);
  const auto how = input.take<uint8_t>();
  file.write(file_of(input, how));
  const bool with_extra = (how & 4U) != 0;
  try {
    const ModelFile found = load_model_file(file.path(), with_extra);
    check_model(found.model);
    if (with_extra) check_checkpoint(found);
  } catch (const inkling::DataError&) {
  }
  return 0;
}
