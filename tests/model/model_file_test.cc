#include "model/model_file.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "support/refusal.h"
#include "support/sample_model.h"
#include "support/temp_dir.h"
#include "text/unicode_version.h"

namespace inkling::model {
namespace {

using nn::CellKind;
using nn::NetworkSpec;
using testing::sample_model;
using testing::TempDir;

std::string saved(const ModelFile& file, const SaveOptions& options = {}) {
  const TempDir folder;
  save_model(folder.file("m.safetensors"), file, options);
  return read_file(folder.file("m.safetensors"));
}

ModelFile loaded(const std::string& bytes, bool with_extra = false) {
  const TempDir folder;
  write_atomically(folder.file("m.safetensors"), bytes);
  return load_model_file(folder.file("m.safetensors"), with_extra);
}

std::vector<ModelConfig> all_kinds_of_config() {
  std::vector<ModelConfig> configs;
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const int64_t embedding_size : {0, 5}) {
      ModelConfig config;
      config.network = NetworkSpec::chain(4, embedding_size, cell, 2, 7);
      configs.push_back(config);
      config.network = config.network.side_by_side(3);
      configs.push_back(config);
      config.network = NetworkSpec::chain(4, embedding_size, cell, 2, 7);
      config.network.layer_norm = true;
      config.network.initial_state = nn::InitialState::learned;
      config.network.activation = nn::Activation::relu;
      config.network.layers[1].inputs = {0, nn::LayerSpec::network_input};
      config.network.layers[1].hidden_size = 3;
      config.network.head_inputs = {0, 1};
      config.shape = Shape::many_to_one;
      config.context = 9;
      configs.push_back(config);
    }
  }
  return configs;
}

TEST_CASE("a model file's bytes are these") {
  LanguageModel model = sample_model(NetworkSpec::chain(3, 0, CellKind::rnn, 1, 1), {"\"", "é"});
  // In memory [V, H], [H, H], two biases, [H, V], bias; each part at a multiple of 16.
  model.weights = std::vector<float>(96, 0.0F);
  model.weights[0] = 1;
  model.weights[1] = -2;
  model.weights[16] = 0.5F;
  model.weights[32] = 3;
  model.weights[48] = 4;
  model.weights[64 + 1] = 5;
  model.weights[80 + 2] = -6;
  model.history.val_loss = std::numeric_limits<double>::quiet_NaN();

  std::string header =
      R"({"__metadata__":{"checksum":"CHECKSUM",)"
      R"("config":"{\"activation\":\"tanh\",\"cell\":\"rnn\",\"context\":64,\"embedding_size\":0,)"
      R"(\"head_inputs\":[0],\"initial_state\":\"zero\",\"layer_norm\":false,)"
      R"(\"layers\":[{\"hidden_size\":1,\"inputs\":[-1]}],\"shape\":\"many-to-many\",\"vocab_size\":3}",)"
      R"("format":"pt",)"
      R"("history":"{\"command\":\"inkling train --seed 1\",\"epochs\":0.5,)"
      R"(\"options\":{\"cell\":\"lstm\",\"seed\":\"1\"},\"precision\":\"f32\",\"steps\":10,)"
      R"(\"train_characters\":1000,\"train_loss\":1.5,\"val_loss\":null}",)"
      R"("inkling":"1",)"
      R"("tokenizer":"{\"documents\":\"none\",\"line_ends\":\"lf\",\"normalize\":\"nfc\",\"unit\":\"grapheme\"}",)"
      R"("unicode":"UNICODE",)"
      R"("vocabulary":"{\"characters\":[\"\\\"\",\"é\"],\"counts\":[7,7],\"end_count\":null,\"unknown_count\":1}"},)"
      R"("rnn.weight_ih_l0":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},)"
      R"("rnn.weight_hh_l0":{"dtype":"F32","shape":[1,1],"data_offsets":[12,16]},)"
      R"("rnn.bias_ih_l0":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},)"
      R"("rnn.bias_hh_l0":{"dtype":"F32","shape":[1],"data_offsets":[20,24]},)"
      R"("fc.weight":{"dtype":"F32","shape":[3,1],"data_offsets":[24,36]},)"
      R"("fc.bias":{"dtype":"F32","shape":[3],"data_offsets":[36,48]}})";
  header.replace(header.find("UNICODE"), 7, text::unicode_version());
  header.replace(header.find("CHECKSUM"), 8, "0000000000000000");
  header.resize((header.size() + 7) / 8 * 8, ' ');

  const std::string bytes = saved({model, {}, {}});
  uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  REQUIRE(header_size == header.size());
  std::string written = bytes.substr(8, header.size());
  const std::string checksum = written.substr(written.find("checksum") + 11, 16);
  CHECK(checksum != "0000000000000000");
  written.replace(written.find(checksum), 16, "0000000000000000");
  CHECK(written == header);

  const std::vector<float> data{1, -2, 0, 0.5F, 3, 4, 0, 5, 0, 0, 0, -6};
  REQUIRE(bytes.size() == 8 + header.size() + 48);
  CHECK(std::string_view(bytes).substr(8 + header.size(), 48) ==
        std::string_view(reinterpret_cast<const char*>(data.data()), 48));
  CHECK(std::isnan(loaded(bytes).model.history.val_loss));
}

