#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "model/model_file.h"

namespace inkling::train {

// A running mean of the weights over about the last `share` of the steps so far: polynomial-decay
// averaging, Shamir and Zhang 2013, "Stochastic gradient descent for non-smooth optimization". It
// takes the noise of single steps out of the model without waiting for a small learning rate.
class WeightAverage {
 public:
  // share: 0..1; 0 = the mean is the weights themselves and costs nothing, `mean` is not touched.
  // mean: where it is kept; outlives this.
  WeightAverage(double share, std::vector<float>& mean) : share_(share), mean_(mean) {}

  bool is_on() const { return share_ > 0; }
  // The mean begins anew with these.
  void begin(const std::vector<float>& weights);
  // After every step. Takes the weights of every one at first, later those of every `stride`-th.
  // The same bits for any number of threads.
  void follow(const std::vector<float>& weights, ThreadPool& pool);

  // Adds it to a checkpoint, where it is on.
  void save(model::ModelView& checkpoint) const;
  // Takes it from a checkpoint. Throws DataError.
  void load(const model::ModelFile& checkpoint, size_t size);

  // Whether it is another one than so many steps ago.
  bool has_moved_in(int64_t steps) const;

  static constexpr int64_t stride = 4;

 private:
  bool is_short() const { return share_ * static_cast<double>(steps_) < stride; }

  const double share_;
  int64_t steps_ = 0;  // since the mean began
  std::vector<float>& mean_;
};

}  // namespace inkling::train
