#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/network_spec.h"

namespace inkling::nn {

// One parameter tensor of a network. In memory it is [rows, cols], row-major, and acts as y = x W,
// so a weight is [inputs, outputs]; PyTorch's (and the file's) order is the transpose.
struct ParameterInfo {
  enum class Role {
    embedding,
    input_weight,
    recurrent_weight,
    bias,
    gain,
    initial_state,
    head_weight,
    head_bias
  };
  std::string name;  // as in the file: "rnn.weight_hh_l0"
  Role role{};
  int layer = -1;  // -1: none
  int64_t rows = 0;
  int64_t cols = 0;
  bool transposed = false;  // the file holds [cols, rows]
  bool is_vector = false;   // the file holds rank 1, [cols]
  int64_t offset =
      0;  // of its first number in a flat buffer of the whole network, a multiple of 16

  int64_t size() const { return rows * cols; }
};

// The one declaration of a network's parameters, in a fixed order. Weights, gradients and an
// optimizer's moments are flat buffers of size() numbers with this layout; initialising, clipping,
// optimising, saving and counting all visit it.
class ParameterLayout {
 public:
  explicit ParameterLayout(const NetworkSpec& spec);

  const std::vector<ParameterInfo>& all() const { return all_; }
  const ParameterInfo& at(const std::string& name) const;    // throws std::out_of_range
  const ParameterInfo* find(const std::string& name) const;  // nullptr: none
  int64_t size() const {
    return size_;
  }                       // of a flat buffer, padding between tensors (always zero) included
  int64_t count() const;  // parameters, without the padding

 private:
  void add(std::string name, ParameterInfo::Role role, int layer, int64_t rows, int64_t cols,
           bool transposed, bool is_vector);
  std::vector<ParameterInfo> all_;
  int64_t size_ = 0;
};

}  // namespace inkling::nn
