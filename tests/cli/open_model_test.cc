#include "cli/open_model.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "support/refusal.h"
#include "support/sample_model.h"
#include "support/temp_dir.h"

using namespace inkling;
using testing::refusal;
using testing::says;

TEST_CASE("where a model is damaged, another file of its run is offered if it is whole") {
  const testing::TempDir folder;
  const std::string best = folder.file("book.safetensors");
  const std::string last = folder.file("book.last.safetensors");
  const std::string previous = folder.file("book.previous.safetensors");
  const auto save = [](const std::string& path) {
    model::save_model(
        path,
        {testing::sample_model(nn::NetworkSpec::chain(4, 0, nn::CellKind::gru, 1, 3)), {}, {}});
  };
  for (const std::string& path : {best, last, previous}) save(path);
  const auto damage = [](const std::string& path) {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  };
  const auto message = [](const std::string& path) {
    return refusal([&] { cli::open_model(path); });
  };
  for (const std::string& path : {best, last, previous}) CHECK(message(path) == "");

  damage(last);
  CHECK(message(last).starts_with(last + ": truncated"));
  CHECK(message(last).ends_with("; " + previous + " is whole: use it instead"));
  CHECK(message(best) == "");
  damage(best);
  CHECK(message(best).ends_with("; " + previous + " is whole: use it instead"));
  save(last);
  CHECK(message(best).ends_with("; " + last + " is whole: use it instead"));
  damage(previous);
  CHECK(message(previous).ends_with("; " + last + " is whole: use it instead"));
  damage(last);
  for (const std::string& path : {best, last, previous}) {
    CHECK(says(message(path), "truncated"));
    CHECK_FALSE(says(message(path), "whole"));
  }
}
