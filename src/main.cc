#include <fcntl.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/error.h"
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
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  inkling::cli::Console console;
  const auto fail = [&](const std::string& sentence) {
    console.talk.insist("inkling: " + sentence);
    return 1;
  };
  try {
    inkling::cli::run_program(arguments, console);
    console.out.flush();
    return 0;
  } catch (const inkling::UsageError& error) {
    fail(error.what());
    console.talk.insist(inkling::cli::usage_hint(arguments));
    return 2;
  } catch (const inkling::Error& error) {
    // What was written before the failure still belongs to the user.
    try {
      console.out.flush();
    } catch (const inkling::Error&) {
    }
    return fail(error.what());
  } catch (const std::bad_alloc&) {
    return fail(
        "out of memory; try a smaller --hidden-size, --batch-size or --bptt, or a smaller text");
  } catch (const std::exception& error) {
    return fail(fmt::format("unexpected failure: {}", error.what()));
  }
}
