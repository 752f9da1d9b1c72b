#include "text/documents.h"

#include <algorithm>

namespace inkling::text {
namespace {

// Without the carriage return that line ends may still have, when they were kept.
std::string_view without_cr(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

std::vector<std::string_view> split_documents(std::string_view text, Documents documents) {
  std::vector<std::string_view> result;
  const auto add = [&](std::string_view document) {
    if (!document.empty()) result.push_back(document);
  };
  if (documents == Documents::none || documents == Documents::file) {
    add(text);
    return result;
  }
  size_t begin = 0;  // of the document
  size_t end = 0;    // of its last line so far, without the line feed
  for (size_t at = 0; at < text.size();) {
    const size_t feed = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, feed - at);
    if (documents == Documents::line) {
      add(without_cr(line));
    } else if (is_blank(line)) {
      add(without_cr(text.substr(begin, end - begin)));
      begin = end = std::min(feed + 1, text.size());
    } else {
      end = feed;
    }
    at = feed + 1;
  }
  if (documents == Documents::blank_line) add(without_cr(text.substr(begin, end - begin)));
  return result;
}

}  // namespace inkling::text
