#pragma once

#include <vector>

#include "model/model_file.h"
#include "train/optimizer.h"

namespace inkling::train {

// Weights and moments that have proved good: what a run goes back to when it diverges.
class GoodState {
 public:
  // The present ones are good.
  void remember(const std::vector<float>& weights, Optimizer& optimizer);
  // The weights or moments are about to change.
  void fall_behind() { is_present_ = false; }
  // Makes the good ones the present ones.
  void restore(std::vector<float>& weights, Optimizer& optimizer);

  // Adds them to a checkpoint, whose own weights and moments are the present ones; where these are
  // the good ones, nothing but that. It refers to this.
  void save(model::ModelView& checkpoint) const;
  // Takes them from a checkpoint whose weights and moments are present already. Throws DataError.
  void load(const model::ModelFile& checkpoint, const std::vector<float>& weights,
            Optimizer& optimizer);

 private:
  bool is_present_ = false;
  std::vector<float> weights_;
  std::vector<std::vector<float>> moments_;
  std::vector<int64_t> row_updates_;  // as the optimizer's
  int64_t updates_ = 0;
};

}  // namespace inkling::train
