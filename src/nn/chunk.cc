#include "nn/chunk.h"

#include "base/random.h"

namespace inkling::nn {

Dropout Dropout::with_rate(double rate, uint64_t key) {
  return {static_cast<uint32_t>(rate * 0x1p32), static_cast<float>(1 / (1 - rate)), key, false};
}

uint32_t Dropout::row_key(int64_t layer, int64_t step, int64_t stream) const {
  if (variational) step = 0;
  const uint64_t place =
      mix_bits(static_cast<uint64_t>(layer) << 56 ^ static_cast<uint64_t>(step) << 28 ^
               static_cast<uint64_t>(stream));
  return static_cast<uint32_t>(mix_bits(key ^ place) >> 32);
}

}  // namespace inkling::nn
