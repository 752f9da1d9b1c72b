#include "nn/chunk_engine.h"

#include <memory>
#include <vector>

#include "nn/layer_team.h"
#include "nn/shards.h"
#include "nn/weight_gradients.h"

namespace inkling::nn {

// The engine behind its two number types for products.
struct ChunkEngine::Impl {
  virtual ~Impl() = default;
  virtual void set_weights(const float* weights) = 0;
  virtual LossSum run(const Chunk& chunk, const Dropout& dropout, float* gradient) = 0;
  virtual float nats(int64_t step, int64_t stream) const = 0;
  virtual double probability_sum(int64_t step, int64_t stream) const = 0;
  // f(state of one layer's block and stream in the engine, its place in the flat state)
  virtual void visit_state(void (*copy)(float* ours, float* flat, int64_t n),
                           float* flat) const = 0;
  virtual const LookUpRows& look_up_rows() const = 0;
  virtual int64_t bytes() const = 0;
};

namespace {

// How many networks side by side are run by one thread each, so that threads need not meet within a
// chunk: all where the threads have equally many, and where a layer's weights, which one thread
// then reads, stay in its second cache; else 1: all threads run one after the other.
int64_t stacks_alone(const NetworkSpec& spec, int threads) {
  constexpr int64_t most_weights = 640 << 10;  // of a layer, in bfloat16
  const int64_t stacks = spec.stacks(), hidden = spec.layers.front().hidden_size;
  const bool fits = spec.gate_blocks() * hidden * hidden <= most_weights;
  return fits && spec.embedding_size == 0 && stacks % threads == 0 ? stacks : 1;
}

template <class Operand>
class Engine : public ChunkEngine::Impl {
 public:
  Engine(const NetworkSpec& spec, const EngineOptions& options, ThreadPool& pool)
      : spec_(spec),
        options_(options),
        pool_(pool),
        stacks_alone_(stacks_alone(spec, pool.threads())),
        shards_of_(options.batch),
        network_(spec_, options.steps * shards_of_.rows, shards_of_.rows,
                 head_block_rows((options.last_step_only ? 1 : options.steps) * shards_of_.rows,
                                 spec.vocab_size),
                 options.precision, options.train, LayerTeam::kernels_for(spec, options)),
        look_up_rows_(spec_, options.train ? options.steps * options.batch : 0) {
    for (int64_t s = 0; s < shards_of_.count; ++s) {
      shards_.push_back(std::make_unique<NetworkShard<Operand>>(
          spec_, options_, network_, s * shards_of_.rows, shards_of_.rows));
    }
    if constexpr (std::is_same_v<Operand, Bf16>) {
      for (size_t l = 0; in_teams() && l < spec_.layers.size(); ++l) {
        std::vector<LayerShard<Bf16>*> layer;
        layer.reserve(shards_.size());
        for (auto& shard : shards_) layer.push_back(&shard->layer(l));
        teams_.emplace_back(spec_, options_, network_.layer(l), std::move(layer),
                            stacks_alone_ > 1 ? 1 : pool.threads());
      }
    }
    if (options.train)
      gradients_ = std::make_unique<WeightGradients<Operand>>(spec_, options_, network_, shards_,
                                                              in_teams());
  }

  void set_weights(const float* weights) override { network_.set_weights(weights, pool_); }

  LossSum run(const Chunk& chunk, const Dropout& dropout, float* gradient) override {
    const int64_t first = options_.last_step_only ? (options_.steps - 1) * options_.batch : 0;
    int64_t scored = 0;
    for (int64_t i = first; i < options_.steps * options_.batch; ++i)
      scored += chunk.targets[i] >= 0;
    const float scale = scored > 0 ? 1.F / static_cast<float>(scored) : 0.F;
    if (gradient != nullptr) {
      look_up_rows_.clear(gradient, pool_);
      look_up_rows_.read({chunk.inputs, static_cast<size_t>(options_.steps * options_.batch)});
      gradients_->clear(gradient, look_up_rows_);
    }
    if (teams_.empty()) {
      of_shards([&](auto& shard) { shard.run(chunk, dropout, scale, gradient != nullptr); });
    } else {
      run_teams(chunk, dropout, scale, gradient);
    }
    if (gradient != nullptr) gradients_->run(gradient, pool_);
    LossSum loss;
    loss.count = scored;
    for (const auto& shard : shards_) {
      for (int64_t r = 0; r < shard->head().rows(); ++r)
        loss.nats += static_cast<double>(gradient != nullptr ? shard->head().training_nats(r)
                                                             : shard->head().nats(r));
    }
    return loss;
  }

  float nats(int64_t step, int64_t stream) const override {
    return head_of(stream).nats(row_of(step, stream));
  }

  double probability_sum(int64_t step, int64_t stream) const override {
    return head_of(stream).probability_sum(row_of(step, stream));
  }

