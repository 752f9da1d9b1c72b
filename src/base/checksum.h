#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct XXH3_state_s;

namespace inkling {

// XXH3 with 64 bits (Collet's xxHash), fed piece by piece: how the bytes were cut does not matter,
// and the number is the same on every machine. Finds damage, not forgery.
class Checksum {
 public:
  Checksum();

  Checksum& add(std::span<const std::byte> bytes);
  Checksum& add(std::string_view bytes) { return add(std::as_bytes(std::span(bytes))); }
  // Of all that was added so far; more may follow.
  uint64_t value() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace inkling
