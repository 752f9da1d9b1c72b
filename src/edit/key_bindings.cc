#include "edit/key_bindings.h"

namespace inkling::edit {
namespace {

using Name = Key::Name;

Action action_of_control(char letter) {
  switch (letter) {
    case 'a':
      return Action::line_begin;
    case 'b':
      return Action::left;
    case 'c':
      return Action::cancel;
    case 'd':
      return Action::leave;
    case 'e':
      return Action::end;
    case 'f':
      return Action::right;
    case 'k':
      return Action::kill_to_line_end;
    case 'l':
      return Action::clear;
    case 'n':
      return Action::newer;
    case 'p':
      return Action::older;
    case 'r':
      return Action::search;
    case 't':
      return Action::transpose;
    case 'u':
      return Action::kill_to_line_begin;
    case 'w':
      return Action::kill_blank_word_left;
    case 'y':
      return Action::yank;
    case 'z':
      return Action::suspend;
    case '_':
      return Action::undo;
    case '\\':
      return Action::quit;
    default:
      return Action::none;
  }
}

Action action_of_alt(char letter) {
  switch (letter) {
    case 'b':
      return Action::word_left;
    case 'd':
      return Action::kill_word_right;
    case 'f':
      return Action::word_right;
    case '_':
      return Action::redo;
    default:
      return Action::none;
  }
}

}  // namespace

Action action_of(const Key& key) {
  switch (key.name) {
    case Name::text:
      return Action::type;
    case Name::paste:
      return Action::paste;
    case Name::control:
      return action_of_control(key.letter);
    case Name::alt:
      return action_of_alt(key.letter);
    case Name::enter:
      return Action::submit;
    case Name::new_line:
      return Action::new_line;
    case Name::tab:
      return Action::complete;
    case Name::back_tab:
      return Action::alternative;
    case Name::backspace:
      return Action::backspace;
    case Name::word_backspace:
      return Action::kill_word_left;
    case Name::remove:
      return Action::remove;
    case Name::word_remove:
      return Action::kill_word_right;
    case Name::left:
      return Action::left;
    case Name::right:
      return Action::right;
    case Name::word_left:
      return Action::word_left;
    case Name::word_right:
      return Action::word_right;
    case Name::up:
      return Action::up;
    case Name::down:
      return Action::down;
    case Name::home:
      return Action::line_begin;
    case Name::end:
      return Action::end;
    case Name::text_begin:
      return Action::text_begin;
    case Name::text_end:
      return Action::text_end;
    case Name::escape:
    case Name::report:
    case Name::other:
      break;
  }
  return Action::none;
}

}  // namespace inkling::edit
