#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/program.h"
#include "support/temp_dir.h"

namespace inkling::testing {

// Guessing by the characters' frequencies costs 2.9 nats; after two seconds on two quiet cores it
// is 1.72.
TEST_CASE("two seconds of training on the English texts teach more than letters") {
  const TempDir dir;
  const std::string model = dir.file("m.safetensors"),
                    texts = INKLING_SOURCE_FOLDER "/corpora/english";
  const ProgramResult result =
      run_inkling({.arguments = {"train", texts, "--num-layers", "1", "--hidden-size", "128",
                                 "--bptt", "32", "--steps", "250", "--learning-rate", "0.01",
                                 "--precision", "f32", "--quiet", "-o", model}});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  const ProgramResult info = run_inkling({.arguments = {"info", model, "--json"}});
  REQUIRE(info.exit_code == 0);
  CHECK(nlohmann::json::parse(info.out)["val_loss"].get<double>() < 1.8);
}

}  // namespace inkling::testing
