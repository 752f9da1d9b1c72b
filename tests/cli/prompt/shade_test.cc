#include "cli/prompt/shade.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace inkling::cli;

TEST_CASE("the more a character surprised the model, the further its colour is from grey to red") {
  const std::vector<std::pair<double, std::string_view>> shades{
      {0, "\033[38;5;245m"},    {0.49, "\033[38;5;245m"}, {0.5, "\033[39m"},
      {1.99, "\033[39m"},       {2, "\033[38;5;178m"},    {3.49, "\033[38;5;178m"},
      {3.5, "\033[38;5;208m"},  {5.49, "\033[38;5;208m"}, {5.5, "\033[38;5;197m"},
      {1000, "\033[38;5;197m"},
  };
  for (const auto& [surprise, shade] : shades) CHECK(shade_of(surprise) == shade);
}
