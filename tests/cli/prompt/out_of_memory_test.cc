#include <doctest/doctest.h>

#include "support/allocations.h"
#include "support/prompt_at_terminal.h"

using namespace inkling::testing;

TEST_CASE(
    "whichever allocation fails at the prompt, the terminal is restored and a sentence said") {
  if (allocations().all == 0) return;  // under the address sanitizer
  bool failed = true;
  int sentences = 0;
  for (int64_t n = 1; failed; n += 1 + n / 4) {
    CAPTURE(n);
    Prompt prompt(
        {"--seed", "1", "-n", "20"},
        {.environment = {{"INKLING_FAIL_ALLOCATION", std::to_string(n) + (n % 2 == 0 ? "+" : "")}},
         .program = INKLING_FAILING_BINARY});
    // Where it has ended before, nobody sees these.
    const auto waits = [](const Screen& screen) { return screen.before_cursor() == "> "; };
    if (prompt.see(waits)) prompt.type("The c\t\r/quit\r");
    const ProgramResult result = prompt.finish();
    failed = result.exit_code != 0;
    CAPTURE(prompt.screen().all_text());
    CHECK(result.signal == 0);
    CHECK((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 77));
    CHECK(result.terminal_was_sane);
    CHECK_FALSE(prompt.screen().marks_pastes());
    if (result.exit_code != 1) continue;
    ++sentences;
    CHECK(has(prompt.screen().all_text(), "inkling: "));
  }
  CHECK(sentences > 10);
}
