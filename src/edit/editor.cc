#include "edit/editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace inkling::edit {
namespace {

using Name = Key::Name;

constexpr int most_rows_left = 1000;  // on the terminal, of a text that is done

}  // namespace

Editor::Editor(History& history, Advisor& advisor, Marker marker)
    : history_(history), advisor_(advisor), marker_(std::move(marker)) {
  begin();
}

void Editor::begin(std::string text, bool straight) {
  untouched_ = !text.empty();
  set_aside_ = false;
  buffer_.reset(std::move(text));
  suggestions_.clear();
  menu_.close();
  search_.reset();
  straight_ = straight;
  wish_ = Wish::none;
  entry_ = history_.entries().size();
  draft_.clear();
  draft_straight_ = false;
  goal_column_.reset();
}

void Editor::ask() {
  if (buffer_.text().empty()) straight_ = false;
  if (buffer_.at_end() && !search_ && !menu_.is_open()) {
    advisor_.ask({buffer_.text(), straight_});
    suggestions_.await();
    hear();
  } else {
    advisor_.forget();
    suggestions_.clear();
  }
}

void Editor::hear() {
  while (std::optional<Advice> advice = advisor_.answer()) suggestions_.offer(std::move(*advice));
  if (wish_ == Wish::none) return;
  if (suggestions_.any()) {
    take(wish_);
  } else if (suggestions_.settled()) {
    wish_ = Wish::none;
  }
}

Editor::Outcome Editor::press(const Key& key) {
  if (key.name == Name::other || key.name == Name::report) return Outcome::go_on;
  if (search_) return press_in_search(key);
  if (menu_.is_open() && press_in_menu(key)) return Outcome::go_on;
  wish_ = Wish::none;
  const Action action = action_of(key);
  if (action == Action::alternative) {
    suggestions_.next();
    return Outcome::go_on;
  }
  if (action != Action::up && action != Action::down) goal_column_.reset();
  const bool types = action == Action::type || action == Action::paste;
  if (std::exchange(untouched_, false) && types && key.text.starts_with('/')) {
    buffer_.replace_all("");
    straight_ = false;
    set_aside_ = true;
  }
  const Outcome outcome = act(action, key);
  if (outcome == Outcome::submit) {
    advisor_.forget();
    history_.add(buffer_.text());
  } else if (outcome == Outcome::go_on && wish_ == Wish::none && !search_) {
    ask();
  }
  return outcome;
}

Editor::Outcome Editor::act(Action action, const Key& key) {
  switch (action) {
    case Action::submit:
      return Outcome::submit;
    case Action::cancel:
      return Outcome::cancel;
    case Action::suspend:
      return Outcome::suspend;
    case Action::quit:
      return Outcome::quit;
    case Action::clear:
      return Outcome::clear;
    case Action::leave:
      if (buffer_.text().empty()) return Outcome::leave;
      buffer_.remove();
      break;
    case Action::type:
      type(key.text);
      break;
    case Action::complete:
      complete();
      break;
    case Action::up:
      vertical(-1);
      break;
    case Action::down:
      vertical(1);
      break;
    case Action::older:
      through_history(-1);
      break;
    case Action::newer:
      through_history(1);
      break;
    case Action::search:
      advisor_.forget();
      suggestions_.clear();
      search_.emplace(history_);
      break;
    default:
      if (!move(action)) change(action, key.text);
  }
  return Outcome::go_on;
}

// Whether it is a move. At the text's end those to the right take what is offered there.
bool Editor::move(Action action) {
  const bool at_end = buffer_.at_end();
  switch (action) {
    case Action::right:
      at_end ? take(Wish::word) : buffer_.right();
      return true;
    case Action::word_right:
      at_end ? take(Wish::word) : buffer_.word_right();
      return true;
    case Action::end:
      at_end ? take(Wish::all) : buffer_.line_end();
      return true;
    case Action::left:
      buffer_.left();
      return true;
    case Action::word_left:
      buffer_.word_left();
      return true;
    case Action::line_begin:
      buffer_.line_begin();
      return true;
    case Action::text_begin:
      buffer_.move_to(0);
      return true;
    case Action::text_end:
      buffer_.move_to(buffer_.text().size());
      return true;
    default:
      return false;
  }
}

void Editor::change(Action action, std::string_view pasted) {
  if (action != Action::none) suggestions_.withdraw();
  switch (action) {
    case Action::paste:
      return buffer_.insert(pasted);
    case Action::new_line:
      return buffer_.insert("\n");
    case Action::backspace:
      return buffer_.backspace();
    case Action::remove:
      return buffer_.remove();
    case Action::kill_word_left:
      return buffer_.kill_word_left();
    case Action::kill_blank_word_left:
      return buffer_.kill_blank_word_left();
    case Action::kill_word_right:
      return buffer_.kill_word_right();
    case Action::kill_to_line_begin:
      return buffer_.kill_to_line_begin();
    case Action::kill_to_line_end:
      return buffer_.kill_to_line_end();
    case Action::yank:
      return buffer_.yank();
    case Action::transpose:
      return buffer_.transpose();
    case Action::undo:
      return buffer_.undo();
    case Action::redo:
      return buffer_.redo();
    default:
      return;
  }
}

