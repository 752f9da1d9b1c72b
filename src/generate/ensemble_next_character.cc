#include "generate/ensemble_next_character.h"

#include <algorithm>
#include <cmath>

namespace inkling::generate {

EnsembleNextCharacter::EnsembleNextCharacter(std::vector<std::unique_ptr<NextCharacter>> members)
    : members_(std::move(members)), outputs_(members_.size()) {}

double EnsembleNextCharacter::validation_bits() const {
  double least = members_.front()->validation_bits();
  for (const auto& member : members_) least = std::fmin(least, member->validation_bits());
  return least;
}

void EnsembleNextCharacter::resize(int64_t slots) {
  for (const auto& member : members_) member->resize(slots);
}

void EnsembleNextCharacter::reset(int64_t slot) {
  for (const auto& member : members_) member->reset(slot);
}

void EnsembleNextCharacter::copy(int64_t from, int64_t to) {
  for (const auto& member : members_) member->copy(from, to);
}

void EnsembleNextCharacter::step(std::span<const int64_t> slots,
                                 std::span<const text::Token> tokens, std::span<float> logits) {
  if (members_.size() == 1) return members_.front()->step(slots, tokens, logits);
  for (size_t m = 0; m < members_.size(); ++m) {
    outputs_[m].resize(logits.size());
    members_[m]->step(slots, tokens, outputs_[m]);
  }
  average(logits);
}

void EnsembleNextCharacter::read(int64_t slot, std::span<const text::Token> tokens,
                                 std::span<float> logits) {
  if (members_.size() == 1) return members_.front()->read(slot, tokens, logits);
  if (tokens.empty()) return;
  for (size_t m = 0; m < members_.size(); ++m) {
    outputs_[m].resize(logits.size());
    members_[m]->read(slot, tokens, outputs_[m]);
  }
  average(logits);
}

ThreadPool* EnsembleNextCharacter::threads_for(size_t texts) {
  for (size_t m = 1; m < members_.size(); ++m) members_[m]->threads_for(texts);
  return members_.front()->threads_for(texts);
}

// Each row of logits becomes the logarithm of the mean of the members' softmax.
void EnsembleNextCharacter::average(std::span<float> logits) {
  const auto vocab_size = static_cast<size_t>(vocabulary().size());
  std::vector<double> mean(vocab_size);
  for (size_t row = 0; row < logits.size(); row += vocab_size) {
    std::fill(mean.begin(), mean.end(), 0.0);
    for (const std::vector<float>& output : outputs_) {
      const float* member = output.data() + row;
      const auto largest = static_cast<double>(*std::max_element(member, member + vocab_size));
      double sum = 0;
      for (size_t v = 0; v < vocab_size; ++v)
        sum += std::exp(static_cast<double>(member[v]) - largest);
      const double scale = 1 / (sum * static_cast<double>(members_.size()));
      for (size_t v = 0; v < vocab_size; ++v)
        mean[v] += std::exp(static_cast<double>(member[v]) - largest) * scale;
    }
    for (size_t v = 0; v < vocab_size; ++v) logits[row + v] = static_cast<float>(std::log(mean[v]));
  }
}

}  // namespace inkling::generate
