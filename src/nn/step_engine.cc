#include "nn/step_engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nn/step_network.h"
#include "nn/step_pass.h"
#include "nn/step_sharing.h"

namespace inkling::nn {
namespace {

constexpr int64_t block_rows = 64;  // streams, or steps of one, in one pass over the weights
// So many streams for each thread are worth its going alone with its own: each reads all weights
// then, so that fewer take longer.
constexpr int64_t rows_of_its_own = 16;

// How the threads share a step.
enum class Way {
  alone,   // one does it all
  panels,  // each has some panels of all weights, then some streams, and they meet in between
  rows,    // each has some streams, and reads all weights
  stacks,  // each has some of the networks side by side
};

Shared shared_in(Way way) { return way == Way::stacks ? Shared::stacks : Shared::panels; }

// The ways that steps of one kind may go, of which it finds the fastest.
class Ways {
 public:
  explicit Ways(std::vector<Way> ways)
      : ways_(std::move(ways)), sharing_(static_cast<int>(ways_.size())) {}

  Way begin() { return ways_[static_cast<size_t>(sharing_.begin())]; }
  void end(int64_t rows) { sharing_.end(rows); }

 private:
  std::vector<Way> ways_;
  StepSharing sharing_;
};

}  // namespace

struct StepEngine::Impl {
  Impl(const NetworkSpec& spec, const float* weights, Precision precision, ThreadPool* threads)
      : network(spec, weights, precision, threads),
        pool(threads != nullptr && threads->threads() > 1 ? threads : nullptr) {
    const int count = pool == nullptr ? 1 : pool->threads();
    for (int t = 0; t < count; ++t) passes.emplace_back(network);
    make_room(1);
  }

  // For any way that a step of so many streams may go, so that none allocates later.
  void make_room(int64_t n) {
    const auto threads = static_cast<int64_t>(passes.size());
    passes.front().grow(std::min(n, block_rows));
    if (n < threads * rows_of_its_own) return;
    for (StepPass& pass : passes) pass.grow(std::min((n + threads - 1) / threads, block_rows));
  }

  Ways ways(std::vector<Way> ways) const {
    if (network.stacks.size() > 1) ways.push_back(Way::stacks);
    return Ways(std::move(ways));
  }

  const StepNetwork network;
  ThreadPool* const pool;        // of several threads, or nullptr
  std::vector<StepPass> passes;  // one for each thread
  Ways of_few = ways({Way::alone, Way::panels}), of_one = of_few,
       of_many = ways({Way::alone, Way::panels, Way::rows});  // streams
  Ways of_reading = ways({Way::panels});
};

StepEngine::StepEngine(const NetworkSpec& spec, const float* weights, Precision precision,
                       ThreadPool* pool)
    : impl_(std::make_unique<Impl>(spec, weights, precision, pool)) {}

StepEngine::~StepEngine() = default;

void StepEngine::step(std::span<const int32_t> tokens, std::span<float* const> states,
                      float* logits) {
  const auto n = static_cast<int64_t>(tokens.size());
  if (n == 0) return;
  const auto threads = static_cast<int64_t>(impl_->passes.size());
  Ways& ways = n == 1                          ? impl_->of_one
               : n < threads * rows_of_its_own ? impl_->of_few
                                               : impl_->of_many;
  const Way way = impl_->pool == nullptr ? Way::alone : ways.begin();
  const int64_t parts = way == Way::rows ? threads : 1;
  const auto begin_of = [&](int64_t part) { return n * part / parts; };
  impl_->make_room(n);
  const auto walk = [&](int64_t part) {
    const int64_t end = begin_of(part + 1);
    for (int64_t first = begin_of(part); first < end; first += block_rows) {
      impl_->passes[static_cast<size_t>(part)].step(
          std::min(block_rows, end - first), tokens.data() + first, states.data() + first,
          logits == nullptr ? nullptr : logits + first * impl_->network.spec.vocab_size,
          way == Way::panels || way == Way::stacks ? impl_->pool : nullptr, shared_in(way));
    }
  };
  if (parts == 1) {
    walk(0);
  } else {
    impl_->pool->run(parts, [&](int64_t part) { walk(part); });
  }
  if (impl_->pool != nullptr) ways.end(n);
}

void StepEngine::read(std::span<const int32_t> tokens, float* state, float* logits) {
  const auto n = static_cast<int64_t>(tokens.size());
  StepPass& pass = impl_->passes.front();
  pass.grow(std::min(n, block_rows));
  for (int64_t first = 0; first < n; first += block_rows) {
    const int64_t steps = std::min(block_rows, n - first);
    const Way way = impl_->of_reading.begin();
    pass.read(steps, tokens.data() + first, state, first + steps == n ? logits : nullptr,
              impl_->pool, shared_in(way));
    impl_->of_reading.end(steps);
  }
}

void StepEngine::initial_state(float* state) const { impl_->network.initial_state(state); }

int64_t StepEngine::weight_bytes() const { return impl_->network.bytes(); }

}  // namespace inkling::nn
