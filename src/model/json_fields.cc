#include "model/json_fields.h"

#include <limits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace inkling::model {
namespace {

using nlohmann::json;

// Builds the value itself: nlohmann's own builder recurses into whatever depth it is given and lets
// the last of two equal keys win, so that two readers may see two different files.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(std::string_view what, int64_t most_values) : what_(what), most_(most_values) {}

  json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const auto [at, fresh] = open_.back()->emplace(name, nullptr);
    if (!fresh) data_error("{} has the key {} twice", what_, printable(name));
    slot_ = &*at;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    data_error("{} is not valid JSON (byte {} of it)", what_, position);
  }

 private:
  bool add(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json container) {
    if (open_.size() == limits::json_depth) {
      data_error("{} is nested deeper than {} levels", what_, limits::json_depth);
    }
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // Pointers into an array die when it grows; it grows only after the container they point to is
  // closed.
  json* place(json value) {
    if (++count_ > most_) data_error("{} has more than {} values", what_, most_);
    json* target = &root_;
    if (!open_.empty() && open_.back()->is_array()) {
      open_.back()->push_back(nullptr);
      target = &open_.back()->back();
    } else if (!open_.empty()) {
      target = slot_;
    }
    *target = std::move(value);
    return target;
  }

  std::string what_;
  int64_t most_;
  int64_t count_ = 0;
  json root_;
  std::vector<json*> open_;
  json* slot_ = nullptr;  // of the key just read
};

}  // namespace

json parse_strict(std::string_view text, std::string_view what, int64_t most_values) {
  // The parser would skip a byte-order mark, and take a NUL byte for the end.
  if (text.find('\0') != text.npos || text.starts_with("\xEF\xBB\xBF")) {
    data_error("{} is not valid JSON (a NUL byte or a byte-order mark)", what);
  }
  StrictBuilder builder(what, most_values);
  json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string printable(std::string_view name) {
  constexpr size_t longest = 80;
  std::string quoted =
      json(name).dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  if (quoted.size() > longest) quoted.replace(longest - 4, quoted.npos, "...\"");
  return quoted;
}

int64_t integer_of(const json& value, std::string_view what, int64_t low, int64_t high) {
  if (!value.is_number_integer()) {
    data_error("{} must be a whole number from {} to {}", what, low, high);
  }
  const bool too_large = value.is_number_unsigned() &&
                         value.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()};
  if (too_large || value.get<int64_t>() < low || value.get<int64_t>() > high) {
    data_error("{} is {}, allowed are {} to {}", what, value.dump(), low, high);
  }
  return value.get<int64_t>();
}

JsonFields::JsonFields(const json& object, std::string what)
    : object_(object), what_(std::move(what)) {
  if (!object.is_object()) data_error("{} is not a JSON object", what_);
}

const json& JsonFields::at(const char* name) {
  const auto found = object_.find(name);
  if (found == object_.end()) data_error("{} lacks \"{}\"", what_, name);
  taken_.insert(name);
  return *found;
}

int64_t JsonFields::integer(const char* name, int64_t low, int64_t high) {
  return integer_of(at(name), fmt::format("{}: \"{}\"", what_, name), low, high);
}

double JsonFields::number(const char* name) {
  const json& value = at(name);
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) refuse(name, "a number");
  return value.get<double>();
}

bool JsonFields::flag(const char* name) {
  const json& value = at(name);
  if (!value.is_boolean()) refuse(name, "true or false");
  return value.get<bool>();
}

const std::string& JsonFields::text(const char* name) {
  const json& value = at(name);
  if (!value.is_string()) refuse(name, "a string");
  return value.get_ref<const std::string&>();
}

const json& JsonFields::array(const char* name, int64_t shortest, int64_t longest) {
  const json& value = at(name);
  if (!value.is_array() || std::cmp_less(value.size(), shortest) ||
      std::cmp_greater(value.size(), longest)) {
    refuse(name, fmt::format("a list of {} to {} values", shortest, longest));
  }
  return value;
}

size_t JsonFields::index_of_choice(const char* name, std::span<const std::string_view> choices) {
  const std::string& value = text(name);
  std::string wanted = "one of:";
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == value) return i;
    wanted += fmt::format("{} {}", i == 0 ? "" : ",", choices[i]);
  }
  refuse(name, wanted);
}

void JsonFields::expect_no_others() const {
  for (const auto& [name, value] : object_.items()) {
    if (!taken_.contains(name)) data_error("{} has the unknown field {}", what_, printable(name));
  }
}

void JsonFields::refuse(const char* name, std::string_view wanted) const {
  data_error("{}: \"{}\" must be {}", what_, name, wanted);
}

}  // namespace inkling::model
