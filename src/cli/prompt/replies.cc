#include "cli/prompt/replies.h"

#include <algorithm>
#include <string_view>

namespace inkling::cli {
namespace {

// The one option of a single letter that is a setting: others are those of other programs.
constexpr std::string_view short_option = "n";

std::string with_slashes(const std::string& message) {
  std::string result;
  for (size_t at = 0; at < message.size();) {
    const std::string_view rest = std::string_view(message).substr(at);
    const std::string_view word = rest.substr(0, rest.find(' '));
    const size_t dashes = std::min(word.find_first_not_of('-'), word.size());
    const std::string_view named = word.substr(dashes);
    const std::string_view name =
        named.substr(0, named.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"));
    const bool begins_word = at == 0 || message[at - 1] == ' ';
    const bool is_option =
        begins_word && ((dashes == 2 && !name.empty()) || (dashes == 1 && name == short_option));
    result += is_option ? '/' : message[at];
    at += is_option ? dashes : 1;
  }
  return result;
}

}  // namespace

void Replies::say(const std::string& sentence) {
  if (company_ == Company::editor) {
    status_ = sentence;
  } else {
    console_.talk.say(sentence);
  }
}

void Replies::tell(const std::string& sentence) {
  console_.out.flush();  // it stands below what was written
  console_.talk.insist(sentence);
}

void Replies::fail(const std::string& sentence) {
  failed_ = true;
  status_.clear();  // of what went well before
  tell(sentence);
}

void Replies::fail(const Error& error) { fail(with_slashes(error.what())); }

}  // namespace inkling::cli
