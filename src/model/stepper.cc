#include "model/stepper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nn/chunk.h"
#include "nn/kernels/instruction_set.h"
#include "nn/step_engine.h"
#include "nn/threads.h"

namespace inkling::model {
namespace {

// Bytes of weights below which one thread is faster, unless there are many texts.
constexpr int64_t worth_threads = int64_t{512} << 10;
constexpr size_t many_texts = 16;

}  // namespace

struct Stepper::Impl {
  Impl(const LanguageModel& described, nn::Precision precision, int wished_threads)
      : model(described),
        threads(wished_threads),
        stepping_precision(nn::stepping_precision(precision)),
        unknown(model.vocabulary().unknown()),
        state_size(model.config.network.state_size()),
        windowed(model.config.shape == Shape::many_to_one) {
    const int64_t weight_bytes = static_cast<int64_t>(model.weights.size()) * 2;
    if (threads != 1 && weight_bytes >= worth_threads) pool = nn::make_thread_pool(threads);
    initial.resize(static_cast<size_t>(state_size));
    load();
  }

  std::unique_ptr<nn::StepEngine> engine_on(ThreadPool* with) const {
    return std::make_unique<nn::StepEngine>(model.config.network, model.weights.data(),
                                            stepping_precision, with);
  }
  void load() {
    engine = engine_on(pool.get());
    engine->initial_state(initial.data());
  }
  void start_threads() {
    auto started = nn::make_thread_pool(threads);
    engine = engine_on(started.get());
    pool = std::move(started);
  }

  float* state(int64_t slot) { return states.data() + slot * state_size; }
  std::vector<text::Token>& window(int64_t slot) { return windows[static_cast<size_t>(slot)]; }

  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens, float* logits) {
    rows.clear(), inputs.clear();
    for (size_t i = 0; i < slots.size(); ++i) {
      rows.push_back(state(slots[i]));
      inputs.push_back(tokens[i] == unknown ? nn::Chunk::no_input : tokens[i]);
    }
    engine->step(inputs, rows, logits);
  }

  void read(int64_t slot, std::span<const text::Token> tokens, float* logits) {
    inputs.clear();
    for (const text::Token token : tokens)
      inputs.push_back(token == unknown ? nn::Chunk::no_input : token);
    engine->read(inputs, state(slot), logits);
  }

  // Reads every slot's window again from the initial state; windows shorter than the longest begin
  // later.
  void step_windows(std::span<const int64_t> slots, std::span<const text::Token> tokens,
                    std::span<float> logits) {
    size_t longest = 0;
    for (size_t i = 0; i < slots.size(); ++i) {
      std::vector<text::Token>& read = window(slots[i]);
      if (static_cast<int64_t>(read.size()) == model.config.context) read.erase(read.begin());
      read.push_back(tokens[i]);
      longest = std::max(longest, read.size());
      std::copy(initial.begin(), initial.end(), state(slots[i]));
    }
    for (size_t t = 0; t < longest; ++t) {
      active.clear(), column.clear();
      for (const int64_t slot : slots) {
        const std::vector<text::Token>& read = window(slot);
        if (t + read.size() < longest) continue;
        active.push_back(slot);
        column.push_back(read[t + read.size() - longest]);
      }
      step(active, column, t + 1 == longest ? logits.data() : nullptr);
    }
  }

  const LanguageModel& model;
  const int threads;  // wished: 0 = all of the machine's
  const nn::Precision stepping_precision;
  const text::Token unknown;
  const int64_t state_size;
  const bool windowed;
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<nn::StepEngine> engine;
  std::vector<float> initial, states;
  std::vector<std::vector<text::Token>> windows;  // many-to-one
  std::vector<int64_t> active;      // slots that have begun at a step of their windows
  std::vector<text::Token> column;  // and what they read there
  std::vector<float*> rows;
  std::vector<int32_t> inputs;
};

Stepper::Stepper(const LanguageModel& model, int64_t slots, nn::Precision precision, int threads)
    : impl_(std::make_unique<Impl>(model, precision, threads)) {
  resize(slots);
}

Stepper::~Stepper() = default;

int64_t Stepper::slots() const { return static_cast<int64_t>(impl_->windows.size()); }

void Stepper::resize(int64_t slots) {
  const int64_t before = this->slots();
  impl_->states.resize(static_cast<size_t>(slots * impl_->state_size));
  impl_->windows.resize(static_cast<size_t>(slots));
  for (int64_t slot = before; slot < slots; ++slot) reset(slot);
}

void Stepper::reset(int64_t slot) {
  std::copy(impl_->initial.begin(), impl_->initial.end(), impl_->state(slot));
  impl_->window(slot).clear();
}

void Stepper::copy(int64_t from, int64_t to) {
  std::copy_n(impl_->state(from), impl_->state_size, impl_->state(to));
  if (impl_->windowed) impl_->window(to) = impl_->window(from);
}

void Stepper::step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
                   std::span<float> logits) {
  if (impl_->windowed) return impl_->step_windows(slots, tokens, logits);
  impl_->step(slots, tokens, logits.data());
}

void Stepper::read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits) {
  if (impl_->windowed) {
    const size_t fit = std::min(tokens.size(), static_cast<size_t>(impl_->model.config.context));
    if (fit == 0) return;
    std::vector<text::Token>& window = impl_->window(slot);
    for (const text::Token token : tokens.last(fit).first(fit - 1)) {
      if (static_cast<int64_t>(window.size()) == impl_->model.config.context)
        window.erase(window.begin());
      window.push_back(token);
    }
    return step({&slot, 1}, tokens.last(1), logits);
  }
  if (!tokens.empty()) impl_->read(slot, tokens, logits.data());
}

ThreadPool* Stepper::threads_for(size_t texts) {
  if (texts >= many_texts && impl_->threads != 1 && !impl_->pool) impl_->start_threads();
  return impl_->pool.get();
}

void Stepper::reload() { impl_->load(); }

void Stepper::hidden_state(int64_t slot, std::span<float> h) const {
  const nn::NetworkSpec& network = impl_->model.config.network;
  float* to = h.data();
  for (const int layer : network.head_inputs) {
    const float* state = impl_->state(slot);
    for (int l = 0; l < layer; ++l)
      state += network.state_blocks() * network.layers[static_cast<size_t>(l)].hidden_size;
    to = std::copy_n(state, network.layers[static_cast<size_t>(layer)].hidden_size, to);
  }
}

}  // namespace inkling::model
