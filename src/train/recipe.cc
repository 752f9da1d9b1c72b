#include "train/recipe.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/memory.h"
#include "nn/kernels/instruction_set.h"
#include "nn/kernels/kernel_table.h"
#include "train/described_network.h"
#include "train/training_memory.h"

namespace inkling::train {
namespace {

// The network that is timed, and how. Small, so that a slow machine is done in a second.
constexpr int64_t probe_layers = 2, probe_hidden = 256, probe_batch = 32, probe_bptt = 16;
constexpr int probe_rounds = 100;
constexpr double probe_seconds = 0.5;  // enough of them

// The network for a run, or one of several: the last row whose network has a text that is long
// enough for it and can read enough in the time.
struct Size {
  int64_t least_text;  // characters; a shorter one it learns by heart
  // So often it has to be able to read the text, but at least and at most so many characters.
  double epochs, least_read, enough_read;
  double each;  // of several side by side has to read so many, or the text 12 times
  int64_t num_layers, hidden_size;
  int64_t batch_size;
  double learning_rate;
};
constexpr std::array<Size, 4> sizes{{
    {0, 0, 0, 0, 5e6, 2, 128, 16, 1.5e-2},
    {60'000, 2, 2.5e6, 20e6, 2.5e6, 2, 256, 16, 9e-3},
    {400'000, 2, 3e6, 30e6, 3e6, 2, 384, 16, 8e-3},
    {600'000, 50, 3e6, 60e6, 3e6, 2, 512, 32, 5e-3},
}};
// What batch sizes and learning rates were measured for. Others have the rate below where their
// sizes are chosen, and their own where those are given by hand.
bool is_as_measured(const TrainOptions& options) {
  return options.cell != nn::CellKind::rnn && options.optimizer == OptimizerKind::adam &&
         options.hidden_size <= sizes.back().hidden_size;
}
constexpr double careful_learning_rate = 6e-3;

// The same for windows that predict one character each (many-to-one), of which a step has many:
// the last row whose network can predict enough in the time.
struct WindowSize {
  double least_predicted;
  int64_t hidden_size;
  double learning_rate;
};
constexpr std::array<WindowSize, 3> window_sizes{{
    {0, 64, 3e-2},
    {0.6e6, 96, 2.5e-2},
    {1.4e6, 128, 2e-2},
}};
constexpr int64_t window_layers = 1, window_context = 16, window_batch = 256, least_windows = 32;

bool predicts_one(const TrainOptions& options) {
  return options.shape == model::Shape::many_to_one;
}

// The row for a network whose sizes are given by hand.
const Size& size_like(int64_t hidden_size) {
  return *std::find_if(sizes.begin(), sizes.end() - 1,
                       [&](const Size& row) { return row.hidden_size >= hidden_size; });
}

// A short text needs smaller steps: one of that size has this many in an epoch, or more. Of many
// different characters small ones are too noisy for these rates.
constexpr double steps_of_an_epoch = 48, steps_back = 64;
constexpr int64_t least_batch = 4, least_batch_of_many = 8, many_characters = 200;

int64_t batch_for(const Size& size, const RecipeFacts& facts) {
  const int64_t least = facts.distinct > many_characters ? least_batch_of_many : least_batch;
  const double most = static_cast<double>(facts.characters) / (steps_back * steps_of_an_epoch);
  int64_t batch = size.batch_size;
  while (batch > least && static_cast<double>(batch) > most) batch /= 2;
  return batch;
}

// How many of them, by how often one alone could read the text; but each has to read enough.
struct Stacks {
  double epochs;  // at most
  int64_t count;
};
constexpr std::array<Stacks, 5> stacks_by_epochs{{{6, 1}, {13, 2}, {22, 3}, {60, 4}, {1e99, 5}}};
constexpr double epochs_of_each = 12, updates_of_each = 800;

int64_t stacks_of(const Size& size, double epochs_alone, const RecipeFacts& facts) {
  const auto text = static_cast<double>(facts.characters);
  const int64_t count =
      std::find_if(stacks_by_epochs.begin(), stacks_by_epochs.end(), [&](const Stacks& row) {
        return epochs_alone <= row.epochs;
      })->count;
  const double updates = updates_of_each * steps_back * static_cast<double>(batch_for(size, facts));
  const double each = std::max(1.0, std::min(size.each, std::max(epochs_of_each * text, updates)));
  const double enough_for = epochs_alone * text / each;
  return static_cast<int64_t>(std::clamp(enough_for, 1.0, static_cast<double>(count)));
}

// Against learning the text by heart, by how often each reads it.
struct Regularization {
  double epochs;  // at most, for 384 units and 100,000 characters or more
  double dropout;
  bool variational;
  double input_dropout, reset_state;
};
constexpr std::array<Regularization, 7> regularizations{{
    {1.5, 0, false, 0, 0.03},
    {7, 0.1, false, 0, 0.03},
    {10, 0.15, false, 0, 0.03},
    {20, 0.2, false, 0, 0.05},
    {25, 0.3, true, 0.05, 0.05},
    {60, 0.4, true, 0.05, 0.05},
    {1e99, 0.5, true, 0.1, 0.05},
}};

// How much more often than one of 384 units a network may read a text before it knows it by heart.
double readings_beside_384(int64_t hidden_size) {
  return std::sqrt(384 / static_cast<double>(hidden_size));
}

// And how much sooner it knows a short one.
double sooner_by_heart(double text) { return std::cbrt(std::max(1.0, 1e5 / std::max(text, 1.0))); }

constexpr std::array<std::string_view, 5> size_options{"cell", "num-layers", "hidden-size",
                                                       "embedding-size", "layer-norm"};

}  // namespace

double usual_learning_rate(OptimizerKind optimizer, double momentum) {
  constexpr double of_sgd = 8;  // whose steps are as long as gradients, momentum adding them up
  return optimizer == OptimizerKind::sgd ? of_sgd * (1 - momentum) : TrainOptions().learning_rate;
}

TrainingStep usual_step(int64_t vocabulary, nn::Precision precision) {
  return {
      .spec = nn::NetworkSpec::chain(vocabulary, 0, nn::CellKind::lstm, probe_layers, probe_hidden),
      .batch = probe_batch,
      .bptt = probe_bptt,
      .precision = precision};
}

TrainingStep chosen_step(const RecipeFacts& facts, const TrainOptions& options,
                         nn::Precision precision) {
  return {
      .spec = described_network(options, facts.vocabulary, embedding_size(options, facts.distinct)),
      .batch = std::clamp<int64_t>(facts.characters / 2, 1, options.batch_size),
      .bptt = predicts_one(options) ? options.context : probe_bptt,
      .precision = precision,
      .many_to_one = predicts_one(options)};
}

bool is_timed_soon(const TrainingStep& step, const RecipeFacts& facts) {
  const double steps = least_rounds + 1;  // the first one prepares
  const double seconds = steps * step.flops_per_character() *
                         static_cast<double>(step.characters()) / facts.flops_per_second;
  return seconds < std::max(1.5, 0.03 * facts.seconds);
}

bool fits_memory(const RecipeFacts& facts, const TrainOptions& options, nn::Precision precision) {
  const TrainingStep step = chosen_step(facts, options, precision);
  const nn::EngineOptions training{.batch = options.batch_size,
                                   .steps = predicts_one(options) ? options.context : options.bptt,
                                   .precision = precision,
                                   .train = true,
                                   .last_step_only = predicts_one(options),
                                   .resets = true,
                                   .dropout = true};
  return memory_to_train(training_bytes(options, step.spec, training, false)) <= available_memory();
}

double measure_flops_per_second(const TrainingStep& step, ThreadPool& pool) {
  // The fastest: what else the machine happens to do just now will not last.
  const std::vector<double> seconds = step_seconds(step, pool, probe_rounds, probe_seconds);
  return step.flops_per_character() * static_cast<double>(step.characters()) /
         *std::min_element(seconds.begin(), seconds.end());
}

int64_t streams_to_fill(nn::Precision precision) {
  const bool has_tiles = nn::kernels().row_tiles != nullptr;
  return has_tiles && precision == nn::Precision::bf16 ? 2 * nn::LayerKernels::row_multiple : 1;
}

bool is_size(std::string_view option) {
  return std::find(size_options.begin(), size_options.end(), option) != size_options.end();
}

namespace {

// A recipe on its way: what it is chosen from, and what was chosen so far.
struct Choice {
  const RecipeFacts& facts;
  const std::function<bool(std::string_view option)>& given;
  TrainOptions& options;
  std::vector<std::string> sentences{};

  template <class Member, class Value>
  void choose(std::string_view name, Member& member, Value value) const {
    if (!given(name)) member = value;
  }
  nn::NetworkSpec network_of(const TrainOptions& of) const {
    return described_network(of, facts.vocabulary, embedding_size(of, facts.distinct));
  }
  bool fits(const TrainOptions& of) const { return !facts.fits || facts.fits(of); }
  // How often such networks read the text in the time.
  double epochs_of(const TrainOptions& of) const {
    const double work = facts.flops_per_second * facts.seconds /
                        static_cast<double>(std::max<int64_t>(1, facts.characters));
    const TrainingStep step{
        .spec = network_of(of), .bptt = of.context, .many_to_one = predicts_one(of)};
    return work / step.flops_per_character();
  }
};

void choose_size(Choice& choice) {
  TrainOptions& options = choice.options;
  const auto text = static_cast<double>(choice.facts.characters);
  const auto alone = [&](const Size& size) {
    TrainOptions one = options;
    one.num_layers = size.num_layers, one.hidden_size = size.hidden_size, one.stacks = 1;
    return one;
  };
  const auto epochs_alone = [&](const Size& size) { return choice.epochs_of(alone(size)); };
  const auto stacks_alone = [&](const Size& row) {
    return stacks_of(row, epochs_alone(row), choice.facts);
  };
  auto size = std::find_if(sizes.rbegin(), sizes.rend(), [&](const Size& row) {
    const double wanted = std::clamp(row.epochs * text, row.least_read, row.enough_read);
    return choice.facts.characters >= row.least_text && epochs_alone(row) * text >= wanted &&
           choice.fits(alone(row));
  });
  if (size == sizes.rend()) --size;  // the smallest, and what it lacks is said where it is planned
  // Two of the next smaller size are better than one that reads little more than it has to; of a
  // text that it does not read four times, than one that reads more as well.
  const auto smaller = size + 1;
  const double readings = epochs_alone(*size);
  const bool reads_little = readings * text < (readings < 4 ? 4 : 2) * size->least_read;
  if (!choice.given("stacks") && smaller != sizes.rend() && reads_little &&
      stacks_alone(*size) == 1 && stacks_alone(*smaller) > 1)
    size = smaller;
  options.num_layers = size->num_layers, options.hidden_size = size->hidden_size;
  if (options.optimizer != OptimizerKind::sgd)
    choice.choose("learning-rate", options.learning_rate, careful_learning_rate);
  choice.choose("stacks", options.stacks, stacks_alone(*size));
  while (!choice.given("stacks") && options.stacks > 1 && !choice.fits(options)) --options.stacks;
}

void choose_window_size(Choice& choice) {
  TrainOptions& options = choice.options;
  options.num_layers = window_layers;
  choice.choose("stacks", options.stacks, 1);
  for (const WindowSize& size : window_sizes) {
    TrainOptions one = options;
    one.hidden_size = size.hidden_size;
    const double predicted = choice.epochs_of(one) * static_cast<double>(choice.facts.characters);
    const bool first = size.least_predicted == 0;
    if (first || (predicted >= size.least_predicted && choice.fits(one)))
      options.hidden_size = size.hidden_size;
  }
}

// Of windows, which are drawn from all of the text.
void choose_window_step(Choice& choice) {
  TrainOptions& options = choice.options;
  if (!is_as_measured(options) || options.num_layers != window_layers ||
      options.hidden_size > window_sizes.back().hidden_size)
    return;
  int64_t batch = window_batch;
  while (batch > least_windows && static_cast<double>(batch) * steps_of_an_epoch >
                                      static_cast<double>(choice.facts.characters))
    batch /= 2;
  choice.choose("batch-size", options.batch_size, batch);
  choice.choose(
      "learning-rate", options.learning_rate,
      std::find_if(window_sizes.begin(), window_sizes.end() - 1, [&](const WindowSize& row) {
        return row.hidden_size >= options.hidden_size;
      })->learning_rate);
}

void choose_step(Choice& choice) {
  TrainOptions& options = choice.options;
  if (!is_as_measured(options)) return;
  const Size& size = size_like(options.hidden_size);
  const int64_t batch = batch_for(size, choice.facts);
  const bool is_short = batch < size.batch_size;
  choice.choose("batch-size", options.batch_size,
                is_short ? batch : std::max(batch, choice.facts.least_streams));
  choice.choose("learning-rate", options.learning_rate, size.learning_rate);
}

void choose_regularization(Choice& choice, double epochs) {
  TrainOptions& options = choice.options;
  const double factor = readings_beside_384(options.hidden_size) /
                        sooner_by_heart(static_cast<double>(choice.facts.characters));
  const Regularization& row =
      *std::find_if(regularizations.begin(), regularizations.end(),
                    [&](const Regularization& of) { return epochs <= of.epochs * factor; });
  const bool dropout_given = choice.given("dropout");
  choice.choose("dropout", options.dropout, row.dropout);
  if (!dropout_given) choice.choose("variational", options.variational, row.variational);
  choice.choose("input-dropout", options.input_dropout, row.input_dropout);
  if (!predicts_one(options))  // a window begins anew anyway
    choice.choose("reset-state", options.reset_state, row.reset_state);
  if (options.dropout == 0) {
    choice.sentences.emplace_back(
        dropout_given ? "no dropout, as asked for"
                      : "no dropout: so seldom read, a text is not learned by heart");
    return;
  }
  const std::string hidden =
      options.input_dropout > 0
          ? fmt::format(", {:g} % of the characters hidden", 100 * options.input_dropout)
          : "";
  choice.sentences.push_back(fmt::format(
      "dropout {}{}{}{}: so often read, a text is learned by heart without it", options.dropout,
      options.variational ? ", variational" : "", dropout_given ? ", as asked for" : "", hidden));
}

// Two digits, or more where that is a whole number.
std::string times_text(double times) {
  return times < 10 ? fmt::format("{:.2g}", times) : fmt::format("{:.0f}", times);
}

}  // namespace

std::vector<std::string> follow_recipe(const RecipeFacts& facts,
                                       const std::function<bool(std::string_view option)>& given,
                                       TrainOptions& options) {
  Choice choice{facts, given, options};
  const bool sizes_given = std::any_of(size_options.begin(), size_options.end(), given);
  const bool windows = predicts_one(options);
  if (windows) {
    choice.choose("context", options.context, window_context);
    if (!sizes_given) choose_window_size(choice);
    choose_window_step(choice);
  } else {
    if (!sizes_given) choose_size(choice);
    choose_step(choice);
  }
  const double epochs = choice.epochs_of(options);
  choice.sentences.push_back(fmt::format(
      "{} units{}{}: this machine reads the text about {} times through them in the time given",
      choice.network_of(options).size_text(),
      facts.sizes_of_model ? ", as the model to begin with has"
      : sizes_given        ? ", as asked for"
                           : "",
      windows ? fmt::format(", windows of {}", options.context) : "", times_text(epochs)));
  choose_regularization(choice, epochs);
  choice.sentences.push_back(fmt::format(
      "batch {}, learning rate {} ({}, it ends with the time){}", options.batch_size,
      options.learning_rate, name_of(options.schedule),
      options.averaging > 0
          ? fmt::format("; the model is the mean of the last {:.0f} % of the weights' way",
                        100 * options.averaging)
          : ""));
  return choice.sentences;
}

}  // namespace inkling::train
