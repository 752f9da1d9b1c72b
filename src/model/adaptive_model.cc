#include "model/adaptive_model.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/memory.h"
#include "nn/buffer.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/threads.h"

namespace inkling::model {
namespace {

constexpr int64_t block_size = 16384;  // numbers in one task
constexpr double memory = 0.99;        // of the gradient's size
constexpr float epsilon = 1e-8F;

}  // namespace

// The chunk is filled token by token. Many-to-many: its steps are the text's, and the state goes on
// from chunk to chunk. Many-to-one: each of its streams is the window before one token.
struct AdaptiveModel::Impl {
  Impl(const LanguageModel& original, const AdaptOptions& given, int threads)
      : trained(original),
        model(original),
        options(given),
        windowed(model.config.shape == Shape::many_to_one),
        batch(windowed ? options.every : 1),
        chunk_steps(windowed ? model.config.context : options.every),
        size(static_cast<int64_t>(model.weights.size())),
        pool(nn::make_thread_pool(threads)),
        engine(model.config.network, engine_options(), *pool),
        gradient(size),
        change(size),
        square(size) {
    engine.set_weights(model.weights.data());
    const auto cells = static_cast<size_t>(batch * chunk_steps);
    inputs.resize(cells), targets.resize(cells), resets.resize(cells);
    positions.resize(static_cast<size_t>(options.every));
  }

  nn::EngineOptions engine_options() const {
    const nn::EngineOptions engine_options{.batch = batch,
                                           .steps = chunk_steps,
                                           .precision = nn::Precision::f32,
                                           .last_step_only = windowed,
                                           .resets = true,
                                           .probability_sums = true};
    require_memory(nn::engine_bytes(model.config.network, engine_options), "adapting",
                   "lower --adapt-every, or take a smaller model");
    return engine_options;
  }

  bool ends_document(text::Token token) const {
    return token == model.vocabulary().end();
  }
  int32_t input_of(text::Token token) const {
    return token == model.vocabulary().unknown() ? nn::Chunk::no_input : token;
  }

  void add(text::Token token, bool learn, const ScoreFn& score) {
    if (position > 0) {
      if (waiting == 0) clear();
      const int32_t target = learn ? token : nn::Chunk::no_target;
      if (windowed) {
        if (learn) add_window(target);
      } else {
        const auto i = static_cast<size_t>(waiting);
        const text::Token last = context.back();
        inputs[i] = input_of(last), targets[i] = target;
        resets[i] = position == 1 || ends_document(last);
        positions[i] = position;
        ++waiting;
      }
    }
    context.push_back(token);
    const auto longest = static_cast<size_t>(windowed ? chunk_steps : 1);
    if (context.size() > longest) context.erase(context.begin());
    ++position;
    if (waiting == options.every) run(score);
  }

  // The window behind which `target` comes: its document's, as far as the context holds it.
  void add_window(int32_t target) {
    const auto column = static_cast<size_t>(waiting), streams = static_cast<size_t>(batch);
    size_t begin = context.size();
    do {
      --begin;
    } while (begin > 0 && !ends_document(context[begin]));
    for (size_t i = begin; i < context.size(); ++i) {
      const size_t step = static_cast<size_t>(chunk_steps) - context.size() + i;
      inputs[step * streams + column] = input_of(context[i]);
      resets[step * streams + column] = i == begin;
    }
    targets[(static_cast<size_t>(chunk_steps) - 1) * streams + column] = target;
    positions[column] = position;
    ++waiting;
  }

  void clear() {
    std::fill(inputs.begin(), inputs.end(), nn::Chunk::no_input);
    std::fill(targets.begin(), targets.end(), nn::Chunk::no_target);
    std::fill(resets.begin(), resets.end(), uint8_t{0});
  }

  void run(const ScoreFn& score) {
    const nn::LossSum loss = engine.run(
        {chunk_steps, inputs.data(), targets.data(), resets.data(), windowed}, {}, gradient.data());
    for (int64_t i = 0; score && i < waiting; ++i) {
      const auto scored = static_cast<size_t>(windowed ? (chunk_steps - 1) * batch + i : i);
      if (targets[scored] < 0) continue;
      const int64_t step = windowed ? chunk_steps - 1 : i, stream = windowed ? i : 0;
      score(positions[static_cast<size_t>(i)], engine.nats(step, stream),
            engine.probability_sum(step, stream));
    }
    waiting = 0;
    if (loss.count > 0 && std::isfinite(loss.nats)) step();
  }

  // RMSProp moves the difference from the trained weights: what decays it pulls them back.
  void step() {
    const nn::KernelTable& kernels = nn::kernels();
    const auto grown = 1 - std::pow(memory, static_cast<double>(++steps));
    const nn::SimpleStep how{.clip = 1,
                             .clip_value = 0,
                             .learning_rate = static_cast<float>(options.rate * std::sqrt(grown)),
                             .momentum = 0,
                             .beta2 = static_cast<float>(memory),
                             .share = 1 - static_cast<float>(memory),
                             .epsilon = epsilon,
                             .decay = static_cast<float>(options.pull)};
    pool->run((size + block_size - 1) / block_size, [&](int64_t block) {
      const int64_t at = block * block_size, n = std::min(block_size, size - at);
      if (!std::isfinite(kernels.squared_norm(gradient.data() + at, n))) return;
      kernels.rmsprop(how, n, gradient.data() + at, change.data() + at, square.data() + at);
      for (int64_t i = at; i < at + n; ++i) {
        const auto w = static_cast<size_t>(i);
        model.weights[w] = trained.weights[w] + change[i];
      }
    });
    engine.set_weights(model.weights.data());
  }

  void begin() {
    waiting = position = 0;
    context.clear();
  }

  const LanguageModel& trained;
  LanguageModel model;
  const AdaptOptions options;
  const bool windowed;
  const int64_t batch, chunk_steps, size;
  std::unique_ptr<ThreadPool> pool;
  nn::ChunkEngine engine;
  nn::Buffer<float> gradient, change, square;  // [weights]
  std::vector<int32_t> inputs, targets;        // [T, B]
  std::vector<uint8_t> resets;
  std::vector<int64_t> positions;    // [every] of the tokens that wait
  std::vector<text::Token> context;  // the last tokens read: one, or a window
  int64_t waiting = 0, position = 0, steps = 0;
};

AdaptiveModel::AdaptiveModel(const LanguageModel& trained, const AdaptOptions& options, int threads)
    : impl_(std::make_unique<Impl>(trained, options, threads)) {}

AdaptiveModel::~AdaptiveModel() = default;

void AdaptiveModel::begin() {
  finish();
  impl_->begin();
}

void AdaptiveModel::read(std::span<const text::Token> tokens, bool learn, const ScoreFn& score) {
  for (const text::Token token : tokens) impl_->add(token, learn, score);
}

void AdaptiveModel::finish(const ScoreFn& score) {
  if (impl_->waiting > 0) impl_->run(score);
}

const LanguageModel& AdaptiveModel::model() const { return impl_->model; }
int64_t AdaptiveModel::steps() const { return impl_->steps; }

}  // namespace inkling::model
