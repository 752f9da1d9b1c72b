#include "model/seal.h"

#include <fmt/format.h>

#include <algorithm>

namespace inkling::model {
namespace {

// The checksum's digits inside a header. A quote inside a JSON string is escaped, so the key as
// written here can only be a key.
std::span<char> checksum_digits(std::span<char> header) {
  constexpr std::string_view key = R"("checksum":")";
  const std::string_view text(header.data(), header.size());
  const size_t at = text.find(key);
  if (at == text.npos || text.size() - at < key.size() + unsealed.size()) return {};
  return header.subspan(at + key.size(), unsealed.size());
}

}  // namespace

std::string seal_of(uint64_t checksum) { return fmt::format("{:016x}", checksum); }

void seal(std::span<char> header, uint64_t checksum) {
  const std::span<char> digits = checksum_digits(header);
  if (!digits.empty()) std::ranges::copy(seal_of(checksum), digits.begin());
}

std::string take_seal(std::span<char> header) {
  const std::span<char> digits = checksum_digits(header);
  std::string taken(digits.begin(), digits.end());
  if (!digits.empty()) std::ranges::copy(unsealed, digits.begin());
  return taken;
}

}  // namespace inkling::model
