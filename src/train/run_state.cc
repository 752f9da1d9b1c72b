#include "train/run_state.h"

#include <charconv>
#include <cstring>
#include <type_traits>

#include "base/error.h"

namespace inkling::train {
namespace {

constexpr const char* prefix = "state.";

const model::ExtraTensor* find(const model::ModelFile& file, const std::string& name) {
  for (const model::ExtraTensor& tensor : file.extra) {
    if (tensor.name == name && tensor.dtype == "F32") return &tensor;
  }
  return nullptr;
}

}  // namespace

std::map<std::string, std::string> RunState::to_metadata() {
  std::map<std::string, std::string> metadata;
  for_each_field([&](const char* name, auto& value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value)
                         .ptr;  // the shortest that reads back the same
    metadata[std::string(prefix) + name] = std::string(digits, end);
  });
  return metadata;
}

RunState RunState::from_metadata(const std::map<std::string, std::string>& metadata) {
  RunState state;
  state.for_each_field([&](const char* name, auto& value) {
    const auto found = metadata.find(std::string(prefix) + name);
    if (found == metadata.end())
      data_error(
          "the checkpoint lacks '{}{}': it cannot be resumed; begin anew, or use --init-from",
          prefix, name);
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool valid = error == std::errc() && end == text.data() + text.size();
    if constexpr (std::is_signed_v<std::remove_reference_t<decltype(value)>> &&
                  std::is_integral_v<std::remove_reference_t<decltype(value)>>) {
      valid = valid && value >= 0;
    }
    if (!valid)
      data_error("the checkpoint's '{}{}' is '{}', not a number it can have", prefix, name, text);
  });
  return state;
}

model::ExtraTensor float_tensor(const std::string& name, const float* values, int64_t count) {
  model::ExtraTensor tensor{
      name, "F32", {count}, std::vector<std::byte>(static_cast<size_t>(count) * sizeof(float))};
  std::memcpy(tensor.bytes.data(), values, tensor.bytes.size());
  return tensor;
}

void read_float_tensor(const model::ModelFile& file, const std::string& name, float* values,
                       int64_t count) {
  const model::ExtraTensor* tensor = find(file, name);
  const auto bytes = static_cast<size_t>(count) * sizeof(float);
  if (tensor == nullptr || tensor->bytes.size() != bytes) {
    data_error(
        "the checkpoint lacks the tensor '{}' of {} numbers: it cannot be resumed; begin anew, or "
        "use --init-from",
        name, count);
  }
  std::memcpy(values, tensor->bytes.data(), bytes);
}

int64_t float_tensor_size(const model::ModelFile& file, const std::string& name) {
  const model::ExtraTensor* tensor = find(file, name);
  return tensor == nullptr ? -1 : static_cast<int64_t>(tensor->bytes.size() / sizeof(float));
}

}  // namespace inkling::train
