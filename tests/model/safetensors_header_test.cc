#include "model/safetensors_header.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "support/refusal.h"

namespace inkling::model {
namespace {

using testing::refusal;
using testing::says;

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", name, dtype,
                     shape, offsets);
}

TEST_CASE("a bad header is refused with a sentence that says what is wrong") {
  const std::string good = tensor("a", "F32", "2", "0,8");
  std::string thousand_and_more;
  for (int i = 0; i <= limits::tensors; ++i) {
    thousand_and_more += (i == 0 ? "" : ",") + tensor(fmt::format("t{}", i), "U8", "0", "0,0");
  }
  std::string many_keys;
  for (int i = 0; i <= limits::metadata_keys; ++i) {
    many_keys += fmt::format(R"({}"k{}":"v")", i == 0 ? "" : ",", i);
  }
  std::string a_million_zeros = "0";
  for (int i = 0; i < 1'000'000; ++i) a_million_zeros += ",0";

  struct Case {
    std::string header;
    uint64_t data_size;
    std::string words;
  };
  const std::vector<Case> cases{
      {"", 0, "not a JSON object"},
      {"   ", 0, "not a JSON object"},
      {"[]", 0, "not a JSON object"},
      {"\xEF\xBB\xBF{}", 0, "not a JSON object"},
      {" \xEF\xBB\xBF{}", 0, "not a JSON object"},
      {"{" + good, 8, "not valid JSON"},
      {"{" + good + "}x", 8, "not valid JSON"},
      {"{" + good + "} {}", 8, "not valid JSON"},
      {"{" + good + "}" + std::string(1, '\0') + "x", 8, "NUL byte"},
      {"{\"\xff\":1}", 0, "not valid JSON"},
      {R"({"\ud800":1})", 0, "not valid JSON"},
      {"{" + good + ",/**/}", 8, "not valid JSON"},
      {"{" + good + "," + good + "}", 8, R"(has the key "a" twice)"},
      {R"({"__metadata__":{"k":"1","k":"1"}})", 0, R"(has the key "k" twice)"},
      {R"({"__metadata__":{"\u006b":"1","k":"1"}})", 0, R"(has the key "k" twice)"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, R"(has the key "__metadata__" twice)"},
      {R"({"__metadata__":[]})", 0, "__metadata__ is not a JSON object"},
      {R"({"__metadata__":{"k":1}})", 0, R"("k" is not a string)"},
      {R"({"__metadata__":{"k":{"l":"m"}}})", 0, R"("k" is not a string)"},
      {R"({"__metadata__":{)" + many_keys + "}}", 0, "the limit is 256"},
      {"{\"a\":" + std::string(100'000, '['), 0, "nested deeper than 4"},
      {R"({"a":{"b":{"c":{"d":{}}}}})", 0, "nested deeper than 4"},
      {R"({"a":[)" + a_million_zeros + "]}", 0, "more than 65536 values"},
      {"{" + thousand_and_more + "}", 0, "has 1025 tensors, the limit is 1024"},
      {"{" + tensor(std::string(257, 'n'), "U8", "0", "0,0") + "}", 0, "more than 256 bytes"},
      {R"({"a":1})", 0, R"(its tensor "a" is not a JSON object)"},
      {R"({"a":{}})", 0, R"(its tensor "a" lacks "dtype")"},
      {R"({"a":{"dtype":"F32"}})", 0, R"(lacks "shape")"},
      {R"({"a":{"dtype":"F32","shape":[]}})", 0, R"(lacks "data_offsets")"},
      {R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}})", 0, R"(field "more")"},
      {R"({"a":{"dtype":7,"shape":[0],"data_offsets":[0,0]}})", 0, R"("dtype" must be a string)"},
      {"{" + tensor("a", "F16", "2", "0,4") + "}", 4, "one of: F32, BF16, U64, I64, U8"},
      {"{" + tensor("a", "f32", "2", "0,8") + "}", 8, "one of: F32"},
      {"{" + tensor("a", "F32", "1,1,1,1,2", "0,8") + "}", 8, "a list of 0 to 4 values"},
      {"{" + tensor("a", "F32", "-2", "0,8") + "}", 8, "a dimension is -2"},
      {"{" + tensor("a", "F32", "2.0", "0,8") + "}", 8, "a dimension must be a whole number"},
      {"{" + tensor("a", "F32", "2e0", "0,8") + "}", 8, "a dimension must be a whole number"},
      {"{" + tensor("a", "F32", R"(\"2\")", "0,8") + "}", 8, "not valid JSON"},
      {"{" + tensor("a", "F32", "true", "0,8") + "}", 8, "a dimension must be a whole number"},
      {"{" + tensor("a", "F32", "NaN", "0,8") + "}", 8, "not valid JSON"},
      {"{" + tensor("a", "F32", "1e999", "0,8") + "}", 8, "not valid JSON"},
      {"{" + tensor("a", "F32", "2147483649", "0,8") + "}", 8, "a dimension is 2147483649"},
      {"{" + tensor("a", "F32", "18446744073709551615", "0,8") + "}", 8, "allowed are 0 to"},
      {"{" + tensor("a", "F32", "18446744073709551618", "0,8") + "}", 8, "must be a whole number"},
      // 2^31 * 2^31 * 4 bytes is 0 in 64 bits.
      {"{" + tensor("a", "F32", "2147483648,2147483648", "0,0") + "}", 0, "larger than any file"},
      {"{" + tensor("a", "F32", "2147483648,2147483648,0", "0,0") + "}", 0, "larger than any file"},
      {"{" + tensor("a", "F32", "2", "0,9") + "}", 9,
       "has 9 bytes, its type F32 and shape [2] need 8"},
      {"{" + tensor("a", "F32", "2", "0,4") + "}", 4, "need 8"},
      {"{" + tensor("a", "F32", "2", "8,0") + "}", 8, "ends before it begins"},
      {"{" + tensor("a", "F32", "2", "-8,0") + "}", 8, "an offset is -8"},
      {"{" + tensor("a", "F32", "2", "0,9007199254740993") + "}", 8,
       "an offset is 9007199254740993"},
      {"{" + tensor("a", "F32", "2", "0") + "}", 8, "a list of 2 to 2 values"},
      {"{" + tensor("a", "F32", "2", "4,12") + "}", 12, "4 unused bytes lie before"},
      {"{" + good + "," + tensor("b", "F32", "1", "12,16") + "}", 16, R"(before its tensor "b")"},
      {"{" + good + "," + tensor("b", "F32", "1", "4,8") + "}", 8, R"("b" overlaps)"},
      {"{" + good + "," + tensor("b", "F32", "2", "0,8") + "}", 8, "overlaps"},
      {"{" + good + "}", 7, "truncated: the header promises 70 bytes, the file has 69"},
      {"{" + good + "}", 9, "1 bytes follow its last tensor"},
      {"{}", 1, "1 bytes follow its last tensor"},
      {R"({"\u001b[2J":1})", 0, R"(its tensor "\u001b[2J")"},  // cannot reach the terminal as it is
  };
  for (const Case& c : cases) {
    const std::string message = refusal([&] { parse_header(c.header, c.data_size); });
    CHECK_MESSAGE(says(message, c.words), c.header.substr(0, 120), " gave: ", message);
    CHECK_MESSAGE(message.size() < 250, message);
  }
}

TEST_CASE(
    "what the format allows is read: white space before, spaces after, scalars, empty tensors, any "
    "order") {
  const std::string text = "\n {" + tensor("z", "F32", "", "8,12") + "," +
                           tensor("e", "U8", "0,3", "8,8") + "," + tensor("a", "I64", "1", "0,8") +
                           R"(,"__metadata__":{"format":"pt"})" + "}   ";
  const SafetensorsHeader header = parse_header(text, 12);
  CHECK(header.metadata == std::map<std::string, std::string>{{"format", "pt"}});
  REQUIRE(header.tensors.size() == 3);
  CHECK(header.tensors[0].name == "a");
  CHECK(header.tensors[2].name == "z");
  CHECK(header.tensors[2].shape.empty());
  CHECK(header.find("e")->shape == std::vector<int64_t>{0, 3});
  CHECK(header.find("x") == nullptr);
}

TEST_CASE("a header's text reads back as the same header") {
  SafetensorsHeader header;
  header.metadata = {{"k", "\"quoted\" \\ \x1b \xC3\xA9"}};
  header.tensors = {{"b\"", Dtype::u64, {2}, 0, 16}, {"a", Dtype::bf16, {1, 3}, 16, 22}};
  const std::string text = header_text(header);
  CHECK(text.size() % 8 == 0);
  CHECK(text.front() == '{');
  const SafetensorsHeader again = parse_header(text, 22);
  CHECK(again.metadata == header.metadata);
  REQUIRE(again.tensors.size() == 2);
  CHECK(again.tensors[0].name == "b\"");
  CHECK(again.tensors[1].dtype == Dtype::bf16);
  CHECK(header_text(again) == text);
}

}  // namespace
}  // namespace inkling::model
