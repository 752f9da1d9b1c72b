#include "nn/weight_gradients.h"

#include <algorithm>

namespace inkling::nn {
namespace {

constexpr int64_t product_columns = 256;  // of one product task
constexpr int64_t sum_columns = 256;      // of one summing task

// The kernels by the type of their rows.
void add_rows(const KernelTable& kernels, const float* rows, int64_t count, int64_t stride,
              int64_t n, float* sums) {
  kernels.add_rows_f32(rows, count, stride, n, sums);
}
void add_rows(const KernelTable& kernels, const Bf16* rows, int64_t count, int64_t stride,
              int64_t n, float* sums) {
  kernels.add_rows_bf16(rows, count, stride, n, sums);
}
void scatter(const KernelTable& kernels, const float* rows, const int32_t* tokens, int64_t count,
             int64_t stride, int64_t n, float* sums, int64_t sums_stride) {
  kernels.scatter_rows_f32(rows, tokens, count, stride, n, sums, sums_stride);
}
void scatter(const KernelTable& kernels, const Bf16* rows, const int32_t* tokens, int64_t count,
             int64_t stride, int64_t n, float* sums, int64_t sums_stride) {
  kernels.scatter_rows_bf16(rows, tokens, count, stride, n, sums, sums_stride);
}

}  // namespace

template <class Operand>
WeightGradients<Operand>::WeightGradients(
    const NetworkSpec& spec, const EngineOptions& options, const PackedNetwork& network,
    std::vector<std::unique_ptr<NetworkShard<Operand>>>& shards, bool in_teams)
    : kernels_(kernels()),
      network_(network),
      shards_(shards),
      chunk_rows_(options.steps * shards.front()->rows()),
      head_rows_(shards.front()->head().rows()) {
  const auto of_shards = [&](auto&& f) {
    std::vector<Factor> factors;
    factors.reserve(shards_.size());
    for (auto& shard : shards_) factors.push_back(f(*shard));
    return factors;
  };
  const auto pointers = [](const std::vector<Factor>& factors) {
    std::vector<const void*> rows;
    rows.reserve(factors.size());
    for (const Factor& factor : factors) rows.push_back(factor.rows);
    return rows;
  };
  const bool gates_add = CellTraits(spec).gates_add;
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    const PackedLayer& layer = network.layer(l);
    const int64_t width = layer.bias_ih->cols, hidden = spec.layers[l].hidden_size;
    const auto dax = of_shards([&](auto& shard) { return Factor{shard.layer(l).dax(), width}; });
    const auto dah = of_shards([&](auto& shard) {
      return Factor{shard.layer(l).dah(), shard.layer(l).dah_stride()};
    });
    const auto prev = of_shards([&](auto& shard) { return Factor{shard.layer(l).prev(), hidden}; });
    add_product(layer.weight_hh->offset, hidden, width, prev, dah, chunk_rows_);
    for (size_t i = 0; i < layer.input.source.size(); ++i) {
      const int source = layer.input.source[i];
      const int64_t size = spec.source_size(source);
      const auto x = of_shards([&](auto& shard) { return Factor{shard.output_of(source), size}; });
      add_product(layer.weight_ih->offset + layer.input.first_row[i] * width, size, width, x, dax,
                  chunk_rows_);
    }
    if (in_teams) continue;
    if (layer.look_up_row >= 0) {
      add_sum(SumKind::scatter, layer.weight_ih->offset + layer.look_up_row * width, -1, width,
              width, width, pointers(dax));
    }
    if (spec.layer_norm) continue;  // the shards have summed the biases themselves
    add_sum(SumKind::rows, layer.bias_ih->offset, gates_add ? layer.bias_hh->offset : -1, width,
            width, 0, pointers(dax));
    if (!gates_add)
      add_sum(SumKind::rows, layer.bias_hh->offset, -1, width, dah.front().stride, 0,
              pointers(dah));
  }
  const int64_t stride = shards.front()->head().stride();
  const auto dlogits = [&](int64_t prediction) {
    return of_shards([&](auto& shard) { return Factor{shard.head().dlogits(prediction), stride}; });
  };
  const int64_t predictions = shards.front()->head().predictions();
  for (size_t i = 0; i < network.head().source.size(); ++i) {
    const int source = network.head().source[i];
    const int64_t size = spec.source_size(source), skipped = chunk_rows_ - head_rows_;
    const auto y = of_shards([&](auto& shard) {
      return Factor{shard.output_of(source) + skipped * size, size};
    });
    add_product(network.head_weight()->offset + network.head().first_row[i] * spec.vocab_size, size,
                spec.vocab_size, y, dlogits(predictions > 1 ? static_cast<int64_t>(i) : 0),
                head_rows_);
  }
  std::vector<const void*> all_dlogits;
  for (int64_t p = 0; p < predictions; ++p) {
    for (const void* rows : pointers(dlogits(p))) all_dlogits.push_back(rows);
  }
  add_sum(SumKind::rows, network.head_bias()->offset, -1, spec.vocab_size, stride, 0, all_dlogits);
  if (spec.embedding_size > 0) {
    std::vector<const void*> rows;
    rows.reserve(shards_.size());
    for (auto& shard : shards_) rows.push_back(shard->dembedded());
    add_sum(SumKind::scatter_embedding, network.embedding()->offset, -1, spec.embedding_size,
            spec.embedding_size, spec.embedding_size, rows);
  }
}

