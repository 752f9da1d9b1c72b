#include "text/batches.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "base/random.h"

namespace inkling::text {
namespace {

Token as_input(Token token, const Vocabulary& vocabulary) {
  return token == vocabulary.unknown() ? -1 : token;
}

bool begins_document(Token token, const Vocabulary& vocabulary) {
  return token == vocabulary.end();
}

int64_t predicted(const CorpusPart& part) {
  const auto count = static_cast<int64_t>(part.text.tokens.size()) - 1;
  if (count < 1) {
    data_error(
        "the training part has {} character{}: there is nothing to predict; give more text, or a "
        "larger first share in --split",
        count + 1, count == 0 ? "" : "s");
  }
  return count;
}

void clear(Batch& batch, int64_t size) {
  batch.inputs.assign(static_cast<size_t>(size), -1);
  batch.targets.assign(static_cast<size_t>(size), -1);
  batch.resets.assign(static_cast<size_t>(size), 0);
  batch.characters = 0;
}

}  // namespace

StreamBatches::StreamBatches(const CorpusPart& part, const Vocabulary& vocabulary, int64_t batch,
                             int64_t steps)
    : part_(part), vocabulary_(vocabulary) {
  const int64_t count = predicted(part);
  steps_ = std::min(steps, count);
  batch_ = std::clamp<int64_t>(count / steps_, 1, batch);
  length_ = count / batch_;
}

void StreamBatches::fill(int64_t index, Batch& batch) const {
  clear(batch, batch_ * steps_);
  const std::vector<Token>& tokens = part_.text.tokens;
  const int64_t first = index * steps_, last = std::min(first + steps_, length_);
  for (int64_t position = first; position < last; ++position) {
    for (int64_t b = 0; b < batch_; ++b) {
      const auto at = static_cast<size_t>(b * length_ + position);
      const auto i = static_cast<size_t>((position - first) * batch_ + b);
      batch.inputs[i] = as_input(tokens[at], vocabulary_);
      batch.targets[i] = tokens[at + 1];
      batch.resets[i] = position == 0 || begins_document(tokens[at], vocabulary_);
    }
  }
  batch.characters = (last - first) * batch_;
}

WindowBatches::WindowBatches(const CorpusPart& part, const Vocabulary& vocabulary, int64_t batch,
                             int64_t steps, uint64_t seed)
    : part_(part), vocabulary_(vocabulary), count_(predicted(part)), seed_(seed) {
  steps_ = std::min(steps, count_);
  batch_ = std::min(batch, count_);
}

void WindowBatches::fill(int64_t epoch, int64_t index, Batch& batch) const {
  clear(batch, batch_ * steps_);
  const std::vector<Token>& tokens = part_.text.tokens;
  const uint64_t key = mix_bits(seed_ + mix_bits(static_cast<uint64_t>(epoch)));
  for (int64_t b = 0; b < batch_; ++b) {
    const int64_t example = index * batch_ + b;
    if (example >= count_) break;
    const auto target = static_cast<int64_t>(permuted(static_cast<uint64_t>(example),
                                                      static_cast<uint64_t>(count_), key)) +
                        1;
    Random random(key, static_cast<uint64_t>(example));
    int64_t length = std::min(steps_, target);
    if (random.below(8) == 0)
      length = 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(length)));
    for (int64_t back = 1; back <= length; ++back) {
      const auto i = static_cast<size_t>((steps_ - back) * batch_ + b);
      const Token token = tokens[static_cast<size_t>(target - back)];
      batch.inputs[i] = as_input(token, vocabulary_);
      const bool begins = back == length || begins_document(token, vocabulary_);
      batch.resets[i] = begins;
      if (begins) break;
    }
    batch.targets[static_cast<size_t>((steps_ - 1) * batch_ + b)] =
        tokens[static_cast<size_t>(target)];
    ++batch.characters;
  }
}

uint64_t permuted(uint64_t index, uint64_t n, uint64_t key) {
  const int half = std::max(1, (static_cast<int>(std::bit_width(n - 1)) + 1) / 2);
  const uint64_t mask = (uint64_t{1} << half) - 1;
  do {
    uint64_t left = index >> half, right = index & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t mixed = left ^ (mix_bits(key + (round << 56) + right) & mask);
      left = right, right = mixed;
    }
    index = left << half | right;
  } while (index >= n);
  return index;
}

}  // namespace inkling::text
