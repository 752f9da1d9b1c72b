// From starting the program to the answer: `inkling complete` with the model that ships, its files
// in the page cache, and how long reading the model takes of that. Medians; one JSON line.
//
//     start_bench [MODEL]

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "base/heap.h"
#include "measure.h"
#include "model/model_file.h"

namespace {

// The page faults that an answer took: what of its time hangs on the kind of machine.
int64_t complete(const std::string& model) {
  std::string words[] = {INKLING_BINARY, "complete", "-m", model, "--json", "The cat sat on the"};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                       words[4].data(), words[5].data(), nullptr};
  posix_spawn_file_actions_t silent;
  posix_spawn_file_actions_init(&silent);
  posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  int status = 1;
  rusage used{};
  if (posix_spawn(&process, INKLING_BINARY, &silent, nullptr, arguments, environ) == 0)
    wait4(process, &status, 0, &used);
  posix_spawn_file_actions_destroy(&silent);
  if (status != 0) throw std::runtime_error("inkling complete failed");
  return used.ru_minflt + used.ru_majflt;
}

}  // namespace

int main(int argc, char** argv) try {
  using inkling::bench::median_seconds, inkling::bench::rounded;
  const std::string model =
      argc > 1 ? argv[1] : INKLING_SOURCE_FOLDER "/models/english.safetensors";
  constexpr int rounds = 31;
  inkling::back_heap_by_large_pages(size_t{16} << 20);  // as complete does
  const double answer = median_seconds(rounds, [&] { complete(model); });
  const double load = median_seconds(rounds, [&] { inkling::model::load_model(model); });
  const nlohmann::ordered_json line{{"processor", inkling::bench::processor()},
                                    {"answer_ms", rounded(answer * 1e3)},
                                    {"load_ms", rounded(load * 1e3)},
                                    {"page_faults", complete(model)}};
  fmt::print("{}\n", line.dump());
} catch (const std::exception& error) {
  std::fprintf(stderr, "start_bench: %s\n", error.what());
  return 1;
}
