#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "nn/precision.h"

// What the machine itself allows: the packed products of the very shapes that a network uses, in
// the same precision, on all threads, with nothing between them.
namespace inkling::bench {

class Limit {
 public:
  Limit(ThreadPool& pool, nn::Precision precision) : pool_(pool), precision_(precision) {}

  // Seconds of x [rows, k] W, `count` times in each shard.
  double product(int64_t shards, int64_t rows, int64_t k, int64_t n, int64_t count) const;
  // Seconds of x' dy [k, n] over `rows` of each shard.
  double gradient(int64_t shards, int64_t rows, int64_t k, int64_t n) const;
  // x W and dy W' `count` times in each shard, and their gradient over `gradient_rows` once.
  double training(int64_t shards, int64_t rows, int64_t k, int64_t n, int64_t count,
                  int64_t gradient_rows) const;
  // GFLOP/s of a product with 4096 rows, which no small batch can better.
  double large_product_gflops() const;

 private:
  ThreadPool& pool_;
  nn::Precision precision_;
};

// Bytes a second that all threads together read of a block of `bytes`, each its part, again and
// again: from the cache level it fits in.
double read_bandwidth(ThreadPool& pool, int64_t bytes);

}  // namespace inkling::bench
