#include "nn/kernels/matrix_product.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <dnnl.hpp>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <vector>

#include "nn/buffer.h"
#include "nn/kernels/tile_matrix.h"

namespace inkling::nn {
namespace {

using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::data_type type_of(Precision precision) {
  return precision == Precision::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc row_major(int64_t rows, int64_t cols, int64_t stride, memory::data_type type) {
  return {{rows, cols}, type, memory::dims{stride, 1}};
}

memory::desc column_major(int64_t rows, int64_t cols, int64_t stride, memory::data_type type) {
  return {{rows, cols}, type, memory::dims{1, stride}};
}

// What the library does; where it runs out of memory, std::bad_alloc as everywhere.
template <class Work>
void with_memory_errors(Work&& work) {
  try {
    work();
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
    throw;
  }
}

void execute(const dnnl::primitive& primitive, const dnnl::stream& stream,
             std::span<const dnnl_exec_arg_t> arguments) {
  with_memory_errors([&] {
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive.get(), stream.get(), static_cast<int>(arguments.size()),
                               arguments.data()),
        "a matrix product failed");
  });
}

// A matmul with the memory objects it runs on; executes through the C interface, which takes its
// arguments in a plain array.
struct Call {
  Call(const memory::desc& a, const memory::desc& b, const memory::desc& c, bool accumulate) {
    with_memory_errors([&] { make(a, b, c, accumulate); });
  }

  void make(const memory::desc& a, const memory::desc& b, const memory::desc& c, bool accumulate) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (accumulate) {
      dnnl::post_ops sum;
      sum.append_sum(1.F);
      attributes.set_post_ops(sum);
    }
    const dnnl::matmul::primitive_desc description({a, b, c}, attributes, cpu());
    weights_desc = description.weights_desc();
    matmul = dnnl::matmul(description);
    scratch = Buffer<uint8_t>(static_cast<int64_t>(description.scratchpad_desc().get_size()));
    source = memory(a, cpu(), nullptr);
    weights = memory(weights_desc, cpu(), nullptr);
    result = memory(c, cpu(), nullptr);
    scratchpad = memory(description.scratchpad_desc(), cpu(), scratch.data());
  }

  void run(const void* a, const void* b, float* c) {
    dnnl_memory_set_data_handle(source.get(), const_cast<void*>(a));
    dnnl_memory_set_data_handle(weights.get(), const_cast<void*>(b));
    dnnl_memory_set_data_handle(result.get(), c);
    const std::array<dnnl_exec_arg_t, 4> arguments{{{DNNL_ARG_SRC, source.get()},
                                                    {DNNL_ARG_WEIGHTS, weights.get()},
                                                    {DNNL_ARG_DST, result.get()},
                                                    {DNNL_ARG_SCRATCHPAD, scratchpad.get()}}};
    execute(matmul, stream, arguments);
  }

  dnnl::stream stream{cpu()};
  memory::desc weights_desc;
  dnnl::matmul matmul;
  Buffer<uint8_t> scratch;
  memory source, weights, result, scratchpad;
};

// oneDNN packs weights with AVX-512 alone; elsewhere our own panels serve.
bool onednn_packs() { return instruction_set() >= InstructionSet::avx512; }

// How a weight matrix [k, n] is kept for products on this machine.
enum class Packing { row_tiles, onednn, tiles };

Packing packing_of(int64_t k, int64_t n, Precision precision) {
  const bool fits = k % RowTiles::multiple == 0 && n % RowTiles::multiple == 0;
  if (precision == Precision::bf16 && kernels().row_tiles != nullptr && fits)
    return Packing::row_tiles;
  return onednn_packs() ? Packing::onednn : Packing::tiles;
}

// A weight matrix in the layout that oneDNN chose.
struct OneDnnMatrix {
  OneDnnMatrix(int64_t rows, int64_t k, int64_t n, Precision precision) {
    with_memory_errors([&] { make(rows, k, n, precision); });
  }

  void make(int64_t rows, int64_t k, int64_t n, Precision precision) {
    const auto type = type_of(precision);
    const memory::desc any({k, n}, type, memory::format_tag::any);
    layout =
        Call(row_major(rows, k, k, type), any, row_major(rows, n, n, memory::data_type::f32), false)
            .weights_desc;
    storage = Buffer<uint8_t>(static_cast<int64_t>(layout.get_size()));
    packed = memory(layout, cpu(), storage.data());
    sources = {memory(row_major(k, n, n, memory::data_type::f32), cpu(), nullptr),
               memory(column_major(k, n, k, memory::data_type::f32), cpu(), nullptr)};
    for (size_t i = 0; i < 2; ++i) reorders[i] = dnnl::reorder(sources[i], packed);
  }

