#include "cli/prompt/learner.h"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "support/letters_model.h"

using namespace inkling;
using namespace inkling::cli;

namespace {

// The weights of a model that was taught so.
std::vector<float> taught(const std::function<void(generate::LearningModel&)>& teach) {
  const testing::TempDir dir;
  const model::LanguageModel trained = model::load_model(testing::letters_model(dir));
  model::AdaptOptions options;
  options.rate = 0.01, options.every = 1;
  generate::LearningModel model(trained, options, nn::Precision::f32, 1);
  teach(model);
  return model.learned().weights;
}

}  // namespace

TEST_CASE("a line that is taken back is as it was added") {
  JointText text;
  text.add("The sh", false);
  text.write("oul");
  text.add("d", true);
  CHECK(text.text() == "The should");
  const auto line = text.undo();
  REQUIRE(line);
  CHECK(line->text == "d");
  CHECK(line->straight);
  CHECK_FALSE(text.undo()->straight);
}

TEST_CASE("a text that comes back after its document has ended is learned from the next one on") {
  for (const bool ended : {false, true}) {
    const auto weights = taught([&](generate::LearningModel& model) {
      JointText text, other;
      Learner learner(text, nullptr);
      learner.teach(&model);
      other.add("ab", false);
      if (ended) other.end_document(false);
      text = other;
      learner.take_up_text();
      learner.take(false);
      text.add("ba", false);
      learner.take(true);
    });
    const auto expected = taught([&](generate::LearningModel& model) {
      model.begin();
      if (!ended) model.take("ab", false);
      model.take(ended ? "ba" : "\nba", true);
    });
    CHECK(weights == expected);
  }
}

TEST_CASE("documents are parted as in the corpus") {
  for (const bool empty_line : {false, true}) {
    for (const char* end : {"", "\n"}) {
      JointText text;
      text.add("One", false);
      text.write(end);
      text.end_document(empty_line);
      text.add("Two", false);
      CHECK(text.text() == (empty_line ? "One\n\nTwo" : "One\nTwo"));
      CHECK(text.context() == "Two");
    }
  }
}

TEST_CASE("what is written in place of what was taken back is read before the next line") {
  const auto weights = taught([](generate::LearningModel& model) {
    JointText text;
    Learner learner(text, nullptr);
    learner.teach(&model);
    const auto type = [&](const char* line) {
      learner.take(false);
      text.add(line, false);
      learner.take(true);
    };
    type("ab");
    type("bbbbbb");
    text.undo();
    learner.begin_anew(text.begins_document());
    text.take_back();
    learner.begin_anew(text.begins_document());
    text.write("aa");
    type("ba");
  });
  const auto expected = taught([](generate::LearningModel& model) {
    model.begin();
    model.take("ab", true);
    model.take("\nbbbbbb", true);
    model.take("aa", false);
    model.take("\nba", true);
  });
  CHECK(weights == expected);
}
