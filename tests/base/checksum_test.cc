#include "base/checksum.h"

#include <doctest/doctest.h>

#include <string>

using inkling::Checksum;

TEST_CASE("a checksum is XXH3 with 64 bits") {
  CHECK(Checksum().value() == 0x2d06800538d394c2U);  // of nothing, from the algorithm's description
  CHECK(Checksum().add("a").value() != Checksum().add("b").value());
}

TEST_CASE("how the bytes are cut does not change their checksum") {
  std::string bytes(5000, 'x');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 % 251);
  const uint64_t whole = Checksum().add(bytes).value();
  for (const size_t piece : {1U, 7U, 240U, 1024U, 4999U}) {
    Checksum checksum;
    for (size_t at = 0; at < bytes.size(); at += piece)
      checksum.add(std::string_view(bytes).substr(at, piece)).add("");
    CHECK(checksum.value() == whole);
  }
  bytes[2500] ^= 1;
  CHECK(Checksum().add(bytes).value() != whole);
}