  void visit_state(void (*copy)(float* ours, float* flat, int64_t n), float* flat) const override {
    for (int64_t stream = 0; stream < options_.batch; ++stream) {
      NetworkShard<Operand>& shard = *shards_[static_cast<size_t>(stream / shards_of_.rows)];
      for (size_t l = 0; l < spec_.layers.size(); ++l) {
        const int64_t hidden = spec_.layers[l].hidden_size;
        for (int64_t block = 0; block < spec_.state_blocks(); ++block, flat += hidden) {
          copy(shard.layer(l).state(block) + stream % shards_of_.rows * hidden, flat, hidden);
        }
      }
    }
  }

  const LookUpRows& look_up_rows() const override { return look_up_rows_; }

  int64_t bytes() const override {
    int64_t bytes = network_.bytes();
    for (const auto& shard : shards_) bytes += shard->bytes();
    return bytes;
  }

 private:
  bool in_teams() const { return LayerTeam::kernels_for(spec_, options_) != nullptr; }

  // f(shard) for each, on all threads.
  template <class F>
  void of_shards(F&& f) {
    pool_.run(shards_of_.count, [&](int64_t s) { f(*shards_[static_cast<size_t>(s)]); });
  }

  // f(layer) for all, each after the one before in its network.
  template <class F>
  void of_layers(F&& f) {
    const auto count = static_cast<int64_t>(teams_.size()), each = count / stacks_alone_;
    pool_.run(stacks_alone_, [&](int64_t stack) {
      for (int64_t l = stack * each; l < (stack + 1) * each; ++l) f(static_cast<size_t>(l));
    });
  }
  template <class F>
  void of_layers_back(F&& f) {
    const size_t last = teams_.size() - 1;
    of_layers([&](size_t l) { f(last - l); });
  }

  // f(shard) for each: on all threads, or in a network that one thread runs alone, on that.
  template <class F>
  void within_layer(F&& f) {
    if (stacks_alone_ == 1) return of_shards(f);
    for (auto& shard : shards_) f(*shard);
  }

  // What NetworkShard::run() does for one shard after the other, layer by layer for all of them.
  void run_teams(const Chunk& chunk, const Dropout& dropout, float scale, float* gradient) {
    const bool with_gradient = gradient != nullptr;
    of_shards([&](auto& shard) { shard.read_inputs(chunk); });
    of_layers([&](size_t l) {
      within_layer([&](auto& shard) { shard.begin_forward(l); });
      teams_[l].forward(chunk, dropout, pool_);
    });
    of_shards([&](auto& shard) {
      for (size_t l = 0; l < teams_.size(); ++l) shard.layer(l).end_forward();
      shard.run_head(chunk, scale, with_gradient);
      for (size_t l = 0; with_gradient && l < teams_.size(); ++l) shard.layer(l).begin_backward();
    });
    if (!with_gradient) return;
    of_layers_back([&](size_t l) {
      teams_[l].backward(chunk, dropout, gradient, pool_);
      within_layer([&](auto& shard) { shard.end_backward(l); });
    });
  }

  const HeadShard<Operand>& head_of(int64_t stream) const {
    return shards_[static_cast<size_t>(stream / shards_of_.rows)]->head();
  }
  int64_t row_of(int64_t step, int64_t stream) const {
    const int64_t row = stream % shards_of_.rows;
    return options_.last_step_only ? row : step * shards_of_.rows + row;
  }

  const NetworkSpec spec_;
  const EngineOptions options_;
  ThreadPool& pool_;
  const int64_t stacks_alone_;
  const Shards shards_of_;
  PackedNetwork network_;
  std::vector<std::unique_ptr<NetworkShard<Operand>>> shards_;
  std::vector<LayerTeam> teams_;  // one for each layer; none where shards run by themselves
  LookUpRows look_up_rows_;
  std::unique_ptr<WeightGradients<Operand>> gradients_;
};

}  // namespace

ChunkEngine::ChunkEngine(const NetworkSpec& spec, const EngineOptions& options, ThreadPool& pool) {
  spec.validate();
  run_products_serially_here();
  if (options.precision == Precision::bf16) {
    impl_ = std::make_unique<Engine<Bf16>>(spec, options, pool);
  } else {
    impl_ = std::make_unique<Engine<float>>(spec, options, pool);
  }
}

ChunkEngine::~ChunkEngine() = default;

void ChunkEngine::set_weights(const float* weights) { impl_->set_weights(weights); }

LossSum ChunkEngine::run(const Chunk& chunk, const Dropout& dropout, float* gradient) {
  return impl_->run(chunk, dropout, gradient);
}

float ChunkEngine::nats(int64_t step, int64_t stream) const { return impl_->nats(step, stream); }

double ChunkEngine::probability_sum(int64_t step, int64_t stream) const {
  return impl_->probability_sum(step, stream);
}

void ChunkEngine::get_state(std::span<float> state) const {
  impl_->visit_state([](float* ours, float* flat, int64_t n) { std::copy_n(ours, n, flat); },
                     state.data());
}

void ChunkEngine::set_state(std::span<const float> state) {
  impl_->visit_state([](float* ours, float* flat, int64_t n) { std::copy_n(flat, n, ours); },
                     const_cast<float*>(state.data()));
}

const LookUpRows& ChunkEngine::look_up_rows() const { return impl_->look_up_rows(); }

int64_t ChunkEngine::bytes() const { return impl_->bytes(); }

}  // namespace inkling::nn
