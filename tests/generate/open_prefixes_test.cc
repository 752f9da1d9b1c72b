#include "generate/open_prefixes.h"

#include <doctest/doctest.h>

namespace inkling::generate {
namespace {

OpenPrefixes filled() {
  OpenPrefixes open;
  const std::vector<std::pair<double, int32_t>> masses{
      {.1, -1}, {.4, 7}, {.05, 3}, {.25, -1}, {.2, 3}};
  for (const auto& [mass, word] : masses) open.add({.mass = mass, .undecided = word});
  return open;
}

std::vector<double> masses(const std::vector<OpenPrefix>& taken) {
  std::vector<double> result;
  result.reserve(taken.size());
  for (const OpenPrefix& open : taken) result.push_back(open.mass);
  return result;
}

using Masses = std::vector<double>;

TEST_CASE("the best are taken first, down to a mass") {
  OpenPrefixes open = filled();
  CHECK(open.greatest() == .4);
  CHECK(masses(open.take_best(2, 0)) == Masses{.4, .25});
  CHECK(masses(open.take_best(9, .1)) == Masses{.2});
  CHECK(open.greatest() == .1);
  CHECK(open.mass() == doctest::Approx(.15));
}

TEST_CASE("those on which some words depend are taken by themselves") {
  OpenPrefixes open = filled();
  const std::vector<int32_t> word{3};
  CHECK(masses(open.take_undecided(word, 1, 9)) == Masses{.2});
  CHECK(masses(open.take_undecided(word, 5, 9)) == Masses{.05});
  CHECK(open.take_undecided(word, 5, 9).empty());
  CHECK(masses(open.take_best(9, 0)) == Masses{.4, .25, .1});
}

TEST_CASE("what is left out still counts") {
  OpenPrefixes open = filled();
  Masses left_out;
  open.trim(3, [&](const OpenPrefix& o) { left_out.push_back(o.mass); });
  CHECK(left_out.size() == 2);
  CHECK(open.mass() == doctest::Approx(1));
  open.take_best(3, 0);
  CHECK(open.greatest() == .1);
  CHECK(open.mass() == doctest::Approx(.15));
}

TEST_CASE("equal prefixes are taken in the order of parent and token") {
  OpenPrefixes open;
  for (const int32_t parent : {2, 0, 1}) {
    for (const text::Token token : {1, 0}) open.add({.mass = .1, .parent = parent, .token = token});
  }
  const std::vector<OpenPrefix> taken = open.take_best(6, 0);
  for (int32_t i = 0; i < 6; ++i) {
    CHECK(taken[static_cast<size_t>(i)].parent == i / 2);
    CHECK(taken[static_cast<size_t>(i)].token == i % 2);
  }
}

}  // namespace
}  // namespace inkling::generate
