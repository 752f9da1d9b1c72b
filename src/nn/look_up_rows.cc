#include "nn/look_up_rows.h"

#include <algorithm>

namespace inkling::nn {

LookUpRows::LookUpRows(const NetworkSpec& spec, int64_t most)
    : table_rows_(spec.vocab_size), most_rows_(std::min(most, spec.vocab_size)) {
  if (spec.vocab_size <= dense_up_to) return;
  const ParameterLayout layout(spec);
  for (const ParameterInfo& info : layout.all()) {
    if (info.role == ParameterInfo::Role::embedding) tables_.push_back({info.offset, info.cols});
    if (info.role != ParameterInfo::Role::input_weight || spec.embedding_size > 0) continue;
    int64_t row = 0;
    for (const int source : spec.layers[static_cast<size_t>(info.layer)].inputs) {
      if (source == LayerSpec::network_input)
        tables_.push_back({info.offset + row * info.cols, info.cols});
      row += spec.source_size(source);
    }
  }
  if (tables_.empty()) return;
  rows_.reserve(static_cast<size_t>(most_rows_));
  seen_.resize(static_cast<size_t>(table_rows_));
}

void LookUpRows::clear(float* gradient, ThreadPool& pool) const {
  constexpr int64_t rows_of_a_task = 16;
  const auto count = static_cast<int64_t>(rows_.size());
  for (const Table& table : tables_) {
    pool.run((count + rows_of_a_task - 1) / rows_of_a_task, [&](int64_t task) {
      const int64_t end = std::min(count, (task + 1) * rows_of_a_task);
      for (int64_t i = task * rows_of_a_task; i < end; ++i) {
        const int64_t row = rows_[static_cast<size_t>(i)];
        std::fill_n(gradient + table.offset + row * table.cols, table.cols, 0.F);
      }
    });
  }
}

void LookUpRows::read(std::span<const int32_t> tokens) {
  if (tables_.empty()) return;
  for (const int32_t row : rows_) seen_[static_cast<size_t>(row)] = 0;
  rows_.clear();
  for (const int32_t token : tokens) {
    if (token < 0 || seen_[static_cast<size_t>(token)] != 0) continue;
    seen_[static_cast<size_t>(token)] = 1;
    rows_.push_back(token);
  }
}

}  // namespace inkling::nn
