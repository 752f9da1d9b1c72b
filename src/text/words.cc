#include "text/words.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>

#include <array>
#include <optional>

#include "text/boundaries.h"
#include "text/utf8.h"

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

bool may_end_sentence(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    switch (u_getIntPropertyValue(static_cast<UChar32>(next_code_point(text, at)),
                                  UCHAR_SENTENCE_BREAK)) {
      case U_SB_STERM:
      case U_SB_ATERM:
      case U_SB_SEP:
      case U_SB_CR:
      case U_SB_LF:
        return true;
      default:
        break;
    }
  }
  return false;
}

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
