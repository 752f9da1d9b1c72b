#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "cli/command.h"
#include "cli/layout.h"
#include "cli/line_reader.h"
#include "cli/model_options.h"
#include "cli/prompt/background_advisor.h"
#include "cli/prompt/session.h"
#include "cli/user_folders.h"
#include "edit/line_editor.h"

namespace inkling::cli {
namespace {

class PromptCommand final : public Command {
 public:
  // By sentences, so that the person does not have to go on from half a word.
  PromptCommand() {
    settings_.length.sentences = 3;
    settings_.length.n = 600;
  }

  void declare(OptionParser& parser) override {
    parser.group("Text");
    parser(Option{.name = "open",
                  .meaning = "go on with the text of this file, as /open does",
                  .value = "FILE"},
           open_);
    parser.group("Length of each text");
    settings_.length.for_each_option([&](const Option& option, auto& member) {
      if (option.name != "count") parser(option, member);
    });
    parser.group("Sampling");
    settings_.sampling.for_each_option(parser);
    parser.group("Learning");
    parser(
        Option{.name = "learn",
               .meaning = "learn from what is typed, on a copy of the model; /save-model keeps it"},
        learn_);
    adapt_.for_each_option(parser);
    parser.group("At a terminal");
    settings_.shown.for_each_option(parser);
    parser.group("Model");
    model_.for_each_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    const bool other_end = given.given("n") || given.given("words");
    if (other_end && !given.given("sentences")) settings_.length.sentences = 0;
    settings_.validate();
    given.refuse_without("--learn", learn_, {"adapt-rate", "adapt-pull", "adapt-every"});
    console.talk.set_quiet(model_.quiet);
    const bool person = isatty(STDIN_FILENO) == 1;
    std::optional<InterruptFlag> interrupt;
    if (person) interrupt.emplace();
    try {
      if (person && console.out.terminal().redraws) {
        converse_in_editor(*interrupt, console);
      } else {
        converse_in_lines(interrupt ? &*interrupt : nullptr, console);
      }
    } catch (const OutputError&) {
      if (!interrupt || interrupt->ending() == 0) throw;  // else the terminal has gone
    }
    if (interrupt && interrupt->ending() != 0) end_by_signal(interrupt->ending());
  }

 private:
  // Until a turn was the last one, or a signal asks for an end; nothing that was written is lost.
  // interrupt is null where no person sits at the other end, and nothing is kept.
  static void converse(Session& session, InterruptFlag* interrupt,
                       const std::function<bool()>& take_turn) {
    if (interrupt == nullptr) {
      while (take_turn()) {
      }
      return;
    }
    try {
      while (true) {
        interrupt->clear();
        if (interrupt->ending() != 0) break;
        if (!take_turn() && keep_unsaved(session, interrupt->ending() == 0)) return;
      }
    } catch (...) {
      keep_unsaved(session, false);
      throw;
    }
    keep_unsaved(session, false);
  }

  void converse_in_lines(InterruptFlag* interrupt, Console& console) const {
    Session session(model_, learning(), settings_, interrupt ? Company::plain : Company::program,
                    interrupt, console);
    if (!open_.empty()) session.open_text(open_);
    if (interrupt) {
      console.talk.say(
          "Write a line, and the model goes on from it. /help lists the commands, Ctrl-D leaves.");
      if (!open_.empty()) session.show_opened();
    }
    LineReader reader(interrupt);
    std::string line;
    converse(session, interrupt, [&] {
      if (interrupt) console.talk.ask("> ");
      switch (reader.read(line)) {
        case LineReader::Result::interrupted:
          if (interrupt->ending() == 0) console.talk.insist("\nCtrl-D or /quit leaves.");
          return true;
        case LineReader::Result::end:
          if (interrupt) console.talk.insist("");  // what comes next begins a line
          return !session.may_leave();
        case LineReader::Result::line:
          break;
      }
      return session.take_line(line);
    });
    if (!interrupt && session.failed()) data_error("not every line was obeyed");
  }

