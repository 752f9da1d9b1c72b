#include "cli/shell_word.h"

#include <doctest/doctest.h>

using inkling::cli::shell_word;

TEST_CASE("what a shell would divide or read otherwise is quoted, and nothing else") {
  CHECK(shell_word("texts/book-1.txt") == "texts/book-1.txt");
  CHECK(shell_word("my book.txt") == "'my book.txt'");
  CHECK(shell_word("it's $5.txt") == "'it'\\''s $5.txt'");
  CHECK(shell_word("~/x*") == "'~/x*'");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("\u732b.txt") == "'\u732b.txt'");
}
