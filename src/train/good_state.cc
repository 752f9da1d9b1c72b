#include "train/good_state.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "train/run_state.h"

namespace inkling::train {
namespace {

constexpr const char* updates_key = "state.good.updates";  // "" = the present ones are good
constexpr const char* weights_name = "state.good.weights";
constexpr const char* row_updates_name = "state.good.row_updates";

std::string moment_name(size_t i) { return fmt::format("state.good.moment.{}", i); }

}  // namespace

void GoodState::remember(const std::vector<float>& weights, Optimizer& optimizer) {
  weights_ = weights;
  moments_.resize(optimizer.moments().size());
  for (size_t i = 0; i < moments_.size(); ++i) {
    const nn::Buffer<float>& moment = optimizer.moments()[i];
    moments_[i].assign(moment.data(), moment.data() + moment.size());
  }
  row_updates_ = optimizer.row_updates();
  updates_ = optimizer.updates();
  is_present_ = true;
}

void GoodState::restore(std::vector<float>& weights, Optimizer& optimizer) {
  weights = weights_;
  for (size_t i = 0; i < moments_.size(); ++i)
    std::copy(moments_[i].begin(), moments_[i].end(), optimizer.moments()[i].data());
  optimizer.set_updates(updates_);
  optimizer.row_updates() = row_updates_;
  is_present_ = true;
}

void GoodState::save(model::ModelView& checkpoint) const {
  checkpoint.extra_metadata[updates_key] = is_present_ ? "" : std::to_string(updates_);
  if (is_present_) return;
  const auto add = [&](const std::string& name, const std::vector<float>& values) {
    checkpoint.extra.push_back(state_tensor<float>(name, values));
  };
  add(weights_name, weights_);
  for (size_t i = 0; i < moments_.size(); ++i) add(moment_name(i), moments_[i]);
  if (!row_updates_.empty())
    checkpoint.extra.push_back(state_tensor<int64_t>(row_updates_name, row_updates_));
}

void GoodState::load(const model::ModelFile& checkpoint, const std::vector<float>& weights,
                     Optimizer& optimizer) {
  remember(weights, optimizer);
  const auto found = checkpoint.extra_metadata.find(updates_key);
  if (found == checkpoint.extra_metadata.end()) {
    data_error("it lacks '{}': it cannot be resumed; begin anew, or use --init-from", updates_key);
  }
  const std::string& text = found->second;
  if (text.empty()) return;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), updates_);
  if (error != std::errc() || end != text.data() + text.size() || updates_ < 0 ||
      updates_ > limits::json_integer)
    data_error("its '{}' is '{}', not a number it can have", updates_key, text);
  const auto read = [&](const std::string& name, std::vector<float>& values) {
    read_state_tensor(checkpoint, name, values);
  };
  read(weights_name, weights_);
  for (size_t i = 0; i < moments_.size(); ++i) read(moment_name(i), moments_[i]);
  for (int64_t& row : row_updates_) row = std::min(row, updates_);
  if (auto rows = read_row_updates(checkpoint, row_updates_name, row_updates_.size(), updates_))
    row_updates_ = std::move(*rows);
  is_present_ = false;
}

}  // namespace inkling::train
