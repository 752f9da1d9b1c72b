#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/evaluate.h"
#include "model/json_fields.h"
#include "nn/initialize.h"
#include "nn/kernels/instruction_set.h"
#include "train/described_network.h"
#include "train/machine_record.h"
#include "train/option_record.h"
#include "train/trainer_impl.h"
#include "train/training_memory.h"
#include "train/vocabulary_map.h"

// A run before its first step: the network, the batches, the memory, the weights.
namespace inkling::train {
namespace {

// "3 characters are new (a, b, c)": those of `text` that `than` lacks; "" = none.
std::string characters_beyond(const text::Vocabulary& text, const text::Vocabulary& than,
                              std::string_view what) {
  constexpr size_t shown = 5;
  std::vector<std::string> beyond;
  for (text::Token token = 0; token < text.characters(); ++token) {
    if (!than.find(text.text(token))) beyond.push_back(model::printable(text.text(token)));
  }
  const size_t count = beyond.size();
  if (count == 0) return "";
  beyond.resize(std::min(count, shown));
  return fmt::format("{} {} {} ({}{})", count, count == 1 ? "character is" : "characters are", what,
                     fmt::join(beyond, ", "), count > shown ? ", ..." : "");
}

int64_t characters_of(const text::Corpus& corpus) {
  return static_cast<int64_t>(corpus.train.text.tokens.size() +
                              corpus.validation.text.tokens.size() +
                              corpus.test.text.tokens.size());
}

std::string corpus_changes(const text::Corpus& corpus, const text::Vocabulary& vocabulary_then,
                           int64_t characters_then) {
  std::vector<std::string> changes;
  const int64_t characters = characters_of(corpus);
  if (characters != characters_then)
    changes.push_back(
        fmt::format("it has {} characters, then it had {}", characters, characters_then));
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  for (const std::string& change : {characters_beyond(vocabulary, vocabulary_then, "new"),
                                    characters_beyond(vocabulary_then, vocabulary, "gone")}) {
    if (!change.empty()) changes.push_back(change);
  }
  if (changes.empty())
    changes.push_back(fmt::format("of its {} characters some differ", characters));
  return fmt::format("{}", fmt::join(changes, ", "));
}

}  // namespace

void Trainer::Impl::refuse_changes(const model::ModelFile& recorded, bool replays,
                                   const std::string& path) const {
  const RunState before =
      model::with_path(path, [&] { return RunState::from_metadata(recorded.extra_metadata); });
  replays = replays || before.replay_steps > 0;
  const std::string_view verb = replays ? "repeated" : "resumed";
  const std::string changed =
      changed_option(recorded.model.history.options, options, /*length_may_change=*/!replays);
  if (!changed.empty()) {
    usage_error(
        "--{} differs from the run that is {}; leave it as it was, or begin a new run with "
        "--init-from",
        changed, verb);
  }
  const text::Vocabulary& vocabulary = recorded.model.vocabulary();
  if (!(vocabulary == corpus.tokenizer.vocabulary()) || before.fingerprint != corpus.fingerprint) {
    data_error(
        "the corpus is not that of the run that is {}: {}; give the same text (a text from "
        "standard input has to be piped again), or begin a new run with --init-from",
        verb, corpus_changes(corpus, vocabulary, before.corpus_characters));
  }
}

void Trainer::Impl::describe_network() {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  const int64_t embedding = embedding_size(options, vocabulary.characters());
  if (options.embedding_size < 0 && embedding > 0) {
    plan.notices.push_back(
        fmt::format("the vocabulary has {} characters: input vectors are learned, {} numbers "
                    "each (--embedding-size)",
                    vocabulary.characters(), embedding));
  }
  model.tokenizer = corpus.tokenizer;
  model.config.network = described_network(options, vocabulary.size(), embedding);
  model.config.shape = options.shape;
  model.config.context = options.context;
  layout.emplace(model.config.network);
  plan.config = model.config;
  plan.parameters = layout->count();
}

void Trainer::Impl::require_possible_size() const {
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
    plan.notices.push_back(fmt::format("the text is short: parallel streams: {}, not {}",
                                       plan.batch_size, options.batch_size));
  }
  if (plan.bptt < wanted_steps) {
    plan.notices.push_back(fmt::format("the text is short: {} steps back-propagated instead of {}",
                                       plan.bptt, wanted_steps));
  }
  // Every position but the first is a target once in an epoch.
  for (const text::Tokens::Inexact& inexact : corpus.train.text.inexact) {
    if (inexact.position > 0) unknown_nats += inexact.nats;
  }
  unknown_nats /= static_cast<double>(corpus.train.text.tokens.size() - 1);
  if (const size_t validated = corpus.validation.text.tokens.size();
      validated > 0 && validates_on_little()) {
    plan.notices.push_back(fmt::format(
        "the validation part has no more than {} characters: its loss says little", validated));
  }
  state.batch_size = plan.batch_size, state.bptt = plan.bptt;
  state.fingerprint = corpus.fingerprint, state.corpus_characters = characters_of(corpus);
}

