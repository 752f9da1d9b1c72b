#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/random.h"
#include "nn/initialize.h"
#include "nn/kernels/instruction_set.h"
#include "train/option_record.h"
#include "train/trainer_impl.h"
#include "train/vocabulary_map.h"

// A run before its first step: the network, the batches, the memory, the weights.
namespace inkling::train {
namespace {

constexpr int64_t one_hot_up_to = 1000;  // characters
constexpr int64_t chosen_embedding_size = 128;

}  // namespace

void Trainer::Impl::refuse_changes(const model::ModelFile& checkpoint) {
  const std::string changed = changed_option(checkpoint.model.history.options, options);
  if (!changed.empty()) {
    usage_error(
        "--{} differs from the run that is resumed; leave it as it was, or begin a new run with "
        "--init-from",
        changed);
  }
  state = RunState::from_metadata(checkpoint.extra_metadata);
  if (!(checkpoint.model.vocabulary() == corpus.tokenizer.vocabulary())) {
    data_error(
        "the corpus has another vocabulary than the run that is resumed; give the same text, or "
        "begin a new run with --init-from");
  }
  if (state.fingerprint != corpus.fingerprint) {
    data_error(
        "the corpus is not the text of the run that is resumed; give the same text, or begin a new "
        "run with --init-from");
  }
}

void Trainer::Impl::describe_network() {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  int64_t embedding = options.embedding_size;
  if (embedding < 0) {
    embedding = vocabulary.characters() > one_hot_up_to ? chosen_embedding_size : 0;
    if (embedding > 0) {
      plan.notices.push_back(
          fmt::format("the vocabulary has {} characters: input vectors are learned, {} numbers "
                      "each (--embedding-size)",
                      vocabulary.characters(), embedding));
    }
  }
  model.tokenizer = corpus.tokenizer;
  model.config.network =
      nn::NetworkSpec::chain(vocabulary.size(), embedding, options.cell,
                             static_cast<int>(options.num_layers), options.hidden_size);
  model.config.network.activation = options.activation;
  model.config.network.layer_norm = options.layer_norm;
  model.config.network.initial_state = options.initial_state;
  model.config.shape = options.shape;
  model.config.context = options.context;
  layout.emplace(model.config.network);
  plan.config = model.config;
  plan.parameters = layout->count();
  if (plan.parameters > limits::parameters) {
    usage_error(
        "this network has {} parameters, the limit is {}; lower --hidden-size, --num-layers or "
        "--max-vocab",
        plan.parameters, limits::parameters);
  }
}

void Trainer::Impl::make_batches() {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  const bool one_target = options.shape == model::Shape::many_to_one;
  const int64_t wanted_steps = one_target ? options.context : options.bptt;
  if (one_target) {
    windows.emplace(corpus.train, vocabulary, options.batch_size, options.context,
                    static_cast<uint64_t>(options.seed));
  } else {
    streams.emplace(corpus.train, vocabulary, options.batch_size, options.bptt);
  }
  plan.batch_size = one_target ? windows->batch() : streams->batch();
  plan.bptt = one_target ? windows->steps() : streams->steps();
  plan.steps_per_epoch = one_target ? windows->per_epoch() : streams->per_epoch();
  if (plan.batch_size < options.batch_size) {
    plan.notices.push_back(fmt::format("the text is short: {} parallel streams instead of {}",
                                       plan.batch_size, options.batch_size));
  }
  if (plan.bptt < wanted_steps) {
    plan.notices.push_back(fmt::format("the text is short: {} steps back-propagated instead of {}",
                                       plan.bptt, wanted_steps));
  }
  state.batch_size = plan.batch_size, state.bptt = plan.bptt,
  state.fingerprint = corpus.fingerprint;
}

void Trainer::Impl::choose_precision(const model::ModelFile* checkpoint) {
  plan.precision = nn::training_precision(options.precision);
  plan.instruction_set = std::string(name_of(nn::instruction_set()));
  if (checkpoint == nullptr) return;
  const std::string& before = checkpoint->model.history.precision;
  if (before != name_of(plan.precision) && (before != "bf16" || nn::has_bf16_products())) {
    plan.precision = enum_from_name<nn::Precision>(before, "the checkpoint's precision");
  }
  const auto set = checkpoint->extra_metadata.find("state.instruction_set");
  if (before != name_of(plan.precision) || set == checkpoint->extra_metadata.end() ||
      set->second != plan.instruction_set) {
    plan.notices.push_back(
        "the checkpoint was written with another instruction set or precision: the bits of this "
        "run may differ from the unbroken one");
  }
}

nn::EngineOptions Trainer::Impl::engine_options() const {
  return {.batch = plan.batch_size,
          .steps = plan.bptt,
          .precision = plan.precision,
          .train = true,
          .last_step_only = options.shape == model::Shape::many_to_one,
          .resets =
              options.shape == model::Shape::many_to_one || corpus.tokenizer.vocabulary().has_end(),
          .dropout = options.dropout > 0};
}

void Trainer::Impl::plan_memory() {
  // Weights three times (as they are, the best, the last good), the gradient, and the moments
  // twice.
  const int64_t moments = options.optimizer == OptimizerKind::adam ? 2 : 1;
  plan.memory_bytes = nn::engine_bytes(model.config.network, engine_options()) +
                      layout->size() * 4 * (4 + 2 * moments);
  require_memory(plan.memory_bytes, "training", "lower --hidden-size, --batch-size or --bptt");
}

void Trainer::Impl::make_weights(const model::LanguageModel* init_from) {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  nn::InitializeOptions how;
  how.orthogonal = options.initialization == Initialization::orthogonal;
  how.zero_input = vocabulary.unknown();
  double total = 0;
  for (text::Token t = 0; t < vocabulary.size(); ++t)
    total += static_cast<double>(vocabulary.count(t)) + 0.5;
  for (text::Token t = 0; t < vocabulary.size(); ++t) {
    how.log_unigram.push_back(std::log((static_cast<double>(vocabulary.count(t)) + 0.5) / total));
  }
  Random random(static_cast<uint64_t>(options.seed));
  model.weights = nn::initialize(model.config.network, how, random, *pool);
  if (init_from != nullptr) plan.notices.push_back(take_weights(*init_from, model));
}

}  // namespace inkling::train
