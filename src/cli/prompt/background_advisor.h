#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/prompt/prompt_model.h"
#include "cli/prompt/slash_commands.h"
#include "edit/advisor.h"

namespace inkling::cli {

// Advises an editor: on lines of text by a model in a thread of its own, on commands at once. The
// calls of Advisor are for one thread.
class BackgroundAdvisor final : public edit::Advisor {
 public:
  // What a line is part of.
  struct Scene {
    PromptModel* model = nullptr;
    // What the model reads before it goes on from the line; called within ask() alone.
    std::function<std::string(std::string_view line, bool straight)> context;
    std::vector<SlashCommand> commands;
    ShownOptions shown;
    bool greedy = false;  // the most probable is written
  };

  BackgroundAdvisor();
  ~BackgroundAdvisor() override;
  BackgroundAdvisor(const BackgroundAdvisor&) = delete;
  BackgroundAdvisor& operator=(const BackgroundAdvisor&) = delete;

  // The models must outlive their use: until rest() or the next scene.
  void set_scene(Scene scene);
  // Drops all questions and returns when no model is used any more; until the next question.
  void rest();

  void ask(const Question& question) override;
  void forget() override;
  std::optional<edit::Advice> answer() override;
  int descriptor() const override { return event_; }
  std::optional<edit::Completions> complete(std::string_view before_cursor) override;

 private:
  void drop_questions();
  void tell(edit::Advice advice);
  void work();

  Scene scene_;
  int event_;  // an eventfd: readable while there is an answer
  std::mutex mutex_;
  std::condition_variable wake_, rested_;
  std::optional<SuggestionRequest> request_;
  std::optional<edit::Advice> answer_;
  PromptModel* busy_with_ = nullptr;
  bool outdated_ = false;  // nobody waits for what is being worked at
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace inkling::cli
