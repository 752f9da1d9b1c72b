#include "train/run_record.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "train/run_state.h"

namespace inkling::train {
namespace {

constexpr const char* rates_name = "state.learning_rates";
constexpr const char* evaluations_name = "state.evaluations";

bool ascends(const std::vector<int64_t>& steps) {
  return std::adjacent_find(steps.begin(), steps.end(), std::greater_equal<>()) == steps.end();
}

}  // namespace

void RunRecord::save(model::ModelView& checkpoint) const {
  checkpoint.extra.push_back(state_tensor<float>(rates_name, learning_rates));
  checkpoint.extra.push_back(state_tensor<int64_t>(evaluations_name, evaluations));
}

RunRecord RunRecord::load(const model::ModelFile& checkpoint) {
  RunRecord record{read_state_tensor<float>(checkpoint, rates_name),
                   read_state_tensor<int64_t>(checkpoint, evaluations_name)};
  const auto steps = static_cast<int64_t>(record.learning_rates.size());
  const std::vector<int64_t>& evaluations = record.evaluations;
  const bool rates_can_be = std::all_of(record.learning_rates.begin(), record.learning_rates.end(),
                                        [](float rate) { return std::isfinite(rate); });
  if (!rates_can_be || !ascends(evaluations) ||
      (!evaluations.empty() && (evaluations.front() < 1 || evaluations.back() > steps))) {
    data_error("its record of the run contradicts itself: it cannot be resumed");
  }
  return record;
}

}  // namespace inkling::train
