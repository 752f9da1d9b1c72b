// Words of many scripts, completed behind every kind of place that a word may stand at.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "generate/completer.h"
#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

struct Row {
  std::string prompt, begun, word, insert;
};
struct Script {
  const char* name;
  std::string text;  // what the model has learned by heart
  std::vector<Row> rows;
};

const std::vector<Script> scripts{
    {"greek",
     "Η γάτα κάθεται στο χαλί. Η γάτα κοιμάται στο χαλί.\nΗ γάτα κάθεται στο χαλί, χάρη στο χάδι. ",
     {{"Η γάτα κάθεται στο", "", "χαλί", " χαλί"},
      {"Η γάτα κάθεται στο ", "", "χαλί", "χαλί"},
      {"Η γάτα κάθεται στο χ", "χ", "χαλί", "αλί"},
      {"Η γάτα κάθεται στο χαλι", "χαλι", "χαλί", "\u0301"},  // an accent that was not typed
      {"χάρη στο χα", "χα", "χάδι", "\u0301δι"}}},
    {"devanagari",
     "बिल्ली चटाई पर बैठी है। बिल्ली चटाई पर सोती है। बिल्ली चटाई पर बैठी है। ",
     {{"बिल्ली चटाई पर", "", "बैठी", " बैठी"},
      {"बिल्ली चटाई पर ब", "ब", "बैठी", "\u0948ठी"},  // the vowel sign of the same cluster
      {"बिल्ली चटाई पर बै", "बै", "बैठी", "ठी"},
      {"है। ", "", "बिल्ली", "बिल्ली"},
      {"बिल्", "बिल्", "बिल्ली", "ली"}}},
    {"thai",
     "ฉันกินข้าว ฉันกินข้าว ฉันรักภาษาไทย ",
     {{"ฉันกิน", "", "ข้าว", "ข้าว"},
      {"ฉันกินข้", "ข้", "ข้าว", "าว"},
      {"ฉันกิ", "กิ", "กิน", "น"},
      {"ฉัน", "", "กิน", "กิน"},
      {"ฉันรัก", "", "ภาษา", "ภาษา"}}},
    {"chinese",
     "我喜欢猫。我喜欢猫。我喜欢狗。他说：“我喜欢猫。”\n我喜欢猫。",
     {{"我喜", "喜", "喜欢", "欢"},
      {"我喜欢", "", "猫", "猫"},
      {"我喜欢猫。", "", "我", "我"},
      {"他说：“", "", "我", "我"}}},
    {"japanese",
     "猫はマットの上に座った。猫はマットの上に座った。犬はマットの上に寝た。",
     {{"猫は", "", "マット", "マット"},
      {"猫はマッ", "マッ", "マット", "ト"},
      {"猫はマットの", "", "上", "上"},
      {"犬はマットの上に", "", "寝", "寝"}}},
    {"korean",
     "고양이가 매트 위에 앉았다. 고양이가 매트 위에 앉았다. 개가 매트 위에 누웠다. ",
     {{"고양이가 매트 위에", "", "앉았다", " 앉았다"},
      {"고양이가 매트 위에 앉", "앉", "앉았다", "았다"},
      {"고양이가 매트 위에 아", "아", "앉았다", "\u11ac았다"},  // the syllable gets its end
      {"고", "고", "고양이가", "양이가"}}},
    {"arabic",
     "جلست القطة على الحصيرة. جلست القطة على الحصيرة. نامت القطة على الكرسي. ",
     {{"جلست القطة على", "", "الحصيرة", " الحصيرة"},
      {"جلست القطة على الح", "الح", "الحصيرة", "صيرة"}}},
    {"hebrew",
     "החתול ישב על השטיח. צה\"ל גדול. החתול ישב על השטיח. צה\"ל גדול. ",
     {{"החתול ישב על", "", "השטיח", " השטיח"}, {"צה", "צה", "צה\"ל", "\"ל"}}},
    {"apostrophes",
     " I don't know. I don't care. L’eau d’aujourd’hui, l’eau d’hier. O'Neill said 'tis so. ",
     {{" I do", "do", "don't", "n't"},
      {" I don", "don", "don't", "'t"},
      {" I don'", "", "don't", "t"},
      {" L’", "", "L’eau", "eau"},
      {" l’eau d", "d", "d’hier", "’hier"},
      {" said", "", "tis", " 'tis"}}},
    {"hyphens",
     " a well-known man, a well-known dog, a well-read cat and a soft-\u00adhearted one ",
     {{" a well-", "", "known", "known"}, {" a well-k", "k", "known", "nown"}}},
    {"combining marks",
     " x\u0302y x\u0302y q\u0303uo vadis q\u0303uo vadis ",
     {{" x", "x", "x\u0302y", "\u0302y"},
      {" x\u0302", "x\u0302", "x\u0302y", "y"},
      {" q", "q", "q\u0303uo", "\u0303uo"},
      {" q\u0303uo", "", "vadis", " vadis"}}},
    {"places",
     "Then she went.\n\nThen he came. “Then go,” she said. (Then he left.) Then: go. 3.14 is pi.\n",
     {{"Then she went.\n\n", "", "Then", "Then"},
      {"came. “", "", "Then", "Then"},
      {"said. (", "", "Then", "Then"},
      {"he came. ", "", "Then", "“Then"},
      {"go,” ", "", "she", "she"},
      {"3", "3", "3.14", ".14"},
      {"3.", "", "3.14", "14"}}},
};

