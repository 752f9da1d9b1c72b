#include "cli/prompt/replies.h"

namespace inkling::cli {
namespace {

std::string with_slashes(const std::string& message) {
  std::string result;
  for (size_t at = 0; at < message.size();) {
    const size_t name = message.find_first_not_of('-', at);
    const bool begins_word = at == 0 || message[at - 1] == ' ';
    const bool is_option = begins_word && name != std::string::npos && name > at &&
                           message[name] >= 'a' && message[name] <= 'z';
    result += is_option ? '/' : message[at];
    at = is_option ? name : at + 1;
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
