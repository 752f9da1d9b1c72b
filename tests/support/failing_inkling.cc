// inkling, but that an allocation fails: INKLING_FAIL_ALLOCATION=N, or N+ for it and all after it.
// Ends with exit code 77 where one failed and the command did without.

#include <cstdlib>
#include <exception>
#include <string_view>

#include "cli/program.h"
#include "support/failing_allocation.h"

int main(int argc, char** argv) {
  std::set_terminate(inkling::cli::end_with_last_words);
  const char* which = std::getenv("INKLING_FAIL_ALLOCATION");
  const bool for_good = std::string_view(which).ends_with('+');
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const inkling::testing::FailingAllocation failure(std::atoll(which), for_good);
  const int code = inkling::cli::exit_code_of(arguments);
  return code == 0 && failure.has_failed() ? 77 : code;
}
