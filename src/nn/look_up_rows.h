#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "nn/network_spec.h"
#include "nn/parameter_layout.h"

namespace inkling::nn {

// The tables of which a chunk reads single rows, one for each character in it: the embedding, or
// the input weights that a one-hot character picks; and the rows that the last chunk read, which
// are those that have a gradient.
//
// A vocabulary of more than `dense_up_to` characters has them as sparse tables: what has no
// gradient is neither cleared nor updated. In a smaller one a chunk reads most rows anyway, and
// its tables are weights like all others.
class LookUpRows {
 public:
  static constexpr int64_t dense_up_to = 1000;

  struct Table {
    int64_t offset = 0;  // of token 0's row in a flat buffer
    int64_t cols = 0;
  };

  // most: tokens of a chunk.
  LookUpRows(const NetworkSpec& spec, int64_t most);

  // Ascending by offset; none where the vocabulary is small.
  const std::vector<Table>& sparse_tables() const { return tables_; }
  int64_t table_rows() const { return table_rows_; }  // V, of each
  // How many rows of each a chunk may read.
  int64_t most_rows() const { return most_rows_; }

  // Zeroes the rows that the last chunk read, in a gradient flat by ParameterLayout.
  void clear(float* gradient, ThreadPool& pool) const;
  // The next chunk's tokens; negative ones read nothing. Allocates nothing.
  void read(std::span<const int32_t> tokens);
  // Of the last chunk: each token once, as they came.
  std::span<const int32_t> rows() const { return rows_; }

 private:
  const int64_t table_rows_, most_rows_;
  std::vector<Table> tables_;
  std::vector<int32_t> rows_;
  std::vector<char> seen_;  // [V] whether rows_ has it
};

}  // namespace inkling::nn
