#include "nn/kernels/instruction_set.h"

#include <cstdlib>

#include "base/option.h"
#include "nn/kernels/matrix_product.h"
#include "nn/kernels/targets.h"

namespace inkling::nn {
namespace {

bool has_vnni() { return __builtin_cpu_supports("avx512vnni") != 0; }

InstructionSet of_this_processor() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return InstructionSet::baseline;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx512) return InstructionSet::avx2;
  if (!__builtin_cpu_supports("avx512bf16") || !has_vnni()) return InstructionSet::avx512;
  return amx::usable() ? InstructionSet::avx512_amx : InstructionSet::avx512_bf16;
}

InstructionSet decide() {
  const InstructionSet best = of_this_processor();
  const char* limit = std::getenv("INKLING_MAX_ISA");
  if (limit == nullptr || *limit == 0) return best;
  const auto wanted = enum_from_name<InstructionSet>(limit, "INKLING_MAX_ISA");
  limit_products_to(wanted);
  return std::min(best, wanted);
}

}  // namespace

InstructionSet instruction_set() {
  static const InstructionSet set = decide();
  return set;
}

const KernelTable& kernels_for(InstructionSet set) {
  switch (set) {
    case InstructionSet::baseline:
      return baseline::kernels();
    case InstructionSet::avx2:
      return avx2::kernels();
    case InstructionSet::avx512:
      return has_vnni() ? avx512_vnni::kernels() : avx512::kernels();
    case InstructionSet::avx512_bf16:
      return avx512_bf16::kernels();
    case InstructionSet::avx512_amx:
      return amx::kernels();
  }
  return baseline::kernels();
}

const KernelTable& kernels() { return kernels_for(instruction_set()); }

bool has_bf16_products() {
  return instruction_set() >= InstructionSet::avx512_bf16 && products_take_bf16();
}

std::string product_library() {
  instruction_set();  // which may hold it to less
  return describe_products();
}

Precision training_precision(Precision wanted) {
  if (wanted == Precision::bf16 && !has_bf16_products()) {
    usage_error("this processor multiplies no bfloat16 matrices; use --precision f32 or auto");
  }
  if (wanted == Precision::int8)
    usage_error(
        "int8 is for writing, completing and scoring in one pass; use --precision f32, bf16 or "
        "auto");
  if (wanted != Precision::automatic) return wanted;
  static const bool faster = has_bf16_products() && bf16_is_faster();
  return faster ? Precision::bf16 : Precision::f32;
}

Precision stepping_precision(Precision wanted) {
  if (wanted != Precision::automatic) return wanted;
  return instruction_set() >= InstructionSet::avx2 ? Precision::bf16 : Precision::f32;
}

}  // namespace inkling::nn
