#pragma once

#include <algorithm>
#include <cstdint>

#include "base/thread_pool.h"

namespace inkling::nn {

// f(begin, end) over so many panels or rows: all at once, or in parts for the threads of the pool.
template <class F>
void in_parts(ThreadPool* pool, int64_t count, bool worth_meeting, F&& f) {
  if (pool == nullptr || !worth_meeting) return f(0, count);
  const int64_t parts = std::min<int64_t>(pool->threads(), count);
  pool->run(parts, [&](int64_t p) { f(count * p / parts, count * (p + 1) / parts); });
}

// The same over rows of so many numbers each: with less to do, a meeting costs more than it saves.
template <class F>
void over_rows(ThreadPool* pool, int64_t rows, int64_t width, F&& f) {
  constexpr int64_t least_numbers = 8192;
  in_parts(pool, rows, rows * width >= least_numbers, f);
}

}  // namespace inkling::nn
