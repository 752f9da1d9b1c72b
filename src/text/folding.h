#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/text_options.h"
#include "text/vocabulary.h"

namespace inkling::text {

// What Unicode offers in place of a character, the nearest first: its NFKC form, its lower and
// upper case, its base letter without marks, its Latin transliteration to ASCII (curly quotes,
// dashes); then the cases of these. Each at most once, the character itself and "" not among them;
// some are several characters (as "fi" for the ligature).
std::vector<std::string> fold_candidates(std::string_view character);

// Characters that a vocabulary lacks to those it has. Remembers what it found; not thread-safe. The
// vocabulary must outlive it.
class Folder {
 public:
  Folder(const Vocabulary& vocabulary, Unit unit) : vocabulary_(vocabulary), unit_(unit) {}

  // The first candidate that is a single known character, else <unk>. Of single bytes only ASCII
  // letters fold.
  Token fold(std::string_view character);

 private:
  Token find(std::string_view character) const;

  const Vocabulary& vocabulary_;
  Unit unit_;
  std::unordered_map<std::string, Token> found_;
};

}  // namespace inkling::text
