#pragma once

#include <cstdint>
#include <vector>

#include "model/model_file.h"

namespace inkling::train {

// What a run did and its options do not tell, since it may depend on the time that its steps took:
// enough to repeat it, step for step.
struct RunRecord {
  std::vector<float> learning_rates;  // of each step
  std::vector<int64_t> evaluations;   // the steps after which one was, ascending

  // As tensors of a checkpoint, which refer to this.
  void save(model::ModelView& checkpoint) const;
  // Throws DataError where the checkpoint has none, or one that cannot be.
  static RunRecord load(const model::ModelFile& checkpoint);
};

}  // namespace inkling::train
