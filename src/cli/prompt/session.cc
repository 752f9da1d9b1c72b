#include "cli/prompt/session.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "base/work_clock.h"
#include "cli/layout.h"
#include "cli/prompt/shown_text.h"
#include "generate/sampler.h"
#include "text/caret.h"
#include "text/utf8.h"

namespace inkling::cli {
namespace {

// Seeds that were not asked for are short, so that a person can type them again.
constexpr uint64_t short_seeds = 1000000;

constexpr std::string_view reset = "\033[0m";

std::string_view in_full(std::string_view name) {
  if (name == "length") return "n";
  if (name == "exit") return "quit";
  return name.empty() ? "help" : name;
}

}  // namespace

Session::Session(const ModelOptions& model, const std::optional<model::AdaptOptions>& learning,
                 const PromptSettings& settings, Company company, const InterruptFlag* interrupt,
                 Console& console)
    : model_options_(model),
      learning_(learning),
      settings_(settings),
      company_(company),
      interrupt_(interrupt),
      console_(console),
      replies_(company, console),
      model_(std::make_unique<PromptModel>(model, learning)),
      learner_(text_, interrupt) {
  learner_.teach(model_->learning());
  require_fit(settings_, model_->next());
  choose_seed();
  if (seed_by_chance()) say_seed();
}

void Session::require_fit(const PromptSettings& settings, generate::NextCharacter& model) {
  generate::Sampler(settings.sampling, model.tokenizer(), model.validation_bits());
}

bool Session::seed_by_chance() const {
  return settings_.sampling.seed < 0 && settings_.sampling.by_chance();
}

void Session::choose_seed() {
  seed_ = settings_.sampling.chosen_seed();
  if (settings_.sampling.seed < 0) seed_ %= short_seeds;
}

// A person sees it below each text.
void Session::say_seed() {
  if (company_ == Company::program) console_.talk.say(fmt::format("seed: {}", seed_));
}

std::vector<SlashCommand> Session::commands() const {
  PromptSettings now = settings_;
  now.sampling.seed = static_cast<int64_t>(seed_);
  return slash_commands(now);
}

bool Session::take_line(std::string line) { return take(std::move(line), false, {}); }

bool Session::take_edited_line(std::string line, bool straight, std::string row) {
  return take(std::move(line), straight, std::move(row));
}

void Session::take_unfinished(std::string_view line, bool straight) {
  if (parse_slash(line)) {
    line = taken_draft_.text;  // which it took the place of
    straight = taken_draft_.straight;
  }
  if (!line.empty()) text_.add(text_of_line(line), straight);
}

bool Session::take(std::string line, bool straight, std::optional<std::string> edited) {
  replies_.set_status("");  // of what was done before
  const text::Unit unit = model_->model().tokenizer.options().unit;
  if (unit != text::Unit::byte) line = text::replace_ill_formed(line);
  if (const std::optional<SlashLine> command = parse_slash(line)) return take_command(*command);
  attempt([&] {
    const std::string_view said = text_of_line(line);
    row_ = {.text = edited.value_or(std::string(said)), .is_edited = edited.has_value()};
    go_on_from(said, straight);
  });
  return true;
}

// Where the text is the same behind it, so is the line that was taken back.
bool Session::take_command(const SlashLine& command) {
  if (company_ == Company::editor) console_.out.print("\n");
  const std::string before = text_.text();
  const bool leaves = in_full(command.name) == "quit" && command.value.empty();
  const bool goes_on = !leaves || !may_leave();
  if (!leaves) attempt([&] { obey(command); });
  if (draft_.text.empty() && text_.text() == before) draft_ = std::exchange(taken_draft_, {});
  return goes_on;
}

// What goes wrong is said.
void Session::attempt(const std::function<void()>& work) {
  try {
    work();
  } catch (const OutputError&) {
    throw;
  } catch (const Error& error) {
    replies_.fail(error);
  } catch (const std::bad_alloc&) {
    replies_.fail(too_little_memory);
  }
}

void Session::obey(const SlashLine& line) {
  using Verb = void (Session::*)(std::string_view value);
  static constexpr std::array<std::pair<std::string_view, Verb>, 10> verbs{
      {{"help", &Session::help},
       {"more", &Session::go_on},
       {"regen", &Session::rewrite},
       {"undo", &Session::undo},
       {"show", &Session::show_all},
       {"save", &Session::save},
       {"open", &Session::open},
       {"load", &Session::load},
       {"save-model", &Session::save_model},
       {"clear", &Session::clear}}};
  const std::string_view name = in_full(line.name);
  const std::vector<SlashCommand> all = commands();
  const bool stands_alone = std::any_of(all.begin(), all.end(), [&](const SlashCommand& command) {
    return command.name == name && !command.is_setting && command.argument.empty();
  });
  if (stands_alone && !line.value.empty())
    usage_error("/{} stands alone: '{}' behind it means nothing", name, line.value);
  const auto verb = std::find_if(verbs.begin(), verbs.end(),
                                 [&](const auto& known) { return known.first == name; });
  if (verb != verbs.end()) {
    (this->*verb->second)(line.value);
  } else {
    set(name, line.value);
  }
  console_.out.flush();
}

void Session::help(std::string_view about) {
  constexpr int widest = 100;
  const int width = std::min(terminal_width(STDERR_FILENO), widest);
  console_.out.flush();
  if (about.empty())
    return console_.talk.insist(slash_help(commands(), width, company_ == Company::editor));
  if (about.starts_with('/')) about.remove_prefix(1);
  if (about == "settings") return console_.talk.insist(settings_help(commands(), width));
  replies_.tell(slash_meaning(commands(), in_full(about)));
}

void Session::go_on(std::string_view) {
  row_ = {};
  go_on_from("", true);
}

void Session::clear(std::string_view) {
  leave_text();
  replies_.say(left_.empty() ? "a new text" : "a new text; /undo comes back to the other");
}

// The text gives way to an empty one.
void Session::leave_text() {
  if (!text_.text().empty()) left_.push_back({text_, saved_});
  text_.clear();
  saved_ = {};
  learner_.take_up_text();
}

// Whether there is one; the text that is there, an empty one or as it was opened, gives way to it.
bool Session::return_to_left() {
  if (left_.empty()) return false;
  text_ = std::move(left_.back().text), saved_ = std::move(left_.back().saved);
  left_.pop_back();
  learner_.take_up_text();
  if (company_ == Company::program) return true;
  show_tail();
  replies_.say("the text of before is back");
  return true;
}

void Session::show_all(std::string_view) { show(text_.text()); }

// In lines of its own; less of it where it is interrupted.
void Session::show(std::string_view text) {
  constexpr size_t shown_at_once = 2048;  // bytes
  ShownText shown(console_.out, false, widths_);
  bool line_is_open = false;
  for (size_t at = 0; at < text.size() && !(interrupt_ && interrupt_->is_set());) {
    const size_t end = text::clusters_end(text, at, shown_at_once);
    shown.add(text.substr(at, end - at));
    line_is_open = text[end - 1] != '\n';
    at = end;
  }
  shown.finish();
  if (line_is_open) console_.out.print("\n");
}

// The line on which the text ends, or as much of it as a person can read at a glance.
void Session::show_tail() {
  constexpr size_t most = 2000;  // bytes
  const std::string_view tail = tail_of(text_.text());
  if (tail.size() <= most) return show(tail);
  const std::string_view end = tail.substr(text::cluster_boundary(tail, tail.size() - most));
  show((console_.out.terminal().utf8 ? "…" : "...") + std::string(end));
}

void Session::set(std::string_view name, std::string_view value) {
  const auto find = [&] {
    const std::vector<SlashCommand> all = commands();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const SlashCommand& c) { return c.name == name; });
    return found == all.end() ? SlashCommand{} : *found;
  };
  const SlashCommand before = find();
  if (value.empty() && !before.value.empty() && before.argument != "off|on") {
    replies_.tell(fmt::format("/{} {}: {}", name, before.value, before.meaning) +
                  (before.can_be_empty ? fmt::format("; /{} {} empties it", name, no_text) : ""));
    return;
  }
  if (before.can_be_empty && value == no_text) value = "";
  PromptSettings changed = settings_;
  change_setting(changed, name, value);
  require_fit(changed, model_->next());
  const bool said = name != "seed" && seed_by_chance();
  settings_ = changed;
  if (name == "seed") choose_seed();
  if (seed_by_chance() && !said) say_seed();
  if (company_ != Company::editor) return;
  const bool pale = name == "shade" && settings_.shown.shade == Switch::on &&
                    !console_.out.terminal().many_colors;
  replies_.set_status(fmt::format("{} {}{}", name, find().value,
                                  pale ? ", but this terminal has no 256 colours" : ""));
}

