#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "support/temp_dir.h"
#include "text/normalizer.h"
#include "text/output_text.h"
#include "text/segmenter.h"
#include "text/tokenizer.h"
#include "text/utf8.h"
#include "text/words.h"

// The texts that ship are the tests' material, and the tests are theirs.

using namespace inkling::text;

namespace {

struct Text {
  std::string name;   // "greek"
  std::string bytes;  // as the file has them
};

std::vector<Text> texts_of(const std::string& folder) {
  std::vector<Text> texts;
  for (const auto& entry :
       std::filesystem::directory_iterator(INKLING_SOURCE_FOLDER "/corpora/" + folder)) {
    texts.push_back(
        {entry.path().stem().string(), inkling::testing::bytes_of_file(entry.path().string())});
  }
  std::sort(texts.begin(), texts.end(),
            [](const Text& a, const Text& b) { return a.name < b.name; });
  return texts;
}

std::vector<Text> all_texts() {
  std::vector<Text> texts = texts_of("english");
  for (const char* folder : {"languages", "scripts"}) {
    const std::vector<Text> more = texts_of(folder);
    texts.insert(texts.end(), more.begin(), more.end());
  }
  return texts;
}

std::string collection(const std::string& folder) {
  std::string all;
  for (const Text& text : texts_of(folder)) all += text.bytes;
  return all;
}

// Where the characters of a text end, from 0 on.
std::vector<size_t> ends_of(const std::vector<std::string_view>& characters) {
  std::vector<size_t> ends{0};
  for (const std::string_view character : characters)
    ends.push_back(ends.back() + character.size());
  return ends;
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  for_each_character(text, Unit::grapheme,
                     [&](std::string_view character) { characters.push_back(character); });
  return characters;
}

Tokenizer tokenizer_for(const Text& text, Unit unit) {
  std::unordered_map<std::string, int64_t> counts;
  for_each_character(text.bytes, unit,
                     [&](std::string_view character) { ++counts[std::string(character)]; });
  std::vector<Vocabulary::Entry> entries;
  for (const auto& [character, count] : counts) entries.push_back({character, count});
  TextOptions options;
  options.unit = unit;
  return {options, Vocabulary::from_counts(entries, 1, 0, std::nullopt)};
}

// Passages of `length` characters that stand in the text a second time or more often, as a share of
// all passages of that length. (ASCII: a byte is a character.)
double repeated_share(std::string_view text, size_t length) {
  std::unordered_map<std::string_view, int> counts;
  const size_t passages = text.size() - length + 1;
  for (size_t at = 0; at < passages; ++at) ++counts[text.substr(at, length)];
  size_t repeated = 0;
  for (size_t at = 0; at < passages; ++at) repeated += counts[text.substr(at, length)] > 1;
  return static_cast<double>(repeated) / static_cast<double>(passages);
}

std::string with_commas(size_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// With line ends as spaces, so that a sentence may go on in the next line.
int64_t occurrences(std::string text, const std::string& sentence) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  int64_t count = 0;
  for (size_t at = 0; (at = text.find(sentence, at)) != text.npos; ++at) ++count;
  return count;
}

// C0 and C1 but for the line feed, invisible directions of writing, what replaces the unreadable,
// and a byte order mark.
bool is_unwelcome(char32_t c) {
  return (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0xfffd;
}

}  // namespace

TEST_CASE("the English texts are long enough and do not repeat themselves") {
  const std::string english = collection("english");
  CHECK(find_non_ascii(english) == english.size());
  CHECK(english.size() >= 200000);
  const double share = repeated_share(english, 50);
  MESSAGE("English: " << english.size() << " characters; of its passages of 50 characters "
                      << std::round(share * 1e5) / 1e3 << " % stand in it more than once");
  CHECK(share < 0.005);
  CHECK(repeated_share(english + english.substr(0, english.size() / 100), 50) > 0.01);
}

TEST_CASE("the sentences that a model is asked to complete stand in the English texts") {
  const std::string english = collection("english");
  CHECK(occurrences(english, "The cat sat on the mat") >= 5);
  CHECK(occurrences(english, "I love deep learning models") >= 5);
  CHECK(occurrences(english, "I grew up in France") >= 5);
  CHECK(occurrences(english, "I speak fluent French") >= 5);
}

TEST_CASE("ten scripts have a text of 3,000 characters each, most of it in that script") {
  struct Row {
    const char* name;
    char32_t first, last;  // the script's letters
    double share;          // of all characters, at least
  };
  const Row rows[] = {
      {"arabic", 0x600, 0x6ff, 0.7},     {"chinese", 0x4e00, 0x9fff, 0.7},
      {"cyrillic", 0x400, 0x4ff, 0.7},   {"devanagari", 0x900, 0x97f, 0.6},
      {"emoji", 0x1f000, 0x1ffff, 0.07}, {"greek", 0x370, 0x3ff, 0.7},
      {"hebrew", 0x590, 0x5ff, 0.7},     {"japanese", 0x3040, 0x30ff, 0.5},
      {"korean", 0xac00, 0xd7a3, 0.6},   {"thai", 0xe00, 0xe7f, 0.7},
  };
  const std::vector<Text> texts = texts_of("scripts");
  REQUIRE(texts.size() == std::size(rows));
  for (size_t i = 0; i < texts.size(); ++i) {
    const Row& row = rows[i];
    CAPTURE(row.name);
    CHECK(texts[i].name == row.name);
    const auto characters = characters_of(texts[i].bytes);
    CHECK(characters.size() >= 3000);
    const auto own = std::count_if(characters.begin(), characters.end(), [&](std::string_view c) {
      size_t at = 0;
      const char32_t first = next_code_point(c, at);
      return first >= row.first && first <= row.last;
    });
    CHECK(static_cast<double>(own) >= row.share * static_cast<double>(characters.size()));
  }
}

TEST_CASE("the texts of languages do not repeat themselves, but for a sentence to be completed") {
  const std::pair<const char*, const char*> rows[] = {
      {"arabic", "جلست القطة على الحصيرة"},   {"chinese", "猫坐在垫子"},
      {"emoji", "The cat sat on the mat"},    {"greek", "Η γάτα κάθισε στο χαλί"},
      {"hebrew", "החתול ישב על השטיח"},       {"hindi", "बिल्ली चटाई पर बैठी"},
      {"japanese", "猫がマットの上に座"},     {"korean", "고양이가 매트 위에"},
      {"russian", "Кошка сидела на коврике"}, {"thai", "แมวนั่งอยู่บนเสื่อ"},
  };
  const std::vector<Text> texts = texts_of("languages");
  REQUIRE(texts.size() == std::size(rows));
  for (size_t i = 0; i < texts.size(); ++i) {
    CAPTURE(texts[i].name);
    CHECK(texts[i].name == rows[i].first);
    CHECK(occurrences(texts[i].bytes, rows[i].second) >= 14);
    CHECK(repeated_share(texts[i].bytes, 150) < 0.005);  // bytes: 50 characters or more
  }
}

TEST_CASE("emoji: the text has flags, skin tones, families, keycaps and variation selectors") {
  const std::string emoji = collection("scripts");
  std::set<std::string_view> clusters;
  for (const std::string_view character : characters_of(emoji)) clusters.insert(character);
  const auto count = [&](std::string_view joiner) {
    return std::count_if(clusters.begin(), clusters.end(), [&](std::string_view cluster) {
      return cluster.find(joiner) != cluster.npos && count_code_points(cluster) > 1 &&
             cluster.starts_with('\xf0');
    });
  };
  CHECK(count("\U0001F1EB") >= 1);  // regional indicator F, as in a flag
  CHECK(count("\U0001F3FD") >= 2);  // a skin tone
  CHECK(count("\u200D") >= 5);      // zero-width joiner
  CHECK(count("\uFE0F") >= 2);
}

TEST_CASE("every text is plain: UTF-8, NFC, no control characters, one line feed at its end") {
  for (const Text& text : all_texts()) {
    CAPTURE(text.name);
    REQUIRE_FALSE(find_ill_formed(text.bytes));
    CHECK(normalize(text.bytes, Normalization::nfc) == text.bytes);
    CHECK(text.bytes.ends_with('\n'));
    CHECK_FALSE(text.bytes.ends_with("\n\n"));
    CHECK(text.bytes.find(" \n") == text.bytes.npos);
    for (size_t at = 0; at < text.bytes.size();) {
      const size_t begin = at;
      const char32_t c = next_code_point(text.bytes, at);
      if (is_unwelcome(c))
        FAIL_CHECK("U+" << std::hex << uint32_t{c} << " at byte " << std::dec << begin);
    }
  }
}

TEST_CASE("every text survives its tokens") {
  for (const Text& text : all_texts()) {
    for (const Unit unit : {Unit::grapheme, Unit::codepoint, Unit::byte}) {
      CAPTURE(text.name);
      CAPTURE(static_cast<int>(unit));
      const Tokenizer tokenizer = tokenizer_for(text, unit);
      const Tokens tokens = tokenizer.encode(text.bytes);
      CHECK(tokens.inexact.empty());
      CHECK(tokenizer.decode(tokens.tokens) == tokenizer.normalize(text.bytes));
    }
  }
}

TEST_CASE("every text leaves in whole clusters, whatever its tokens") {
  for (const Text& text : all_texts()) {
    const std::vector<size_t> ends = ends_of(characters_of(text.bytes));
    for (const Unit unit : {Unit::grapheme, Unit::codepoint, Unit::byte}) {
      CAPTURE(text.name);
      CAPTURE(static_cast<int>(unit));
      OutputText output(unit);
      std::string shown;
      for_each_character(text.bytes, unit, [&](std::string_view token) {
        shown += output.add(token);
        if (!std::binary_search(ends.begin(), ends.end(), shown.size())) {
          FAIL("half a cluster was shown: it ends at byte " << shown.size());
        }
      });
      CHECK(shown + output.finish() == text.bytes);
    }
  }
}

TEST_CASE("every text has words, of sensible length, and none begins or ends within a cluster") {
  WordBreaker breaker;
  for (const Text& text : all_texts()) {
    CAPTURE(text.name);
    const auto characters = characters_of(text.bytes);
    const std::vector<size_t> ends = ends_of(characters);
    const auto count_before = [&](int64_t byte) {
      const auto at = std::lower_bound(ends.begin(), ends.end(), static_cast<size_t>(byte));
      if (at == ends.end() || *at != static_cast<size_t>(byte)) {
        FAIL("a word boundary within a cluster, at byte " << byte);
      }
      return at - ends.begin();
    };
    int64_t words = 0, in_words = 0, longest = 0, at = 0;
    for (const Segment& segment : breaker.words(text.bytes)) {
      if (segment.begin != at) FAIL("a gap between words, at byte " << at);
      at = segment.end;
      const int64_t length = count_before(segment.end) - count_before(segment.begin);
      if (!segment.is_word) continue;
      ++words;
      in_words += length;
      longest = std::max(longest, length);
    }
    CHECK(at == static_cast<int64_t>(text.bytes.size()));
    const auto mean = static_cast<double>(in_words) / static_cast<double>(words);
    const auto share = static_cast<double>(in_words) / static_cast<double>(characters.size());
    // Chinese has 1.5 characters in a word and Cyrillic 4.5; the rest is spaces and punctuation.
    CHECK(words >= 600);
    CHECK(mean > 1.4);
    CHECK(mean < 5);
    CHECK(longest <= 15);  // Greek: ζαχαροπλάστισσα
    CHECK(share > 0.6);
    CHECK(share < 0.95);
  }
}

TEST_CASE("the words of a script are found as words") {
  const std::pair<const char*, const char*> rows[] = {
      {"arabic", "القطة"},  {"chinese", "妈妈"}, {"cyrillic", "Кошка"}, {"devanagari", "माँ"},
      {"emoji", "cat"},     {"greek", "γάτα"},   {"hebrew", "החתול"},   {"japanese", "私"},
      {"korean", "엄마는"}, {"thai", "แม่"},
  };
  WordBreaker breaker;
  for (const Text& text : texts_of("scripts")) {
    for (const auto& row : rows) {
      if (text.name != row.first) continue;
      const auto segments = breaker.words(text.bytes);
      const std::string_view wanted = row.second;
      CAPTURE(row.first);
      CHECK(std::count_if(segments.begin(), segments.end(), [&](const Segment& segment) {
              return segment.is_word &&
                     text.bytes.compare(static_cast<size_t>(segment.begin),
                                        static_cast<size_t>(segment.end - segment.begin),
                                        wanted) == 0;
            }) >= 2);
    }
  }
}

TEST_CASE("README.md has the counts of every text") {
  const std::string readme =
      inkling::testing::bytes_of_file(INKLING_SOURCE_FOLDER "/corpora/README.md");
  const auto check_row = [&](const std::string& name, const std::string& text) {
    const auto characters = characters_of(text);
    const std::set<std::string_view> distinct(characters.begin(), characters.end());
    const size_t begin = readme.find("| `" + name + "` |");
    CAPTURE(name);
    REQUIRE(begin != readme.npos);
    const std::string row = readme.substr(begin, readme.find('\n', begin) - begin);
    const std::string counts =
        " | " + with_commas(characters.size()) + " | " + with_commas(distinct.size()) + " |";
    CAPTURE(row);
    CAPTURE(counts);
    CHECK(row.ends_with(counts));
  };
  for (const std::string folder : {"english", "languages", "scripts"}) {
    for (const Text& text : texts_of(folder)) {
      check_row(folder + "/" + text.name + ".txt", text.bytes);
    }
    check_row(folder, collection(folder));
  }
}
