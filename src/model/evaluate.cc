#include "model/evaluate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/memory.h"
#include "model/adaptive_model.h"
#include "model/stepper.h"
#include "nn/chunk.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/threads.h"

namespace inkling::model {
namespace {

constexpr int64_t window_batch = 64;        // windows run side by side
constexpr int64_t positions_at_once = 256;  // between two calls of ScoredFn

// The nats of every position of a text; scored[p] says whether position p was predicted.
class Scores {
 public:
  Scores(const text::CorpusPart& part, const ScoredFn& scored, ProbabilityCheck* check)
      : part_(part), nats_(part.text.tokens.size(), -1.F), scored_(scored), check_(check) {}

  // probability_sum(): of the whole vocabulary, by which the position was scored.
  template <class ProbabilitySum>
  void set(int64_t position, float nats, ProbabilitySum&& probability_sum) {
    nats_[static_cast<size_t>(position)] = nats;
    if (++count_ % positions_at_once == 0 && scored_) scored_(count_);
    if (check_ == nullptr) return;
    ++check_->positions;
    const double error = std::isnan(nats) ? 1 : std::abs(probability_sum() - 1);
    if (!(error <= check_->largest_error)) check_->largest_error = std::isnan(error) ? 1 : error;
  }

  nn::LossSum sum(const ScoreFn& score) const {
    nn::LossSum loss;
    auto inexact = part_.text.inexact.begin();
    for (size_t p = 0; p < nats_.size(); ++p) {
      const auto position = static_cast<int64_t>(p);
      while (inexact != part_.text.inexact.end() && inexact->position < position) ++inexact;
      if (nats_[p] < 0) continue;
      const bool spelled = inexact != part_.text.inexact.end() && inexact->position == position;
      const double nats = static_cast<double>(nats_[p]) + (spelled ? inexact->nats : 0.0);
      loss += {nats, 1};
      if (score) score(position, part_.text.tokens[p], nats);
    }
    return loss;
  }

 private:
  const text::CorpusPart& part_;
  std::vector<float> nats_;
  const ScoredFn& scored_;
  int64_t count_ = 0;
  ProbabilityCheck* check_;
};

// Whether everything starts from the initial state with this character.
class Beginnings {
 public:
  Beginnings(const text::Vocabulary& vocabulary, const EvaluateOptions& options)
      : vocabulary_(vocabulary), lines_apart_(options.lines_apart) {}

  bool operator()(text::Token token) const {
    return lines_apart_ ? vocabulary_.ends_line(token) : token == vocabulary_.end();
  }

 private:
  const text::Vocabulary& vocabulary_;
  const bool lines_apart_;
};

// Stretches of a text that run side by side, one a stream: inputs from position begin on, the
// targets of inputs [score_from, end) scored; everything starts from the initial state.
struct Stretch {
  int64_t begin = 0, score_from = 0, end = 0;
};

class SideBySide {
 public:
  SideBySide(const LanguageModel& model, const text::CorpusPart& part,
             const EvaluateOptions& options, int64_t batch, int64_t steps, bool last_step_only,
             bool checks)
      : model_(model),
        part_(part),
        begins_(model.vocabulary(), options),
        batch_(batch),
        steps_(steps),
        pool_(nn::make_thread_pool(options.threads)),
        engine_(model.config.network,
                affordable(model, {.batch = batch,
                                   .steps = steps,
                                   .precision = nn::training_precision(options.precision),
                                   .train = false,
                                   .last_step_only = last_step_only,
                                   .resets = true,
                                   .probability_sums = checks}),
                *pool_) {
    engine_.set_weights(model.weights.data());
    const auto size = static_cast<size_t>(batch * steps);
    inputs_.resize(size), targets_.resize(size), resets_.resize(size);
  }

  // All stretches end at the same step: shorter ones begin later.
  void run(const std::vector<Stretch>& stretches, Scores& scores) {
    int64_t longest = 0;
    for (const Stretch& s : stretches) longest = std::max(longest, s.end - s.begin);
    const int64_t chunks = (longest + steps_ - 1) / steps_;
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      for (int64_t b = 0; b < batch_; ++b) {
        const bool idle = b >= static_cast<int64_t>(stretches.size());
        const Stretch s = idle ? Stretch{} : stretches[static_cast<size_t>(b)];
        for (int64_t t = 0; t < steps_; ++t) {
          const int64_t position = s.end - chunks * steps_ + chunk * steps_ + t;
          fill(static_cast<size_t>(t * batch_ + b), idle ? -1 : position, s);
        }
      }
      engine_.run({steps_, inputs_.data(), targets_.data(), resets_.data(), false});
      for (size_t b = 0; b < stretches.size(); ++b) {
        for (int64_t t = 0; t < steps_; ++t) {
          const auto i = static_cast<size_t>(t * batch_) + b;
          if (targets_[i] < 0) continue;
          const auto stream = static_cast<int64_t>(b);
          scores.set(stretches[b].end - chunks * steps_ + chunk * steps_ + t + 1,
                     engine_.nats(t, stream), [&] { return engine_.probability_sum(t, stream); });
        }
      }
    }
  }

 private:
  static nn::EngineOptions affordable(const LanguageModel& model, const nn::EngineOptions& engine) {
    require_memory(
        nn::engine_bytes(model.config.network, engine), "evaluating",
        "close other programs, or take a smaller model, or fewer --streams where there are some");
    return engine;
  }

