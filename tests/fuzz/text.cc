#include <unicode/normalizer2.h>
#include <unicode/uscript.h>

#include <array>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "fuzz/target.h"
#include "support/icu_clusters.h"
#include "text/boundaries.h"
#include "text/corpus.h"
#include "text/decoder.h"
#include "text/documents.h"
#include "text/normalizer.h"
#include "text/output_text.h"
#include "text/segmenter.h"
#include "text/utf8.h"

// Any bytes as a text: decoded, normalised, cut into characters, encoded and written out again,
// each step against ICU over the whole text, or in pieces against the whole.
//
// An input: encoding, unit, normalisation, line ends, documents, size of the pieces, a byte each;
// then the text.
namespace inkling::text {
namespace {

using fuzz::expect;

constexpr std::array<const char*, 8> encodings{"utf-8",    "utf-8",        "utf-8",   "utf-16",
                                               "utf-16le", "windows-1252", "gb18030", "utf-7"};

// In ICU's own words: U+FFFD for each ill-formed sequence.
std::string replaced_by_icu(std::string_view bytes) {
  std::string result;
  icu::UnicodeString::fromUTF8({bytes.data(), static_cast<int32_t>(bytes.size())})
      .toUTF8String(result);
  return result;
}

bool refused(const std::string& bytes, const ReadOptions& options, Unit unit) {
  try {
    int64_t replaced = 0;
    decode(bytes, "input", options, unit, &replaced);
    return false;
  } catch (const DataError&) {
    return true;
  }
}

// The text that the bytes are, ill-formed sequences replaced; nothing where they are refused
// altogether, as what looks like UTF-16 is.
std::optional<std::string> check_decoding(const std::string& bytes, ReadOptions options,
                                          Unit unit) {
  options.invalid = Invalid::replace;
  int64_t replaced = 0;
  std::string text;
  try {
    text = decode(bytes, "input", options, unit, &replaced);
  } catch (const DataError&) {
    return std::nullopt;
  }
  const bool raw = unit == Unit::byte && is_utf8(options.encoding);
  expect(raw || !find_ill_formed(text), "decoded text is well-formed");
  if (is_utf8(options.encoding)) {
    std::string_view expected = bytes;
    const std::string by_icu = replaced_by_icu(bytes);
    if (!raw) expected = by_icu;
    if (expected.starts_with("\uFEFF")) expected.remove_prefix(3);
    expect(text == expected, "ill-formed UTF-8 is replaced as ICU replaces it");
  }
  options.invalid = Invalid::error;
  expect(refused(bytes, options, unit) == (replaced > 0), "what is refused is what is replaced");
  return text;
}

bool has_endless_marks(std::string_view text) {
  int64_t marks = 0;
  for (size_t at = 0; at < text.size();) {
    const auto c = static_cast<UChar32>(next_code_point(text, at));
    marks = u_getIntPropertyValue(c, UCHAR_LEAD_CANONICAL_COMBINING_CLASS) != 0 ? marks + 1 : 0;
    if (marks > limits::marks_in_order) return true;
  }
  return false;
}

void check_normalizing(const std::string& text, const std::string& normal, Normalization form) {
  expect(!find_ill_formed(normal), "normalised text is well-formed");
  if (form == Normalization::none || has_endless_marks(text)) return;
  UErrorCode code = U_ZERO_ERROR;
  const auto* normalizer = form == Normalization::nfkc ? icu::Normalizer2::getNFKCInstance(code)
                                                       : icu::Normalizer2::getNFCInstance(code);
  std::string expected;
  normalizer->normalize(icu::UnicodeString::fromUTF8(text), code).toUTF8String(expected);
  expect(normal == expected, "normalised as ICU normalises the whole text");
  if (!has_endless_marks(normal)) expect(normalize(normal, form) == normal, "normal stays normal");
}

// A text made of well-formed UTF-8, cut into characters.
void check_segmenting(const std::string& text) {
  std::vector<std::string> clusters;
  for_each_character(text, Unit::grapheme,
                     [&](std::string_view cluster) { clusters.emplace_back(cluster); });
  expect(clusters == testing::icu_clusters(text), "clusters are ICU's");
}

// Whose words come from a dictionary, which weighs them against those that follow.
bool has_dictionary_script(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto c = static_cast<UChar32>(next_code_point(text, at));
    UErrorCode code = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &code);
    if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT ||
        script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA) {
      return true;
    }
  }
  return false;
}