void Editor::type(std::string_view text) {
  if (buffer_.at_end()) {
    suggestions_.follow(text);
  } else {
    suggestions_.withdraw();
  }
  buffer_.type(text);
}

void Editor::take(Wish wish) {
  if (!suggestions_.any()) {
    wish_ = suggestions_.settled() ? Wish::none : wish;
    return;
  }
  // A copy: what is offered changes as it is taken.
  accept(std::string(wish == Wish::all ? suggestions_.ghost() : suggestions_.word()));
}

void Editor::accept(std::string_view text) {
  wish_ = Wish::none;
  if (buffer_.text().empty()) straight_ = suggestions_.straight();
  suggestions_.follow(text);
  buffer_.insert(text);
  ask();
}

void Editor::complete() {
  std::optional<Completions> completions = advisor_.complete(buffer_.before_cursor());
  if (!completions) {
    if (buffer_.at_end()) take(Wish::word);
    return;
  }
  if (!completions->candidates.empty()) menu_.open(std::move(*completions), buffer_);
}

bool Editor::press_in_menu(const Key& key) {
  if (key.name == Name::tab) {
    menu_.next(buffer_);
  } else if (key.name == Name::back_tab) {
    menu_.previous(buffer_);
  } else {
    menu_.close();
    return key.name == Name::escape;
  }
  return true;
}

void Editor::vertical(int rows) {
  frame();  // as it is now: several keys may have come at once
  // Of the text alone: a ghost is no row to go to.
  const int column = goal_column_.value_or(frame_.cursor.column);
  const size_t at = offset_in_row(frame_, rows, column);
  if (at == std::string::npos || (rows > 0 && buffer_.at_end())) {
    through_history(rows);
    return;
  }
  buffer_.move_to(at);
  goal_column_ = column;
}

void Editor::through_history(int step) {
  const size_t newest = history_.entries().size();
  if ((step < 0 && entry_ == 0) || (step > 0 && entry_ >= newest)) return;
  if (entry_ == newest) draft_ = buffer_.text(), draft_straight_ = straight_;
  entry_ += static_cast<size_t>(step);
  suggestions_.withdraw();
  buffer_.replace_all(entry_ == newest ? draft_ : history_.entries()[entry_]);
  straight_ = entry_ == newest && draft_straight_;
}

Editor::Outcome Editor::press_in_search(const Key& key) {
  switch (key.name) {
    case Name::text:
    case Name::paste:
      search_->type(key.text);
      return Outcome::go_on;
    case Name::backspace:
      search_->backspace();
      return Outcome::go_on;
    case Name::up:
      search_->older();
      return Outcome::go_on;
    case Name::down:
      search_->newer();
      return Outcome::go_on;
    case Name::escape:
      end_search(false);
      return Outcome::go_on;
    case Name::control:
      if (key.letter == 'r') search_->older();
      if (key.letter == 's') search_->newer();
      if (key.letter == 'r' || key.letter == 's') return Outcome::go_on;
      if (key.letter == 'c' || key.letter == 'g') {
        end_search(false);
        return Outcome::go_on;
      }
      break;
    default:
      break;
  }
  // Every other key works on what was found.
  end_search(true);
  return key.name == Name::tab ? Outcome::go_on : press(key);
}

void Editor::end_search(bool keep) {
  const bool found = search_->found();
  if (keep && found) {
    const size_t match_end = search_->match_end();
    buffer_.replace_all(search_->entry());
    buffer_.move_to(match_end);
    straight_ = false;
  }
  search_.reset();
  ask();
}

const std::string& Editor::unfinished() const {
  const std::vector<std::string>& entries = history_.entries();
  return entry_ < entries.size() && buffer_.text() == entries[entry_] ? draft_ : buffer_.text();
}

View Editor::view() const {
  View view{.text = buffer_.text(), .cursor = buffer_.cursor(), .note = status_};
  if (search_) {
    if (search_->found()) {
      view.text = search_->entry();
      view.cursor = search_->match_end();
    }
  } else if (menu_.is_open()) {
    view.strip = menu_.strip();
  } else {
    if (buffer_.at_end()) view.ghost = suggestions_.ghost();
    view.strip = suggestions_.strip();
    if (!suggestions_.note().empty()) view.note = suggestions_.note();
  }
  view.marker = marker_(view.text, straight_);
  return view;
}

const Frame& Editor::frame() {
  View now = view();
  std::string note;
  if (search_) {
    note = fmt::format("search: {}{}", search_->query(), search_->failed() ? "  (not found)" : "");
    now.note = note;
  } else if (menu_.is_open()) {
    note = menu_.meaning();
    now.note = note;
  }
  frame_ = lay_out(now, size_, widths_);
  return frame_;
}

Frame Editor::done_frame(int most_rows) const {
  const std::string& text = buffer_.text();
  return lay_out({.marker = marker_(text, straight_),
                  .text = text,
                  .text_style = Style::sent,
                  .cursor = text.size()},
                 {.columns = size_.columns, .rows = most_rows}, widths_);
}

Frame Editor::last_frame() const { return done_frame(std::max(size_.rows, most_rows_left)); }

std::string Editor::last_row() const {
  const Frame frame = done_frame(1);
  std::string row;
  for (const Cell& cell : frame.rows.front().cells) row += cell.glyph;
  return row;
}

}  // namespace inkling::edit
