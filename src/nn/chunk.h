#pragma once

#include <cstdint>

namespace inkling::nn {

// T time steps of B streams, time-major: the piece of text that one forward and backward pass works
// on.
struct Chunk {
  static constexpr int32_t no_input = -1;   // the input vector is zero
  static constexpr int32_t no_target = -1;  // the position is not scored
  int64_t steps = 0;                        // T
  const int32_t* inputs = nullptr;          // [T, B] tokens or no_input
  const int32_t* targets = nullptr;         // [T, B] tokens or no_target
  const uint8_t* resets = nullptr;  // [T, B] 1: the stream's state becomes the initial one before
                                    // this step; may be nullptr
  bool last_step_only = false;      // many-to-one: only targets of the last step are looked at
};

// Dropout of layer outputs, a pure function of its arguments: the same mask forward, backward, and
// in the plain network.
struct Dropout {
  uint32_t threshold = 0;    // a unit is dropped when its bits are below; rate * 2^32; 0 = off
  float scale = 1;           // of the units kept: 1 / (1 - rate)
  uint64_t key = 0;          // of the training step
  bool variational = false;  // one mask for all time steps of a chunk: Gal and Ghahramani 2016

  static Dropout with_rate(double rate, uint64_t key);
  // The key of one row: layer, time step (unless variational), stream.
  uint32_t row_key(int64_t layer, int64_t step, int64_t stream) const;
};

// The bits of one unit of a row. A 32-bit finaliser of the xorshift-multiply kind (constants: C.
// Wellons, lowbias32).
constexpr uint32_t dropout_bits(uint32_t row_key, uint32_t unit) {
  uint32_t x = row_key + unit * 0x9e3779b9U;
  x = (x ^ (x >> 16)) * 0x21f0aaadU;
  x = (x ^ (x >> 15)) * 0x735a2d97U;
  return x ^ (x >> 15);
}

}  // namespace inkling::nn