TEST_CASE("every kind of model comes back as it was, and saves to the same bytes again") {
  for (const ModelConfig& config : all_kinds_of_config()) {
    LanguageModel model = sample_model(config.network);
    model.config.shape = config.shape;
    model.config.context = config.context;
    const std::string bytes = saved({model, {}, {}});
    const ModelFile file = loaded(bytes);
    CHECK(file.model.config == model.config);
    CHECK(file.model.weights == model.weights);
    CHECK(file.model.vocabulary() == model.vocabulary());
    CHECK(file.model.tokenizer.options() == model.tokenizer.options());
    CHECK(file.model.history.command == model.history.command);
    CHECK(file.model.history.options == model.history.options);
    CHECK(file.model.history.val_loss == model.history.val_loss);
    CHECK(file.model.history.train_characters == model.history.train_characters);
    CHECK(saved(file) == bytes);
  }
}

TEST_CASE("vocabularies of every unit come back: bytes, control characters, clusters, end tokens") {
  const NetworkSpec network = NetworkSpec::chain(4, 0, CellKind::gru, 1, 3);
  text::TextOptions bytes;
  bytes.unit = text::Unit::byte;
  bytes.normalize = text::Normalization::none;
  text::TextOptions documents;
  documents.documents = text::Documents::blank_line;
  documents.line_ends = text::LineEnds::keep;
  const std::string nul(1, '\0');
  for (const LanguageModel& model :
       {sample_model(network, {nul, "\n", "\x7f", "\x80", "\xff"}, bytes),
        sample_model(network, {nul, "\x1b", "\"", "\\", "क्षि", "👩‍🚀", "\r\n"},
                     documents)}) {
    const LanguageModel again = loaded(saved({model, {}, {}})).model;
    CHECK(again.vocabulary() == model.vocabulary());
    CHECK(again.tokenizer.options() == model.tokenizer.options());
  }
}

TEST_CASE("bf16 weights are the nearest, ties to even, and save to the same bytes again") {
  LanguageModel model = sample_model(NetworkSpec::chain(3, 0, CellKind::rnn, 1, 1), {"a", "b"});
  const std::vector<std::pair<uint32_t, uint32_t>> roundings{
      {0x3f800000, 0x3f800000},  // 1
      {0x3f808000, 0x3f800000},  // a tie, even below
      {0x3f818000, 0x3f820000},  // a tie, even above
      {0x3f808001, 0x3f810000}, {0x3f807fff, 0x3f800000},
      {0xbfffffff, 0xc0000000},                            // carries into the exponent
      {0x80000000, 0x80000000},                            // -0
      {0x00000001, 0x00000000}, {0x7f7fffff, 0x7f7f0000},  // the largest stays finite
  };
  const nn::ParameterLayout layout(model.config.network);
  const auto offset = static_cast<size_t>(layout.at("fc.bias").offset);
  for (const auto& [exact, rounded] : roundings) {
    model.weights[offset] = std::bit_cast<float>(exact);
    const std::string bytes = saved({model, {}, {}}, {.bf16_weights = true});
    const ModelFile file = loaded(bytes);
    CHECK(std::bit_cast<uint32_t>(file.model.weights[offset]) == rounded);
    CHECK(saved(file, {.bf16_weights = true}) == bytes);
  }
}

