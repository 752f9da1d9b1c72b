#include "generate/texts_in_progress.h"

#include <algorithm>
#include <utility>

#include "base/thread_pool.h"

namespace inkling::generate {
namespace {

constexpr size_t most_at_once = 64;  // texts: more make a step of the model hardly cheaper for each
constexpr size_t most_waiting = 4 * most_at_once;
// A text draws in a few microseconds: so many are worth a meeting, and so many at once a task.
constexpr size_t worth_threads = 8;
constexpr size_t in_a_task = 4;

}  // namespace

TextsInProgress::TextsInProgress(NextCharacter& model, std::span<const float> logits,
                                 uint64_t count, Maker make, const TextsSink& sink)
    : model_(model),
      first_logits_(logits),
      left_(count),
      make_(std::move(make)),
      slots_(model),
      ordered_(sink) {}

void TextsInProgress::begin_some() {
  for (; left_ > 0 && texts_.size() < most_at_once && ordered_.waiting() < most_waiting; --left_) {
    texts_.push_back(std::make_unique<Text>(make_, ordered_.begin(), slots_.acquire()));
    model_.copy(0, texts_.back()->slot);
  }
}

bool TextsInProgress::go_on() {
  // Those that end at once make room as well, so that the model's step is as full as can be.
  for (size_t drawn = 0;; drawn = texts_.size(), read_ = 0) {
    begin_some();
    if (texts_.size() == drawn) break;
    draw(drawn);
    hand_on();
  }
  rows_.clear(), tokens_.clear();
  for (const auto& text : texts_) rows_.push_back(text->slot), tokens_.push_back(*text->next);
  read_ = texts_.size();
  logits_.resize(read_ * first_logits_.size());
  if (read_ > 0) model_.step(rows_, tokens_, logits_);
  return read_ > 0;
}

// The texts from there on.
void TextsInProgress::draw(size_t from) {
  const size_t count = texts_.size() - from;
  ThreadPool* const threads = count < worth_threads ? nullptr : model_.threads_for(count);
  const bool shares = threads != nullptr && drawing_.begin() > 0;
  if (shares) {
    const size_t tasks = (count + in_a_task - 1) / in_a_task;
    threads->run(static_cast<int64_t>(tasks), [&](int64_t task) {
      const size_t first = from + static_cast<size_t>(task) * in_a_task;
      for (size_t i = first; i < std::min(texts_.size(), first + in_a_task); ++i) draw_one(i);
    });
  } else {
    for (size_t i = from; i < texts_.size(); ++i) draw_one(i);
  }
  if (threads != nullptr) drawing_.end(static_cast<int64_t>(count));
}

// Throws nothing: it may run in any thread.
void TextsInProgress::draw_one(size_t i) {
  Text& text = *texts_[i];
  const size_t vocab_size = first_logits_.size();
  try {
    text.next = text.text.go_on(i < read_ ? std::span(logits_).subspan(i * vocab_size, vocab_size)
                                          : first_logits_);
  } catch (...) {
    text.failure = std::current_exception();
  }
}

void TextsInProgress::hand_on() {
  for (const auto& text : texts_) {
    if (text->failure) std::rethrow_exception(text->failure);
    Written written;
    if (!text->next) written = text->text.finish();
    if (!text->said.empty()) ordered_.piece(text->index, text->said);
    text->said.clear();
    if (text->next) continue;
    ordered_.end(text->index, written);
    slots_.release(text->slot);
  }
  std::erase_if(texts_, [](const auto& text) { return !text->next; });
}

}  // namespace inkling::generate
