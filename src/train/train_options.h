#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/option.h"
#include "model/model_config.h"
#include "nn/precision.h"
#include "text/corpus.h"

namespace inkling::train {

enum class OptimizerKind { adam, rmsprop, sgd };
constexpr std::array<std::string_view, 3> optimizer_names{"adam", "rmsprop", "sgd"};
constexpr std::span<const std::string_view> names_of(OptimizerKind) { return optimizer_names; }

enum class ScheduleKind { constant, step, cosine, linear };
constexpr std::array<std::string_view, 4> schedule_names{"constant", "step", "cosine", "linear"};
constexpr std::span<const std::string_view> names_of(ScheduleKind) { return schedule_names; }

enum class Initialization { uniform, orthogonal };
constexpr std::array<std::string_view, 2> initialization_names{"uniform", "orthogonal"};
constexpr std::span<const std::string_view> names_of(Initialization) {
  return initialization_names;
}

// How the model file holds its weights; checkpoints are float32 always.
enum class Storage { f32, bf16 };
constexpr std::array<std::string_view, 2> storage_names{"f32", "bf16"};
constexpr std::span<const std::string_view> names_of(Storage) { return storage_names; }

// Whether a run that is measured in time chooses its network and regularisation itself.
enum class RecipeUse { automatic, off };
constexpr std::array<std::string_view, 2> recipe_names{"auto", "off"};
constexpr std::span<const std::string_view> names_of(RecipeUse) { return recipe_names; }

// Which characters a run knows that begins with another model: also those of that model, or those
// of its text alone.
enum class VocabularyUse { joint, text };
constexpr std::array<std::string_view, 2> vocabulary_names{"joint", "text"};
constexpr std::span<const std::string_view> names_of(VocabularyUse) { return vocabulary_names; }

constexpr std::string_view default_time = "5m";  // without --time, --steps and --epochs

// "90s", "5m", "1h", "1h30m" or plain seconds; throws UsageError. 0 = none.
double parse_duration(std::string_view text);

// Everything that decides what a training run computes. Recorded in the model; compared on
// --resume.
struct TrainOptions {
  // Network.
  RecipeUse recipe = RecipeUse::automatic;
  nn::CellKind cell = nn::CellKind::lstm;
  nn::Activation activation = nn::Activation::tanh;
  int64_t num_layers = 2;
  int64_t hidden_size = 256;
  int64_t stacks = 1;
  int64_t embedding_size = -1;  // -1 = chosen: 0 (one-hot) up to 1,000 characters, else 128
  bool layer_norm = false;
  double dropout = 0.1;
  bool variational = false;
  double weight_drop = 0;
  double input_dropout = 0;
  double reset_state = 0;
  nn::InitialState initial_state = nn::InitialState::zero;
  Initialization initialization = Initialization::uniform;
  model::Shape shape = model::Shape::many_to_many;
  int64_t context = 64;
  // Optimisation.
  int64_t batch_size = 32;
  int64_t bptt = 64;
  OptimizerKind optimizer = OptimizerKind::adam;
  double learning_rate = 4e-3;
  double momentum = 0.9;
  double beta1 = 0.9;
  double beta2 = 0.99;
  ScheduleKind schedule = ScheduleKind::cosine;
  int64_t warmup_steps = 20;
  double weight_decay = 0;
  double clip_norm = 0.5;
  double clip_value = 0;
  double averaging = 0.1;
  // Length: at most one of the three; none = 5 minutes.
  double epochs = 0;
  int64_t steps = 0;
  std::string time;
  // Text.
  std::string split = "90/10/0";
  text::Unit unit = text::Unit::grapheme;
  text::Normalization normalize = text::Normalization::nfc;
  text::Documents documents = text::Documents::none;
  text::LineEnds line_ends = text::LineEnds::lf;
  int64_t min_count = 1;
  int64_t max_vocab = 20000;
  VocabularyUse vocab = VocabularyUse::joint;
  std::string encoding = "utf-8";
  text::Invalid invalid = text::Invalid::error;
  // The run.
  int64_t eval_every = 0;  // steps; 0 = 10 times in a run
  int64_t save_every = 0;  // steps; 0 = at every evaluation
  // Evaluations without a better validation loss before stopping; 0 = off; -1 = stop when the model
  // learns the text by heart: when three in a row are well above the best.
  int64_t patience = -1;
  int64_t seed = 1;
  int64_t threads = 0;  // 0 = all of the machine's
  nn::Precision precision = nn::Precision::automatic;
  Storage storage = Storage::f32;

