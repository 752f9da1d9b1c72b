#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "model/parameter_codec.h"
#include "nn/kernels/instruction_set.h"

namespace inkling::train {
namespace {

constexpr int64_t block_size =
    16384;  // numbers in one task; fixed, so that sums do not depend on the threads
constexpr float adam_epsilon = 1e-8F;

}  // namespace

Optimizer::Optimizer(const TrainOptions& options, int64_t size)
    : options_(options),
      size_(size),
      blocks_((size + block_size - 1) / block_size),
      squares_(static_cast<size_t>(blocks_)) {
  const int count = options.optimizer == OptimizerKind::adam ? 2 : 1;
  for (int i = 0; i < count; ++i) moments_.emplace_back(size);
}

double Optimizer::norm(const float* gradient, ThreadPool& pool) {
  pool.run(blocks_, [&](int64_t b) {
    squares_[static_cast<size_t>(b)] = nn::kernels().squared_norm(
        gradient + b * block_size, std::min(block_size, size_ - b * block_size));
  });
  double sum = 0;
  for (const double square : squares_) sum += square;
  return std::sqrt(sum);
}

void Optimizer::update(const float* gradient, double grad_norm, double learning_rate,
                       float* weights, ThreadPool& pool) {
  ++updates_;
  const bool clips = options_.clip_norm > 0 && grad_norm > options_.clip_norm;
  const auto clip = static_cast<float>(clips ? options_.clip_norm / grad_norm : 1.0);
  const auto clip_value = static_cast<float>(options_.clip_value),
             rate = static_cast<float>(learning_rate);
  const auto beta1 = static_cast<float>(options_.beta1), beta2 = static_cast<float>(options_.beta2);
  const auto decay = static_cast<float>(learning_rate * options_.weight_decay);
  const auto t = static_cast<double>(updates_);
  const nn::AdamStep adam{clip,
                          clip_value,
                          rate,
                          beta1,
                          beta2,
                          static_cast<float>(1 / (1 - std::pow(options_.beta1, t))),
                          static_cast<float>(1 / (1 - std::pow(options_.beta2, t))),
                          adam_epsilon,
                          decay};
  const nn::SimpleStep simple{clip,  clip_value,   rate, static_cast<float>(options_.momentum),
                              beta2, adam_epsilon, decay};
  pool.run(blocks_, [&](int64_t b) {
    const int64_t at = b * block_size, n = std::min(block_size, size_ - at);
    switch (options_.optimizer) {
      case OptimizerKind::adam:
        nn::kernels().adam(adam, n, gradient + at, weights + at, moments_[0].data() + at,
                           moments_[1].data() + at);
        break;
      case OptimizerKind::rmsprop:
        nn::kernels().rmsprop(simple, n, gradient + at, weights + at, moments_[0].data() + at);
        break;
      case OptimizerKind::sgd:
        nn::kernels().sgd(simple, n, gradient + at, weights + at, moments_[0].data() + at);
        break;
    }
  });
}

bool Optimizer::moments_are_finite() const {
  return std::all_of(moments_.begin(), moments_.end(), [](const nn::Buffer<float>& moment) {
    return model::all_finite({moment.data(), static_cast<size_t>(moment.size())});
  });
}

}  // namespace inkling::train
