#include "text/word_class.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace inkling::text {
namespace {

bool needs_dictionary(UChar32 c) {
  if (breaks_lines_by_dictionary(static_cast<char32_t>(c))) return true;
  if (u_getIntPropertyValue(c, UCHAR_WORD_BREAK) == U_WB_KATAKANA) return true;
  if (u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC)) return true;
  UErrorCode code = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &code);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
}

}  // namespace

WordClass word_class(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  // The root locale's tailoring: colons join only in Swedish and Finnish, @ is a letter.
  if (c == ':' || c == 0xfe55 || c == 0xff1a) return WordClass::other;
  if (c == '@') return WordClass::letter;
  switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK)) {
    case U_WB_EXTEND:
    case U_WB_FORMAT:
    case U_WB_ZWJ:
      return WordClass::extend;
    case U_WB_ALETTER:
      if (c >= 0xac00 && c <= 0xd7a3) return WordClass::hangul;
      return needs_dictionary(c) ? WordClass::dictionary : WordClass::letter;
    case U_WB_HEBREW_LETTER:
      return WordClass::hebrew;
    case U_WB_NUMERIC:
      return WordClass::number;
    case U_WB_EXTENDNUMLET:
      return WordClass::underscore;
    case U_WB_MIDLETTER:
      return WordClass::mid_letter;
    case U_WB_MIDNUM:
      return WordClass::mid_number;
    case U_WB_MIDNUMLET:
      return WordClass::mid_both;
    case U_WB_SINGLE_QUOTE:
      return WordClass::single_quote;
    case U_WB_DOUBLE_QUOTE:
      return WordClass::double_quote;
    default:
      return needs_dictionary(c) ? WordClass::dictionary : WordClass::other;
  }
}

bool breaks_lines_by_dictionary(char32_t code_point) {
  return u_getIntPropertyValue(static_cast<UChar32>(code_point), UCHAR_LINE_BREAK) ==
         U_LB_COMPLEX_CONTEXT;
}

}  // namespace inkling::text
