#include "edit/line_editor.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace inkling::edit {
namespace {

using Mode = RawTerminal::Mode;
using std::chrono::milliseconds;

constexpr std::string_view clear_screen = "\033[H\033[2J";
constexpr milliseconds last_answers{200}, longest_hold{100};

// The few terminals that cut their rows when they become narrower, where others break them.
bool terminal_reflows() {
  const char* type = std::getenv("TERM");
  return std::getenv("XTERM_VERSION") == nullptr && std::string_view(type ? type : "") != "linux";
}

}  // namespace

LineEditor::LineEditor(RawTerminal& terminal, Editor& editor, Advisor& advisor,
                       const Palette& palette, int interrupted)
    : terminal_(terminal),
      editor_(editor),
      advisor_(advisor),
      painter_(palette),
      interrupted_(interrupted) {}

LineEditor::~LineEditor() {
  const auto deadline = std::chrono::steady_clock::now() + last_answers;
  while (probe_.waiting() && !ended_) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd input{terminal_.input(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&input, 1, static_cast<int>(left.count())) <= 0) break;
    if (!read_keys()) break;
    while (const std::optional<Key> key = decoder_.next()) {
      if (key->name == Key::Name::report) probe_.hear(key->column);
    }
  }
}

LineEditor::Result LineEditor::read(std::string text, bool straight) {
  terminal_.enter(Mode::editing);
  painter_.forget();
  size_ = terminal_.size();
  editor_.set_size(size_);
  editor_.begin(std::move(text), straight);
  editor_.ask();
  changed_ = true;
  was_interrupted_ = false;
  while (true) {
    const std::optional<Key> key = decoder_.next();
    if (!key) {
      if (ended_) {
        finish("\r\n");
        return Result::left;
      }
      if (changed_) show();
      wait();
      if (!was_interrupted_) continue;
      finish("\r\n");
      return Result::cancelled;
    }
    changed_ = true;
    if (key->name == Key::Name::report) hear_report(key->column);
    switch (editor_.press(*key)) {
      case Editor::Outcome::go_on:
        break;
      case Editor::Outcome::submit:
        finish("");
        return Result::line;
      case Editor::Outcome::cancel:
        finish("^C\r\n");
        return Result::cancelled;
      case Editor::Outcome::leave:
        finish("\r\n");
        return Result::left;
      case Editor::Outcome::suspend:
        terminal_.suspend();
        break;
      case Editor::Outcome::quit:
        ::raise(SIGQUIT);
        break;
      case Editor::Outcome::clear:
        terminal_.write(clear_screen);
        painter_.forget();
        break;
    }
  }
}

// For the answer to how wide things are drawn: drawn too wide at the margin, one would move others.
bool LineEditor::holds() const {
  return probe_.waiting() && std::chrono::steady_clock::now() < held_until_;
}

void LineEditor::show() {
  if (holds()) return;
  // After a stop there is a shell's output where the frame was.
  if (terminal_.take_resumed()) painter_.forget();
  if (const Size size = terminal_.size(); size != size_) {
    terminal_.write(painter_.erase_resized(size.columns, terminal_reflows()));
    size_ = size;
    editor_.set_size(size);
  }
  const Frame& frame = editor_.frame();
  if (painter_.painted() && probe_.needed(frame)) {
    terminal_.write(painter_.lend_row() + probe_.question());
    held_until_ = std::chrono::steady_clock::now() + longest_hold;
    return;
  }
  terminal_.write(painter_.paint(frame));
  changed_ = false;
}

void LineEditor::wait() {
  const std::optional<milliseconds> patience = decoder_.patience();
  std::array<pollfd, 4> sources{{{terminal_.input(), POLLIN, 0},
                                 {terminal_.change_descriptor(), POLLIN, 0},
                                 {advisor_.descriptor(), POLLIN, 0},
                                 {interrupted_, POLLIN, 0}}};
  const bool held = holds() && (!patience || *patience > longest_hold);
  const milliseconds timeout = held ? longest_hold : patience.value_or(milliseconds(-1));
  const int ready = ::poll(sources.data(), sources.size(), static_cast<int>(timeout.count()));
  if (ready < 0) return;
  if (ready == 0 && !held) decoder_.settle();
  if (sources[0].revents != 0 && !read_keys()) ended_ = true;
  if (sources[1].revents != 0) changed_ = true;
  if (sources[2].revents != 0) {
    editor_.hear();
    changed_ = true;
  }
  was_interrupted_ = sources[3].revents != 0;
}

bool LineEditor::read_keys() {
  std::array<char, 65536> bytes;
  const ssize_t got = ::read(terminal_.input(), bytes.data(), bytes.size());
  if (got > 0) decoder_.add({bytes.data(), static_cast<size_t>(got)});
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

void LineEditor::hear_report(int column) {
  const std::optional<text::WidthProfile> widths = probe_.hear(column);
  if (!widths) return;
  terminal_.write(painter_.erase());
  editor_.set_widths(*widths);
}

void LineEditor::finish(std::string_view more) {
  advisor_.forget();
  // Rows beyond those that are shown come below them, so that of more than a screen the first ones
  // scroll out.
  terminal_.write(painter_.paint(editor_.last_frame()) + std::string(more));
  painter_.forget();
  terminal_.enter(Mode::writing);
}

}  // namespace inkling::edit
