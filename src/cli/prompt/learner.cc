#include "cli/prompt/learner.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/model_file.h"
#include "text/caret.h"

namespace inkling::cli {
namespace {

// Bytes of a text that are learned before it is asked whether to stop.
constexpr size_t learned_at_once = 512;

}  // namespace

void Learner::teach(generate::LearningModel* model) {
  model_ = model;
  settled_ = {};
  take_up_text();
}

void Learner::take_up_text() {
  begins_anew_ = true;
  end_ = text_.begins_document() ? text_.text().size() : text_.document_begin();
}

void Learner::begin_anew(bool anew) {
  begins_anew_ = anew;
  end_ = std::min(end_, text_.text().size());
}

void Learner::take(bool learn) {
  const std::string_view text = text_.text();
  if (model_ == nullptr || end_ == text.size()) return;
  if (std::exchange(begins_anew_, false)) {
    model_->begin();
    end_ = std::max(end_, text_.document_begin());
  }
  while (end_ < text.size() && !(interrupt_ && interrupt_->is_set())) {
    const size_t end = text::clusters_end(text, end_, learned_at_once);
    model_->take(text.substr(end_, end - end_), learn);
    end_ = end;
  }
  interrupted_ = text.size() - end_;
}

void Learner::save(const std::string& path) {
  model::save_model(path, {model_->learned(), {}, {}});
  settled_.fill(steps());
}

bool Learner::newly_unsaved(Loss loss) {
  return steps() != std::exchange(settled_[static_cast<size_t>(loss)], steps());
}

}  // namespace inkling::cli
