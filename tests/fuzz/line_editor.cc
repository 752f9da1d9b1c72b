#include <optional>
#include <utility>
#include <vector>

#include "edit/editor.h"
#include "edit/key_decoder.h"
#include "edit/painter.h"
#include "fuzz/target.h"
#include "support/screen.h"
#include "text/caret.h"
#include "text/utf8.h"

// Whatever a terminal sends, at any moment: the text stays well-formed, what is to be seen fits the
// terminal, and a screen that is sent the difference shows all of it. Bytes that come one by one
// are the keys that they are together.
//
// An input: a byte each for the columns, the rows and the colours; then what happens, a byte for
// its kind and what it needs (see happen()).
namespace inkling::edit {
namespace {

using fuzz::expect;

bool well_formed(std::string_view text) { return !text::find_ill_formed(text); }

class FakeAdvisor final : public Advisor {
 public:
  void ask(const Question& question) override {
    expect(well_formed(question.text), "the text is well-formed");
    asked_ = true;
  }
  void forget() override { asked_ = false; }
  std::optional<Advice> answer() override {
    if (!asked_ || !next_) return std::nullopt;
    return std::exchange(next_, std::nullopt);
  }
  int descriptor() const override { return -1; }
  std::optional<Completions> complete(std::string_view before_cursor) override {
    if (candidates_.empty()) return std::nullopt;
    Completions completions{.begin = text::previous_cluster(before_cursor, before_cursor.size())};
    for (const std::string& text : candidates_) completions.candidates.push_back({.text = text});
    return completions;
  }

  void know(Advice advice) { next_ = std::move(advice); }
  void offer(std::vector<std::string> candidates) { candidates_ = std::move(candidates); }

 private:
  bool asked_ = false;
  std::optional<Advice> next_;
  std::vector<std::string> candidates_;
};

// Lines of well-formed text, none of them empty.
std::vector<std::string> lines_of(std::string_view bytes) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    if (end > 0) lines.push_back(text::replace_ill_formed(bytes.substr(0, end)));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return lines;
}

Advice advice_of(std::string_view bytes) {
  Advice advice;
  for (const std::string& line : lines_of(bytes)) {
    advice.chances.push_back({line, "1 %", static_cast<int>(advice.continuations.size())});
    advice.continuations.push_back({line, advice.continuations.size() % 2 == 1});
  }
  return advice;
}

class Session {
 public:
  explicit Session(fuzz::Input& input)
      : input_(input),
        size_(some_size()),
        screen_(size_.columns, size_.rows),
        painter_(palette_for(static_cast<Colors>(input.below(3)))),
        editor_(history_, advisor_, [](std::string_view, bool straight) -> std::string {
          return straight ? "+ " : "> ";
        }) {
    editor_.set_size(size_);
    show();
  }

  void run() {
    while (!input_.rest().empty()) happen();
    while (decoder_.patience()) {
      decoder_.settle();
      expect(press_all() > 0, "a key that is given up does not stay");
    }
  }

 private:
  Size some_size() {
    const int columns = 4 + static_cast<int>(input_.below(80));
    return {columns, 1 + static_cast<int>(input_.below(24))};
  }

  void happen() {
    switch (input_.below(8)) {
      case 0:  // the window is resized
        size_ = some_size();
        screen_.feed(painter_.erase());
        screen_.resize(size_.columns, size_.rows);
        editor_.set_size(size_);
        show();
        break;
      case 1:  // the advisor answers
        advisor_.know(advice_of(input_.string()));
        editor_.hear();
        show();
        break;
      case 2:
        advisor_.offer(lines_of(input_.string()));
        break;
      case 3:  // nothing comes for a while
        decoder_.settle();
        press_all();
        break;
      default:
        decoder_.add(input_.string());
        press_all();
    }
  }

  int press_all() {
    int count = 0;
    while (const std::optional<Key> key = decoder_.next()) {
      ++count;
      expect(well_formed(key->text), "what a key writes is well-formed");
      const Editor::Outcome outcome = editor_.press(*key);
      show();
      if (outcome != Editor::Outcome::go_on && outcome != Editor::Outcome::suspend) finish();
    }
    return count;
  }

  void finish() {
    screen_.feed(painter_.paint(editor_.last_frame()));
    screen_.feed(painter_.leave());
    editor_.begin();
    editor_.ask();
    show();
  }

  void show() {
    expect(well_formed(editor_.text()), "the text is well-formed");
    const Frame& frame = editor_.frame();
    const int rows = static_cast<int>(frame.rows.size());
    expect(rows >= 1 && rows <= size_.rows, "there are as many rows as fit");
    for (const Row& row : frame.rows) expect(row.width() <= size_.columns, "a row fits");
    expect(frame.cursor.row >= 0 && frame.cursor.row < rows && frame.cursor.column >= 0 &&
               frame.cursor.column < size_.columns,
           "the cursor is in the frame");
    screen_.feed(painter_.paint(frame));
    expect(screen_.unknown().empty(), "the terminal knows what it is sent");
    expect(screen_.cursor_column() == frame.cursor.column, "the cursor's column is the frame's");
    const int first = screen_.cursor_row() - frame.cursor.row;
    expect(first >= 0 && first + rows <= size_.rows, "the frame is on the screen");
    for (int i = 0; i < rows; ++i) {
      std::string row;
      for (const Cell& cell : frame.rows[static_cast<size_t>(i)].cells) row += cell.glyph;
      row.erase(row.find_last_not_of(' ') + 1);
      expect(screen_.row(first + i) == row, "the screen shows the frame");
    }
  }

  fuzz::Input& input_;
  Size size_;
  testing::Screen screen_;
  Painter painter_;
  KeyDecoder decoder_;
  History history_;
  FakeAdvisor advisor_;
  Editor editor_;
};

std::vector<Key> joined(std::vector<Key> keys) {
  std::vector<Key> result;
  for (Key& key : keys) {
    if (key.name == Key::Name::text && !result.empty() && result.back().name == key.name) {
      result.back().text += key.text;
    } else {
      result.push_back(std::move(key));
    }
  }
  return result;
}

// What arrives in pieces of that size.
std::vector<Key> keys_of(std::string_view bytes, size_t piece) {
  KeyDecoder decoder;
  std::vector<Key> keys;
  const auto take = [&] {
    while (std::optional<Key> key = decoder.next()) keys.push_back(std::move(*key));
  };
  for (size_t at = 0; at < bytes.size(); at += piece) {
    decoder.add(bytes.substr(at, piece));
    take();
  }
  return joined(std::move(keys));
}

void check_pieces(std::string_view bytes) {
  std::vector<Key> whole = keys_of(bytes, bytes.size());
  std::vector<Key> pieces = keys_of(bytes, 1);
  expect(whole == pieces, "bytes one by one are the keys that they are together");
}

}  // namespace
}  // namespace inkling::edit

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace inkling::edit;
  inkling::fuzz::Input input(data, size);
  if (size > 0) check_pieces(input.rest());
  Session(input).run();
  return 0;
}
