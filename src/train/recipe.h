#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "nn/precision.h"
#include "train/train_options.h"
#include "train/training_step.h"

namespace inkling::train {

// What a recipe is chosen from.
struct RecipeFacts {
  int64_t characters = 0;       // of the training part
  int64_t vocabulary = 0;       // tokens
  double seconds = 0;           // of training
  double flops_per_second = 0;  // that this machine's training steps do in matrix products
  int64_t least_streams = 1;    // that a step has to have here: see streams_to_fill()
  int64_t distinct = 0;         // characters of the vocabulary
  bool sizes_of_model = false;  // the network is that of the model that the run begins with
  // Whether there is memory to train by these options; without it there is.
  std::function<bool(const TrainOptions& options)> fits{};
};

// The rate where none is given and none chosen.
double usual_learning_rate(OptimizerKind optimizer, double momentum);

// A step of a small network, by which a machine's speed can be told before anything is chosen; and
// one of what was chosen, whose speed may be another. precision: f32 or bf16.
TrainingStep usual_step(int64_t vocabulary, nn::Precision precision);
TrainingStep chosen_step(const RecipeFacts& facts, const TrainOptions& options,
                         nn::Precision precision);

// How fast this machine takes such steps, timed in a fraction of a second, or in a few steps.
double measure_flops_per_second(const TrainingStep& step, ThreadPool& pool);

// How many streams a step should have at least: fewer than 32 leave AMX's tiles half empty.
int64_t streams_to_fill(nn::Precision precision);

// Whether an option of that name says what network is trained.
bool is_size(std::string_view option);

// Whether measuring that is expected to take no more than a second or two, or a small share of the
// run.
bool is_timed_soon(const TrainingStep& step, const RecipeFacts& facts);

// Whether a network that the options describe can be trained in the memory that is free.
bool fits_memory(const RecipeFacts& facts, const TrainOptions& options, nn::Precision precision);

// Sets network and regularisation to what was measured to be best for so much text in so much time
// (tests/bench/README.md has the measurements), except options that were given by hand. Naming any
// size of the network keeps all of them. Returns what was chosen and why, for the user: a few
// sentences.
std::vector<std::string> follow_recipe(const RecipeFacts& facts,
                                       const std::function<bool(std::string_view option)>& given,
                                       TrainOptions& options);

}  // namespace inkling::train