std::string Session::unknown_characters(std::string_view line) {
  constexpr size_t most = 5;  // said at once
  std::vector<std::string> fresh;
  for (std::string& example : model_->model().tokenizer.inexact_examples(line, line.size())) {
    if (fresh.size() < most && known_unknown_.insert(example).second)
      fresh.push_back(std::move(example));
  }
  return fmt::format("{}", fmt::join(fresh, ", "));
}

void Session::go_on_from(std::string_view line, bool straight) {
  const std::string unknown = unknown_characters(line);
  if (!unknown.empty() && company_ != Company::editor)
    console_.talk.say("the model does not know a character and reads another: " + unknown);
  // What the model wrote and nobody took back is read, and the line that goes on from it learned.
  learner_.take(false);
  text_.add(line, straight);
  learner_.take(true);
  write(company_ == Company::editor ? unknown : "");
}

void Session::rewrite(std::string_view) {
  if (!text_.has_turns()) text_.add("", true);
  text_.take_back();
  learner_.begin_anew(text_.begins_document());
  row_ = {};
  if (company_ != Company::program) row_.text = text_.last_line();
  write("");
}

void Session::write(const std::string& unknown) {
  const size_t unlearned = learner_.take_interrupted();
  const bool shaded = settings_.shown.shade == Switch::on && company_ == Company::editor &&
                      console_.out.terminal().many_colors;
  bool line_is_open = company_ == Company::editor || !text_.last_line().empty();
  const auto end_line = [&] {
    if (shaded) console_.out.print(reset);
    if (line_is_open) console_.out.print("\n");
    console_.out.flush();
  };
  const ClockReading begin = read_clocks();
  generate::Written written;
  try {
    written = draw(shaded, line_is_open);
  } catch (...) {
    end_line();
    throw;
  }
  const double seconds = seconds_of_work(begin, read_clocks());
  end_line();
  if (written.ending == generate::Ending::end) {
    learner_.take(false);
    text_.end_document(model_->model().tokenizer.options().documents != text::Documents::line);
    learner_.begin_anew(true);
  }
  if (company_ != Company::program) {
    // What a narrow terminal may cut comes last.
    std::string sentence = fmt::format("{} character{}", grouped(written.characters),
                                       written.characters == 1 ? "" : "s");
    if (written.ending == generate::Ending::end)
      sentence += replies_.between() + std::string("ended");
    if (settings_.sampling.by_chance())
      sentence += fmt::format("{}seed {}", replies_.between(), seed_);
    if (unlearned > 0)
      sentence += fmt::format("{}{} not learned", replies_.between(),
                              byte_size(static_cast<int64_t>(unlearned)));
    if (!unknown.empty()) sentence += fmt::format("{}unknown {}", replies_.between(), unknown);
    const double speed = static_cast<double>(written.characters) / std::max(seconds, 1e-6);
    sentence += replies_.between() + characters_per_second(speed);
    replies_.say(sentence);
  }
  ++seed_;
}