template <class Operand>
void WeightGradients<Operand>::add_product(int64_t offset, int64_t m, int64_t n,
                                           const std::vector<Factor>& a,
                                           const std::vector<Factor>& b, int64_t count) {
  for (int64_t first = 0; first < n; first += product_columns) {
    const int64_t columns = std::min(product_columns, n - first);
    const auto product = [&](bool accumulate) {
      return GradientProduct(m, columns, count, a.front().stride, b.front().stride, n, accumulate,
                             precision_of<Operand>);
    };
    ProductTask task{offset + first, product(false), product(true), {}, {}};
    for (const Factor& factor : a) task.a.push_back(factor.rows);
    for (const Factor& factor : b) task.b.push_back(factor.rows + first);
    products_.push_back(std::move(task));
  }
}

template <class Operand>
void WeightGradients<Operand>::add_sum(SumKind kind, int64_t offset, int64_t copy_offset, int64_t n,
                                       int64_t stride, int64_t sums_stride,
                                       const std::vector<const void*>& rows) {
  for (int64_t first = 0; first < n; first += sum_columns) {
    const int64_t count = offset == network_.head_bias()->offset ? head_rows_ : chunk_rows_;
    sums_.push_back({kind, offset, copy_offset, count, first, std::min(sum_columns, n - first),
                     stride, sums_stride, rows});
  }
}

template <class Operand>
void WeightGradients<Operand>::run_sum(const SumTask& task, float* gradient) const {
  float* sums = gradient + task.offset + task.first;
  for (size_t s = 0; s < task.rows.size(); ++s) {
    const int32_t* tokens = shards_[s % shards_.size()]->tokens();
    const auto* floats = static_cast<const float*>(task.rows[s]) + task.first;
    const auto* operands = static_cast<const Operand*>(task.rows[s]) + task.first;
    switch (task.kind) {
      case SumKind::rows:
        add_rows(kernels_, operands, task.count, task.stride, task.n, sums);
        break;
      case SumKind::scatter:
        scatter(kernels_, operands, tokens, task.count, task.stride, task.n, sums,
                task.sums_stride);
        break;
      case SumKind::scatter_embedding:
        scatter(kernels_, floats, tokens, task.count, task.stride, task.n, sums, task.sums_stride);
        break;
    }
  }
  if (task.copy_offset >= 0) std::copy_n(sums, task.n, gradient + task.copy_offset + task.first);
}

template <class Operand>
void WeightGradients<Operand>::clear(float* gradient, const LookUpRows& look_up) const {
  // What the products overwrite need not be cleared; sparse tables are, by LookUpRows.
  for (const ParameterInfo& info : network_.layout().all()) {
    using Role = ParameterInfo::Role;
    if (info.role == Role::recurrent_weight || info.role == Role::head_weight) continue;
    const bool looks_up = info.role == Role::embedding || info.role == Role::input_weight;
    if (looks_up && !look_up.sparse_tables().empty()) continue;
    if (info.role == Role::input_weight &&
        network_.layer(static_cast<size_t>(info.layer)).look_up_row < 0)
      continue;
    std::fill_n(gradient + info.offset, info.size(), 0.F);
  }
}

template <class Operand>
void WeightGradients<Operand>::run(float* gradient, ThreadPool& pool) {
  const auto count = static_cast<int64_t>(products_.size());
  pool.run(count + static_cast<int64_t>(sums_.size()), [&](int64_t i) {
    if (i >= count) return run_sum(sums_[static_cast<size_t>(i - count)], gradient);
    ProductTask& task = products_[static_cast<size_t>(i)];
    for (size_t s = 0; s < shards_.size(); ++s)
      (s == 0 ? task.first : task.add).run(task.a[s], task.b[s], gradient + task.offset);
  });
  for (auto& shard : shards_) {
    for (size_t l = 0; l < shard->layer_count(); ++l) {
      for (auto& small : shard->layer(l).small_gradients()) {
        for (int64_t j = 0; j < small.sum.size(); ++j)
          gradient[small.info->offset + j] += small.sum[j];
      }
    }
  }
}

template class WeightGradients<float>;
template class WeightGradients<Bf16>;

}  // namespace inkling::nn
