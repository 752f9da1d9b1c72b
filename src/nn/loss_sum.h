#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace inkling::nn {

// A mean loss is a sum and a count until it is printed.
struct LossSum {
  double nats = 0;
  int64_t count = 0;  // predicted positions

  double loss() const { return nats / static_cast<double>(count); }  // nats per character
  double bpc() const { return loss() / std::numbers::ln2; }
  double perplexity() const { return std::exp(loss()); }

  LossSum& operator+=(const LossSum& other) {
    nats += other.nats;
    count += other.count;
    return *this;
  }
};

}  // namespace inkling::nn
