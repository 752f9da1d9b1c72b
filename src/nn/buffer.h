#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/pages.h"

namespace inkling::nn {

// A zeroed array of numbers on a cache line's boundary, on large pages where the system has them.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(int64_t size) : size_(size) {
    if (size <= 0) return;
    const auto rounded = static_cast<size_t>(bytes_for(size));
    const size_t alignment = rounded >= large_page ? large_page : cache_line;
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, rounded) != 0) throw std::bad_alloc();
    data_ = static_cast<T*>(memory);
    back_by_pages(data_, rounded);
    std::memset(static_cast<void*>(data_), 0, rounded);
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  // What an array of so many numbers takes up.
  static int64_t bytes_for(int64_t size) {
    const size_t wanted = static_cast<size_t>(std::max<int64_t>(size, 0)) * sizeof(T);
    return static_cast<int64_t>((wanted + cache_line - 1) / cache_line * cache_line);
  }
  int64_t bytes() const { return bytes_for(size_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  int64_t size() const { return size_; }
  T& operator[](int64_t i) { return data_[i]; }
  const T& operator[](int64_t i) const { return data_[i]; }
  void clear() {
    if (size_ > 0)
      std::memset(static_cast<void*>(data_), 0, static_cast<size_t>(size_) * sizeof(T));
  }

 private:
  static constexpr size_t cache_line = 64;
  void swap(Buffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace inkling::nn