void check_boundaries(const std::string& text, int64_t piece) {
  using Kind = Boundaries::Kind;
  static std::array<Boundaries, 3> whole{Boundaries(Kind::cluster), Boundaries(Kind::word),
                                         Boundaries(Kind::sentence)};
  static std::array<Boundaries, 3> pieces{Boundaries(Kind::cluster), Boundaries(Kind::word),
                                          Boundaries(Kind::sentence)};
  for (size_t kind = 0; kind < whole.size(); ++kind) {
    if (kind == 1 && has_dictionary_script(text)) continue;
    const auto& expected = whole[kind].find(text);
    const auto& found = pieces[kind].find(text, piece);
    // A stretch that does not fit into a piece is cut.
    int64_t longest = 0, begin = 0;
    for (const auto& boundary : expected) {
      longest = std::max(longest, boundary.end - std::exchange(begin, boundary.end));
    }
    if (4 * longest > piece) continue;
    expect(std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                      [](const auto& a, const auto& b) { return a.end == b.end; }),
           "boundaries in pieces are those of the whole text");
  }
}

// The text leaves in whole clusters, however it comes.
void check_output(const std::string& text, Unit unit, Random& random) {
  OutputText output(unit);
  std::string shown;
  std::vector<size_t> seams;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    for (uint64_t n = 1 + random.below(3); n-- > 0 && end < text.size();) {
      if (unit == Unit::byte) {
        ++end;
      } else {
        next_code_point(text, end);
      }
    }
    shown += output.add(std::string_view(text).substr(at, end - at));
    seams.push_back(shown.size());
    at = end;
  }
  shown += output.finish();
  expect(shown == text, "all that goes in comes out");
  std::vector<size_t> ends{0};
  for_each_character(text, Unit::grapheme, [&](std::string_view cluster) {
    ends.push_back(ends.back() + cluster.size());
  });
  for (const size_t seam : seams) {
    expect(std::binary_search(ends.begin(), ends.end(), seam), "what is shown never grows");
  }
}

void check_corpus(const std::string& text, const TextOptions& options) {
  CorpusOptions corpus_options;
  corpus_options.text = options;
  corpus_options.split = {1, 0, 0};
  try {
    const Corpus corpus = make_corpus({{"input", text, 0}}, corpus_options);
    const Tokenizer& tokenizer = corpus.tokenizer;
    const std::string normal = tokenizer.normalize(text);
    if (options.documents == Documents::none) {
      const Tokens tokens = tokenizer.encode(text);
      expect(tokens.inexact.empty(), "the corpus has no character that its vocabulary lacks");
      expect(tokens.tokens == corpus.train.text.tokens, "encoded as the corpus is");
      expect(tokenizer.decode(tokens.tokens) == normal, "decode(encode(x)) == normalize(x)");
    } else {
      size_t bytes = 0, documents = 0;
      for (const std::string_view document : split_documents(normal, options.documents)) {
        expect(!document.empty(), "no document is empty");
        bytes += document.size();
        ++documents;
      }
      expect(bytes <= normal.size(), "documents are parts of the text");
      bytes += documents * static_cast<size_t>(separator_bytes(options.documents));
      expect(static_cast<size_t>(corpus.train.text.bytes) == bytes, "no document is lost");
    }
  } catch (const DataError&) {
    expect(normalize(text, options.normalize).find_first_not_of(" \t\r\n") == std::string::npos,
           "only a text without anything in it is refused");
  }
}

}  // namespace
}  // namespace inkling::text

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace inkling::text;
  inkling::fuzz::Input input(data, size);
  const ReadOptions read{.encoding = encodings[input.below(encodings.size())]};
  TextOptions options;
  options.unit = static_cast<Unit>(input.below(unit_names.size()));
  options.normalize = static_cast<Normalization>(input.below(normalization_names.size()));
  options.line_ends = static_cast<LineEnds>(input.below(line_ends_names.size()));
  const auto documents = input.take<uint8_t>();
  options.documents = static_cast<Documents>(documents % documents_names.size());
  const auto piece = static_cast<int64_t>(16 + input.below(256));

  const std::string bytes(input.rest());
  const auto text = check_decoding(bytes, read, options.unit);
  if (!text) return 0;
  // A corpus has tables that take longer than all the rest: only where the high bits ask for it.
  if (documents < 64) check_corpus(*text, options);
  if (find_ill_formed(*text)) return 0;
  check_normalizing(*text, normalize(*text, options.normalize), options.normalize);
  check_segmenting(*text);
  check_boundaries(*text, piece);
  inkling::Random random(static_cast<uint64_t>(piece));
  check_output(*text, options.unit, random);
  return 0;
}
