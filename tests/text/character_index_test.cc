#include "text/character_index.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using inkling::text::CharacterIndex;

TEST_CASE("characters of every length keep their own numbers") {
  const std::vector<std::string> characters = {
      "a",      "\n", std::string(1, '\0'), "\xFF", "é",  "e\u0301", "\u00E9\u0301", "漢", "\r\n",
      "\uFFFD", "😀",  "👩‍🚀",        "ab",   "क्षि"};
  CharacterIndex index;
  for (const std::string& character : characters) CHECK(index.find(character) == -1);
  for (size_t i = 0; i < characters.size(); ++i)
    CHECK(index.insert(characters[i], static_cast<int32_t>(i)));
  const CharacterIndex copy = index;
  for (size_t i = 0; i < characters.size(); ++i) {
    CHECK(copy.find(characters[i]) == static_cast<int32_t>(i));
    CHECK_FALSE(index.insert(characters[i], 99));
  }
  CHECK(index.find("b") == -1);
  CHECK(index.find("è") == -1);
  CHECK(index.find("\xC3") == -1);
  CHECK_FALSE(index.insert("", 1));
}
