#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "base/file.h"
#include "base/random.h"
#include "model/metadata.h"
#include "model/model_file.h"
#include "model/parameter_codec.h"
#include "model/safetensors_writer.h"
#include "support/refusal.h"
#include "support/sample_model.h"
#include "support/temp_dir.h"

namespace inkling::model {
namespace {

using nn::NetworkSpec;
using testing::refusal;
using testing::sample_model;
using testing::says;
using testing::TempDir;

LanguageModel small_model() {
  return sample_model(NetworkSpec::chain(4, 0, nn::CellKind::lstm, 1, 3));
}

// A file of its own that can be overwritten cheaply: the tests here write it thousands of times.
class ModelOnDisk {
 public:
  ModelOnDisk() {
    save_model(path(), {small_model(), {}, {}});
    bytes_ = read_file(path());
  }
  std::string path() const { return folder_.file("m.safetensors"); }
  const std::string& bytes() const { return bytes_; }
  uint64_t data_begin() const {
    uint64_t header_size = 0;
    std::memcpy(&header_size, bytes_.data(), 8);
    return 8 + header_size;
  }
  // What loading says of these bytes.
  std::string refusal_of(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary) << bytes;
    return refusal([&] { load_model(path()); });
  }

 private:
  TempDir folder_;
  std::string bytes_;
};

TEST_CASE("a model cut short at any length is refused") {
  const ModelOnDisk disk;
  CHECK(disk.refusal_of(disk.bytes()) == "");
  size_t refused = 0;
  for (size_t size = 0; size < disk.bytes().size(); ++size) {
    const std::string message = disk.refusal_of(disk.bytes().substr(0, size));
    const bool says_so = says(message, size < 8 ? "too short" : "truncated");
    refused += says_so && message.starts_with(disk.path() + ": ") && says(message, "copy it again");
  }
  CHECK(refused == disk.bytes().size());
  CHECK(says(disk.refusal_of(disk.bytes() + "x"), "1 bytes follow its last tensor"));
}

TEST_CASE("a model with any bit of its header flipped is refused") {
  const ModelOnDisk disk;
  for (size_t bit = 0; bit < disk.data_begin() * 8; ++bit) {
    std::string bytes = disk.bytes();
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const std::string message = disk.refusal_of(bytes);
    if (!message.starts_with(disk.path() + ": ")) FAIL("bit ", bit, " gave: ", message);
  }
}

TEST_CASE("a model with a bit of its data flipped is refused as damaged") {
  const ModelOnDisk disk;
  Random random(3);
  const uint64_t data_bits = (disk.bytes().size() - disk.data_begin()) * 8;
  for (int i = 0; i < 10000; ++i) {
    const size_t bit = disk.data_begin() * 8 + random.below(data_bits);
    std::string bytes = disk.bytes();
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const std::string message = disk.refusal_of(bytes);
    if (!says(message, "damaged: its checksum")) FAIL("bit ", bit, " gave: ", message);
  }
}

TEST_CASE("what damage leads to is not what is said of a damaged file") {
  const ModelOnDisk disk;
  const auto edited = [&](size_t at, std::string_view bytes) {
    std::string all = disk.bytes();
    REQUIRE(at < all.size());
    return all.replace(at, bytes.size(), bytes);
  };
  const auto says_damaged = [&](const std::string& bytes) {
    const std::string message = disk.refusal_of(bytes);
    CHECK_MESSAGE(says(message, "damaged: its checksum"), message);
  };
  const float not_finite = std::numeric_limits<float>::quiet_NaN();
  says_damaged(edited(disk.data_begin(), {reinterpret_cast<const char*>(&not_finite), 4}));
  says_damaged(edited(disk.bytes().find("hidden_size"), "hidden_sise"));
  says_damaged(edited(disk.bytes().find("rnn.weight_hh_l0"), "rnn.weight_hh_l9"));
}

TEST_CASE("what is no model file is refused by name") {
  const TempDir folder;
  const auto message = [&](const std::string& path) { return refusal([&] { load_model(path); }); };
  CHECK(message(folder.file("none")) == folder.file("none") + ": no such file; check the path");
  CHECK(says(message(folder.path()), "is a folder"));
  CHECK(says(message("/dev/zero"), "not a regular file"));
  std::filesystem::create_symlink("loop", folder.file("loop"));
  CHECK(message(folder.file("loop")) ==
        folder.file("loop") + ": cannot read it: Too many levels of symbolic links");

  const ModelOnDisk disk;
  CHECK(says(disk.refusal_of(""), "too short for a model (0 bytes)"));
  CHECK(says(disk.refusal_of("The cat sat on the mat. The cat sat."), "not a model"));
  CHECK(says(disk.refusal_of(std::string(64, '\0')), "not a model"));
  CHECK(says(disk.refusal_of(std::string(8, '\xff') + disk.bytes().substr(8)), "not a model"));
  const std::string a_header_of_100_mb("\x00\xe1\xf5\x05\x00\x00\x00\x00", 8);
  CHECK(says(disk.refusal_of(a_header_of_100_mb + disk.bytes().substr(8)), "not a model"));
  const std::string of_others("\x02\0\0\0\0\0\0\0{}", 10);
  CHECK(says(disk.refusal_of(of_others), R"(not an inkling model: it lacks "inkling")"));
}

// A well-formed, sealed file with what `edit` makes of a good model's metadata and tensors.
std::string refusal_of_edited(
    const std::function<void(Metadata&, std::vector<TensorEntry>&)>& edit,
    const std::function<void(std::span<float>)>& edit_data = [](std::span<float>) {}) {
  const LanguageModel model = small_model();
  Metadata metadata = metadata_of(model);
  std::vector<TensorEntry> tensors;
  const nn::ParameterLayout layout(model.config.network);
  for (const nn::ParameterInfo& info : layout.all()) {
    tensors.push_back({info.name, Dtype::f32, file_shape(info)});
  }
  edit(metadata, tensors);
  std::vector<float> numbers;
  std::vector<TensorSource> sources;
  for (const TensorEntry& entry : tensors) {
    sources.push_back({entry, [&, size = bytes_of(entry).value()] {
                         numbers.assign((size + 3) / 4, 0.F);
                         edit_data({numbers.data(), size / 4});
                         return std::as_bytes(std::span(numbers)).first(size);
                       }});
  }
  std::string bytes;
  SafetensorsWriter(metadata, sources).write([&](std::span<const std::byte> piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return ModelOnDisk().refusal_of(bytes);
}

TEST_CASE(
    "tensors that the configuration does not ask for, or asks for otherwise, are refused by name") {
  using Tensors = std::vector<TensorEntry>;
  CHECK(refusal_of_edited([](Metadata&, Tensors&) {}) == "");
  const auto of_tensors = [](const std::function<void(Tensors&)>& edit) {
    return refusal_of_edited([&](Metadata&, Tensors& tensors) { edit(tensors); });
  };
  CHECK(says(of_tensors([](Tensors& t) { t.pop_back(); }), R"(it lacks the tensor "fc.bias")"));
  CHECK(says(of_tensors([](Tensors& t) {
               t.push_back({"extra", Dtype::f32, {1}});
             }),
             R"(its tensor "extra" is unknown)"));
  CHECK(of_tensors([](Tensors& t) { t.push_back({"state.m", Dtype::f32, {1}}); }) == "");
  CHECK(says(of_tensors([](Tensors& t) {
               t[0].shape = {4, 12};
             }),
             R"("rnn.weight_ih_l0" is [4,12], by its configuration it must be [12,4])"));
  CHECK(says(of_tensors([](Tensors& t) { t[0].shape = {48}; }), "is [48]"));
  CHECK(says(of_tensors([](Tensors& t) { t[0].dtype = Dtype::u64; }),
             "is of type U64, only F32 and BF16 are read"));
  CHECK(says(of_tensors([](Tensors& t) { t[1].name = "rnn.weight_hh_l1"; }),
             R"(it lacks the tensor "rnn.weight_hh_l0")"));

  const auto nan = [](std::span<float> data) { data.back() = std::nanf(""); };
  CHECK(says(refusal_of_edited([](Metadata&, Tensors&) {}, nan), "not finite"));
}

TEST_CASE("metadata that is missing or cannot be is refused with the words that help") {
  struct Case {
    std::string key;
    std::string from;  // "" = the whole value
    std::string to;
    std::string words;
  };
  const std::vector<Case> cases{
      {"inkling", "", "3", "made by a newer inkling (format 3): update inkling"},
      {"inkling", "", "99999999999", "cannot be read"},
      {"inkling", "", "0", "cannot be read"},
      {"inkling", "", "1x", "cannot be read"},
      {"inkling", "", "", "cannot be read"},
      {"config", "", "", "its configuration is not valid JSON"},
      {"config", "", "[]", "its configuration is not a JSON object"},
      {"config", "\"cell\":\"lstm\",", "", R"(its configuration lacks "cell")"},
      {"config", "lstm", "transformer", R"("cell" must be one of: rnn, lstm, gru)"},
      {"config", "{", R"({"cell":"gru",)", R"(has the key "cell" twice)"},
      {"config", "{", R"({"colour":1,)", R"(unknown field "colour")"},
      {"config", R"("vocab_size":4)", R"("vocab_size":5)",
       "has 4 tokens, its configuration says 5"},
      {"config", R"("vocab_size":4)", R"("vocab_size":1)", "allowed are 2 to 262144"},
      {"config", R"("vocab_size":4)", R"("vocab_size":262145)", "allowed are 2 to 262144"},
      {"config", R"("vocab_size":4)", R"("vocab_size":4.0)", "must be a whole number"},
      {"config", R"("vocab_size":4)", R"("vocab_size":4294967300)", "allowed are 2 to 262144"},
      {"config", R"("shape")", R"("mixture":true,"shape")", "needs networks that are alike"},
      {"config", R"("shape")", R"("mixture":1,"shape")", R"("mixture" must be true or false)"},
      {"config", R"("hidden_size":3)", R"("hidden_size":0)", "allowed are 1 to 16384"},
      {"config", R"("hidden_size":3)", R"("hidden_size":-3)", "allowed are 1 to 16384"},
      {"config", R"("hidden_size":3)", R"("hidden_size":16385)", "allowed are 1 to 16384"},
      {"config", R"("hidden_size":3)", R"("hidden_size":16384)", "it must be [65536,4]"},
      {"config", R"("embedding_size":0)", R"("embedding_size":-1)", "allowed are 0 to 16384"},
      {"config", R"("inputs":[-1])", R"("inputs":[0])", "allowed are -1 to -1"},
      {"config", R"("inputs":[-1])", R"("inputs":[])", "a list of 1 to 1 values"},
      {"config", R"("inputs":[-1])", R"("inputs":[-1,-1])", "a list of 1 to 1 values"},
      {"config", R"({"hidden_size":3,"inputs":[-1]})",
       R"({"hidden_size":3,"inputs":[-1]},{"hidden_size":3,"inputs":[0,0]})",
       "names the input 0 twice for one layer"},
      {"config", R"("head_inputs":[0])", R"("head_inputs":[1])", "allowed are 0 to 0"},
      {"config", R"("head_inputs":[0])", R"("head_inputs":[-1])", "allowed are 0 to 0"},
      {"config", R"([{"hidden_size":3,"inputs":[-1]}])", "[]", "a list of 1 to 32 values"},
      {"config", R"([{"hidden_size":3,"inputs":[-1]}])", "[[[[[]]]]]", "nested deeper than 4"},
      {"config", R"("layer_norm":false)", R"("layer_norm":0)", "must be true or false"},
      {"config", R"("context":64)", R"("context":0)", "allowed are 1 to 65536"},
      {"config", "many-to-many", "one-to-many", "one of: many-to-many, many-to-one"},
      {"tokenizer", "grapheme", "word", "one of: grapheme, codepoint, byte"},
      {"tokenizer", "grapheme", "byte", "a byte must be a whole number"},
      {"vocabulary", R"("b")", R"("a")", "are the same"},
      {"vocabulary", R"("b")", R"("")", "is empty"},
      {"vocabulary", R"("b")", "7", "not a string"},
      {"vocabulary", R"("b")", '"' + std::string(129, 'b') + '"',
       "a character of 129 bytes, the limit is 128"},
      {"vocabulary", R"(,"b")", "", "a list of 2 to 2 values"},
      {"vocabulary", "7,7,7", "7,7,-7", "a count is -7"},
      {"vocabulary", "7,7,7", "7,7,7.5", "a count must be a whole number"},
      {"vocabulary", R"("end_count":null)", R"("end_count":1)", "has 5 tokens"},
      {"vocabulary", R"("unknown_count":1)", R"("unknown_count":[])", "must be a whole number"},
      {"history", "", "{}", R"(its history lacks "command")"},
      {"history", R"("val_loss":1.25)", R"("val_loss":"low")", R"("val_loss" must be a number)"},
      {"history", R"("seed":"1")", R"("seed":1)", R"(option "seed" is not a string)"},
      {"history", R"({"cell":"lstm","seed":"1"})", R"(["1"])", "options are no object"},
  };
  for (const Case& c : cases) {
    const std::string message = refusal_of_edited([&](Metadata& metadata, auto&) {
      std::string& value = metadata.at(c.key);
      const size_t at = value.find(c.from);
      REQUIRE_MESSAGE(at != value.npos, c.key, " has no ", c.from);
      value.replace(at, c.from.empty() ? value.size() : c.from.size(), c.to);
    });
    CHECK_MESSAGE(says(message, c.words), c.key, " ", c.to, " gave: ", message);
  }
  for (const char* key : {"config", "history", "inkling", "tokenizer", "vocabulary"}) {
    const std::string message =
        refusal_of_edited([&](Metadata& metadata, auto&) { metadata.erase(key); });
    CHECK(says(message, fmt::format("not an inkling model: it lacks \"{}\"", key)));
  }
  CHECK(says(refusal_of_edited([](Metadata& metadata, auto&) { metadata.erase("checksum"); }),
             "damaged: its checksum"));
}

TEST_CASE("a mixture is refused in a file of the format that had none") {
  Metadata metadata =
      metadata_of(sample_model(NetworkSpec::chain(4, 0, nn::CellKind::gru, 1, 3).side_by_side(2)));
  CHECK(metadata.at("inkling") == "2");
  CHECK(refusal([&] { model_of(metadata); }) == "");
  metadata.at("inkling") = "1";
  CHECK(says(refusal([&] { model_of(metadata); }), "a mixture, which format 1 has not"));
}

TEST_CASE(
    "a configuration of more parameters than any machine holds is refused before memory is asked "
    "for") {
  std::string layers;
  for (int i = 0; i < 32; ++i) {
    layers += fmt::format(R"({}{{"hidden_size":16384,"inputs":[{}]}})", i == 0 ? "" : ",", i - 1);
  }
  const std::string message = refusal_of_edited([&](Metadata& metadata, auto&) {
    std::string& config = metadata.at("config");
    const std::string from = R"({"hidden_size":3,"inputs":[-1]})";
    config.replace(config.find(from), from.size(), layers);
  });
  CHECK_MESSAGE(says(message, "parameters, the limit is 2147483648"), message);
}

TEST_CASE("a file that needs more memory than there is is refused before it is read") {
  const TempDir folder;
  const std::string path = folder.file("huge.safetensors");
  constexpr uint64_t size = uint64_t{1} << 43;
  SafetensorsHeader header;
  header.metadata = {{"inkling", "1"}};
  header.tensors = {
      {"fc.bias", Dtype::bf16, {1024, 1024, 1024, size >> 32}, 0, size / 2},
      {"fc.weight", Dtype::bf16, {1024, 1024, 1024, size >> 33}, size / 2, size / 4 * 3},
      {"state.step", Dtype::u8, {1024, 1024, 1024, size >> 32}, size / 4 * 3, size}};
  const std::string text = header_text(header);
  const uint64_t header_size = text.size();
  std::ofstream(path, std::ios::binary)
      << std::string_view(reinterpret_cast<const char*>(&header_size), 8) << text;
  std::filesystem::resize_file(path, 8 + text.size() + size);
  // The largest parameter as it is stored, all of them as float32, and what else is asked for.
  const auto megabytes = [](uint64_t bytes) {
    return fmt::format("huge.safetensors: reading it needs {} MB of memory, and ", bytes >> 20);
  };
  constexpr uint64_t of_model = size / 2 + 2 * (size / 4 * 3);
  CHECK(says(refusal([&] { load_model(path); }), megabytes(of_model)));
  CHECK(says(refusal([&] { load_model_file(path, true); }), megabytes(of_model + size / 4)));
}

}  // namespace
}  // namespace inkling::model
