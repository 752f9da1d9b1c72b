#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace inkling::nn {

// A zeroed array of numbers on a cache line's boundary, on large pages where the system has them.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(int64_t size) : size_(size) {
    if (size <= 0) return;
    const auto wanted = static_cast<size_t>(size) * sizeof(T);
    const size_t alignment = wanted >= large_page ? large_page : 64;
    const size_t rounded = (wanted + alignment - 1) / alignment * alignment;
    data_ = static_cast<T*>(std::aligned_alloc(alignment, rounded));
    if (data_ == nullptr) throw std::bad_alloc();
    if (alignment == large_page) madvise(data_, rounded, MADV_HUGEPAGE);
    std::memset(static_cast<void*>(data_), 0, rounded);
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { std::free(data_); }

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
  static constexpr size_t large_page = size_t{2} << 20;
  void swap(Buffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace inkling::nn
