#include "edit/suggestions.h"

#include <doctest/doctest.h>

using namespace inkling::edit;

namespace {

Advice advice() {
  return {.continuations = {{"mat. Then", true}, {"mother", true}, {"door", true}},
          .chances = {{"mat", "47 %", 0}, {"mother", "3 %", 1}, {"men", "1 %"}}};
}

}  // namespace

TEST_CASE("the best continuation is the ghost, and alternatives come round") {
  Suggestions suggestions;
  CHECK(suggestions.ghost().empty());
  CHECK(suggestions.word().empty());
  suggestions.next();
  suggestions.previous();
  suggestions.offer(advice());
  CHECK(suggestions.ghost() == "mat. Then");
  CHECK(suggestions.word() == "mat");
  CHECK(suggestions.strip()[0].chosen);
  suggestions.next();
  CHECK(suggestions.ghost() == "mother");
  CHECK_FALSE(suggestions.strip()[0].chosen);
  CHECK(suggestions.strip()[1].chosen);
  suggestions.next();
  suggestions.next();
  CHECK(suggestions.ghost() == "mat. Then");
  suggestions.previous();
  CHECK(suggestions.ghost() == "door");
}

TEST_CASE("typing along shortens the ghost, and changes to the alternative that is typed") {
  Suggestions suggestions;
  suggestions.offer(advice());
  suggestions.follow("m");
  CHECK(suggestions.ghost() == "at. Then");
  CHECK_FALSE(suggestions.settled());
  suggestions.follow("o");
  CHECK(suggestions.ghost() == "ther");
  suggestions.follow("x");
  CHECK(suggestions.ghost().empty());
  CHECK(suggestions.strip().size() == 3);  // until a new answer comes
  suggestions.offer({});
  CHECK(suggestions.settled());
  CHECK(suggestions.strip().empty());
}

TEST_CASE("the chosen alternative is followed before the best") {
  Suggestions suggestions;
  suggestions.offer(advice());
  suggestions.next();
  suggestions.follow("m");
  CHECK(suggestions.ghost() == "other");
}

TEST_CASE("a better answer leaves the chosen word where it is") {
  Suggestions suggestions;
  suggestions.offer({.continuations = {{"mat"}, {"mother"}}, .complete = false});
  CHECK_FALSE(suggestions.settled());
  suggestions.next();
  suggestions.offer({.continuations = {{"mat. Then"}, {"men"}, {"mother said"}}});
  CHECK(suggestions.ghost() == "mother said");
  // But the answer to another question begins anew.
  suggestions.withdraw();
  suggestions.offer({.continuations = {{"one"}, {"mother"}}});
  CHECK(suggestions.ghost() == "one");
}

TEST_CASE("a word is Unicode's, with what stands before it") {
  Suggestions suggestions;
  suggestions.offer({.continuations = {{"ภาษาไทย"}}});
  CHECK(suggestions.word() == "ภาษา");
  suggestions.offer({.continuations = {{". \"Then he"}}});
  CHECK(suggestions.word() == ". \"Then");
  suggestions.offer({.continuations = {{"..."}}});
  CHECK(suggestions.word() == "...");
}

TEST_CASE("the first word is as long as the adviser says, also when it is half typed") {
  Suggestions suggestions;
  suggestions.offer({.continuations = {{"บนเสื่อ แล้ว", false, std::string("บนเสื่อ").size()}}});
  CHECK(suggestions.word() == "บนเสื่อ");
  suggestions.follow("บน");
  CHECK(suggestions.word() == "เสื่อ");
}
