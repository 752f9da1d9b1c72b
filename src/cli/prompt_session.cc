#include "cli/prompt_session.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <type_traits>
#include <vector>

#include "cli/edit_distance.h"
#include "cli/layout.h"
#include "cli/option_value.h"
#include "model/model_file.h"
#include "text/utf8.h"

namespace inkling::cli {
namespace {

// Older text has no influence any more, and reading it again would take longer each time.
constexpr size_t context_bytes = 16384;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> session_commands{{
    {"help", "this list"},
    {"show", "all that was written"},
    {"regen", "take the model's last text back and write another"},
    {"clear", "forget the text and begin a new one"},
    {"length", "characters to write at most, as /n"},
    {"save-model", "keep what was learned, in a new file: /save-model FILE"},
    {"quit", "leave; so does Ctrl-D"},
}};

// Visits options for the one that is named, and reads its value, the only one of a list.
struct SettingReader {
  std::string_view name;
  std::string_view value;
  bool found = false;

  template <class Member>
  void operator()(const Option& option, Member& member) {
    if (option.name != name) return;
    if constexpr (std::is_same_v<Member, std::vector<std::string>>) member.clear();
    read_value(option, value, member);
    found = true;
  }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

PromptSession::PromptSession(generate::NextCharacter& model,
                             const generate::SamplingOptions& sampling,
                             const generate::GenerateOptions& length,
                             const InterruptFlag* interrupt, Console& console)
    : model_(model),
      sampling_(sampling),
      length_(length),
      interrupt_(interrupt),
      console_(console),
      seed_(sampling.chosen_seed()) {}

bool PromptSession::take_line(std::string line) {
  if (model_.tokenizer().options().unit != text::Unit::byte) line = text::replace_ill_formed(line);
  if (line.starts_with('/') && !line.starts_with("//")) {
    const std::string_view rest = trimmed(std::string_view(line).substr(1));
    const size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view command = rest.substr(0, space);
    if (command == "quit" || command == "exit") return false;
    try {
      obey(command, trimmed(rest.substr(space)));
    } catch (const Error& error) {
      console_.talk.insist(error.what());
    }
    return true;
  }
  go_on_from(std::string_view(line).substr(line.starts_with("//") ? 1 : 0));
  return true;
}

void PromptSession::obey(std::string_view command, std::string_view value) {
  if (command == "help" || command.empty()) {
    show_help();
  } else if (command == "show") {
    console_.out.text(text_);
    if (!text_.empty() && !text_.ends_with('\n')) console_.out.print("\n");
    console_.out.flush();
  } else if (command == "clear") {
    forget();
  } else if (command == "save-model") {
    save_model(value);
  } else if (command == "regen") {
    text_.resize(last_begin_);
    write();
  } else {
    change_setting(std::string(command == "length" ? "n" : command), value);
  }
}

void PromptSession::change_setting(const std::string& name, std::string_view value) {
  generate::SamplingOptions sampling = sampling_;
  generate::GenerateOptions length = length_;
  SettingReader reader{name, value};
  if (name != "count") {
    sampling.for_each_option(reader);
    length.for_each_option(reader);
  }
  if (!reader.found) {
    std::vector<std::string_view> names;
    for (const auto& entry : session_commands) names.push_back(entry.first);
    const auto collect = [&](const Option& option, const auto&) { names.push_back(option.name); };
    sampling.for_each_option(collect);
    length.for_each_option(collect);
    usage_error("there is no /{}{}; /help lists what there is", name, did_you_mean(name, names));
  }
  sampling.validate();
  length.validate();
  sampling_ = sampling;
  length_ = length;
  if (name == "seed") {
    seed_ = sampling_.chosen_seed();
    turn_ = 0;
  }
}

void PromptSession::show_help() {
  std::string help =
      "A line of text is a prompt; an empty line goes on. //text begins with a slash.\n";
  for (const auto& [name, meaning] : session_commands)
    help += pad(fmt::format("/{}", name), 20) + std::string(meaning) + "\n";
  const auto add = [&](const Option& option, const auto& member) {
    if (option.name == "count") return;
    help += pad(fmt::format("/{} {}", option.name, value_text(member)), 20) +
            std::string(option.meaning) + "\n";
  };
  sampling_.for_each_option(add);
  length_.for_each_option(add);
  console_.talk.insist(help);
}

void PromptSession::go_on_from(std::string_view line) {
  if (document_ended_) forget();
  // What the model wrote and nobody took back is read, and the line that goes on from it learned.
  learn_until(text_.size(), false);
  if (!line.empty()) {
    for (const std::string& example : model_.tokenizer().inexact_examples(line)) {
      if (known_unknown_.insert(example).second) {
        console_.talk.say(
            fmt::format("the model does not know a character and reads another: {}", example));
      }
    }
    if (!text_.empty() && !text_.ends_with('\n')) text_ += '\n';
    text_ += line;
  }
  learn_until(text_.size(), true);
  last_begin_ = text_.size();
  const bool color = console_.out.terminal().color && !line.empty();
  if (color) console_.out.print("\033[1m");
  console_.out.text(line);
  if (color) console_.out.print("\033[0m");
  write();
}

void PromptSession::forget() {
  text_.clear();
  last_begin_ = learned_end_ = 0;
  if (learning_) learning_->begin();
}

void PromptSession::learn_until(size_t end, bool learn) {
  if (!learning_) return;
  learning_->take(std::string_view(text_).substr(learned_end_, end - learned_end_), learn);
  learned_end_ = end;
}

void PromptSession::save_model(std::string_view path) const {
  if (!learning_) usage_error("nothing is being learned; start the prompt with --learn");
  if (path.empty()) usage_error("/save-model needs the name of a new file");
  const std::string file(path);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    usage_error("{} exists already; give the name of a new file", file);
  model::save_model(file, {learning_->learned(), {}, {}});
  console_.talk.say(fmt::format("saved as {}", file));
}

void PromptSession::write() {
  size_t from = text_.size() > context_bytes ? text_.size() - context_bytes : 0;
  while (from < text_.size() && text::continues_code_point(text_[from])) ++from;
  generate::Generator generator(model_, sampling_, length_, seed_);
  const std::string context = text_.substr(from);
  const generate::Written written = generator.write(context, turn_++, [&](std::string_view piece) {
    text_ += piece;
    console_.out.stream(piece);
    return !(interrupt_ && interrupt_->is_set());
  });
  document_ended_ = written.ending == generate::Ending::end;
  if (!text_.ends_with('\n')) console_.out.print("\n");
  console_.out.flush();
}

}  // namespace inkling::cli