// Lets the model write behind the text, and shows it.
generate::Written Session::draw(bool shaded, bool& line_is_open) {
  generate::Generator generator(model_->next(), settings_.sampling, settings_.length, seed_);
  generator.read_with(model_->text());
  ShownText shown(console_.out, shaded, widths_);
  if (row_.is_edited) {
    shown.stand_behind(row_.text);
  } else {
    shown.lead_in(row_.text);
  }
  if (shaded) {
    generator.watch(
        [&](std::string_view character, double surprise) { shown.draw(character, surprise); });
  }
  const auto interrupted = [&] { return interrupt_ && interrupt_->is_set(); };
  generator.stop_search_when(interrupted);
  const auto take = [&](std::string_view piece) {
    text_.write(piece);
    shown.add(piece);
    line_is_open = !piece.ends_with('\n');
    return !interrupted();
  };
  try {
    const generate::Written written = generator.write(text_.context(), 0, take);
    shown.finish();
    return written;
  } catch (...) {
    shown.finish();
    throw;
  }
}

void Session::undo(std::string_view) {
  if (text_.bring_back()) {
    if (text_.begins_document())
      learner_.take_up_text();
    else
      learner_.begin_anew(false);
    if (company_ == Company::program) return;
    show_tail();
    return replies_.say("what stood there before is back");
  }
  const std::optional<JointText::Line> line = text_.undo();
  if (!line) {
    if (!return_to_left()) replies_.say("there is nothing to take back");
    return;
  }
  learner_.begin_anew(text_.begins_document());
  if (company_ == Company::program) return;
  const bool edits = company_ == Company::editor && !line->text.empty();
  if (edits) draft_ = {(line->text.starts_with('/') ? "/" : "") + line->text, line->straight};
  show_tail();
  replies_.say(edits ? "taken back: change it, or Ctrl-C drops it" : "taken back");
}

}  // namespace inkling::cli
