#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace inkling {

// Runs numbered tasks on a fixed set of threads; the calling thread is one of them. Idle workers
// spin for some microseconds before they sleep, so that meetings a few microseconds apart stay
// cheap.
//
// run() may be called from one thread at a time, and not from inside a task. Which thread runs a
// task is not fixed, so tasks must not depend on it, and must not throw.
class ThreadPool {
 public:
  // threads: 0 = as many as the machine has. on_start runs once in each thread, the constructing
  // one included.
  explicit ThreadPool(int threads = 0, const std::function<void()>& on_start = nullptr);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(0) .. task(count - 1), each once, and returns when all are done. Allocates nothing.
  template <class Task>
  void run(int64_t count, Task&& task) {
    if (count <= 1 || workers_.empty()) {
      for (int64_t i = 0; i < count; ++i) task(i);
      return;
    }
    start([](void* context,
             int64_t i) { (*static_cast<std::remove_reference_t<Task>*>(context))(i); },
          &task, count);
  }

 private:
  using Call = void (*)(void* context, int64_t i);
  void start(Call call, void* context, int64_t count);
  void work();  // takes tasks until none is left
  void serve(const std::function<void()>& on_start);

  std::vector<std::thread> workers_;
  Call call_ = nullptr;
  void* context_ = nullptr;
  int64_t count_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};        // workers that have not yet finished this round
  std::atomic<uint32_t> round_{0};  // raised to start a round
  std::atomic<bool> stop_{false};
};

// The processors this process may run on.
int available_processors();

}  // namespace inkling
