#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "edit/editor.h"
#include "edit/history.h"
#include "edit/key_decoder.h"

namespace inkling::testing {

// Answers what the test has told it to, when the test lets it.
class FakeAdvisor final : public edit::Advisor {
 public:
  void ask(const Question& question) override {
    asked = question.text;
    straight = question.straight;
    waiting = true;
    if (at_once) ready = true;
  }
  void forget() override { waiting = ready = false; }
  std::optional<edit::Advice> answer() override {
    if (!waiting || !ready) return std::nullopt;
    waiting = ready = false;
    return answers[asked];
  }
  int descriptor() const override { return -1; }
  std::optional<edit::Completions> complete(std::string_view before) override {
    const auto found = completions.find(std::string(before));
    return found == completions.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, edit::Advice> answers;
  std::map<std::string, edit::Completions> completions;
  std::string asked;
  bool straight = false, waiting = false, ready = false, at_once = true;
};

// An editor and what it works with.
struct EditorFixture {
  EditorFixture()
      : editor(history, advisor, [](std::string_view, bool straight) -> std::string {
          return straight ? "+ " : "> ";
        }) {
    editor.set_size({40, 24});
    editor.ask();
  }

  // Presses what a terminal would send.
  edit::Editor::Outcome type(std::string_view bytes) {
    edit::KeyDecoder decoder;
    decoder.add(bytes);
    edit::Editor::Outcome outcome = edit::Editor::Outcome::go_on;
    while (true) {
      std::optional<edit::Key> key = decoder.next();
      if (!key && decoder.patience()) {
        decoder.settle();
        key = decoder.next();
      }
      if (!key) return outcome;
      outcome = editor.press(*key);
      editor.frame();
    }
  }
  // The frame, with a bar where the cursor is.
  std::string seen() {
    const edit::Frame& frame = editor.frame();
    std::string all;
    for (size_t i = 0; i < frame.rows.size(); ++i) {
      int column = 0;
      for (const edit::Cell& cell : frame.rows[i].cells) {
        if (frame.cursor == edit::Position{static_cast<int>(i), column}) all += "|";
        all += cell.glyph;
        column += cell.width;
      }
      if (frame.cursor == edit::Position{static_cast<int>(i), column}) all += "|";
      all += "\n";
    }
    return all;
  }

  edit::History history;
  FakeAdvisor advisor;
  edit::Editor editor;
};

}  // namespace inkling::testing
