#pragma once

#include <cstdint>
#include <vector>

#include "text/corpus.h"

namespace inkling::text {

// One piece of a corpus as [T, B] arrays, time-major; -1 where there is no input (padding, <unk>)
// or no target.
struct Batch {
  std::vector<Token> inputs, targets;
  std::vector<uint8_t>
      resets;  // 1: the stream's recurrent state becomes the initial one before this step
  int64_t characters = 0;  // scored targets
};

// Many-to-many: B contiguous streams through one part, cut into chunks of T steps. Every position
// but the first of a stream's text is a target; the last chunk of an epoch is padded. States are
// carried, but for resets at an epoch's start and at documents.
class StreamBatches {
 public:
  // Shrinks batch, then steps, until they fit; part needs two characters at least, else DataError.
  StreamBatches(const CorpusPart& part, const Vocabulary& vocabulary, int64_t batch, int64_t steps);

  int64_t batch() const { return batch_; }
  int64_t steps() const { return steps_; }
  int64_t per_epoch() const { return (length_ + steps_ - 1) / steps_; }
  // Chunk `index` of an epoch.
  void fill(int64_t index, Batch& batch) const;

 private:
  const CorpusPart& part_;
  const Vocabulary& vocabulary_;
  int64_t batch_, steps_, length_;  // length: targets in a stream
};

// Many-to-one: windows of at most T characters that each predict the one after it. In an epoch
// every position but the first is a target once, in an order shuffled by (seed, epoch); one window
// in eight is cut to a random length, so that short prompts work.
class WindowBatches {
 public:
  WindowBatches(const CorpusPart& part, const Vocabulary& vocabulary, int64_t batch, int64_t steps,
                uint64_t seed);

  int64_t batch() const { return batch_; }
  int64_t steps() const { return steps_; }
  int64_t per_epoch() const { return (count_ + batch_ - 1) / batch_; }
  void fill(int64_t epoch, int64_t index, Batch& batch) const;

 private:
  const CorpusPart& part_;
  const Vocabulary& vocabulary_;
  int64_t batch_, steps_, count_;
  uint64_t seed_;
};

// A permutation of 0 .. n-1 without memory: where `index` goes under a key (a Feistel network,
// walked until it falls below n).
uint64_t permuted(uint64_t index, uint64_t n, uint64_t key);

}  // namespace inkling::text