  void pack(const float* w, bool transposed) {
    const size_t which = transposed ? 1 : 0;
    dnnl_memory_set_data_handle(sources[which].get(), const_cast<float*>(w));
    const std::array<dnnl_exec_arg_t, 2> arguments{
        {{DNNL_ARG_FROM, sources[which].get()}, {DNNL_ARG_TO, packed.get()}}};
    execute(reorders[which], stream, arguments);
  }

  memory::desc layout;
  Buffer<uint8_t> storage;
  memory packed;
  std::array<dnnl::reorder, 2> reorders;  // from [k, n]; from [n, k]
  std::array<memory, 2> sources;
  dnnl::stream stream{cpu()};
};

}  // namespace

// What one of the three holds, the others lack.
struct PackedMatrix::Impl {
  int64_t k, n;
  Precision precision;
  std::unique_ptr<OneDnnMatrix> onednn;
  Buffer<Bf16> row_tiles;
  TileMatrix tiles;
};

PackedMatrix::PackedMatrix(int64_t rows, int64_t k, int64_t n, Precision precision)
    : impl_(new Impl{k, n, precision, nullptr, {}, {}}) {
  switch (packing_of(k, n, precision)) {
    case Packing::row_tiles:
      impl_->row_tiles = Buffer<Bf16>(k * n);
      break;
    case Packing::onednn:
      impl_->onednn = std::make_unique<OneDnnMatrix>(rows, k, n, precision);
      break;
    case Packing::tiles:
      impl_->tiles = TileMatrix(k, n);
      break;
  }
}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;

void PackedMatrix::pack(const float* w, bool transposed) {
  if (impl_->onednn != nullptr) {
    impl_->onednn->pack(w, transposed);
  } else if (impl_->row_tiles.size() > 0) {
    kernels().pack_row_tiles(w, impl_->k, impl_->n, transposed, impl_->row_tiles.data());
  } else {
    impl_->tiles.pack(w, transposed);
  }
}

int64_t PackedMatrix::bytes() const {
  const int64_t library = impl_->onednn != nullptr ? impl_->onednn->storage.bytes() : 0;
  return library + impl_->row_tiles.bytes() + impl_->tiles.bytes();
}

int64_t PackedMatrix::bytes_for(int64_t k, int64_t n, Precision precision) {
  const int64_t size = precision == Precision::bf16 ? sizeof(Bf16) : sizeof(float);
  switch (packing_of(k, n, precision)) {
    case Packing::row_tiles:
      return Buffer<Bf16>::bytes_for(k * n);
    case Packing::onednn: {  // fills up blocks, of a cache line of rows by 64 columns
      const int64_t block = 64 / size;
      return (k + block - 1) / block * block * ((n + 63) / 64 * 64) * size;
    }
    case Packing::tiles:
      break;
  }
  return TileMatrix::bytes_for(k, n);
}

struct Product::Impl {
  const PackedMatrix::Impl& matrix;
  int64_t rows, x_stride, y_stride;
  bool accumulate;
  std::unique_ptr<Call> call;  // nullptr: the matrix's tiles serve
};

Product::Product(const PackedMatrix& w, int64_t rows, int64_t x_stride, int64_t y_stride,
                 bool accumulate)
    : impl_(new Impl{*w.impl_, rows, x_stride, y_stride, accumulate, nullptr}) {
  const PackedMatrix::Impl& matrix = *w.impl_;
  if (matrix.onednn == nullptr) return;
  impl_->call = std::make_unique<Call>(
      row_major(rows, matrix.k, x_stride, type_of(matrix.precision)), matrix.onednn->layout,
      row_major(rows, matrix.n, y_stride, memory::data_type::f32), accumulate);
}

Product::~Product() = default;
Product::Product(Product&&) noexcept = default;

void Product::run(const void* x, float* y) {
  if (impl_->call != nullptr) {
    impl_->call->run(x, impl_->matrix.onednn->storage.data(), y);
  } else if (impl_->matrix.row_tiles.size() > 0) {
    kernels().row_tiles({impl_->rows, impl_->matrix.k, impl_->matrix.n, static_cast<const Bf16*>(x),
                         impl_->x_stride, impl_->matrix.row_tiles.data(), y, impl_->y_stride,
                         impl_->accumulate});
  } else {
    impl_->matrix.tiles.multiply(impl_->rows, static_cast<const float*>(x), impl_->x_stride, y,
                                 impl_->y_stride, impl_->accumulate);
  }
}

namespace {

// Where a kernel packs parts of a gradient's factors: a thread has its own, taken when it first
// needs one. (In each thread's static storage the system would clear them as it starts any
// program.)
template <class Gradient>
class GradientRoom {
 public:
  GradientRoom() {
    if (posix_memalign(&memory_, 64, size) != 0) memory_ = nullptr;
  }
  ~GradientRoom() { std::free(memory_); }
  GradientRoom(const GradientRoom&) = delete;
  GradientRoom& operator=(const GradientRoom&) = delete;

