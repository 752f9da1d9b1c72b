#include "cli/prompt/background_advisor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"

namespace inkling::cli {

BackgroundAdvisor::BackgroundAdvisor() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) data_error("cannot make an event: {}", error_text(errno));
  // Signals are for the thread that has the terminal.
  sigset_t all, kept;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &kept);
  thread_ = std::thread([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &kept, nullptr);
}

BackgroundAdvisor::~BackgroundAdvisor() {
  {
    const std::lock_guard lock(mutex_);
    drop_questions();
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  close(event_);
}

void BackgroundAdvisor::set_scene(Scene scene) {
  rest();
  scene_ = std::move(scene);
}

// With the mutex held.
void BackgroundAdvisor::drop_questions() {
  request_.reset();
  answer_.reset();
  outdated_ = true;
  if (busy_with_) busy_with_->cancel(true);
}

void BackgroundAdvisor::rest() {
  std::unique_lock lock(mutex_);
  drop_questions();
  rested_.wait(lock, [this] { return busy_with_ == nullptr; });
}

void BackgroundAdvisor::forget() {
  const std::lock_guard lock(mutex_);
  drop_questions();
}

void BackgroundAdvisor::ask(const Question& question) {
  std::optional<edit::Advice> at_once = slash_advice(question.text, scene_.commands);
  const bool silent = scene_.shown.suggestions == Switch::off && scene_.shown.probs == Switch::off;
  if (!at_once && (silent || !scene_.model)) at_once.emplace();
  {
    const std::lock_guard lock(mutex_);
    drop_questions();
    if (at_once) {
      tell(std::move(*at_once));
      return;
    }
    request_ =
        SuggestionRequest{.context = scene_.context(text_of_line(question.text), question.straight),
                          .empty_line = question.text.empty(),
                          .greedy = scene_.greedy,
                          .chances = scene_.shown.probs == Switch::on};
  }
  wake_.notify_one();
}

// With the mutex held.
void BackgroundAdvisor::tell(edit::Advice advice) {
  answer_ = std::move(advice);
  [[maybe_unused]] const int told = eventfd_write(event_, 1);
}

std::optional<edit::Advice> BackgroundAdvisor::answer() {
  const std::lock_guard lock(mutex_);
  eventfd_t ignored = 0;
  [[maybe_unused]] const int drained = eventfd_read(event_, &ignored);
  return std::exchange(answer_, std::nullopt);
}

std::optional<edit::Completions> BackgroundAdvisor::complete(std::string_view before_cursor) {
  return slash_completions(before_cursor, scene_.commands);
}

void BackgroundAdvisor::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || request_; });
    if (stop_) return;
    const SuggestionRequest request = std::move(*request_);
    const bool ghost = scene_.shown.suggestions == Switch::on;
    request_.reset();
    busy_with_ = scene_.model;
    busy_with_->cancel(false);
    outdated_ = false;
    lock.unlock();
    const auto offer = [&](edit::Advice advice) {
      if (!ghost) {
        advice.continuations.clear();
        for (edit::Chance& chance : advice.chances) chance.continuation = -1;
      }
      const std::lock_guard told(mutex_);
      if (!outdated_) tell(std::move(advice));
    };
    try {
      busy_with_->suggestions().make(request, offer);
    } catch (const Cancelled&) {
    } catch (const Error&) {
      offer({});  // what ails the model is said when it is to write
    } catch (const std::bad_alloc&) {
      offer({});
    }
    lock.lock();
    busy_with_->cancel(false);
    busy_with_ = nullptr;
    rested_.notify_all();
  }
}

}  // namespace inkling::cli
