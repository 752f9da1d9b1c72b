#include "text/corpus_draft.h"

#include <algorithm>
#include <cmath>

#include "base/memory.h"
#include "text/documents.h"
#include "text/segmenter.h"
#include "text/utf8.h"

namespace inkling::text {

CorpusDraft::CorpusDraft(const TextOptions& options, const std::array<double, 3>& split, bool join)
    : options_(options), split_(split), join_(join) {}

void CorpusDraft::set_split(const std::array<double, 3>& split) {
  split_ = split;
  dealt_ = {};
}

int32_t CorpusDraft::number_of(std::string_view character) {
  const int32_t known = index_.find(character);
  if (known >= 0) return known;
  const auto number = static_cast<int32_t>(characters_.size());
  index_.insert(character, number);
  characters_.emplace_back(character);
  return number;
}

void CorpusDraft::read(std::string_view text) {
  const size_t most = options_.unit == Unit::byte ? text.size() : count_code_points(text);
  require_memory(static_cast<int64_t>(most * sizeof(int32_t)), "the corpus as tokens",
                 "give a shorter text");
  // One character a byte at most; what is never touched takes no memory.
  if (pending_.empty()) pending_.reserve(text.size());
  for_each_character(text, options_.unit, [this](std::string_view character) {
    pending_.push_back(number_of(character));
  });
}

void CorpusDraft::add(std::string_view text) {
  if (options_.documents == Documents::none) {
    read(text);
    cut_running_text(static_cast<int64_t>(text.size()));
    return;
  }
  for (const std::string_view document : split_documents(text, options_.documents)) {
    read(document);
    document_ends_.push_back(pending_.size());
  }
  deal_documents();
}

void CorpusDraft::finish() {
  for (Part& part : parts_) {
    if (part.documents > 0) part.characters.push_back(document_end);
  }
}

// The ends of the parts in pending_: the whole characters in each share of it, from the front.
std::array<size_t, 3> CorpusDraft::cuts() const {
  const auto n = static_cast<double>(pending_.size());
  // Shares such as 0.29 are a little less in binary than the user wrote.
  const auto cut = [n](double share) {
    return static_cast<size_t>(std::min(n, std::floor(n * share + 1e-6)));
  };
  const double two = split_[0] + split_[1];
  return {cut(split_[0]), split_[2] > 0 ? cut(two) : pending_.size(), pending_.size()};
}

void CorpusDraft::cut_running_text(int64_t bytes) {
  const auto ends = cuts();
  const int64_t others = parts_[1].bytes + parts_[2].bytes;
  // The long part last, because the first text's moves there without a copy.
  const int64_t joints = append(parts_[1], ends[0], ends[1]) + append(parts_[2], ends[1], ends[2]);
  if (parts_[0].characters.empty()) {
    Part& train = parts_[0];
    pending_.resize(ends[0]);
    train.characters = std::move(pending_);
    train.bytes = bytes - (parts_[1].bytes + parts_[2].bytes - others - joints);
  } else {
    append(parts_[0], 0, ends[0]);
  }
  pending_.clear();
}

void CorpusDraft::deal_documents() {
  size_t begin = 0;
  for (const size_t end : document_ends_) {
    const size_t p = part_for(end - begin);
    parts_[p].characters.push_back(document_end);
    append(parts_[p], begin, end);
    parts_[p].bytes += separator_bytes(options_.documents);
    ++parts_[p].documents;
    begin = end;
  }
  document_ends_.clear();
  pending_.clear();
}

// The part that most is missing of by then, so that each has its share of all stretches of a list,
// be it sorted.
size_t CorpusDraft::part_for(size_t characters) {
  const double read = dealt_[0] + dealt_[1] + dealt_[2] + static_cast<double>(characters);
  const auto missing = [&](size_t p) { return split_[p] * read - dealt_[p]; };
  size_t part = 0;
  for (size_t p = 1; p < split_.size(); ++p) {
    const bool more = split_[part] <= 0 || missing(p) > missing(part);
    if (split_[p] > 0 && more) part = p;
  }
  dealt_[part] += static_cast<double>(characters);
  return part;
}

int64_t CorpusDraft::append(Part& part, size_t begin, size_t end) {
  if (begin == end) return 0;
  const bool running = options_.documents == Documents::none;
  const bool joins = running && join_ && !part.characters.empty() &&
                     !characters_[static_cast<size_t>(part.characters.back())].ends_with('\n');
  if (joins) {
    part.characters.push_back(number_of("\n"));
    ++part.bytes;  // it is read, and predicted
  }
  for (size_t i = begin; i < end; ++i) {
    part.bytes += static_cast<int64_t>(characters_[static_cast<size_t>(pending_[i])].size());
    part.characters.push_back(pending_[i]);
  }
  return joins ? 1 : 0;
}

}  // namespace inkling::text
