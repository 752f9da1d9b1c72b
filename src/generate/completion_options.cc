#include "generate/completion_options.h"

#include "base/error.h"

namespace inkling::generate {

void CompletionOptions::validate() const {
  if (next && begun) usage_error("--next and --begun exclude each other: give one");
}

}  // namespace inkling::generate
