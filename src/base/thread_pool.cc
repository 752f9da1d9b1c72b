#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <csignal>
#include <new>
#include <system_error>

#include "base/spin.h"

namespace inkling {
int available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(int threads, const std::function<void()>& on_start) {
  if (threads <= 0) threads = available_processors();
  workers_.reserve(static_cast<size_t>(threads));
  // Signals belong to the main thread: workers start with all of them blocked.
  sigset_t all, kept;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &kept);
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, on_start] { serve(on_start); });
  } catch (const std::system_error&) {
    // The system gives no more threads: fewer will do.
  } catch (const std::bad_alloc&) {
    // No more memory for one: the same.
  }
  pthread_sigmask(SIG_SETMASK, &kept, nullptr);
  if (on_start) on_start();
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::start(Call call, void* context, int64_t count) {
  call_ = call;
  context_ = context;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  work();
  for (int left = busy_.load(std::memory_order_acquire); left != 0;
       left = busy_.load(std::memory_order_acquire)) {
    wait_while(busy_, left);
  }
}

void ThreadPool::work() {
  for (int64_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) call_(context_, i);
}

void ThreadPool::serve(const std::function<void()>& on_start) {
  if (on_start) on_start();
  for (uint32_t seen = 0;;) {
    wait_while(round_, seen);
    // At most one round is under way: run() waits for every worker before the next.
    ++seen;
    if (stop_.load(std::memory_order_relaxed)) return;
    work();
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

}  // namespace inkling
