#include "limit.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "measure.h"
#include "nn/buffer.h"
#include "nn/kernels/instruction_set.h"
#include "nn/kernels/matrix_product.h"

namespace inkling::bench {

double Limit::product(int64_t shards, int64_t rows, int64_t k, int64_t n, int64_t count) const {
  const nn::PackedMatrix w(rows, k, n, precision_);
  std::vector<nn::Product> products;
  for (int64_t s = 0; s < shards; ++s) products.emplace_back(w, rows, k, n, false);
  const nn::Buffer<float> x(rows * k);
  nn::Buffer<float> y(shards * rows * n);
  const int64_t calls = std::min<int64_t>(count, 64);
  const double seconds = median_seconds(1, [&] {
    pool_.run(shards, [&](int64_t s) {
      for (int64_t i = 0; i < calls; ++i)
        products[static_cast<size_t>(s)].run(x.data(), y.data() + s * rows * n);
    });
  });
  return seconds * static_cast<double>(count) / static_cast<double>(calls);
}

double Limit::gradient(int64_t shards, int64_t rows, int64_t k, int64_t n) const {
  const int64_t blocks = std::max<int64_t>(1, n / 256), width = n / blocks;
  std::vector<nn::GradientProduct> products;
  for (int64_t b = 0; b < blocks; ++b)
    products.emplace_back(k, width, rows, k, n, n, false, precision_);
  const nn::Buffer<float> a(rows * k), d(rows * n);
  nn::Buffer<float> c(k * n);
  return static_cast<double>(shards) * median_seconds(1, [&] {
           pool_.run(blocks, [&](int64_t b) {
             products[static_cast<size_t>(b)].run(a.data(), d.data() + b * width,
                                                  c.data() + b * width);
           });
         });
}

double Limit::training(int64_t shards, int64_t rows, int64_t k, int64_t n, int64_t count,
                       int64_t gradient_rows) const {
  return product(shards, rows, k, n, count) + product(shards, rows, n, k, count) +
         gradient(shards, gradient_rows, k, n);
}

double Limit::large_product_gflops() const {
  constexpr int64_t rows = 4096, k = 512, n = 512;
  const int64_t threads = pool_.threads();
  const double seconds = product(threads, rows, k, n, 1);
  return 2e-9 * static_cast<double>(threads * rows * k * n) / seconds;
}

// By the sum of squares: it loads whole vectors of the processor, and four sums under way hide
// their latency.
double read_bandwidth(ThreadPool& pool, int64_t bytes) {
  constexpr int again = 1000;  // as long as so many steps of a stream
  const int64_t parts = pool.threads(), floats = bytes / 256 / parts * 64;
  const nn::Buffer<float> block(parts * floats);
  std::atomic<double> keep = 0;
  const double seconds = median_seconds(1, [&] {
    pool.run(parts, [&](int64_t part) {
      for (int i = 0; i < again; ++i)
        keep = nn::kernels().squared_norm(block.data() + part * floats, floats);
    });
  });
  return again * static_cast<double>(parts * floats * 4) / seconds;
}

}  // namespace inkling::bench
