#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"

namespace inkling::testing {

struct ScriptSample {
  const char* script;
  std::string_view text;
};

// Written for these tests: everyday sentences, some of them not normalised.
constexpr ScriptSample script_samples[] = {
    {"Greek", "Η γάτα κοιμάται στο χαλί, και ο σκύλος; Αυτός ο\u0301χι!\n"},
    {"Cyrillic", "Кошка спит на ковре, а ёжик ей не мешает. И\u0306од?\n"},
    {"Arabic", "القِطَّةُ نائمةٌ على السجّادة، ولا أحد يوقظها.\n"},
    {"Hebrew", "הֶחָתוּל יָשֵׁן עַל הַשָּׁטִיחַ, והכלב?\n"},
    {"Devanagari", "बिल्ली चटाई पर सो रही है, क्षितिज पर श्री सूर्य।\n"},
    {"Thai", "แมวนอนหลับอยู่บนเสื่อ และหมาก็เฝ้ามองน้ำ\n"},
    {"Chinese", "猫在垫子上睡着了，狗看着它。𠮷野家？\n"},
    {"Japanese", "ねこがマットのうえでねている。か\u3099ﾊﾟｰと犬は？\n"},
    {"Korean", "고양이가 매트 위에서 잔다. \u1100\u1161\u11A8 강아지는?\n"},
    {"emoji",
     "👩‍🚀🇫🇷🇯🇵👍🏽👨‍👩‍👧‍👦❤️1️⃣🏴󠁧󠁢󠁳󠁣"
     "󠁴"
     "󠁿"
     " "
     "and "
     "🇦!\r\n"},
};

// A code point from those that join, part and combine in all ways that grapheme rules know, and
// from plain ones.
inline char32_t random_code_point(Random& random) {
  constexpr char32_t pool[] = {
      'a',     'e',     'z',     ' ',     '.',     '1',     '#',     '\n',    '\r',    '\t',
      0,       0x7f,    0x85,    0xa0,    0xa9,    0xad,    0xe9,    0x300,   0x301,   0x327,
      0x338,   0x34f,   0x3b1,   0x439,   0x5d0,   0x5b8,   0x600,   0x627,   0x651,   0x70f,
      0x900,   0x903,   0x915,   0x937,   0x93c,   0x93f,   0x94d,   0x9be,   0x9cd,   0x995,
      0xb95,   0xbcd,   0xd4d,   0xd4e,   0xe01,   0xe33,   0xe34,   0xeb3,   0x1100,  0x1161,
      0x11a8,  0x1f600, 0x200b,  0x200c,  0x200d,  0x2028,  0x20e3,  0x231a,  0x2764,  0x3042,
      0x3099,  0x309a,  0x4e2d,  0xa960,  0xac00,  0xac01,  0xd7b0,  0xfe0f,  0xfeff,  0xff21,
      0xff9e,  0xfffd,  0x110bd, 0x11f02, 0x1f1e6, 0x1f1eb, 0x1f1f7, 0x1f3fb, 0x1f3fd, 0x1f468,
      0x1f469, 0x1f680, 0x20bb7, 0xe0067, 0xe007f, 0xe0100, 0x10ffff};
  if (random.below(8) == 0) {
    const auto any = static_cast<char32_t>(random.below(0x110000));
    return any >= 0xd800 && any < 0xe000 ? U'x' : any;
  }
  return pool[random.below(std::size(pool))];
}

}  // namespace inkling::testing
