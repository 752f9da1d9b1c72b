#include "model/safetensors_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "model/json_fields.h"

namespace inkling::model {
namespace {

using nlohmann::json;

TensorEntry parse_tensor(const std::string& name, const json& value) {
  const std::string what = fmt::format("its tensor {}", printable(name));
  if (std::cmp_greater(name.size(), limits::tensor_name_bytes)) {
    data_error("{} has a name of more than {} bytes", what, limits::tensor_name_bytes);
  }
  JsonFields fields(value, what);
  TensorEntry entry;
  entry.name = name;
  entry.dtype = fields.choice<Dtype>("dtype");
  for (const json& dimension : fields.array("shape", 0, limits::rank)) {
    entry.shape.push_back(integer_of(dimension, what + ": a dimension", 0, limits::dimension));
  }
  const json& offsets = fields.array("data_offsets", 2, 2);
  const auto offset = [&](size_t i) {
    return static_cast<uint64_t>(
        integer_of(offsets[i], what + ": an offset", 0, limits::json_integer));
  };
  entry.begin = offset(0);
  entry.end = offset(1);
  fields.expect_no_others();

  if (entry.end < entry.begin) data_error("{} ends before it begins", what);
  const std::optional<uint64_t> bytes = bytes_of(entry);
  if (!bytes) data_error("{} is larger than any file", what);
  if (entry.end - entry.begin != *bytes) {
    data_error("{} has {} bytes, its type {} and shape {} need {}", what, entry.end - entry.begin,
               name_of(entry.dtype), shape_text(entry.shape), *bytes);
  }
  return entry;
}

std::map<std::string, std::string> parse_metadata(json& value) {
  if (!value.is_object()) data_error("its header's __metadata__ is not a JSON object");
  if (std::cmp_greater(value.size(), limits::metadata_keys)) {
    data_error("its metadata has {} keys, the limit is {}", value.size(), limits::metadata_keys);
  }
  std::map<std::string, std::string> metadata;
  for (auto& [key, text] : value.items()) {
    if (!text.is_string()) data_error("its metadata's {} is not a string", printable(key));
    metadata.emplace(key, std::move(text.get_ref<std::string&>()));
  }
  return metadata;
}

void check_packing(const std::vector<TensorEntry>& tensors, uint64_t header_size,
                   uint64_t data_size) {
  uint64_t end = 0;
  for (const TensorEntry& entry : tensors) {
    if (entry.begin < end) {
      data_error("its tensor {} overlaps the one before it", printable(entry.name));
    }
    if (entry.begin > end) {
      data_error("{} unused bytes lie before its tensor {}", entry.begin - end,
                 printable(entry.name));
    }
    end = entry.end;
  }
  const uint64_t before = 8 + header_size;
  if (end > data_size) {
    data_error(
        "truncated: the header promises {} bytes, the file has {}: download or copy it again",
        before + end, before + data_size);
  }
  if (end < data_size) {
    data_error("{} bytes follow its last tensor: download or copy it again", data_size - end);
  }
}

}  // namespace

std::optional<uint64_t> bytes_of(const TensorEntry& entry) {
  uint64_t bytes = size_of(entry.dtype);
  for (const int64_t dimension : entry.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dimension), &bytes)) return {};
  }
  return bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) { return json(shape).dump(); }

const TensorEntry* SafetensorsHeader::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const TensorEntry& entry) { return entry.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string header_text(const SafetensorsHeader& header) {
  std::string text;
  try {
    text = fmt::format(R"({{"__metadata__":{})", json(header.metadata).dump());
  } catch (const json::type_error&) {
    data_error("a string of the metadata is not UTF-8");
  }
  for (const TensorEntry& entry : header.tensors) {
    text += fmt::format(R"(,{}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                        json(entry.name).dump(), name_of(entry.dtype), shape_text(entry.shape),
                        entry.begin, entry.end);
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins at a multiple of 8
  return text;
}

SafetensorsHeader parse_header(std::string_view text, uint64_t data_size) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] != '{') {
    data_error("not a model: its header is not a JSON object");
  }
  json root = parse_strict(text, "its header", limits::header_values);
  SafetensorsHeader header;
  if (const auto metadata = root.find("__metadata__"); metadata != root.end()) {
    header.metadata = parse_metadata(*metadata);
    root.erase(metadata);
  }
  if (std::cmp_greater(root.size(), limits::tensors)) {
    data_error("its header has {} tensors, the limit is {}", root.size(), limits::tensors);
  }
  for (const auto& [name, value] : root.items()) {
    header.tensors.push_back(parse_tensor(name, value));
  }
  std::sort(header.tensors.begin(), header.tensors.end(),
            [](const TensorEntry& a, const TensorEntry& b) {
              return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
            });
  check_packing(header.tensors, text.size(), data_size);
  return header;
}

}  // namespace inkling::model
