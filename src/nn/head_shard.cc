#include "nn/head_shard.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "nn/kernels/instruction_set.h"

namespace inkling::nn {

int64_t head_block_rows(int64_t rows, int64_t vocab_size) {
  constexpr int64_t most_logits = int64_t{1} << 19, fewest_rows = 64;
  const int64_t most = std::max(fewest_rows, most_logits / vocab_size);
  const int64_t blocks = std::max<int64_t>(1, (rows + most - 1) / most);
  return (rows + blocks - 1) / blocks;
}

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
      stride_(vocab_),
      block_rows_(head_block_rows(rows_, vocab_)),
      predictions_(spec.stacks()) {
  if (options.train) dlogits_ = Buffer<Operand>(predictions_ * rows_ * stride_);
  if (!options.train || !std::is_same_v<Operand, float>)
    logits_ = Buffer<float>(block_rows_ * stride_);
  nats_ = Buffer<float>(predictions_ * rows_);
  if (options.probability_sums) probability_sums_ = Buffer<double>(predictions_ * rows_);
  targets_.resize(static_cast<size_t>(rows_));
  const PackedWeights& head = network.head();
  const int64_t last_rows = rows_ % block_rows_;
  for (size_t i = 0; i < head.source.size(); ++i) {
    const int64_t size = spec.source_size(head.source[i]);
    widths_.push_back(size);
    const bool adds = i > 0 && predictions_ == 1;
    forward_.emplace_back(head.forward[i], block_rows_, size, stride_, adds);
    if (last_rows > 0) forward_last_.emplace_back(head.forward[i], last_rows, size, stride_, adds);
    if (!options.train) continue;
    backward_.emplace_back(head.backward[i], rows_, stride_, size, false);
    backward_add_.emplace_back(head.backward[i], rows_, stride_, size, true);
  }
}

template <class Operand>
float HeadShard<Operand>::training_nats(int64_t r) const {
  float sum = 0;
  for (int64_t p = 0; p < predictions_; ++p) sum += nats_[p * rows_ + r];
  return sum / static_cast<float>(predictions_);
}

// -log of the mean of the probabilities exp(-nats).
template <class Operand>
float HeadShard<Operand>::nats(int64_t r) const {
  float least = nats_[r];
  for (int64_t p = 1; p < predictions_; ++p) least = std::min(least, nats_[p * rows_ + r]);
  if (predictions_ == 1 || !std::isfinite(least)) return least;
  double sum = 0;
  for (int64_t p = 0; p < predictions_; ++p)
    sum += std::exp(static_cast<double>(least - nats_[p * rows_ + r]));
  return least - static_cast<float>(std::log(sum / static_cast<double>(predictions_)));
}

template <class Operand>
double HeadShard<Operand>::probability_sum(int64_t r) const {
  double sum = 0;
  for (int64_t p = 0; p < predictions_; ++p) sum += probability_sums_[p * rows_ + r];
  return sum / static_cast<double>(predictions_);
}

template <class Operand>
float* HeadShard<Operand>::logits(int64_t prediction, int64_t first_row) {
  if constexpr (std::is_same_v<Operand, float>) {
    if (dlogits_.size() > 0) return dlogits_.data() + (prediction * rows_ + first_row) * stride_;
  }
  return logits_.data();
}

template <class Operand>
void HeadShard<Operand>::forward(const Chunk& chunk, const std::vector<const Operand*>& sources,
                                 float gradient_scale, bool with_gradient) {
  static constexpr int32_t none = Chunk::no_target;
  for (int64_t r = 0; r < rows_; ++r) {
    const int64_t step = (first_row_ + r) / shard_rows_,
                  stream = first_stream_ + (first_row_ + r) % shard_rows_;
    targets_[static_cast<size_t>(r)] =
        stream < batch_ ? chunk.targets + step * batch_ + stream : &none;
  }
  for (int64_t first = 0; first < rows_; first += block_rows_) {
    for (int64_t p = 0; p < predictions_; ++p) {
      predict(p, first, std::min(block_rows_, rows_ - first), sources, gradient_scale,
              with_gradient);
    }
  }
}

template <class Operand>
void HeadShard<Operand>::predict(int64_t prediction, int64_t first, int64_t count,
                                 const std::vector<const Operand*>& sources, float gradient_scale,
                                 bool with_gradient) {
  auto& products = count == block_rows_ ? forward_ : forward_last_;
  float* const to = logits(prediction, first);
  for (size_t i = 0; i < products.size(); ++i) {
    if (predictions_ > 1 && static_cast<int64_t>(i) != prediction) continue;
    products[i].run(sources[i] + first * widths_[i], to);
  }
  const int64_t at = prediction * rows_ + first;
  const SoftmaxLoss<Operand> rows{
      count,
      vocab_,
      stride_,
      to,
      network_.at(network_.head_bias()),
      targets_.data() + first,
      gradient_scale,
      nats_.data() + at,
      probability_sums_.size() > 0 ? probability_sums_.data() + at : nullptr,
      with_gradient ? dlogits_.data() + at * stride_ : nullptr};
  if constexpr (std::is_same_v<Operand, Bf16>) {
    kernels_.softmax_loss_bf16(rows);
  } else {
    kernels_.softmax_loss_f32(rows);
  }
}

template <class Operand>
void HeadShard<Operand>::backward(const std::vector<float*>& dsources, bool add) {
  for (size_t i = 0; i < dsources.size(); ++i)
    (add ? backward_add_ : backward_)[i].run(
        dlogits(predictions_ > 1 ? static_cast<int64_t>(i) : 0), dsources[i]);
}

template <class Operand>
int64_t HeadShard<Operand>::bytes() const {
  return logits_.bytes() + nats_.bytes() + probability_sums_.bytes() + dlogits_.bytes();
}

template class HeadShard<float>;
template class HeadShard<Bf16>;

}  // namespace inkling::nn