TEST_CASE("a checkpoint's extra tensors and metadata come back when asked for") {
  ModelFile file{sample_model(NetworkSpec::chain(4, 0, CellKind::lstm, 1, 3)), {}, {}};
  const auto bytes_of = [](size_t size) { return std::vector<std::byte>(size, std::byte{0xA5}); };
  file.extra = {{"state.adam.m", "F32", {5}, bytes_of(20)},
                {"state.random", "U64", {4}, bytes_of(32)},
                {"state.flags", "U8", {3}, bytes_of(3)},
                {"state.position", "I64", {}, bytes_of(8)},
                {"state.none", "F32", {0, 7}, {}}};
  file.extra_metadata = {{"state.step", "17"}, {"state.options", "{\"a\":1}"}};
  const std::string bytes = saved(file);

  CHECK(loaded(bytes).extra.empty());
  CHECK(loaded(bytes).model.weights == file.model.weights);
  const ModelFile again = loaded(bytes, true);
  CHECK(again.extra_metadata == file.extra_metadata);
  REQUIRE(again.extra.size() == file.extra.size());
  for (const ExtraTensor& tensor : file.extra) {
    const auto same = std::find_if(again.extra.begin(), again.extra.end(),
                                   [&](const ExtraTensor& e) { return e.name == tensor.name; });
    REQUIRE(same != again.extra.end());
    CHECK(same->dtype == tensor.dtype);
    CHECK(same->shape == tensor.shape);
    CHECK(same->bytes == tensor.bytes);
  }
  CHECK(saved(again) == bytes);
}

TEST_CASE("what could not be read is not written, and the old file stays") {
  const TempDir folder;
  const std::string path = folder.file("m.safetensors");
  const LanguageModel good = sample_model(NetworkSpec::chain(4, 0, CellKind::lstm, 1, 3));
  save_model(path, {good, {}, {}});
  const std::string before = read_file(path);

  LanguageModel diverged = good;
  diverged.weights[1] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(save_model(path, {diverged, {}, {}}), DataError);
  LanguageModel other_vocabulary = good;
  other_vocabulary.tokenizer = sample_model(good.config.network, {"x"}).tokenizer;
  CHECK_THROWS_AS(save_model(path, {other_vocabulary, {}, {}}), DataError);
  LanguageModel short_of_weights = good;
  short_of_weights.weights.pop_back();
  CHECK_THROWS_AS(save_model(path, {short_of_weights, {}, {}}), UsageError);
  CHECK_THROWS_AS(save_model(path, {good, {{"adam", "F32", {0}, {}}}, {}}), UsageError);
  CHECK_THROWS_AS(save_model(path, {good, {{"state.a", "F32", {2}, {}}}, {}}), UsageError);
  CHECK_THROWS_AS(save_model(path, {good, {}, {{"state.a", "\xff"}}}), DataError);
  const auto message = [&](const ModelFile& file) {
    return testing::refusal([&] { save_model(path, file); });
  };
  const LanguageModel no_text = sample_model(good.config.network, {"\xff", "a", "b"});
  CHECK(testing::says(message({no_text, {}, {}}), "a character that is not UTF-8"));
  const std::string longest(limits::header_bytes, 'x');
  CHECK(testing::says(message({good, {}, {{"state.a", longest}}}), "bytes, the limit is 16777216"));
  CHECK(read_file(path) == before);
}

}  // namespace
}  // namespace inkling::model
