#include "text/output_text.h"

#include <utility>

#include "text/segmenter.h"
#include "text/utf8.h"

namespace inkling::text {

std::string OutputText::add(std::string_view bytes) {
  held_ += bytes;
  // Pieces in other units end with a code point: what is begun there will not be finished.
  const size_t whole = unit_ == Unit::byte ? without_begun_code_point(held_) : held_.size();
  std::string text = replace_ill_formed(std::string_view(held_).substr(0, whole));
  const std::string begun = held_.substr(whole);
  size_t last = 0;
  size_t end = 0;
  for_each_character(text, Unit::grapheme,
                     [&](std::string_view cluster) { end += std::exchange(last, cluster.size()); });
  // Nothing joins a line feed that is there already: lines need not wait for the next character.
  if (text.ends_with('\n')) end = text.size();
  held_ = text.substr(end) + begun;
  text.resize(end);
  return text;
}

std::string OutputText::finish() { return replace_ill_formed(std::exchange(held_, {})); }

}  // namespace inkling::text
