#include "text/documents.h"

#include <doctest/doctest.h>

using namespace inkling::text;
using Texts = std::vector<std::string_view>;

TEST_CASE("a text falls into its documents") {
  struct Case {
    Documents documents;
    std::string_view text;
    Texts expected;
  };
  const Case cases[] = {
      {Documents::line, "", {}},
      {Documents::line, "a", {"a"}},
      {Documents::line, "a\n", {"a"}},
      {Documents::line, "\n\na\n\nb c\n d", {"a", "b c", " d"}},
      {Documents::line, "a\r\n\r\nb", {"a", "b"}},
      {Documents::blank_line, "", {}},
      {Documents::blank_line, "\n\n", {}},
      {Documents::blank_line, "a\nb\n\nc\n", {"a\nb", "c"}},
      {Documents::blank_line, "\n\na\n\n\n \t\nb\nc", {"a", "b\nc"}},
      {Documents::blank_line, "a\r\nb\r\n\r\nc\r\n", {"a\r\nb", "c"}},
      {Documents::blank_line, "  a\n\n b", {"  a", " b"}},
      {Documents::file, "a\n\nb\n", {"a\n\nb\n"}},
      {Documents::file, "", {}},
      {Documents::none, "a\nb", {"a\nb"}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    CHECK(split_documents(c.text, c.documents) == c.expected);
  }
}
