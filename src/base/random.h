#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace inkling {

// Scrambles 64 bits: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"
// (SplitMix64).
constexpr uint64_t mix_bits(uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// xoshiro256** of Blackman and Vigna 2018. The same numbers on every machine; the state can be
// saved. No std distribution is used anywhere, because their output is not portable.
class Random {
 public:
  using State = std::array<uint64_t, 4>;

  // A generator of its own for each (seed, stream): stream numbers the purposes or texts that share
  // one seed.
  explicit Random(uint64_t seed = 0, uint64_t stream = 0) {
    uint64_t x = mix_bits(seed) ^ mix_bits(~stream);
    for (uint64_t& word : state_) word = x = mix_bits(x);
  }

  uint64_t bits() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // In [0, n), n >= 1; the bias is below n / 2^64.
  uint64_t below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(bits()) * n) >> 64);
  }
  // Standard normal, by Box and Muller.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  static constexpr uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  State state_{};
};

}  // namespace inkling
