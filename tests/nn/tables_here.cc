#include "nn/tables_here.h"

#include "nn/kernels/targets.h"

// The copies that emulated/target_*.cc make.
namespace inkling::nn {
namespace emulated_avx512 {
const KernelTable& kernels();
}
namespace emulated_avx512_vnni {
const KernelTable& kernels();
}
namespace emulated_avx512_bf16 {
const KernelTable& kernels();
}
namespace emulated_amx {
const KernelTable& kernels();
}
}  // namespace inkling::nn

namespace inkling::test {
namespace {

using nn::InstructionSet;
using nn::KernelTable;

KernelTable named(const KernelTable& table, const char* name) {
  KernelTable copy = table;
  copy.name = name;
  return copy;
}

bool can_emulate() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

std::vector<TableHere> emulated_tables() {
  static const KernelTable avx512 = named(nn::emulated_avx512::kernels(), "emulated avx512");
  static const KernelTable vnni =
      named(nn::emulated_avx512_vnni::kernels(), "emulated avx512_vnni");
  static const KernelTable bf16 =
      named(nn::emulated_avx512_bf16::kernels(), "emulated avx512_bf16");
  static const KernelTable amx = named(nn::emulated_amx::kernels(), "emulated avx512_amx");
  return {{InstructionSet::avx512, avx512},
          {InstructionSet::avx512, vnni},
          {InstructionSet::avx512_bf16, bf16},
          {InstructionSet::avx512_amx, amx}};
}

}  // namespace

std::vector<TableHere> tables_here(InstructionSet most) {
  std::vector<TableHere> here;
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512,
                         InstructionSet::avx512_bf16, InstructionSet::avx512_amx}) {
    if (set > nn::instruction_set() || set > most) continue;
    here.push_back({set, nn::kernels_for(set)});
    // What processors with VNNI pass over.
    if (set == InstructionSet::avx512 && &nn::kernels_for(set) != &nn::avx512::kernels())
      here.push_back({set, nn::avx512::kernels()});
  }
  if (!can_emulate()) return here;
  for (const TableHere& emulated : emulated_tables()) {
    if (emulated.set <= most) here.push_back(emulated);
  }
  return here;
}

}  // namespace inkling::test
