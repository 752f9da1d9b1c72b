#include "model/seal.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <span>
#include <string>

#include "base/checksum.h"

namespace inkling::model {
namespace {

// The checksum's digits inside a header's bytes. A quote inside a JSON string is escaped, so the
// key as written here can only be a key.
std::span<std::byte> checksum_digits(std::span<std::byte> header) {
  constexpr std::string_view key = R"("checksum":")";
  const std::string_view text(reinterpret_cast<const char*>(header.data()), header.size());
  const size_t at = text.find(key);
  if (at == text.npos || text.size() - at < key.size() + unsealed.size()) return {};
  return header.subspan(at + key.size(), unsealed.size());
}

std::string digits_of(uint64_t checksum) { return fmt::format("{:016x}", checksum); }

}  // namespace

void seal(std::span<std::byte> header, uint64_t checksum) {
  const std::span<std::byte> digits = checksum_digits(header);
  const std::string text = digits_of(checksum);
  if (!digits.empty()) std::memcpy(digits.data(), text.data(), digits.size());
}

bool seal_holds(Safetensors& file) {
  const std::span<std::byte> digits = checksum_digits(file.header_bytes());
  if (digits.empty()) return false;
  std::array<char, unsealed.size()> stored{};
  std::memcpy(stored.data(), digits.data(), stored.size());
  std::memcpy(digits.data(), unsealed.data(), unsealed.size());
  const std::string hash = digits_of(Checksum().add(file.bytes()).value());
  std::memcpy(digits.data(), stored.data(), stored.size());
  return std::string_view(stored.data(), stored.size()) == hash;
}

}  // namespace inkling::model
