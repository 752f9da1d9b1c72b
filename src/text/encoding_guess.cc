#include "text/encoding_guess.h"

#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <numeric>

#include "text/utf8.h"

namespace inkling::text {
namespace {

constexpr size_t most_bytes = size_t{1} << 16;  // enough to know a language by
// What stands in most files of single bytes. It is preferred where the detector, which gives 0 to
// 100, takes a few words of French, say, for Romanian.
constexpr std::string_view common_encoding = "windows-1252";
constexpr int32_t sure_enough = 50;
constexpr double nearly_as_sure = 0.7;

// UTF-16 without a mark: zero bytes (of spaces, line feeds, ASCII) on one side, and there hardly
// any other value but that of one script (all of which are below 0x20) and of surrogates. This
// tells it from ASCII words with a zero byte between them.
bool looks_like_utf16(std::string_view bytes, size_t high_byte) {
  std::array<size_t, 256> seen{};
  const size_t units = bytes.size() / 2;
  size_t low_zeros = 0;
  for (size_t i = 0; i < units; ++i) {
    low_zeros += bytes[2 * i + 1 - high_byte] == '\0';
    ++seen[static_cast<unsigned char>(bytes[2 * i + high_byte])];
  }
  const size_t script = *std::max_element(seen.begin() + 1, seen.begin() + 0x20);
  const size_t pairs = std::accumulate(seen.begin() + 0xd8, seen.begin() + 0xe0, size_t{0});
  return units >= 2 && low_zeros * 10 <= seen[0] && seen[0] * 50 >= units &&
         (seen[0] + script + pairs) * 10 >= units * 9;
}

// UTF-32 without a mark: hardly any four bytes that are no code point, or zero.
bool looks_like_utf32(std::string_view bytes, bool little_endian) {
  const size_t units = bytes.size() / 4;
  size_t code_points = 0;
  for (size_t i = 0; i < units; ++i) {
    char32_t value = 0;
    for (size_t j = 0; j < 4; ++j) {
      const char byte = bytes[4 * i + (little_endian ? 3 - j : j)];
      value = value << 8 | static_cast<unsigned char>(byte);
    }
    code_points += value > 0 && value <= 0x10ffff;
  }
  return units >= 2 && code_points * 10 >= units * 9;
}

// The part of the bytes that tells most: where those beyond ASCII begin.
std::string_view sample_of(std::string_view bytes) {
  const size_t first = find_non_ascii(bytes);
  return bytes.substr(first > most_bytes / 2 ? first - most_bytes / 2 : 0, most_bytes);
}

bool is_mostly_utf8(std::string_view bytes) {
  size_t ill_formed = 0;
  size_t ill_formed_bytes = 0;
  for (size_t from = 0; const auto bad = find_ill_formed(bytes, from);) {
    ++ill_formed;
    ill_formed_bytes += bad->size;
    from = bad->offset + bad->size;
  }
  const auto high_bytes = static_cast<size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char byte) { return !is_ascii(byte); }));
  return high_bytes - ill_formed_bytes > 2 * ill_formed;
}

}  // namespace

std::string guess_wide_encoding(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xff\xfe\0\0"sv) || bytes.starts_with("\0\0\xfe\xff"sv)) return "utf-32";
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return "utf-16";
  bytes = bytes.substr(0, most_bytes);
  if (looks_like_utf32(bytes, true)) return "utf-32le";
  if (looks_like_utf32(bytes, false)) return "utf-32be";
  if (looks_like_utf16(bytes, 1)) return "utf-16le";
  if (looks_like_utf16(bytes, 0)) return "utf-16be";
  return "";
}

std::string guess_legacy_encoding(std::string_view bytes) {
  bytes = sample_of(bytes);
  if (is_mostly_utf8(bytes)) return "utf-8";
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&code),
                                                                            &ucsdet_close);
  ucsdet_setText(detector.get(), bytes.data(), static_cast<int32_t>(bytes.size()), &code);
  int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector.get(), &count, &code);
  if (U_FAILURE(code)) return "";
  std::string best;
  int32_t best_confidence = 0;
  for (int32_t i = 0; i < count; ++i) {
    std::string name = ucsdet_getName(matches[i], &code);
    const int32_t confidence = ucsdet_getConfidence(matches[i], &code);
    if (U_FAILURE(code) || confidence < 10) break;
    // Of files that people have, none is in EBCDIC, and UTF-16 was looked for already.
    if (name.starts_with("IBM") || name.starts_with("UTF-")) continue;
    // What calls itself Latin-1 is in practice its superset, as the WHATWG's encoding standard has
    // it.
    if (name == "ISO-8859-1") name = common_encoding;
    if (best.empty()) {
      best = std::move(name);
      best_confidence = confidence;
    } else if (name == common_encoding && confidence >= sure_enough &&
               confidence >= nearly_as_sure * best_confidence) {
      return name;
    }
  }
  return best;
}

}  // namespace inkling::text