  void converse_in_editor(InterruptFlag& interrupt, Console& console) const {
    const bool utf8 = console.out.terminal().utf8;
    Session session(model_, learning(), settings_, Company::editor, &interrupt, console);
    if (!open_.empty()) session.open_text(open_);
    const std::filesystem::path state = keeps_nothing() ? "" : state_folder();
    edit::History history(state.empty() ? "" : (state / "history").string());
    console.talk.say(fmt::format(
        "Write a line, and Enter lets the model go on from it. Grey is what is likely to "
        "come: Tab takes a word, End all of it, Shift-Tab shows another.{} /help lists "
        "the commands, Ctrl-D leaves.",
        learn_ ? " The model learns from your lines; /save-model FILE keeps that." : ""));
    bool troubled = false;
    const auto say_trouble = [&] {
      if (history.trouble().empty() || std::exchange(troubled, true)) return;
      console.out.flush();
      console.talk.say(history.trouble());
    };
    say_trouble();
    if (!open_.empty()) session.show_opened();
    console.out.flush();
    BackgroundAdvisor advisor;
    const auto marker = [&](std::string_view text, bool straight) -> std::string {
      const bool goes_on = !text.empty() && session.text().goes_straight_on(text, straight);
      return goes_on ? (utf8 ? "… " : "+ ") : "> ";
    };
    edit::RawTerminal terminal(STDIN_FILENO, STDOUT_FILENO);
    edit::Editor editor(history, advisor, marker);
    edit::LineEditor lines(terminal, editor, advisor, palette(console.out.terminal()),
                           interrupt.descriptor());
    std::string status;
    converse(session, &interrupt, [&] {
      advisor.set_scene(
          {.model = &session.model(),
           .context = [&](std::string_view line,
                          bool straight) { return session.text().context(line, straight); },
           .commands = session.commands(),
           .shown = session.settings().shown,
           .greedy = session.settings().sampling.greedy()});
      if (status.empty()) status = session.status();
      editor.set_status(model_.quiet ? "" : status);
      JointText::Line draft = session.take_draft();
      const edit::LineEditor::Result result = lines.read(std::move(draft.text), draft.straight);
      advisor.rest();
      status.clear();
      session.set_widths(editor.widths());
      if (!editor.set_aside()) session.drop_draft();
      switch (result) {
        case edit::LineEditor::Result::left:
          session.take_unfinished(editor.unfinished(), editor.straight());
          return !session.may_leave();
        case edit::LineEditor::Result::cancelled:
          if (interrupt.ending() != 0)
            session.take_unfinished(editor.unfinished(), editor.straight());
          if (editor.text().empty()) status = "Ctrl-D or /quit leaves";
          return true;
        case edit::LineEditor::Result::line:
          break;
      }
      const bool goes_on =
          session.take_edited_line(editor.text(), editor.straight(), editor.last_row());
      say_trouble();  // the line was the first that the history could not keep
      return goes_on;
    });
    console.out.flush();
  }

  static std::filesystem::path state_folder() {
    const std::filesystem::path state = state_home();
    return state.empty() ? state : state / "inkling";
  }
  // As who wants no traces asks for.
  static bool keeps_nothing() { return state_home() == "/dev/null"; }
  // See Session::keep_unsaved().
  static bool keep_unsaved(Session& session, bool can_answer) {
    return keeps_nothing() || session.keep_unsaved(state_folder(), can_answer);
  }

  std::optional<model::AdaptOptions> learning() const {
    return learn_ ? std::optional(adapt_) : std::nullopt;
  }

  static edit::Palette palette(const Terminal& terminal) {
    if (!terminal.color) return edit::palette_for(edit::Colors::none);
    return edit::palette_for(terminal.many_colors ? edit::Colors::many : edit::Colors::few);
  }

  PromptSettings settings_;
  ModelOptions model_;
  std::string open_;
  bool learn_ = false;
  model::AdaptOptions adapt_;
};

}  // namespace

std::unique_ptr<Command> make_prompt_command() { return std::make_unique<PromptCommand>(); }

}  // namespace inkling::cli
