#include "generate/prompt.h"

#include <doctest/doctest.h>

#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

using Tokens = std::vector<text::Token>;

TEST_CASE("a prompt is read as the begin of a line") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"\n", " ", "a", "b"});
  const auto tokens = [&](std::string_view prompt) { return prompt_tokens(tokenizer, prompt); };
  CHECK(tokens("ab") == Tokens{0, 2, 3});
  CHECK(tokens("") == Tokens{0});
  // What begins with a blank goes on within a line, or has its line feed.
  CHECK(tokens(" ab") == Tokens{1, 2, 3});
  CHECK(tokens("\nab") == Tokens{0, 2, 3});
  CHECK(tokens("\r\nab") == Tokens{0, 2, 3});
}

TEST_CASE("a prompt begins a document where the model knows documents, even with a blank") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"\n", " ", "a"}, true);
  CHECK(prompt_tokens(tokenizer, "a") == Tokens{3, 2});
  CHECK(prompt_tokens(tokenizer, " a") == Tokens{3, 1, 2});
  CHECK(prompt_tokens(tokenizer, "") == Tokens{3});
}

TEST_CASE("what is added to a prompt does not change where it begins") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"\n", " ", "a", "b"});
  CHECK(prompt_tokens(tokenizer, "", "\na") == Tokens{0, 0, 2});
  CHECK(prompt_tokens(tokenizer, "", " a") == Tokens{0, 1, 2});
  CHECK(prompt_tokens(tokenizer, "a", "\nb") == Tokens{0, 2, 0, 3});
  CHECK(prompt_tokens(tokenizer, "\n", "b") == Tokens{0, 3});
}

TEST_CASE("without a line feed in the vocabulary nothing stands before a prompt") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({" ", "a"});
  CHECK(prompt_tokens(tokenizer, "a") == Tokens{1});
  CHECK(prompt_tokens(tokenizer, "") == Tokens{0});
}

TEST_CASE("of bytes, too") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"\n", "a"}, false, text::Unit::byte);
  CHECK(prompt_tokens(tokenizer, "a") == Tokens{0, 1});
}

}  // namespace
}  // namespace inkling::generate
