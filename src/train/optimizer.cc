#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "model/parameter_codec.h"
#include "nn/kernels/instruction_set.h"

namespace inkling::train {
namespace {

// Numbers in one task, and rows; fixed, so that sums do not depend on the threads.
constexpr int64_t block_size = 16384;
constexpr int64_t rows_of_a_task = 16;
constexpr float adam_epsilon = 1e-8F;

int64_t tasks_for(int64_t rows) { return (rows + rows_of_a_task - 1) / rows_of_a_task; }

}  // namespace

Optimizer::Optimizer(const TrainOptions& options, int64_t size, const nn::LookUpRows* rows)
    : options_(options), size_(size), rows_(rows) {
  int64_t begin = 0;
  int64_t most_tasks = 0;
  if (rows_ != nullptr) {
    for (const auto& table : rows_->sparse_tables()) {
      add_blocks(begin, table.offset);
      begin = table.offset + rows_->table_rows() * table.cols;
      most_tasks += tasks_for(rows_->most_rows());
    }
    if (most_tasks > 0) row_updates_.resize(static_cast<size_t>(rows_->table_rows()));
  }
  add_blocks(begin, size_);
  squares_.resize(blocks_.size() + static_cast<size_t>(most_tasks));
  const int count = options.optimizer == OptimizerKind::adam ? 2 : 1;
  for (int i = 0; i < count; ++i) moments_.emplace_back(size);
}

void Optimizer::add_blocks(int64_t begin, int64_t end) {
  for (int64_t at = begin; at < end; at += block_size)
    blocks_.push_back({at, std::min(block_size, end - at)});
}

int64_t Optimizer::tasks() const {
  const auto blocks = static_cast<int64_t>(blocks_.size());
  if (rows_ == nullptr) return blocks;
  return blocks + static_cast<int64_t>(rows_->sparse_tables().size()) *
                      tasks_for(static_cast<int64_t>(rows_->rows().size()));
}

template <class F>
void Optimizer::visit(int64_t task, F&& f) const {
  const auto blocks = static_cast<int64_t>(blocks_.size());
  if (task < blocks)
    return f(blocks_[static_cast<size_t>(task)].at, blocks_[static_cast<size_t>(task)].size, -1);
  const auto rows = static_cast<int64_t>(rows_->rows().size());
  const int64_t of_a_table = tasks_for(rows), first = (task - blocks) % of_a_table * rows_of_a_task;
  const auto& table = rows_->sparse_tables()[static_cast<size_t>((task - blocks) / of_a_table)];
  for (int64_t i = first; i < std::min(rows, first + rows_of_a_task); ++i) {
    const int32_t row = rows_->rows()[static_cast<size_t>(i)];
    f(table.offset + row * table.cols, table.cols, row);
  }
}

double Optimizer::norm(const float* gradient, ThreadPool& pool) {
  const int64_t count = tasks();
  pool.run(count, [&](int64_t task) {
    double& square = squares_[static_cast<size_t>(task)];
    square = 0;
    visit(task, [&](int64_t at, int64_t n, int32_t) {
      square += nn::kernels().squared_norm(gradient + at, n);
    });
  });
  double sum = 0;
  for (int64_t task = 0; task < count; ++task) sum += squares_[static_cast<size_t>(task)];
  return std::sqrt(sum);
}

Optimizer::Step Optimizer::step(double clip, double learning_rate, int64_t gap) const {
  const auto age = static_cast<double>(gap), t = static_cast<double>(updates_);
  const auto power = [&](double of) { return gap == 1 ? of : std::pow(of, age); };
  const auto factor = static_cast<float>(clip), limit = static_cast<float>(options_.clip_value),
             rate = static_cast<float>(learning_rate);
  const auto momentum = static_cast<float>(power(options_.momentum)),
             beta1 = static_cast<float>(power(options_.beta1)),
             beta2 = static_cast<float>(power(options_.beta2));
  const float share2 = 1 - static_cast<float>(options_.beta2);
  const double once = learning_rate * options_.weight_decay;
  const auto decay = static_cast<float>(gap == 1 ? once : 1 - std::pow(1 - once, age));
  const bool is_sgd = options_.optimizer == OptimizerKind::sgd;
  // In all, a gradient counts 1 / (1 - momentum) times.
  const double share = gap == 1 ? 1 : (1 - power(options_.momentum)) / (1 - options_.momentum);
  return {{factor, limit, rate, beta1, beta2, share2,
           static_cast<float>(1 / (1 - std::pow(options_.beta1, t))),
           static_cast<float>(1 / (1 - std::pow(options_.beta2, t))), adam_epsilon, decay},
          {factor, limit, rate, momentum, beta2, is_sgd ? static_cast<float>(share) : share2,
           adam_epsilon, decay}};
}

void Optimizer::move(const Step& step, int64_t at, int64_t n, const float* gradient,
                     float* weights) {
  const nn::KernelTable& kernels = nn::kernels();
  float* const first = moments_[0].data() + at;
  switch (options_.optimizer) {
    case OptimizerKind::adam:
      return kernels.adam(step.adam, n, gradient + at, weights + at, first,
                          moments_[1].data() + at);
    case OptimizerKind::rmsprop:
      return kernels.rmsprop(step.simple, n, gradient + at, weights + at, first);
    case OptimizerKind::sgd:
      return kernels.sgd(step.simple, n, gradient + at, weights + at, first);
  }
}

void Optimizer::update(const float* gradient, double grad_norm, double learning_rate,
                       float* weights, ThreadPool& pool) {
  ++updates_;
  const bool clips = options_.clip_norm > 0 && grad_norm > options_.clip_norm;
  const double clip = clips ? options_.clip_norm / grad_norm : 1.0;
  const Step every = step(clip, learning_rate, 1);
  pool.run(tasks(), [&](int64_t task) {
    visit(task, [&](int64_t at, int64_t n, int32_t row) {
      const int64_t gap = row < 0 ? 1 : updates_ - row_updates_[static_cast<size_t>(row)];
      move(gap == 1 ? every : step(clip, learning_rate, gap), at, n, gradient, weights);
    });
  });
  if (row_updates_.empty()) return;
  for (const int32_t row : rows_->rows()) row_updates_[static_cast<size_t>(row)] = updates_;
}

void Optimizer::set_updates(int64_t updates) {
  updates_ = updates;
  for (int64_t& row : row_updates_) row = std::min(row, updates);
}

bool Optimizer::moments_are_finite() const {
  return std::all_of(moments_.begin(), moments_.end(), [](const nn::Buffer<float>& moment) {
    return model::all_finite({moment.data(), static_cast<size_t>(moment.size())});
  });
}

}  // namespace inkling::train
