#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/parameter_layout.h"

namespace inkling::train {

// Drops single weights of the recurrent matrices for one step, another choice in every step, and
// scales up those kept: Merity, Keskar and Socher 2018, "Regularizing and optimizing LSTM language
// models" (after DropConnect, Wan et al. 2013).
class WeightDrop {
 public:
  // rate: 0..1, the share dropped; 0 = off.
  WeightDrop(double rate, const nn::ParameterLayout& layout);

  bool is_on() const { return rate_ > 0; }
  // The weights of a step: a function of weights and key. They stay until the next call.
  const std::vector<float>& drop(const std::vector<float>& weights, uint64_t key, ThreadPool& pool);
  // Turns the gradient by the weights of drop(.., key, ..) into that by the weights given there.
  void pass_back(uint64_t key, nn::Buffer<float>& gradient, ThreadPool& pool) const;

 private:
  struct Piece {  // of a recurrent matrix
    int64_t begin, end;
  };
  const double rate_;
  std::vector<Piece> pieces_;
  std::vector<float> dropped_;
};

}  // namespace inkling::train
