#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>

#include <exception>
#include <string>
#include <vector>

#include "cli/program.h"
#include "cli/signals.h"

namespace {

// Were one of them closed, the next file opened would take its number, and what is printed would
// land there.
void occupy_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) open("/dev/null", O_RDONLY);
  }
}

// Each thread's allocations take 64 MB of addresses for a start, whatever they need; where those
// are few (ulimit -v), all threads share one place.
void save_addresses() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  save_addresses();
  inkling::cli::survive_file_size_limit();
  std::set_terminate(inkling::cli::end_with_last_words);
  return inkling::cli::exit_code_of({argv + (argc > 0 ? 1 : 0), argv + argc});
}
