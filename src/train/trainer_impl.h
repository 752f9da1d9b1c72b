#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/language_model.h"
#include "model/model_file.h"
#include "nn/chunk_engine.h"
#include "nn/threads.h"
#include "text/batches.h"
#include "train/optimizer.h"
#include "train/run_state.h"
#include "train/trainer.h"

namespace inkling::train {

// A run: what Trainer hides. trainer_setup.cc prepares it, trainer.cc takes its steps,
// trainer_files.cc writes and restores it.
struct Trainer::Impl {
  Impl(const TrainOptions& given, const text::Corpus& text, const model::LanguageModel* init_from,
       const model::ModelFile* checkpoint)
      : options(given), corpus(text) {
    options.validate();
    if (checkpoint != nullptr) refuse_changes(*checkpoint);
    describe_network();
    make_batches();
    choose_precision(checkpoint);
    plan_memory();
    pool = nn::make_thread_pool(static_cast<int>(options.threads));
    plan.threads = pool->threads();
    if (checkpoint == nullptr) make_weights(init_from);
    const auto size = static_cast<int64_t>(layout->size());
    optimizer.emplace(options, size);
    gradient = nn::Buffer<float>(size);
    engine = std::make_unique<nn::ChunkEngine>(model.config.network, engine_options(), *pool);
    if (checkpoint != nullptr) restore(*checkpoint);
    engine->set_weights(model.weights.data());
    best_model = model;
    remember_good_state();
  }

  // Before the run.
  void refuse_changes(const model::ModelFile& checkpoint);
  void describe_network();
  void make_batches();
  void choose_precision(const model::ModelFile* checkpoint);
  void plan_memory();
  void make_weights(const model::LanguageModel* init_from);
  nn::EngineOptions engine_options() const;

  // The run.
  TrainResult run(const RunFiles& files, const TrainCallbacks& callbacks);
  void take_step(const TrainCallbacks& callbacks);
  void next_chunk();
  void evaluate(const RunFiles& files, const TrainCallbacks& callbacks);
  double validation_loss(const model::LanguageModel& of) const;
  double stored_validation_loss() const;
  double share_done() const;
  bool evaluation_due() const;
  Progress progress() const;
  void record_history(model::LanguageModel& of) const;

  // Divergence.
  void remember_good_state();
  void forget_recurrent_state();
  void go_back(const TrainCallbacks& callbacks);

  // Files.
  void save_checkpoint(const RunFiles& files, const TrainCallbacks& callbacks);
  void save_best(const RunFiles& files, const TrainCallbacks& callbacks);
  void restore(const model::ModelFile& checkpoint);
  model::ModelFile checkpoint_file();

  TrainOptions options;
  const text::Corpus& corpus;
  TrainPlan plan;
  RunState state;
  model::LanguageModel model, best_model;
  std::optional<nn::ParameterLayout> layout;
  std::optional<text::StreamBatches> streams;  // many-to-many
  std::optional<text::WindowBatches> windows;  // many-to-one
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<nn::ChunkEngine> engine;
  std::optional<Optimizer> optimizer;
  nn::Buffer<float> gradient;
  text::Batch batch;
  std::vector<float> learning_rates;  // of every step so far: the schedule as it was
  struct {
    std::vector<float> weights;
    std::vector<std::vector<float>> moments;
    int64_t updates = 0;
  } good;
  double rate = 0;  // of the last step
  int64_t session_characters = 0;
  double session_seconds = 0;
  bool save_failed = false;
  bool diverged = false;
};

}  // namespace inkling::train
