#include "train/weight_drop.h"

#include <algorithm>

#include "base/random.h"
#include "nn/chunk.h"

namespace inkling::train {
namespace {

constexpr int64_t piece_size = 16384;  // numbers in one task

// from -> to, [begin, end): dropped or scaled.
void mask(const nn::Dropout& dropout, int64_t begin, int64_t end, const float* from, float* to) {
  const uint32_t key = dropout.row_key(0, begin / piece_size, 0);
  for (int64_t i = begin; i < end; ++i) {
    const bool keeps =
        nn::dropout_bits(key, static_cast<uint32_t>(i % piece_size)) >= dropout.threshold;
    to[i] = keeps ? from[i] * dropout.scale : 0.F;
  }
}

}  // namespace

WeightDrop::WeightDrop(double rate, const nn::ParameterLayout& layout) : rate_(rate) {
  if (rate <= 0) return;
  dropped_.resize(static_cast<size_t>(layout.size()));
  for (const nn::ParameterInfo& info : layout.all()) {
    if (info.role != nn::ParameterInfo::Role::recurrent_weight) continue;
    const int64_t end = info.offset + info.size();
    // Cut at multiples of the piece's size, by which a piece's numbers are drawn.
    for (int64_t at = info.offset; at < end; at = (at / piece_size + 1) * piece_size)
      pieces_.push_back({at, std::min(end, (at / piece_size + 1) * piece_size)});
  }
}

const std::vector<float>& WeightDrop::drop(const std::vector<float>& weights, uint64_t key,
                                           ThreadPool& pool) {
  std::copy(weights.begin(), weights.end(), dropped_.begin());
  const nn::Dropout dropout = nn::Dropout::with_rate(rate_, key);
  pool.run(static_cast<int64_t>(pieces_.size()), [&](int64_t p) {
    const Piece& piece = pieces_[static_cast<size_t>(p)];
    mask(dropout, piece.begin, piece.end, weights.data(), dropped_.data());
  });
  return dropped_;
}

void WeightDrop::pass_back(uint64_t key, nn::Buffer<float>& gradient, ThreadPool& pool) const {
  const nn::Dropout dropout = nn::Dropout::with_rate(rate_, key);
  pool.run(static_cast<int64_t>(pieces_.size()), [&](int64_t p) {
    const Piece& piece = pieces_[static_cast<size_t>(p)];
    mask(dropout, piece.begin, piece.end, gradient.data(), gradient.data());
  });
}

}  // namespace inkling::train
