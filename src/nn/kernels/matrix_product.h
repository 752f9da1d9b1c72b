#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "nn/kernels/instruction_set.h"
#include "nn/precision.h"

// Matrix products: the only header behind which oneDNN stands. All matrices are row-major; a stride
// is the distance between rows. A factor's numbers are float (Precision::f32) or Bf16; results are
// float, summed in float. Every product runs in the calling thread alone. Constructing allocates
// and may compile for milliseconds; running does neither.
namespace inkling::nn {

// A weight matrix W [k, n] laid out for products x W. Not to be packed and used at the same time.
class PackedMatrix {
 public:
  // rows: of the x most often used with it.
  PackedMatrix(int64_t rows, int64_t k, int64_t n, Precision precision);
  ~PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;

  // From w [k, n], or transposed from w [n, k].
  void pack(const float* w, bool transposed);
  int64_t bytes() const;
  // What one will take up.
  static int64_t bytes_for(int64_t k, int64_t n, Precision precision);

 private:
  friend class Product;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// y [rows, n] = x [rows, k] W, or y += with accumulate. One object may be run by one thread at a
// time.
class Product {
 public:
  Product(const PackedMatrix& w, int64_t rows, int64_t x_stride, int64_t y_stride, bool accumulate);
  ~Product();
  Product(Product&&) noexcept;
  void run(const void* x, float* y);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// c [m, n] = a' b, or c += with accumulate: a [k, m], b [k, n]. One object may be run by one thread
// at a time.
class GradientProduct {
 public:
  GradientProduct(int64_t m, int64_t n, int64_t k, int64_t a_stride, int64_t b_stride,
                  int64_t c_stride, bool accumulate, Precision precision);
  ~GradientProduct();
  GradientProduct(GradientProduct&&) noexcept;
  void run(const void* a, const void* b, float* c);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// To be called once in every thread that runs products: keeps the library from starting threads of
// its own there.
void run_products_serially_here();

// Before the first product: keeps the library's code within an instruction set.
void limit_products_to(InstructionSet set);
// The library's version and the instructions it uses.
std::string describe_products();
bool products_take_bf16();
// Times both precisions on a product of a typical shape.
bool bf16_is_faster();

}  // namespace inkling::nn
