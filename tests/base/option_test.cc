#include "base/option.h"

#include <doctest/doctest.h>

#include <array>
#include <span>
#include <string_view>

namespace {

enum class Fruit { apple, sour_cherry };
constexpr std::array<std::string_view, 2> fruit_names{"apple", "sour-cherry"};
constexpr std::span<const std::string_view> names_of(Fruit) { return fruit_names; }

}  // namespace

TEST_CASE("a named enum goes to its name and back") {
  CHECK(inkling::name_of(Fruit::sour_cherry) == "sour-cherry");
  for (const Fruit fruit : {Fruit::apple, Fruit::sour_cherry}) {
    CHECK(inkling::enum_from_name<Fruit>(inkling::name_of(fruit), "--fruit") == fruit);
  }
  CHECK_THROWS_WITH_AS(inkling::enum_from_name<Fruit>("pear", "--fruit"),
                       "--fruit: 'pear' is none of: apple, sour-cherry", inkling::UsageError);
}