  // Visits v(Option, member) for every option, in the order of --help. `group(title)` is called
  // before each group, if the visitor has it.
  template <class Visitor>
  void for_each_option(Visitor&& v) {
    auto group = [&](std::string_view title) {
      if constexpr (requires { v.group(title); }) v.group(title);
    };
    group("Network");
    v(Option{.name = "recipe",
             .meaning = "auto: layers, units, dropout and learning rate that are not given are "
                        "chosen from the text, the time and this machine's speed, where the run "
                        "is measured in time; off: as shown below"},
      recipe);
    v(Option{.name = "cell", .meaning = "recurrent cell"}, cell);
    v(Option{.name = "activation", .meaning = "of the rnn cell"}, activation);
    v(Option{.name = "num-layers",
             .meaning = "stacked recurrent layers",
             .low = 1,
             .high = limits::layers},
      num_layers);
    v(Option{.name = "hidden-size",
             .meaning = "units per layer",
             .low = 1,
             .high = limits::hidden_size},
      hidden_size);
    v(Option{.name = "stacks",
             .meaning = "networks of so many layers side by side in the model, each trained on its "
                        "own; their probabilities are averaged",
             .low = 1,
             .high = limits::layers},
      stacks);
    v(Option{.name = "embedding-size",
             .meaning = "length of learned input vectors; 0 = one-hot, -1 = one-hot up to 1000 "
                        "characters, else 128",
             .low = -1,
             .high = limits::embedding_size},
      embedding_size);
    v(Option{.name = "layer-norm",
             .meaning = "layer normalisation inside the cell (Ba et al. 2016)"},
      layer_norm);
    v(Option{.name = "dropout",
             .meaning = "share of each layer's outputs dropped while training; 0 = off",
             .low = 0,
             .high = 0.95},
      dropout);
    v(Option{.name = "variational",
             .meaning = "one dropout mask for all time steps of a chunk (Gal and Ghahramani 2016)"},
      variational);
    v(Option{.name = "weight-drop",
             .meaning = "share of the recurrent matrices' weights dropped in each step (Merity et "
                        "al. 2018); 0 = off",
             .low = 0,
             .high = 0.95},
      weight_drop);
    v(Option{.name = "input-dropout",
             .meaning = "share of the characters that the network does not get to see while "
                        "training, only has to predict; 0 = off",
             .low = 0,
             .high = 0.95},
      input_dropout);
    v(Option{.name = "reset-state",
             .meaning = "chance that a stream of a chunk begins with the initial state while "
                        "training: more of it makes beginnings and short prompts better; 0 = off",
             .low = 0,
             .high = 1},
      reset_state);
    v(Option{.name = "initial-state", .meaning = "recurrent state before the first character"},
      initial_state);
    v(Option{.name = "initialization",
             .meaning = "recurrent matrices: PyTorch's uniform, or orthogonal"},
      initialization);
    v(Option{.name = "shape",
             .meaning = "many-to-many: every position predicts; many-to-one: a window predicts one "
                        "character"},
      shape);
    v(Option{.name = "context",
             .meaning = "many-to-one: characters in a window; 1 = a bigram model",
             .low = 1,
             .high = limits::context},
      context);
    group("Optimisation");
    v(Option{.name = "batch-size",
             .meaning = "parallel streams (many-to-one: windows) in a step",
             .low = 1,
             .high = 65536},
      batch_size);
    v(Option{.name = "bptt",
             .meaning = "steps back-propagated through time",
             .low = 1,
             .high = 65536},
      bptt);
    v(Option{.name = "optimizer", .meaning = "adam is AdamW where --weight-decay is given"},
      optimizer);
    v(Option{.name = "learning-rate",
             .meaning = "at its highest; of sgd 8 times (1 - momentum) where not given",
             .low = 0,
             .high = 1e9,
             .above_low = true},
      learning_rate);
    v(Option{.name = "momentum", .meaning = "of sgd", .low = 0, .high = 0.9999}, momentum);
    v(Option{.name = "beta1",
             .meaning = "adam: decay of the first moment",
             .low = 0,
             .high = 0.99999},
      beta1);
    v(Option{.name = "beta2",
             .meaning = "adam and rmsprop: decay of the second moment",
             .low = 0,
             .high = 0.9999999},
      beta2);
    v(Option{.name = "schedule",
             .meaning = "of the learning rate over the run: step halves it at 50, 75 and 90 %; "
                        "cosine and linear end at zero"},
      schedule);
    v(Option{.name = "warmup-steps",
             .meaning = "steps over which the learning rate rises from zero",
             .low = 0,
             .high = 1e9},
      warmup_steps);
    v(Option{.name = "weight-decay",
             .meaning =
                 "share of each weight taken off per unit of learning rate (decoupled); 0 = off",
             .low = 0,
             .high = 1e3},
      weight_decay);
    v(Option{.name = "clip-norm",
             .meaning =
                 "limit on the gradient's global L2 norm (of stacks, on the root of the mean "
                 "of theirs squared); 0 = off",
             .low = 0,
             .high = 1e9},
      clip_norm);
    v(Option{.name = "clip-value",
             .meaning = "limit on each element of the gradient; 0 = off",
             .low = 0,
             .high = 1e9},
      clip_value);
    v(Option{.name = "averaging",
             .meaning = "the model is the mean of the weights over about this last share of the "
                        "steps so far; 0 = the weights as they are",
             .low = 0,
             .high = 1},
      averaging);
    group("Length (one of them; without any, --time 5m)");
    v(Option{.name = "epochs", .meaning = "passes over the training part", .low = 0, .high = 1e9},
      epochs);
    v(Option{.name = "steps", .meaning = "updates of the weights", .low = 0, .high = 1e12}, steps);
    v(Option{.name = "time",
             .meaning = "training time, e.g. 90s, 5m, 1h; the schedule ends with it, evaluations "
                        "come on top",
             .value = "TIME"},
      time);
    group("Text");
    v(
        Option{
            .name = "split",
            .meaning =
                "train/validation/test, per cent, contiguous in each file; documents are dealt out",
            .value = "A/B/C"},
        split);
    v(Option{.name = "unit", .meaning = "what a character is"}, unit);
    v(Option{.name = "normalize", .meaning = "Unicode normalisation"}, normalize);
    v(Option{.name = "documents",
             .meaning = "the corpus is many short documents, each ended by this"},
      documents);
    v(Option{.name = "line-ends", .meaning = "lf: CR LF and CR become LF"}, line_ends);
    v(Option{.name = "min-count",
             .meaning = "characters rarer than this are folded to a known one, or <unk>",
             .low = 1,
             .high = 1e12},
      min_count);
    v(Option{.name = "max-vocab",
             .meaning = "most characters of the text in the vocabulary; 0 = no limit",
             .low = 0,
             .high = limits::vocabulary_characters},
      max_vocab);
    v(Option{.name = "vocab",
             .meaning = "with --init-from: joint keeps the characters of that model beside those "
                        "of the text, text forgets them"},
      vocab);
    v(Option{.name = "encoding",
             .meaning = "of the corpus files, any name ICU knows",
             .value = "NAME"},
      encoding);
    v(Option{.name = "invalid",
             .meaning = "ill-formed input: refuse, or replace by U+FFFD and count"},
      invalid);
    group("The run");
    v(Option{.name = "eval-every",
             .meaning =
                 "steps between evaluations; 0 = 10 in the run, or fewer where they would take "
                 "more than a seventh of a short --time",
             .low = 0,
             .high = 1e12},
      eval_every);
    v(Option{.name = "save-every",
             .meaning = "steps between checkpoints; 0 = at every evaluation",
             .low = 0,
             .high = 1e12},
      save_every);
    v(Option{.name = "patience",
             .meaning = "evaluations without a better validation loss before it stops; 0 = off, -1 "
                        "= after three in a row that are 1 % worse than the best",
             .low = -1,
             .high = 1e9},
      patience);
    v(Option{.name = "seed",
             .meaning = "of weights, dropout and shuffling",
             .low = 0,
             .high = 9007199254740991.0},
      seed);
    v(Option{.name = "threads",
             .meaning = "0 = all of the machine's; the result does not depend on it",
             .low = 0,
             .high = 1024},
      threads);
    v(Option{.name = "precision",
             .meaning = "of matrix products: auto = bf16 where this processor is faster with it; "
                        "int8 is for writing and completing alone"},
      precision);
    v(Option{.name = "storage",
             .meaning = "of the weights in the model file: bf16 halves it, and says what it costs"},
      storage);
  }

  // Whether it ends by time, and after how many seconds of training.
  bool is_timed() const { return steps == 0 && epochs == 0; }
  double seconds() const { return parse_duration(time.empty() ? default_time : time); }

  text::CorpusOptions corpus_options() const;  // throws UsageError on an impossible split
  // Throws UsageError naming the option: combinations that cannot be.
  void validate() const;
};

}  // namespace inkling::train
