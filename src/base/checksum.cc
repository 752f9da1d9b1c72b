#include "base/checksum.h"

#include <xxhash.h>

#include <new>

namespace inkling {

void Checksum::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

Checksum::Checksum() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

Checksum& Checksum::add(std::span<const std::byte> bytes) {
  // An empty span may hold a null pointer, which older versions of the library refuse.
  if (!bytes.empty()) XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
  return *this;
}

uint64_t Checksum::value() const { return XXH3_64bits_digest(state_.get()); }

}  // namespace inkling
