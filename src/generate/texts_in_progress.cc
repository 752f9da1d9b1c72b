#include "generate/texts_in_progress.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace inkling::generate {
namespace {

constexpr size_t most_at_once = 64;  // texts: more make no step of the model cheaper
constexpr size_t most_waiting = 4 * most_at_once;
// A text draws in a few microseconds: so many are worth a meeting, and so many at once a task.
constexpr size_t worth_threads = 8;
constexpr size_t in_a_task = 4;

}  // namespace

TextsInProgress::TextsInProgress(NextCharacter& model, std::span<const float> logits,
                                 const TextsSink& sink)
    : model_(model), first_logits_(logits), slots_(model), ordered_(sink) {}

bool TextsInProgress::may_begin() const {
  return texts_.size() < most_at_once && ordered_.waiting() < most_waiting;
}

void TextsInProgress::begin(const Maker& make) {
  texts_.push_back(std::make_unique<Text>(make, ordered_.begin(), slots_.acquire()));
  model_.copy(0, texts_.back()->slot);
}

bool TextsInProgress::go_on() {
  const auto count = static_cast<int64_t>(texts_.size());
  ThreadPool* const threads = texts_.size() < worth_threads ? nullptr : model_.threads();
  if (threads == nullptr) {
    for (size_t i = 0; i < texts_.size(); ++i) draw(i);
  } else {
    constexpr auto each = static_cast<int64_t>(in_a_task);
    threads->run((count + each - 1) / each, [&](int64_t task) {
      const auto begin = static_cast<size_t>(task) * in_a_task;
      const size_t end = std::min(texts_.size(), begin + in_a_task);
      for (size_t i = begin; i < end; ++i) draw(i);
    });
  }
  hand_on();
  rows_.clear(), tokens_.clear();
  for (const auto& text : texts_) rows_.push_back(text->slot), tokens_.push_back(*text->next);
  read_ = texts_.size();
  logits_.resize(read_ * first_logits_.size());
  if (read_ > 0) model_.step(rows_, tokens_, logits_);
  return read_ > 0;
}

// Throws nothing: it may run in any thread.
void TextsInProgress::draw(size_t i) {
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
