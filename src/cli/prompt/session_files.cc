#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "cli/layout.h"
#include "cli/prompt/kept_texts.h"
#include "cli/prompt/session.h"
#include "cli/user_folders.h"
#include "text/normalizer.h"

// What a session writes to files and reads from them: the text, what was learned, other models.
namespace inkling::cli {
namespace {

// As a person names it, perhaps in quotation marks as for a shell.
std::string path_of(std::string_view named) {
  const bool is_quoted = named.size() > 2 && named.front() == named.back() &&
                         (named.front() == '"' || named.front() == '\'');
  return with_home(std::string(is_quoted ? named.substr(1, named.size() - 2) : named));
}

}  // namespace

bool Session::may_leave() {
  if (!remind_of_learned(Learner::Loss::leaving)) return true;
  replies_.tell("leave again to drop it");
  return false;
}

// Says that it is not kept what was learned since it was last saved, or since that was last said.
// Returns whether somebody should get to answer that.
bool Session::remind_of_learned(Learner::Loss loss) {
  if (!learner_.newly_unsaved(loss)) return false;
  replies_.tell("what was learned is not kept: /save-model FILE keeps it");
  return company_ != Company::program;
}

void Session::save_model(std::string_view value) {
  if (!learner_.learns()) {
    replies_.fail("nothing is being learned; start the prompt with --learn");
    return;
  }
  if (value.empty()) usage_error("/save-model needs the name of a new file");
  const std::string path = path_of(value);
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    usage_error("{} exists already; give the name of a new file", path);
  try {
    learner_.save(path);
  } catch (const DataError& error) {
    replies_.fail(error.what());
    return;
  }
  replies_.say(fmt::format("saved as {}", path));
}

void Session::save(std::string_view value) {
  constexpr std::string_view force = "--force";
  const bool forced = value == force || value.starts_with(std::string(force) + " ");
  if (forced) value.remove_prefix(std::min(force.size() + 1, value.size()));
  const std::string path = value.empty() ? saved_.path : path_of(value);
  if (path.empty()) usage_error("/save needs the name of a file");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    usage_error("{} is a folder; name a file in it", path);
  if (!forced && std::filesystem::exists(path, ignored)) {
    const bool others = path != saved_.path;
    if (others || std::filesystem::last_write_time(path, ignored) != saved_.time) {
      replies_.fail(fmt::format("{} {}; /save --force {} writes over it", path,
                                others ? "is there already" : "was changed by somebody else",
                                path));
      return;
    }
  }
  std::string bytes = text_.text();
  if (bytes.empty()) return replies_.fail("there is nothing to save");
  if (!bytes.ends_with('\n')) bytes += '\n';
  try {
    write_atomically(path, bytes);
  } catch (const DataError& error) {
    replies_.fail(error.what());
    return;
  }
  saved_ = {path, std::filesystem::last_write_time(path, ignored), text_.text()};
  replies_.say(fmt::format("saved {} in {}", byte_size(static_cast<int64_t>(bytes.size())), path));
}

void Session::open(std::string_view path) {
  if (path.empty()) usage_error("/open needs the path of a text");
  open_text(path_of(path));
  show_opened();
}

void Session::show_opened() {
  if (company_ != Company::program) show_tail();
  replies_.say(fmt::format("opened {}, {}; the model goes on from it", saved_.path,
                           byte_size(static_cast<int64_t>(text_.text().size()))));
}

void Session::open_text(const std::string& path) {
  std::error_code missing;
  const bool is_other = std::filesystem::exists(path, missing) &&
                        !std::filesystem::is_regular_file(path, missing) &&
                        !std::filesystem::is_directory(path, missing);
  if (path == "-" || is_other) data_error("{} is no file with a text; give one", path);
  // With the line ends that the model reads, as a person's lines beside it have.
  const text::TextOptions& read = model_->model().tokenizer.options();
  const std::string text = text_in_file(path, read.unit);
  std::string folded;
  const std::string_view opened = text::normalize(
      text, {.normalize = text::Normalization::none, .line_ends = read.line_ends}, folded);
  leave_text();
  text_.open(std::string(opened));
  std::error_code ignored;
  saved_ = {path, std::filesystem::last_write_time(path, ignored), text_.text()};
}

bool Session::keep_unsaved(const std::filesystem::path& folder, bool can_answer) {
  std::vector<std::pair<const JointText*, Place*>> unsaved;
  for (Left& left : left_) {
    if (is_unsaved(left.text, left.saved)) unsaved.emplace_back(&left.text, &left.saved);
  }
  if (is_unsaved(text_, saved_)) unsaved.emplace_back(&text_, &saved_);
  if (unsaved.empty()) return true;
  try {
    std::string path;
    for (const auto& [text, saved] : unsaved) {
      path = keep_text(folder, text->text());
      saved->text = text->text();
    }
    console_.talk.say(
        fmt::format("what was not saved is in {}{}; /open goes on with it", path,
                    unsaved.size() == 1 ? "" : ", what was before it in last-text.1.txt there"));
    return true;
  } catch (const DataError& error) {
    const bool asks = can_answer && told_unkept_ != text_.text();
    told_unkept_ = text_.text();
    replies_.tell(fmt::format("the text cannot be kept: {}{}", error.what(),
                              asks ? "; /save FILE saves it, leave again to drop it" : ""));
    return !asks;
  }
}

void Session::load(std::string_view name) {
  if (name.empty()) usage_error("/load needs the path of a model, or its name");
  if (remind_of_learned(Learner::Loss::loading)) return replies_.tell("/load again drops it");
  ModelOptions options = model_options_;
  options.model = {path_of(name)};
  std::unique_ptr<PromptModel> model;
  try {
    model = std::make_unique<PromptModel>(options, learning_);
  } catch (const DataError& error) {
    replies_.fail(error.what());
    return;
  }
  require_fit(settings_, model->next());
  model_ = std::move(model);
  learner_.teach(model_->learning());
  model_options_ = options;
  known_unknown_.clear();
  replies_.say(fmt::format("the model is now {}", name));
}

}  // namespace inkling::cli