  void fill(size_t i, int64_t position, const Stretch& s) {
    const std::vector<text::Token>& tokens = part_.text.tokens;
    inputs_[i] = nn::Chunk::no_input, targets_[i] = nn::Chunk::no_target, resets_[i] = 0;
    if (position < s.begin || position >= s.end) return;
    const text::Token token = tokens[static_cast<size_t>(position)];
    if (token != model_.vocabulary().unknown()) inputs_[i] = token;
    resets_[i] = position == s.begin || begins_(token);
    if (position >= s.score_from) targets_[i] = tokens[static_cast<size_t>(position) + 1];
  }

  const LanguageModel& model_;
  const text::CorpusPart& part_;
  const Beginnings begins_;
  const int64_t batch_, steps_;
  std::unique_ptr<ThreadPool> pool_;
  nn::ChunkEngine engine_;
  std::vector<int32_t> inputs_, targets_;
  std::vector<uint8_t> resets_;
};

void one_stream(const LanguageModel& model, const text::CorpusPart& part,
                const EvaluateOptions& options, Scores& scores) {
  Stepper stepper(model, 1, options.precision, options.threads);
  const auto vocab = static_cast<size_t>(model.vocabulary().size());
  std::vector<float> logits(vocab);
  const Beginnings begins(model.vocabulary(), options);
  const int64_t slot = 0;
  for (size_t p = 0; p + 1 < part.text.tokens.size(); ++p) {
    const text::Token token = part.text.tokens[p];
    if (begins(token)) stepper.reset(slot);
    stepper.step({&slot, 1}, {&token, 1}, logits);
    const float largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float z : logits) sum += std::exp(static_cast<double>(z - largest));
    const float score = logits[static_cast<size_t>(part.text.tokens[p + 1])] - largest;
    const auto nats = static_cast<float>(std::log(sum) - static_cast<double>(score));
    scores.set(static_cast<int64_t>(p) + 1, nats, [&] {
      return sum * std::exp(-static_cast<double>(nats) - static_cast<double>(score));
    });
  }
}

void adapting(const LanguageModel& model, const text::CorpusPart& part,
              const EvaluateOptions& options, Scores& scores) {
  AdaptiveModel adaptive(model, *options.adapt, options.threads);
  const auto set = [&](int64_t position, float nats, double probability_sum) {
    scores.set(position, nats, [=] { return probability_sum; });
  };
  adaptive.read(part.text.tokens, true, set);
  adaptive.finish(set);
}

// Runs stretches in groups of `batch`.
void in_groups(SideBySide& runner, const std::vector<Stretch>& all, int64_t batch, Scores& scores) {
  for (size_t first = 0; first < all.size(); first += static_cast<size_t>(batch)) {
    const size_t last = std::min(all.size(), first + static_cast<size_t>(batch));
    runner.run(
        {all.begin() + static_cast<ptrdiff_t>(first), all.begin() + static_cast<ptrdiff_t>(last)},
        scores);
  }
}

// Where a many-to-one window that predicts `target` begins: at most `context` back, and where
// everything does.
int64_t window_begin(const text::CorpusPart& part, const Beginnings& begins, int64_t context,
                     int64_t target) {
  int64_t begin = target;
  while (begin > 0 && target - begin < context) {
    --begin;
    if (begins(part.text.tokens[static_cast<size_t>(begin)])) break;
  }
  return begin;
}

}  // namespace

nn::Precision precision_of(const LanguageModel& model, const EvaluateOptions& options) {
  if (options.adapt) return nn::Precision::f32;
  const bool side_by_side =
      model.config.shape == Shape::many_to_one || options.window > 0 || options.streams > 1;
  return side_by_side ? nn::training_precision(options.precision)
                      : nn::stepping_precision(options.precision);
}

nn::LossSum evaluate(const LanguageModel& model, const text::CorpusPart& part,
                     const EvaluateOptions& options, const ScoreFn& score,
                     ProbabilityCheck* check) {
  const auto count =
      static_cast<int64_t>(part.text.tokens.size()) - 1;  // predicted positions: 1 .. count
  Scores scores(part, options.scored, check);
  if (count <= 0) return scores.sum(score);
  std::vector<Stretch> stretches;
  if (options.adapt) {
    adapting(model, part, options, scores);
  } else if (model.config.shape == Shape::many_to_one) {
    SideBySide runner(model, part, options, window_batch,
                      std::min(model.config.context, most_steps_at_once), true, check != nullptr);
    const Beginnings begins(model.vocabulary(), options);
    for (int64_t p = 1; p <= count; p += options.stride)
      stretches.push_back({window_begin(part, begins, model.config.context, p), p - 1, p});
    in_groups(runner, stretches, window_batch, scores);
  } else if (options.window > 0) {
    const int64_t windows = (count + options.window - 1) / options.window,
                  batch = std::min(window_batch, windows);
    SideBySide runner(model, part, options, batch,
                      std::min({options.window, count, most_steps_at_once}), false,
                      check != nullptr);
    for (int64_t begin = 0; begin < count; begin += options.window) {
      stretches.push_back({begin, begin, std::min(begin + options.window, count)});
    }
    in_groups(runner, stretches, batch, scores);
  } else if (options.streams <= 1) {
    one_stream(model, part, options, scores);
  } else {
    const int64_t streams = std::clamp<int64_t>(count / 32, 1, options.streams);
    for (int64_t s = 0; s < streams; ++s) {
      const int64_t from = count * s / streams;
      int64_t end = count * (s + 1) / streams;
      if (options.most_characters > 0)
        end = std::min(end, from + std::max<int64_t>(1, options.most_characters / streams));
      stretches.push_back({std::max<int64_t>(0, from - options.warm_up), from, end});
    }
    SideBySide(model, part, options, streams, std::min(steps_side_by_side, count), false,
               check != nullptr)
        .run(stretches, scores);
  }
  return scores.sum(score);
}

}  // namespace inkling::model