  // kernel(product) with its room. Threads that got no memory share one room, one after the other:
  // a product does not fail.
  static void use(void (*kernel)(const Gradient&), Gradient product) {
    static thread_local GradientRoom own;
    static std::mutex in_use;
    alignas(64) static std::byte shared[size];
    std::unique_lock<std::mutex> lock(in_use, std::defer_lock);
    if (own.memory_ == nullptr) lock.lock();
    void* const room = own.memory_ == nullptr ? shared : own.memory_;
    product.room = static_cast<decltype(product.room)>(room);
    kernel(product);
  }

 private:
  static constexpr size_t size = Gradient::room_size * sizeof(*Gradient::room);
  void* memory_ = nullptr;
};

}  // namespace

struct GradientProduct::Impl {
  bool accumulate;
  int64_t m, n, k, a_stride, b_stride, c_stride;
  enum class Way { tiles, floats, onednn } way;
  std::unique_ptr<Call> call;  // of oneDNN
};

GradientProduct::GradientProduct(int64_t m, int64_t n, int64_t k, int64_t a_stride,
                                 int64_t b_stride, int64_t c_stride, bool accumulate,
                                 Precision precision)
    : impl_(
          new Impl{accumulate, m, n, k, a_stride, b_stride, c_stride, Impl::Way::onednn, nullptr}) {
  const auto fits = [](int64_t size) { return size % GradientTiles::multiple == 0; };
  if (precision == Precision::bf16 && kernels().gradient_tiles != nullptr && fits(m) && fits(n) &&
      fits(k) && std::max(m, n) <= GradientTiles::most_columns) {
    impl_->way = Impl::Way::tiles;
    return;
  }
  if (precision == Precision::f32 && kernels().float_gradient != nullptr) {
    impl_->way = Impl::Way::floats;
    return;
  }
  const auto type = type_of(precision);
  impl_->call =
      std::make_unique<Call>(column_major(m, k, a_stride, type), row_major(k, n, b_stride, type),
                             row_major(m, n, c_stride, memory::data_type::f32), accumulate);
}

GradientProduct::~GradientProduct() = default;
GradientProduct::GradientProduct(GradientProduct&&) noexcept = default;

void GradientProduct::run(const void* a, const void* b, float* c) {
  const auto& [accumulate, m, n, k, a_stride, b_stride, c_stride, way, call] = *impl_;
  switch (way) {
    case Impl::Way::onednn:
      return call->run(a, b, c);
    case Impl::Way::tiles:
      return GradientRoom<GradientTiles>::use(
          kernels().gradient_tiles,
          {m, n, k, static_cast<const Bf16*>(a), a_stride, static_cast<const Bf16*>(b), b_stride, c,
           c_stride, accumulate, nullptr});
    case Impl::Way::floats:
      return GradientRoom<FloatGradient>::use(
          kernels().float_gradient,
          {m, n, k, static_cast<const float*>(a), a_stride, static_cast<const float*>(b), b_stride,
           c, c_stride, accumulate, nullptr});
  }
}

void run_products_serially_here() { omp_set_num_threads(1); }

void limit_products_to(InstructionSet set) {
  constexpr std::array<dnnl::cpu_isa, 5> limits{
      dnnl::cpu_isa::sse41, dnnl::cpu_isa::avx2, dnnl::cpu_isa::avx512_core,
      dnnl::cpu_isa::avx512_core_bf16, dnnl::cpu_isa::avx512_core_amx};
  dnnl::set_max_cpu_isa(limits[static_cast<size_t>(set)]);
}

std::string describe_products() {
  const dnnl_version_t& version = *dnnl_version();
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return fmt::format("oneDNN {}.{}.{} ({:#x})", version.major, version.minor, version.patch, isa);
}

bool products_take_bf16() {
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  return (isa & needed) == needed;
}

bool bf16_is_faster() {
  constexpr int64_t rows = 32, size = 512;
  const auto seconds = [&](Precision precision) {
    run_products_serially_here();
    PackedMatrix w(rows, size, size, precision);
    Product product(w, rows, size, size, false);
    const Buffer<float> x(rows * size);
    Buffer<float> y(rows * size);
    double best = 1e9;
    for (int round = 0; round < 12; ++round) {
      const auto start = std::chrono::steady_clock::now();
      product.run(x.data(), y.data());
      best = std::min(
          best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
  };
  return seconds(Precision::bf16) < seconds(Precision::f32);
}

}  // namespace inkling::nn