TEST_CASE("words of every script, at every place, are completed by ICU's boundaries") {
  for (const Script& script : scripts) {
    INFO(script.name);
    auto model = testing::counted_model(testing::tokenizer_of(script.text), script.text, 12);
    Completer completer(model);
    for (const Row& row : script.rows) {
      INFO(row.prompt);
      const CompletionResult result = completer.complete(row.prompt, {.k = 1});
      CHECK(result.begun == row.begun);
      REQUIRE_FALSE(result.completions.empty());
      CHECK(result.completions[0].word == row.word);
      CHECK(result.completions[0].insert == row.insert);
      CHECK(result.proven);
    }
  }
}

TEST_CASE("what is inserted makes the text that the word stands in, and ends with the word") {
  for (const Script& script : scripts) {
    INFO(script.name);
    const text::Tokenizer tokenizer = testing::tokenizer_of(script.text);
    auto model = testing::random_model(tokenizer, 3, 2, 3.0);
    Completer completer(model);
    text::WordBreaker breaker;
    for (const Row& row : script.rows) {
      for (const Completion& c : completer.complete(row.prompt, {.k = 5}).completions) {
        INFO(row.prompt << "|" << c.insert);
        const std::string whole = tokenizer.normalize(row.prompt + c.insert);
        CHECK(whole.ends_with(c.word));
        CHECK(breaker.words(c.word).size() >= 1);
        CHECK(0 < c.low);
        CHECK(c.low <= c.high);
      }
    }
  }
}

TEST_CASE("the end of a text cut short divides words as the whole text does") {
  text::WordBreaker breaker;
  for (const Script& script : scripts) {
    const std::string text = script.text + script.text;
    for (const text::Segment& cluster : text::WordBreaker().clusters(text)) {
      const auto begin = static_cast<size_t>(cluster.begin), end = static_cast<size_t>(cluster.end);
      const WordAtEnd at = word_at_end(text.substr(0, begin), breaker);
      if (at.tail.empty()) continue;
      const std::string tail = at.tail + text.substr(begin, end - begin);
      const auto has_end = [&](const std::string& of, size_t boundary) {
        for (const text::Segment& s : breaker.words(of)) {
          if (s.end == static_cast<int64_t>(boundary)) return true;
        }
        return false;
      };
      CHECK_MESSAGE(has_end(tail, at.tail.size()) == has_end(text.substr(0, end), begin),
                    text.substr(0, end));
    }
  }
}

}  // namespace
}  // namespace inkling::generate
