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
