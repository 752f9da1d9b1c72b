#include <fcntl.h>

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

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  inkling::cli::survive_file_size_limit();
  std::set_terminate(inkling::cli::end_with_last_words);
  return inkling::cli::exit_code_of({argv + (argc > 0 ? 1 : 0), argv + argc});
}