void Trainer::Impl::choose_precision() {
  plan.precision = nn::training_precision(options.precision);
  plan.instruction_set = std::string(name_of(nn::instruction_set()));
}

void Trainer::Impl::take_precision(const model::ModelFile& recorded) {
  const std::string& before = recorded.model.history.precision;
  if (before != name_of(nn::Precision::f32) && before != name_of(nn::Precision::bf16))
    data_error("its precision is {}, none that a run can have", model::printable(before));
  if (before != name_of(plan.precision) && (before != "bf16" || nn::has_bf16_products())) {
    plan.precision = enum_from_name<nn::Precision>(before, "its precision");
  }
  const std::string changes = machine_changes(recorded.extra_metadata);
  if (!changes.empty()) {
    plan.notices.push_back(changes);
  } else if (before != name_of(plan.precision)) {
    plan.notices.push_back(fmt::format(
        "the run was trained in {} so far, and this is {}: from here on its bits may differ",
        before, name_of(plan.precision)));
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
  plan.memory_bytes = training_bytes(options, model.config.network, engine_options(), resumed);
  plan.available_bytes = available_memory();
  const std::string_view steps =
      options.shape == model::Shape::many_to_one ? "--context" : "--bptt";
  const std::string smaller =
      fmt::format("lower {}--hidden-size, --batch-size or {}",
                  model.config.network.stacks() > 1 ? "--stacks, " : "", steps);
  require_memory(memory_to_train(plan.memory_bytes), "training",
                 resumed ? "end other programs, or raise what limits this one" : smaller);
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
  if (init_from == nullptr) return;
  plan.begun_anew = false;
  plan.notices.push_back(take_weights(*init_from, model));
  state.begun_from = checksum_of(init_from->weights);
}

void Trainer::Impl::take_record(const model::ModelFile& replayed) {
  const RunState other = RunState::from_metadata(replayed.extra_metadata);
  record = RunRecord::load(replayed);
  state.replay_steps = other.step;
  state.replay_weights = checksum_of(replayed.model.weights);
  state.validation_characters = other.validation_characters;
  if (state.validation_characters < 0) decide_on_validation();
  if (other.step == 0) data_error("the run to be repeated has not taken a step yet");
  if (static_cast<int64_t>(record.learning_rates.size()) < other.step)
    data_error("its counters contradict each other: it cannot be repeated");
  record.learning_rates.resize(static_cast<size_t>(other.step));
  std::erase_if(record.evaluations, [&](int64_t step) { return step > other.step; });
  if (state.begun_from != other.begun_from) {
    usage_error("the run to be repeated began with {}",
                other.begun_from == 0 ? "new weights: leave --init-from out"
                                      : "another model's weights: give that with --init-from");
  }
}

}  // namespace inkling::train
