#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "nn/kernels/kernel_table.h"
#include "nn/precision.h"

namespace inkling::nn {

enum class InstructionSet { baseline, avx2, avx512, avx512_bf16, avx512_amx };
constexpr std::array<std::string_view, 5> instruction_set_names{"baseline", "avx2", "avx512",
                                                                "avx512_bf16", "avx512_amx"};
constexpr std::span<const std::string_view> names_of(InstructionSet) {
  return instruction_set_names;
}

// The best that this processor has and the environment allows: INKLING_MAX_ISA holds one of the
// names above and limits our kernels and oneDNN alike. Decided at the first call. Throws UsageError
// when the variable holds no such name.
InstructionSet instruction_set();

// The kernels for instruction_set().
const KernelTable& kernels();
// Those for another one that this processor has (tests, benchmarks).
const KernelTable& kernels_for(InstructionSet set);

// Whether matrix products with bfloat16 factors run on this processor.
bool has_bf16_products();

// The library behind the matrix products, its version and the instructions it uses.
std::string product_library();

// The precision that `wanted` means for training here: f32 or bf16, never automatic. automatic
// measures both (once; some milliseconds): processors exist that have the instructions but run them
// slower than float32. Throws UsageError for bf16 where there is none, and for int8.
Precision training_precision(Precision wanted);
// For stepping one character at a time, which reads weights from memory: automatic = bf16 with
// AVX2 or more, else f32.
Precision stepping_precision(Precision wanted);

}  // namespace inkling::nn
