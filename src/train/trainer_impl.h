#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "model/language_model.h"
#include "model/model_file.h"
#include "model/with_path.h"
#include "nn/chunk_engine.h"
#include "nn/threads.h"
#include "text/batches.h"
#include "train/good_state.h"
#include "train/optimizer.h"
#include "train/run_record.h"
#include "train/run_state.h"
#include "train/trainer.h"
#include "train/weight_average.h"
#include "train/weight_drop.h"

namespace inkling::train {

constexpr const char* init_option = " --init-from ";  // in a recorded command

// A run: what Trainer hides. trainer_setup.cc prepares it, trainer.cc takes its steps,
// trainer_evaluation.cc evaluates it, trainer_files.cc writes and restores it.
struct Trainer::Impl {
  Impl(const TrainOptions& given, const text::Corpus& text, const TrainStart& start)
      : options(given),
        corpus(text),
        resumed(start.resume != nullptr),
        begun_with(start.init_name.empty() ? "" : init_option + start.init_name),
        average(given.averaging, mean_model.weights) {
    options.validate();
    const model::ModelFile* recorded = resumed ? start.resume : start.replay;
    if (recorded != nullptr) refuse_changes(*recorded, !resumed, start.path);
    describe_network();
    if (recorded != nullptr && !(recorded->model.config == model.config))
      data_error("{}: it holds another network than its options describe", start.path);
    require_possible_size();
    make_batches();
    choose_precision();
    if (recorded != nullptr) model::with_path(start.path, [&] { take_precision(*recorded); });
    plan_memory();
    pool = nn::make_thread_pool(static_cast<int>(options.threads));
    plan.threads = pool->threads();
    plan.begun_anew = !resumed;
    if (!resumed) make_weights(start.init_from);
    if (start.replay != nullptr) model::with_path(start.path, [&] { take_record(*start.replay); });
    if (start.on_plan) start.on_plan(plan);
    const auto size = static_cast<int64_t>(layout->size());
    weight_drop.emplace(options.weight_drop, *layout);
    gradient = nn::Buffer<float>(size);
    engine = std::make_unique<nn::ChunkEngine>(model.config.network, engine_options(), *pool);
    optimizer.emplace(options, size, &engine->look_up_rows());
    if (resumed) {
      model::with_path(start.path, [&] { restore(*start.resume); });
    } else {
      good.remember(model.weights, *optimizer);
      average.begin(model.weights);
    }
    engine->set_weights(model.weights.data());
    best_model = model;
    if (average.is_on()) {
      mean_model.config = model.config, mean_model.tokenizer = model.tokenizer;
      mean_model.history = model.history;
    }
  }

  // Before the run.
  void refuse_changes(const model::ModelFile& recorded, bool replays,
                      const std::string& path) const;
  void describe_network();
  void require_possible_size() const;
  void make_batches();
  void choose_precision();
  void take_precision(const model::ModelFile& recorded);
  void plan_memory();
  void make_weights(const model::LanguageModel* init_from);
  void take_record(const model::ModelFile& replayed);
  nn::EngineOptions engine_options() const;

  // The run.
  TrainResult run(const RunFiles& where, const TrainCallbacks& callbacks);
  void take_step(const TrainCallbacks& callbacks);
  void next_chunk();
  void reset_some_streams();
  void hide_some_inputs();
  nn::LossSum run_chunk();
  uint64_t step_key() const;
  float next_rate() const;
  void evaluate(const TrainCallbacks& callbacks);
  void unless_out_of_memory(std::string_view what, const TrainCallbacks& callbacks,
                            const std::function<void()>& work) const;
  // So little that the loss on it says hardly anything.
  bool validates_on_little() const { return corpus.validation.text.tokens.size() < 100; }
  void decide_on_validation();
  double validation_loss(const model::LanguageModel& of) const;
  // What is evaluated and becomes the best model: the weights' mean where that is kept.
  model::LanguageModel& averaged_model() { return average.is_on() ? mean_model : model; }
  double stored_validation_loss() const;
  double share_done() const;
  int64_t tenths_done() const;
  bool evaluation_due() const;
  int64_t last_evaluated() const;
  bool out_of_patience() const;
  bool save_due(bool evaluated) const;
  Progress progress() const;
  void record_history(model::LanguageModel& of) const;

  // Divergence.
  bool is_finite() const;
  bool worse_than_guessing() const;
  void forget_recurrent_state();
  void go_back(const TrainCallbacks& callbacks);

  // Files.
  void begin_files(const TrainCallbacks& callbacks);
  void save_checkpoint(const TrainCallbacks& callbacks);
  void save_best(const TrainCallbacks& callbacks);
  void end_files(const TrainCallbacks& callbacks);
  void restore(const model::ModelFile& from);
  model::ModelView checkpoint();  // refers to this

  TrainOptions options;
  const text::Corpus& corpus;
  const bool resumed;
  std::string begun_with;  // behind the recorded command: with which weights; "" = new ones
  TrainPlan plan;
  RunState state;
  RunRecord record;  // of a replay: the whole other run's, the steps to come included
  model::LanguageModel model, best_model, mean_model;
  std::optional<nn::ParameterLayout> layout;
  std::optional<text::StreamBatches> streams;  // many-to-many
  std::optional<text::WindowBatches> windows;  // many-to-one
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<nn::ChunkEngine> engine;
  std::optional<Optimizer> optimizer;
  std::optional<WeightDrop> weight_drop;
  WeightAverage average;
  nn::Buffer<float> gradient;
  text::Batch batch;
  GoodState good;
  std::vector<float> hidden;  // of the streams, as a checkpoint holds it
  double unknown_nats = 0;    // what spelling unknown characters adds to the training loss
  float rate = 0;             // of the last step
  int64_t session_characters = 0;
  double session_seconds = 0;
  double evaluation_seconds = 0;  // of this session's last evaluation
  double evaluated_at = 0;        // the training time of it
  RunFiles files;
  bool checkpoint_unsaved = false, best_unsaved = false;  // the last attempt failed
  bool diverged = false;
};

// XXH3 of the weights, to tell whether two are the same.
uint64_t checksum_of(const std::vector<float>& weights);

}  // namespace inkling::train
