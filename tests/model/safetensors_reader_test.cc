#include "model/safetensors_reader.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "model/safetensors_writer.h"
#include "support/refusal.h"
#include "support/temp_dir.h"

namespace inkling::model {
namespace {

using testing::refusal;
using testing::says;
using testing::TempDir;

std::vector<std::byte> numbered(size_t size, size_t step) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * step >> 3);
  return bytes;
}

// Two tensors, the second of more than what is read at once.
class TwoTensors {
 public:
  TwoTensors() {
    std::vector<TensorSource> sources;
    for (const auto* bytes : {&first, &second}) {
      TensorEntry entry;
      entry.name = bytes == &first ? "first" : "second";
      entry.dtype = Dtype::u8, entry.shape = {static_cast<int64_t>(bytes->size())};
      sources.push_back({entry, [bytes] { return std::span<const std::byte>(*bytes); }});
    }
    std::ofstream out(path(), std::ios::binary);
    SafetensorsWriter({{"checksum", "0000000000000000"}}, sources)
        .write([&](std::span<const std::byte> piece) {
          out.write(reinterpret_cast<const char*>(piece.data()),
                    static_cast<std::streamsize>(piece.size()));
        });
  }
  std::string path() const { return folder_.file("two.safetensors"); }

  const std::vector<std::byte> first = numbered(1000, 7), second = numbered(700'001, 5);

 private:
  TempDir folder_;
};

TEST_CASE("tensors are read one after the other, and the seal is that of all of them") {
  const TwoTensors file;
  SafetensorsReader in(file.path());
  REQUIRE(in.header().tensors.size() == 2);
  CHECK(in.header().tensors[1].name == "second");
  std::vector<std::byte> first(file.first.size()), second(file.second.size());
  in.read(first);
  in.read(second);
  CHECK(first == file.first);
  CHECK(second == file.second);
  CHECK(in.seal_holds());
}

TEST_CASE("what is skipped, or never asked for, is sealed as well") {
  const TwoTensors file;
  std::vector<std::byte> second(file.second.size());
  for (const bool damaged : {false, true}) {
    if (damaged)
      std::fstream(file.path(), std::ios::in | std::ios::out).seekp(-1, std::ios::end) << '!';
    SafetensorsReader skipped(file.path()), unread(file.path());
    skipped.skip(file.first.size());
    skipped.read(second);
    CHECK((second == file.second) == !damaged);
    CHECK(skipped.seal_holds() == !damaged);
    CHECK(unread.seal_holds() == !damaged);
  }
}

// Reads as many times as it is told to, then fails.
class FailingDisk final : public FileCalls {
 public:
  explicit FailingDisk(int reads) : reads_(reads) {}
  ssize_t read(int descriptor, void* bytes, size_t size) override {
    if (reads_-- > 0) return FileCalls::read(descriptor, bytes, size);
    errno = EIO;
    return -1;
  }

 private:
  int reads_;
};

TEST_CASE("a disk that fails while it is read is no damage of the file") {
  const TwoTensors file;
  FailingDisk fails_at_once(0), fails_later(3);
  CHECK(says(refusal([&] { SafetensorsReader(file.path(), fails_at_once); }),
             "cannot read it: Input/output error"));
  SafetensorsReader in(file.path(), fails_later);
  std::vector<std::byte> first(file.first.size()), second(file.second.size());
  in.read(first);
  CHECK(!in.failed());
  CHECK(says(refusal([&] { in.read(second); }), "cannot read it: Input/output error"));
  CHECK(in.failed());
}

}  // namespace
}  // namespace inkling::model
