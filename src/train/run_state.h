#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/model_file.h"

namespace inkling::train {

// Where a run stands, apart from weights, moments and recurrent states: what the next step depends
// on. Dropout and shuffling are functions of seed, step and epoch, so no generator is among it.
struct RunState {
  int64_t step = 0;      // updates tried, skipped ones included
  int64_t epoch = 0;     // whole passes done
  int64_t chunk = 0;     // next in this pass
  double seconds = 0;    // training time
  double loss_nats = 0;  // since the last evaluation
  int64_t loss_count = 0;
  double train_loss =
      std::numeric_limits<double>::quiet_NaN();  // of the steps before the last evaluation
  double grad_norm = 0;
  int64_t evaluated_share = 0;  // tenths of the run whose evaluation is done
  double val_loss = std::numeric_limits<double>::quiet_NaN();
  double best_val_loss = std::numeric_limits<double>::quiet_NaN();
  int64_t best_step = 0;
  int64_t evaluations_without_gain = 0;
  int64_t evaluations_far_off = 0;  // in a row, well above the best
  double rate_factor = 1;           // halved at each way back from a divergence
  int64_t updates = 0;              // the optimizer's
  int64_t skipped_steps = 0;
  int64_t skipped_in_a_row = 0;
  int64_t ways_back = 0;
  int64_t batch_size = 0, bptt = 0;
  // Predicted in an evaluation at most; 0 = not decided yet. Older checkpoints do not say: as many
  // as where time does not count.
  int64_t validation_characters = 0;
  static constexpr int64_t as_many_as_usual = -1;
  uint64_t fingerprint = 0;  // of the corpus
  int64_t corpus_characters = 0;
  uint64_t begun_from = 0;      // checksum of the weights of --init-from; 0 = new ones
  int64_t replay_steps = 0;     // > 0: this run repeats another one's record of so many steps
  uint64_t replay_weights = 0;  // checksum of the weights that the other run ended with

  template <class Visitor>
  void for_each_field(Visitor&& v) {
    v("step", step), v("epoch", epoch), v("chunk", chunk), v("seconds", seconds),
        v("loss_nats", loss_nats);
    v("loss_count", loss_count), v("train_loss", train_loss), v("grad_norm", grad_norm),
        v("evaluated_share", evaluated_share), v("val_loss", val_loss);
    v("best_val_loss", best_val_loss), v("best_step", best_step),
        v("evaluations_without_gain", evaluations_without_gain),
        v("evaluations_far_off", evaluations_far_off);
    v("rate_factor", rate_factor), v("updates", updates), v("skipped_steps", skipped_steps);
    v("skipped_in_a_row", skipped_in_a_row), v("ways_back", ways_back), v("batch_size", batch_size),
        v("bptt", bptt), v("validation_characters", validation_characters);
    v("fingerprint", fingerprint), v("corpus_characters", corpus_characters),
        v("begun_from", begun_from);
    v("replay_steps", replay_steps), v("replay_weights", replay_weights);
  }

  // As a checkpoint's metadata: "state.step" and so on; numbers are written so that the same bits
  // come back.
  std::map<std::string, std::string> to_metadata();
  // Throws DataError naming the field that is missing or no number.
  static RunState from_metadata(const std::map<std::string, std::string>& metadata);
};

// A checkpoint's tensor of these numbers, which are not copied: float or int64_t, one dimension.
template <class T>
model::TensorView state_tensor(const std::string& name, std::span<const T> values);
// All numbers of such a tensor. Throws DataError naming it when the checkpoint has none.
template <class T>
std::vector<T> read_state_tensor(const model::ModelFile& file, const std::string& name);
// Into `values`; throws DataError also when there are not as many.
void read_state_tensor(const model::ModelFile& file, const std::string& name,
                       std::span<float> values);
// Of each of `rows` rows the update in which it last took part, 0 .. `updates`; nothing where the
// checkpoint, written when every row took part in every update, has no such tensor.
std::optional<std::vector<int64_t>> read_row_updates(const model::ModelFile& file,
                                                     const std::string& name, size_t rows,
                                                     int64_t updates);

}  // namespace inkling::train
