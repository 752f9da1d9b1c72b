#pragma once

#include <algorithm>
#include <cstdint>

namespace inkling::nn {

// How B streams are cut into equal shards, the last one padded with idle rows. A function of B
// alone, so that results do not depend on the threads; 16 or 32 rows keep a matrix product busy and
// still leave work for several threads.
struct Shards {
  int64_t count = 1;
  int64_t rows = 1;

  explicit Shards(int64_t batch) {
    const int64_t most = batch >= 64 ? 32 : 16;
    count = batch < 8 ? 1 : std::max<int64_t>(2, (batch + most - 1) / most);
    rows = (batch + count - 1) / count;
  }
};

}  // namespace inkling::nn
