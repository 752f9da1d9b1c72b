#pragma once

#include "nn/kernels/kernel_table.h"

// The kernel tables that this build holds, one for each instruction set.
namespace inkling::nn {

namespace baseline {
const KernelTable& kernels();
}
namespace avx2 {
const KernelTable& kernels();
}
namespace avx512 {
const KernelTable& kernels();
}
namespace avx512_vnni {
// avx512's, with products of their own for weights of 8 bits.
const KernelTable& kernels();
}  // namespace avx512_vnni
namespace avx512_bf16 {
// These, with products and cells of their own for bfloat16.
const KernelTable& kernels();
}  // namespace avx512_bf16
namespace amx {
const KernelTable& kernels();
// Whether processor and system have it; asks the system for it.
bool usable();
}  // namespace amx
namespace amx_layer {
// Puts the kernels of whole layers into the table.
void add(KernelTable& table);
}  // namespace amx_layer
namespace amx_product {
// Puts the kernels of products with packed weights into the table.
void add(KernelTable& table);
}  // namespace amx_product
namespace amx_gradient {
// Puts the kernel of weight gradients into the table.
void add(KernelTable& table);
}  // namespace amx_gradient

}  // namespace inkling::nn
