#include "train/run_state.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "base/limits.h"

namespace inkling::train {
namespace {

constexpr const char* prefix = "state.";

template <class T>
constexpr const char* dtype_of = std::is_same_v<T, float> ? "F32" : "I64";

template <class T>
const std::vector<std::byte>* find_bytes(const model::ModelFile& file, const std::string& name) {
  for (const model::ExtraTensor& tensor : file.extra) {
    if (tensor.name == name && tensor.dtype == dtype_of<T>) return &tensor.bytes;
  }
  return nullptr;
}

[[noreturn]] void refuse_lack(const std::string& what) {
  data_error("it lacks {}: it cannot be resumed; begin anew, or use --init-from", what);
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
    if (found == metadata.end() && std::string_view(name) == "validation_characters") {
      state.validation_characters = RunState::as_many_as_usual;
      return;
    }
    if (found == metadata.end()) refuse_lack(fmt::format("'{}{}'", prefix, name));
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool valid = error == std::errc() && end == text.data() + text.size();
    if constexpr (std::is_signed_v<std::remove_reference_t<decltype(value)>> &&
                  std::is_integral_v<std::remove_reference_t<decltype(value)>>) {
      valid = valid && value >= 0 && value <= limits::json_integer;
    }
    if (!valid) data_error("its '{}{}' is '{}', not a number it can have", prefix, name, text);
  });
  constexpr auto most = static_cast<double>(limits::json_integer);
  const auto require = [](bool possible, const char* name, double value) {
    if (!possible) data_error("its '{}{}' is '{}', not a number it can have", prefix, name, value);
  };
  require(state.seconds >= 0 && state.seconds <= most, "seconds", state.seconds);
  require(std::isfinite(state.loss_nats), "loss_nats", state.loss_nats);
  require(state.rate_factor > 0 && state.rate_factor <= 1, "rate_factor", state.rate_factor);
  return state;
}

template <class T>
model::TensorView state_tensor(const std::string& name, std::span<const T> values) {
  return {name, dtype_of<T>, {static_cast<int64_t>(values.size())}, std::as_bytes(values)};
}

template <class T>
std::vector<T> read_state_tensor(const model::ModelFile& file, const std::string& name) {
  const std::vector<std::byte>* bytes = find_bytes<T>(file, name);
  if (bytes == nullptr) refuse_lack(fmt::format("the tensor '{}'", name));
  std::vector<T> values(bytes->size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes->data(), values.size() * sizeof(T));
  return values;
}

void read_state_tensor(const model::ModelFile& file, const std::string& name,
                       std::span<float> values) {
  const std::vector<std::byte>* bytes = find_bytes<float>(file, name);
  if (bytes == nullptr || bytes->size() != values.size_bytes())
    refuse_lack(fmt::format("the tensor '{}' of {} numbers", name, values.size()));
  if (!values.empty()) std::memcpy(values.data(), bytes->data(), values.size_bytes());
}

template model::TensorView state_tensor(const std::string&, std::span<const float>);
template model::TensorView state_tensor(const std::string&, std::span<const int64_t>);
template std::vector<float> read_state_tensor(const model::ModelFile&, const std::string&);
template std::vector<int64_t> read_state_tensor(const model::ModelFile&, const std::string&);

std::optional<std::vector<int64_t>> read_row_updates(const model::ModelFile& file,
                                                     const std::string& name, size_t rows,
                                                     int64_t updates) {
  const bool has_them =
      std::any_of(file.extra.begin(), file.extra.end(),
                  [&](const model::ExtraTensor& tensor) { return tensor.name == name; });
  if (rows == 0 || !has_them) return std::nullopt;
  std::vector<int64_t> found = read_state_tensor<int64_t>(file, name);
  const bool valid =
      found.size() == rows &&
      std::all_of(found.begin(), found.end(), [&](int64_t at) { return at >= 0 && at <= updates; });
  if (!valid) data_error("its '{}' contradicts its counters", name);
  return found;
}

}  // namespace inkling::train
