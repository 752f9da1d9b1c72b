#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/console.h"
#include "cli/prompt/joint_text.h"
#include "cli/prompt/learner.h"
#include "cli/prompt/prompt_model.h"
#include "cli/prompt/replies.h"
#include "cli/prompt/settings.h"
#include "cli/prompt/slash_commands.h"
#include "cli/signals.h"
#include "generate/generator.h"
#include "text/display_width.h"

namespace inkling::cli {

// A text that a person and a model write together, the model, and the settings, all of which change
// on the way. session.cc takes lines and lets the model write, session_files.cc saves and loads.
class Session {
 public:
  // Loads the model. interrupt: ends the text that is being written; may be nullptr.
  // learning: how the model learns from what is typed; nothing = not at all.
  // Throws DataError, and UsageError where the model cannot follow the settings.
  Session(const ModelOptions& model, const std::optional<model::AdaptOptions>& learning,
          const PromptSettings& settings, Company company, const InterruptFlag* interrupt,
          Console& console);

  // One line of the person's: text, or a command that begins with "/". What goes wrong is said.
  // Returns false where the session is to end. Throws OutputError.
  bool take_line(std::string line);
  // The same of a line that stands in the editor. straight: its begin was taken from what could
  // follow the text. row: the last row of the terminal that it takes, its begin included.
  bool take_edited_line(std::string line, bool straight, std::string row);
  // A line that was being written when the session ended: it is kept with the text.
  void take_unfinished(std::string_view line, bool straight);
  // How wide the terminal sets characters.
  void set_widths(const text::WidthProfile& widths) { widths_ = widths; }

  // Keeps in `folder` all texts of the session that have changed since they were saved, and says
  // so. Returns false where that cannot be and somebody should get to answer; then it is said.
  // can_answer: whether somebody could, once.
  bool keep_unsaved(const std::filesystem::path& folder, bool can_answer);
  // Goes on with the text of a file. Throws DataError.
  void open_text(const std::string& path);
  // Shows the end of the text that was opened.
  void show_opened();

  const JointText& text() const { return text_; }
  const PromptSettings& settings() const { return settings_; }
  // Whether a line was not obeyed: what was wrong with it was said.
  bool failed() const { return replies_.failed(); }
  // False where there is something to say before the person leaves; then it is said.
  bool may_leave();
  // What can be said with a slash, with the settings as they are.
  std::vector<SlashCommand> commands() const;
  PromptModel& model() { return *model_; }
  // About what was done last, in one line.
  const std::string& status() const { return replies_.status(); }
  // A line that was taken back, to be edited again; an empty one the next time, but behind a
  // command that leaves the text as it is, unless the line was dropped.
  JointText::Line take_draft() { return taken_draft_ = std::exchange(draft_, {}); }
  void drop_draft() { taken_draft_ = {}; }

 private:
  // What the model's text goes on from, on its row.
  struct Row {
    std::string text{};
    bool is_edited = false;  // stands there, in the editor; else it is to be shown
  };

  // Where the text was saved last, or came from.
  struct Place {
    std::string path{};
    std::filesystem::file_time_type time{};  // when that was
    std::string text{};                      // as it was then
  };
  // A text that gave way to another.
  struct Left {
    JointText text;
    Place saved;
  };
  static bool is_unsaved(const JointText& text, const Place& saved) {
    return !text.text().empty() && text.text() != saved.text;
  }

  // Throws UsageError where the model cannot follow the settings.
  static void require_fit(const PromptSettings& settings, generate::NextCharacter& model);

  // edited: the row of a line that stands in the editor.
  bool take(std::string line, bool straight, std::optional<std::string> edited);
  bool take_command(const SlashLine& command);
  void attempt(const std::function<void()>& work);
  void obey(const SlashLine& line);
  // What is said with a slash, and what stands behind it.
  void help(std::string_view about);
  void go_on(std::string_view);
  void rewrite(std::string_view);
  void undo(std::string_view);
  void leave_text();
  bool return_to_left();
  void show_all(std::string_view);
  void save(std::string_view value);
  void open(std::string_view path);
  void load(std::string_view name);
  void save_model(std::string_view path);
  void clear(std::string_view);

  void set(std::string_view name, std::string_view value);
  void go_on_from(std::string_view line, bool straight);
  void show(std::string_view text);
  void show_tail();
  void write(const std::string& unknown);
  generate::Written draw(bool shaded, bool& line_is_open);
  bool remind_of_learned(Learner::Loss loss);
  std::string unknown_characters(std::string_view line);
  bool seed_by_chance() const;
  void choose_seed();
  void say_seed();

  ModelOptions model_options_;
  std::optional<model::AdaptOptions> learning_;
  PromptSettings settings_;
  const Company company_;
  const InterruptFlag* interrupt_;
  Console& console_;
  Replies replies_;
  std::unique_ptr<PromptModel> model_;

  JointText text_;
  Learner learner_;
  Row row_;
  text::WidthProfile widths_;
  uint64_t seed_ = 0;                    // of the next text
  std::set<std::string> known_unknown_;  // notices already given
  Place saved_;
  std::vector<Left> left_;  // /undo comes back to the last one
  JointText::Line draft_, taken_draft_;
  std::optional<std::string> told_unkept_;  // the text with which it was said that one is not kept
};

}  // namespace inkling::cli
