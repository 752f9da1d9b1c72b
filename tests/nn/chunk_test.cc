#include "nn/chunk.h"

#include <doctest/doctest.h>

namespace inkling::nn {
namespace {

TEST_CASE("variational dropout keeps a mask through the steps of a chunk, else each has its own") {
  Dropout dropout = Dropout::with_rate(0.5, 3);
  CHECK(dropout.row_key(1, 0, 4) != dropout.row_key(1, 5, 4));
  dropout.variational = true;
  CHECK(dropout.row_key(1, 0, 4) == dropout.row_key(1, 5, 4));
  CHECK(dropout.row_key(1, 0, 4) != dropout.row_key(0, 0, 4));
  CHECK(dropout.row_key(1, 0, 4) != dropout.row_key(1, 0, 3));
  Dropout next = Dropout::with_rate(0.5, 4);
  next.variational = true;
  CHECK(dropout.row_key(1, 0, 4) != next.row_key(1, 0, 4));
}

}  // namespace
}  // namespace inkling::nn
