#include "generate/recent_text.h"

#include "text/utf8.h"

namespace inkling::generate {
namespace {

constexpr size_t most_bytes = 4096;
constexpr size_t step = 1024;

}  // namespace

std::string_view recent_text(std::string_view text) {
  if (text.size() <= most_bytes) return text;
  text.remove_prefix((text.size() - most_bytes + step - 1) / step * step);
  while (!text.empty() && text::continues_code_point(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace inkling::generate
