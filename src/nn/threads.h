#pragma once

#include <memory>

#include "base/thread_pool.h"
#include "nn/kernels/matrix_product.h"

namespace inkling::nn {

// A pool whose threads may run matrix products. threads: 0 = all of the machine's.
inline std::unique_ptr<ThreadPool> make_thread_pool(int threads) {
  return std::make_unique<ThreadPool>(threads, run_products_serially_here);
}

}  // namespace inkling::nn
