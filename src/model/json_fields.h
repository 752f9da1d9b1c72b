#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/option.h"

// JSON that a stranger wrote, read strictly. Every refusal is a DataError, a sentence without the
// file's path: whoever knows the path puts it in front.
namespace inkling::model {

// Valid UTF-8, no NUL byte, no byte-order mark, nothing after the value, no key twice in an object,
// at most limits::json_depth deep and `most_values` values in all: checked while reading, before
// more is allocated. `what` begins the sentence: "its header".
nlohmann::json parse_strict(std::string_view text, std::string_view what, int64_t most_values);

// A name out of a file in quotes, safe to print: control characters and what is not ASCII escaped,
// at most about 80 bytes.
std::string printable(std::string_view name);

// One JSON object whose fields are taken by name and type. A field that is missing or of another
// type is refused by name.
class JsonFields {
 public:
  // `object` must outlive this.
  JsonFields(const nlohmann::json& object, std::string what);

  const nlohmann::json& at(const char* name);
  int64_t integer(const char* name, int64_t low, int64_t high);
  double number(const char* name);  // null is NaN, which JSON cannot write
  bool flag(const char* name);
  bool optional_flag(const char* name) {  // false where it is missing
    return object_.contains(name) && flag(name);
  }
  const std::string& text(const char* name);
  const nlohmann::json& array(const char* name, int64_t shortest, int64_t longest);
  template <NamedEnum E>
  E choice(const char* name) {
    return static_cast<E>(index_of_choice(name, names_of(E{})));
  }

  // Refuses fields that nobody has asked for: they may mean something.
  void expect_no_others() const;

 private:
  size_t index_of_choice(const char* name, std::span<const std::string_view> choices);
  [[noreturn]] void refuse(const char* name, std::string_view wanted) const;

  const nlohmann::json& object_;
  std::string what_;
  std::set<std::string, std::less<>> taken_;
};

// The value as a whole number in [low, high]; `what` begins the sentence.
int64_t integer_of(const nlohmann::json& value, std::string_view what, int64_t low, int64_t high);

}  // namespace inkling::model
