#include "text/boundaries.h"

#include <algorithm>

#include "text/icu.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

void check(UErrorCode code) { check_icu(code, "find text boundaries"); }

std::unique_ptr<icu::BreakIterator> make_iterator(Boundaries::Kind kind) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Locale& root = icu::Locale::getRoot();
  std::unique_ptr<icu::BreakIterator> iterator;
  switch (kind) {
    case Boundaries::Kind::cluster:
      iterator.reset(icu::BreakIterator::createCharacterInstance(root, code));
      break;
    case Boundaries::Kind::word:
      iterator.reset(icu::BreakIterator::createWordInstance(root, code));
      break;
    case Boundaries::Kind::sentence:
      iterator.reset(icu::BreakIterator::createSentenceInstance(root, code));
      break;
    case Boundaries::Kind::line:
      iterator.reset(icu::BreakIterator::createLineInstance(root, code));
      break;
  }
  check(code);
  return iterator;
}

// How many boundaries at the end of a piece may fall otherwise, the end among them, once the text
// behind it is known: the rules for sentences ("U.S. 3 p.m.", with a small letter far behind) leave
// one in doubt, those for words ("a.b") and lines too, and dictionaries weigh several words against
// others.
size_t undecided(Boundaries::Kind kind) {
  switch (kind) {
    case Boundaries::Kind::cluster:
      return 1;
    case Boundaries::Kind::word:
    case Boundaries::Kind::line:
      return 64;
    case Boundaries::Kind::sentence:
      return 2;
  }
  return 1;
}

}  // namespace

Boundaries::Boundaries(Kind kind) : kind_(kind), iterator_(make_iterator(kind)) {}

void Boundaries::find_in_piece(std::string_view text, int64_t begin, int64_t end) {
  UErrorCode code = U_ZERO_ERROR;
  // An open UText is given again to be reused: then nothing is allocated.
  UText* piece = utext_openUTF8(text_.get(), text.data() + begin, end - begin, &code);
  check(code);
  if (!text_) text_.reset(piece);
  iterator_->setText(piece, code);
  check(code);
  for (int32_t at = iterator_->next(); at != icu::BreakIterator::DONE; at = iterator_->next()) {
    found_.push_back({begin + at, iterator_->getRuleStatus()});
  }
}

const std::vector<Boundaries::Boundary>& Boundaries::find(std::string_view text, int64_t piece) {
  found_.clear();
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t begin = 0; begin < size;) {
    if (size - begin <= piece) {
      find_in_piece(text, begin, size);
      break;
    }
    // Behind a line feed there is a boundary of every kind, and nothing before it matters to what
    // follows.
    const size_t feed = text.rfind('\n', static_cast<size_t>(begin + piece - 1));
    if (feed != std::string_view::npos && static_cast<int64_t>(feed) >= begin) {
      const int64_t end = static_cast<int64_t>(feed) + 1;
      find_in_piece(text, begin, end);
      begin = end;
      continue;
    }
    int64_t end = begin + piece;
    while (end > begin + 1 && continues_code_point(text[static_cast<size_t>(end)])) --end;
    const size_t known = found_.size();
    find_in_piece(text, begin, end);
    // What the last stretches are may depend on what follows: the next piece begins with them.
    const size_t count = found_.size() - known;
    found_.resize(found_.size() - std::min(undecided(kind_), count - 1));
    begin = found_.back().end;
  }
  return found_;
}

}  // namespace inkling::text
