#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "nn/look_up_rows.h"
#include "nn/network_shard.h"

namespace inkling::nn {

// The gradients of all parameters from what the shards kept; where layers run in teams, but for the
// sums that those have made themselves. Split by output columns into tasks
// whose number does not depend on the threads; each task sums over the shards in order.
template <class Operand>
class WeightGradients {
 public:
  WeightGradients(const NetworkSpec& spec, const EngineOptions& options,
                  const PackedNetwork& network,
                  std::vector<std::unique_ptr<NetworkShard<Operand>>>& shards, bool in_teams);

  // Before all that adds to it: zeroes what run() does not overwrite of a gradient, flat by
  // ParameterLayout, but for sparse tables, which are zero.
  void clear(float* gradient, const LookUpRows& look_up) const;
  // Writes and adds to the gradient.
  void run(float* gradient, ThreadPool& pool);

 private:
  // Rows of one shard: [count, ...]
  struct Factor {
    const Operand* rows;
    int64_t stride;
  };
  // gradient block = sum over shards of a' b
  struct ProductTask {
    int64_t offset;  // of the block in the gradient
    GradientProduct first, add;
    std::vector<const Operand*> a, b;  // one for each shard
  };
  enum class SumKind { rows, scatter, scatter_embedding };
  // Columns [first, first + n) of column sums, or of rows added by token.
  struct SumTask {
    SumKind kind;
    int64_t offset, copy_offset;  // copy_offset: a second gradient with the same sum; -1 = none
    int64_t count;                // rows of a shard
    int64_t first, n, stride, sums_stride;
    std::vector<const void*> rows;  // one for each shard, once or several times over
  };
  void add_product(int64_t offset, int64_t m, int64_t n, const std::vector<Factor>& a,
                   const std::vector<Factor>& b, int64_t count);
  void add_sum(SumKind kind, int64_t offset, int64_t copy_offset, int64_t n, int64_t stride,
               int64_t sums_stride, const std::vector<const void*>& rows);
  void run_sum(const SumTask& task, float* gradient) const;

  const KernelTable& kernels_;
  const PackedNetwork& network_;
  std::vector<std::unique_ptr<NetworkShard<Operand>>>& shards_;
  int64_t chunk_rows_, head_rows_;
  std::vector<ProductTask> products_;
  std::vector<SumTask> sums_;
};

}  // namespace inkling::nn
