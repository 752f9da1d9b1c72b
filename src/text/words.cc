#include "text/words.h"

#include <unicode/ubrk.h>

#include <array>
#include <optional>

#include "text/boundaries.h"

namespace inkling::text {

struct WordBreaker::Impl {
  std::vector<Segment> segments(Boundaries::Kind kind, std::string_view text) {
    auto& boundaries = made[static_cast<size_t>(kind)];
    if (!boundaries) boundaries.emplace(kind);
    std::vector<Segment> result;
    int64_t begin = 0;
    for (const auto& [end, status] : boundaries->find(text)) {
      result.push_back({begin, end, kind == Boundaries::Kind::word && status >= UBRK_WORD_NUMBER});
      begin = end;
    }
    return result;
  }

  std::array<std::optional<Boundaries>, 4> made;  // by kind, each when first asked for
};

WordBreaker::WordBreaker() : impl_(std::make_unique<Impl>()) {}
WordBreaker::~WordBreaker() = default;
WordBreaker::WordBreaker(WordBreaker&&) noexcept = default;

std::vector<Segment> WordBreaker::words(std::string_view text) {
  return impl_->segments(Boundaries::Kind::word, text);
}
std::vector<Segment> WordBreaker::sentences(std::string_view text) {
  return impl_->segments(Boundaries::Kind::sentence, text);
}
std::vector<Segment> WordBreaker::clusters(std::string_view text) {
  return impl_->segments(Boundaries::Kind::cluster, text);
}
std::vector<Segment> WordBreaker::unbroken(std::string_view text) {
  return impl_->segments(Boundaries::Kind::line, text);
}

}  // namespace inkling::text
