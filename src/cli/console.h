#pragma once

#include "cli/output.h"
#include "cli/talk.h"

namespace inkling::cli {

// Where a command speaks: results to `out`, everything else to `talk`.
struct Console {
  Output out;
  Talk talk;
};

}  // namespace inkling::cli
