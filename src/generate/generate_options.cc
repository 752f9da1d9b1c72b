#include "generate/generate_options.h"

namespace inkling::generate {

int64_t GenerateOptions::limit() const {
  if (n >= 0) return n;
  const int64_t wished = sentences + words;
  return wished > 0 ? 5000 * wished : 500;
}

void GenerateOptions::validate() const {
  if (sentences > 0 && words > 0)
    usage_error("--sentences and --words exclude each other: give one");
  for (const std::string& text : stop) {
    if (text.empty()) usage_error("--stop needs a text: an empty one would stop at once");
  }
}

}  // namespace inkling::generate
