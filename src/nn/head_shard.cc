#include "nn/head_shard.h"

#include <cmath>

#include "nn/kernels/instruction_set.h"

namespace inkling::nn {

template <class Operand>
HeadShard<Operand>::HeadShard(const NetworkSpec& spec, const EngineOptions& options,
                              const PackedNetwork& network, int64_t first_stream, int64_t rows)
    : kernels_(kernels()),
      network_(network),
      batch_(options.batch),
      first_stream_(first_stream),
      shard_rows_(rows),
      rows_(options.last_step_only ? rows : options.steps * rows),
      first_row_(options.steps * rows - rows_),
      vocab_(spec.vocab_size),
      stride_(vocab_) {
  logits_ = Buffer<float>(rows_ * stride_);
  nats_ = Buffer<float>(rows_);
  if (options.train) dlogits_ = Buffer<Operand>(rows_ * stride_);
  targets_.resize(static_cast<size_t>(rows_));
  const PackedWeights& head = network.head();
  for (size_t i = 0; i < head.source.size(); ++i) {
    const int64_t size = spec.source_size(head.source[i]);
    forward_.emplace_back(head.forward[i], rows_, size, stride_, i > 0);
    if (!options.train) continue;
    backward_.emplace_back(head.backward[i], rows_, stride_, size, false);
    backward_add_.emplace_back(head.backward[i], rows_, stride_, size, true);
  }
}

template <class Operand>
void HeadShard<Operand>::forward(const Chunk& chunk, const std::vector<const Operand*>& sources,
                                 float gradient_scale, bool with_gradient) {
  static constexpr int32_t none = Chunk::no_target;
  for (size_t i = 0; i < forward_.size(); ++i) forward_[i].run(sources[i], logits_.data());
  for (int64_t r = 0; r < rows_; ++r) {
    const int64_t step = (first_row_ + r) / shard_rows_,
                  stream = first_stream_ + (first_row_ + r) % shard_rows_;
    targets_[static_cast<size_t>(r)] =
        stream < batch_ ? chunk.targets + step * batch_ + stream : &none;
  }
  const SoftmaxLoss<Operand> rows{rows_,
                                  vocab_,
                                  stride_,
                                  logits_.data(),
                                  network_.at(network_.head_bias()),
                                  targets_.data(),
                                  gradient_scale,
                                  nats_.data(),
                                  with_gradient ? dlogits_.data() : nullptr};
  if constexpr (std::is_same_v<Operand, Bf16>) {
    kernels_.softmax_loss_bf16(rows);
  } else {
    kernels_.softmax_loss_f32(rows);
  }
}

template <class Operand>
double HeadShard<Operand>::probability_sum(int64_t r) const {
  // The kernel has left exp(logit - the largest) of every character.
  const float* row = logits_.data() + r * stride_;
  double sum = 0;
  for (int64_t v = 0; v < vocab_; ++v) sum += static_cast<double>(row[v]);
  const auto target = static_cast<double>(row[*targets_[static_cast<size_t>(r)]]);
  // Beside a target that is as good as impossible, the ratio would say nothing.
  return target > 1e-30 ? sum / target * std::exp(-static_cast<double>(nats_[r])) : 1;
}

template <class Operand>
void HeadShard<Operand>::backward(const std::vector<float*>& dsources, bool add) {
  for (size_t i = 0; i < dsources.size(); ++i)
    (add ? backward_add_ : backward_)[i].run(dlogits_.data(), dsources[i]);
}

template <class Operand>
int64_t HeadShard<Operand>::bytes() const {
  return logits_.bytes() + nats_.bytes() + dlogits_.bytes();
}

template class HeadShard<float>;
template class HeadShard<Bf16>;

}  // namespace inkling::nn
