#include "cli/train_recipe.h"

#include <new>

#include "base/error.h"
#include "base/memory.h"
#include "nn/kernels/instruction_set.h"
#include "nn/threads.h"
#include "train/recipe.h"

namespace inkling::cli {

void take_from_model(const model::LanguageModel& from, const OptionParser& given,
                     train::TrainOptions& options) {
  const nn::NetworkSpec& network = from.config.network;
  const text::TextOptions& text = from.tokenizer.options();
  const auto take = [&](std::string_view name, auto& member, auto value) {
    if (!given.given(name)) member = value;
  };
  take("cell", options.cell, network.cell);
  take("activation", options.activation, network.activation);
  take("stacks", options.stacks, network.stacks());
  take("num-layers", options.num_layers, std::ssize(network.layers) / network.stacks());
  take("hidden-size", options.hidden_size, network.layers.front().hidden_size);
  take("embedding-size", options.embedding_size, network.embedding_size);
  take("layer-norm", options.layer_norm, network.layer_norm);
  take("initial-state", options.initial_state, network.initial_state);
  take("unit", options.unit, text.unit);
  take("normalize", options.normalize, text.normalize);
  take("line-ends", options.line_ends, text.line_ends);
}

std::vector<std::string> choose_by_recipe(const OptionParser& given, const text::Corpus& corpus,
                                          const model::LanguageModel* init_from,
                                          train::TrainOptions& options) {
  if (!given.given("learning-rate"))
    options.learning_rate = train::usual_learning_rate(options.optimizer, options.momentum);
  if (options.recipe == train::RecipeUse::off || !options.is_timed()) return {};
  options.recipe = train::RecipeUse::off;
  const auto pool = nn::make_thread_pool(static_cast<int>(options.threads));
  const int64_t vocabulary = corpus.tokenizer.vocabulary().size();
  const nn::Precision precision = nn::training_precision(options.precision);
  train::RecipeFacts facts{.characters = static_cast<int64_t>(corpus.train.text.tokens.size()),
                           .vocabulary = vocabulary,
                           .seconds = options.seconds(),
                           .flops_per_second = train::measure_flops_per_second(
                               train::usual_step(vocabulary, precision), *pool),
                           .least_streams = train::streams_to_fill(precision),
                           .distinct = corpus.tokenizer.vocabulary().characters(),
                           .sizes_of_model = init_from != nullptr};
  facts.fits = [&facts, precision](const train::TrainOptions& of) {
    return train::fits_memory(facts, of, precision);
  };
  const auto is_given = [&](std::string_view option) {
    return given.given(option) || (init_from != nullptr && train::is_size(option));
  };
  train::TrainOptions first = options;
  train::follow_recipe(facts, is_given, first);
  // What that would train may be slower than what was measured. Where there is no time to find out,
  // or no room, which is said when the memory is planned, that stands.
  const train::TrainingStep step = train::chosen_step(facts, first, precision);
  try {
    if (train::is_timed_soon(step, facts))
      facts.flops_per_second = train::measure_flops_per_second(step, *pool);
  } catch (const std::bad_alloc&) {
  } catch (const MemoryError&) {
  }
  return train::follow_recipe(facts, is_given, options);
}

}  // namespace inkling::cli
