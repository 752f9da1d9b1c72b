#include "model/model_file.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/pages.h"
#include "model/json_fields.h"
#include "model/metadata.h"
#include "model/parameter_codec.h"
#include "model/safetensors_reader.h"
#include "model/safetensors_writer.h"
#include "model/with_path.h"

namespace inkling::model {
namespace {

using nn::ParameterInfo;
using nn::ParameterLayout;

std::span<const float> part_of(const std::vector<float>& weights, const ParameterInfo& info) {
  return std::span(weights).subspan(static_cast<size_t>(info.offset),
                                    static_cast<size_t>(info.size()));
}

std::span<float> part_of(std::vector<float>& weights, const ParameterInfo& info) {
  return std::span(weights).subspan(static_cast<size_t>(info.offset),
                                    static_cast<size_t>(info.size()));
}

bool is_state(std::string_view name) { return name.starts_with(state_prefix); }

void check_arguments(const ModelView& file, const ParameterLayout& layout) {
  if (std::cmp_not_equal(file.model.weights.size(), layout.size())) {
    usage_error("a model with {} weights cannot be saved: its configuration needs {}",
                file.model.weights.size(), layout.size());
  }
  const auto check_name = [](const std::string& name) {
    if (!is_state(name)) usage_error("{} does not begin with {}", name, state_prefix);
  };
  for (const TensorView& tensor : file.extra) check_name(tensor.name);
  for (const auto& [key, value] : file.extra_metadata) check_name(key);
}

// The file's tensors. Parameters are encoded into `scratch` when they are asked for.
std::vector<TensorSource> sources_of(const ModelView& file, const ParameterLayout& layout,
                                     Dtype dtype, std::vector<std::byte>& scratch) {
  std::vector<TensorSource> sources;
  for (const ParameterInfo& info : layout.all()) {
    const std::span<const float> values = part_of(file.model.weights, info);
    if (!all_finite(values)) data_error("its {} is not finite: training has diverged", info.name);
    TensorSource& source = sources.emplace_back();
    source.entry.name = info.name, source.entry.dtype = dtype;
    source.entry.shape = file_shape(info);
    source.bytes = [&info, dtype, values, &scratch] {
      scratch.resize(values.size() * size_of(dtype));
      encode_parameter(info, dtype, values, scratch);
      return std::span<const std::byte>(scratch);
    };
  }
  for (const TensorView& tensor : file.extra) {
    TensorSource& source = sources.emplace_back();
    source.entry.name = tensor.name, source.entry.shape = tensor.shape;
    source.entry.dtype = enum_from_name<Dtype>(tensor.dtype, tensor.name);
    source.bytes = [bytes = tensor.bytes] { return bytes; };
  }
  return sources;
}

void check_parameter(const SafetensorsHeader& header, const ParameterInfo& info) {
  const TensorEntry* entry = header.find(info.name);
  if (entry == nullptr) data_error("it lacks the tensor \"{}\"", info.name);
  if (entry->dtype != Dtype::f32 && entry->dtype != Dtype::bf16) {
    data_error("its tensor \"{}\" is of type {}, only F32 and BF16 are read", info.name,
               name_of(entry->dtype));
  }
  if (entry->shape != file_shape(info)) {
    data_error("its tensor \"{}\" is {}, by its configuration it must be {}", info.name,
               shape_text(entry->shape), shape_text(file_shape(info)));
  }
}

void check_tensors(const SafetensorsHeader& header, const ParameterLayout& layout) {
  for (const ParameterInfo& info : layout.all()) check_parameter(header, info);
  for (const TensorEntry& entry : header.tensors) {
    if (!is_state(entry.name) && layout.find(entry.name) == nullptr) {
      data_error("its tensor {} is unknown: by its configuration there is none",
                 printable(entry.name));
    }
  }
}

// The largest parameter, as the file has it.
uint64_t most_stored(const SafetensorsHeader& header) {
  uint64_t bytes = 0;
  for (const TensorEntry& entry : header.tensors) {
    if (!is_state(entry.name)) bytes = std::max(bytes, entry.end - entry.begin);
  }
  return bytes;
}

// What becomes of the data, and a parameter at a time of it. (Below 2^53 each, so that no sum
// overflows.)
int64_t bytes_in_memory(const SafetensorsHeader& header, bool with_extra) {
  uint64_t bytes = most_stored(header);
  for (const TensorEntry& entry : header.tensors) {
    const uint64_t stored = entry.end - entry.begin;
    if (!is_state(entry.name)) {
      bytes += stored / size_of(entry.dtype) * sizeof(float);
    } else if (with_extra) {
      bytes += stored;
    }
  }
  return static_cast<int64_t>(bytes);
}

std::vector<float> room_for(const ParameterLayout& layout) {
  std::vector<float> weights;
  weights.reserve(static_cast<size_t>(layout.size()));
  back_by_pages(weights.data(), weights.capacity() * sizeof(float));
  weights.resize(static_cast<size_t>(layout.size()));
  return weights;
}

ExtraTensor read_extra(SafetensorsReader& in, const TensorEntry& entry) {
  ExtraTensor tensor{entry.name, std::string(name_of(entry.dtype)), entry.shape, {}};
  tensor.bytes.resize(entry.end - entry.begin);
  in.read(tensor.bytes);
  return tensor;
}

// In the order of the tensors in the file.
ModelFile read_contents(SafetensorsReader& in, bool with_extra) {
  const SafetensorsHeader& header = in.header();
  ModelFile file;
  file.model = model_of(header.metadata);
  const ParameterLayout layout(file.model.config.network);
  check_tensors(header, layout);  // so that what is allocated next is no more than the file holds

  file.model.weights = room_for(layout);
  const uint64_t most = most_stored(header);
  const auto stored = std::make_unique_for_overwrite<std::byte[]>(most);
  back_by_pages(stored.get(), most);
  for (const TensorEntry& entry : header.tensors) {
    const uint64_t size = entry.end - entry.begin;
    if (!is_state(entry.name)) {
      const ParameterInfo& info = layout.at(entry.name);
      const std::span<float> values = part_of(file.model.weights, info);
      in.read({stored.get(), size});
      decode_parameter(info, entry.dtype, {stored.get(), size}, values);
      if (!all_finite(values)) {
        data_error("its tensor \"{}\" has numbers that are not finite: train it again", info.name);
      }
    } else if (with_extra) {
      file.extra.push_back(read_extra(in, entry));
    } else {
      in.skip(size);
    }
  }
  if (!with_extra) return file;
  for (const auto& [key, value] : header.metadata) {
    if (is_state(key)) file.extra_metadata.emplace(key, value);
  }
  return file;
}

void require_seal(SafetensorsReader& in) {
  if (in.seal_holds()) return;
  data_error("damaged: its checksum does not fit its contents: download or copy it again");
}

// What is wrong with a damaged file is that it is damaged, whatever else that leads to.
ModelFile read_sealed(SafetensorsReader& in, bool with_extra) {
  ModelFile file;
  try {
    file = read_contents(in, with_extra);
  } catch (const DataError&) {
    if (!in.failed()) require_seal(in);
    throw;
  }
  require_seal(in);
  return file;
}

}  // namespace

ModelFile::operator ModelView() const {
  ModelView view{.model = model, .extra_metadata = extra_metadata};
  for (const ExtraTensor& tensor : extra)
    view.extra.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  return view;
}

void save_model(const std::string& path, const ModelView& file, const SaveOptions& options) {
  const ParameterLayout layout(file.model.config.network);
  check_arguments(file, layout);
  std::vector<std::byte> scratch;
  const SafetensorsWriter writer = with_path(path + ": cannot be saved", [&] {
    Metadata metadata = metadata_of(file.model);
    model_of(metadata);  // what could not be read is refused now, not when the training is over
    metadata.insert(file.extra_metadata.begin(), file.extra_metadata.end());
    const Dtype dtype = options.bf16_weights ? Dtype::bf16 : Dtype::f32;
    return SafetensorsWriter(std::move(metadata), sources_of(file, layout, dtype, scratch));
  });
  write_atomically(
      path, [&](const ByteSink& sink) { writer.write(sink); }, options.write);
}

ModelFile load_model_file(const std::string& path, bool with_extra) {
  try {
    return with_path(path, [&] {
      SafetensorsReader in(path);
      check_version(in.header().metadata);
      require_memory(bytes_in_memory(in.header(), with_extra), "reading it",
                     "close other programs, or take a smaller model");
      return read_sealed(in, with_extra);
    });
  } catch (const std::bad_alloc&) {
    throw MemoryError(path + ": too large for this machine's memory");
  }
}

}  // namespace inkling::model
