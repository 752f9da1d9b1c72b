#include "text/decoder.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "text/encoding_guess.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

constexpr std::string_view byte_order_mark = "\uFEFF";
constexpr ptrdiff_t most_at_once = ptrdiff_t{1} << 20;  // bytes; ICU counts in 32 bits

// Lines end with LF, CR LF or CR.
int64_t line_of(std::string_view text, size_t offset) {
  int64_t line = 1;
  for (size_t i = 0; i < offset; ++i) {
    line += text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n");
  }
  return line;
}

std::string in_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes)
    hex += fmt::format("{}0x{:02X}", hex.empty() ? "" : " ", static_cast<unsigned char>(byte));
  return hex;
}

// What to do about a text in another encoding, "" = one that cannot be guessed.
std::string how_to_read(const std::string& encoding, bool advise_options) {
  if (!advise_options) {
    return encoding.empty() ? "give it in UTF-8"
                            : fmt::format("give it in UTF-8: iconv -f {} -t utf-8", encoding);
  }
  return encoding.empty()
             ? "name the file's encoding with --encoding (windows-1252, shift_jis, ...)"
             : "read it with --encoding " + encoding;
}

[[noreturn]] void refuse_utf8(const std::string& name, std::string_view bytes, IllFormed bad,
                              bool advise_options) {
  const bool has_zeros = bytes.find('\0') != std::string_view::npos;
  const std::string guess = has_zeros ? "" : guess_legacy_encoding(bytes);
  std::string advice;
  if (has_zeros) {
    advice = "it holds zero bytes, too, so is probably no text: give a text file";
  } else if (guess == "utf-8") {
    advice = "the rest looks like UTF-8: mend the file";
  } else if (guess.empty()) {
    advice = how_to_read(guess, advise_options);
  } else {
    advice = fmt::format("it looks like {}: {}", guess, how_to_read(guess, advise_options));
  }
  if (advise_options && !has_zeros) advice += ", or replace such bytes with --invalid replace";
  data_error("{}: line {}, byte {}: ill-formed UTF-8 ({}); {}", name, line_of(bytes, bad.offset),
             bad.offset, in_hex(bytes.substr(bad.offset, bad.size)), advice);
}

std::string decode_utf8(std::string bytes, const std::string& name, const ReadOptions& options,
                        int64_t* replaced) {
  if (const std::string wide = guess_wide_encoding(bytes); !wide.empty()) {
    data_error("{}: it looks like {}, not UTF-8; {}", name,
               wide.starts_with("utf-16") ? "UTF-16" : "UTF-32",
               how_to_read(wide, options.advise_options));
  }
  const auto bad = find_ill_formed(bytes);
  if (bad && options.invalid == Invalid::error)
    refuse_utf8(name, bytes, *bad, options.advise_options);
  if (bad) bytes = replace_ill_formed(bytes, replaced);
  if (bytes.starts_with(byte_order_mark)) bytes.erase(0, byte_order_mark.size());
  return bytes;
}

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

Converter open_converter(const std::string& encoding) {
  UErrorCode code = U_ZERO_ERROR;
  // An empty name would be the machine's own encoding: a text must not depend on that.
  Converter converter(encoding.empty() ? nullptr : ucnv_open(encoding.c_str(), &code), &ucnv_close);
  if (!converter || U_FAILURE(code)) {
    usage_error(
        "--encoding: '{}' is no encoding that ICU knows; some that it does: utf-8, utf-16, "
        "windows-1252, shift_jis",
        encoding);
  }
  return converter;
}

void count_and_replace(const void* context, UConverterToUnicodeArgs* arguments, const char*,
                       int32_t, UConverterCallbackReason reason, UErrorCode* code) {
  if (reason > UCNV_IRREGULAR) return;  // the converter is being reset or closed
  ++*static_cast<int64_t*>(const_cast<void*>(context));
  *code = U_ZERO_ERROR;
  const UChar replacement = 0xfffd;
  ucnv_cbToUWriteUChars(arguments, &replacement, 1, 0, code);
}

// Collects UTF-16 that comes in pieces, which may part the two halves of a code point. Of some
// encodings, as UTF-7, ICU passes on halves that have no other: these become U+FFFD.
class Utf16Sink {
 public:
  void add(const UChar* begin, const UChar* end) {
    for (; begin != end; ++begin) {
      const UChar lead = std::exchange(lead_, UChar{0});
      if (lead != 0 && U16_IS_TRAIL(*begin)) {
        append_code_point(text, static_cast<char32_t>(U16_GET_SUPPLEMENTARY(lead, *begin)));
        continue;
      }
      if (lead != 0) add_half();
      if (U16_IS_LEAD(*begin)) {
        lead_ = *begin;
      } else if (U16_IS_TRAIL(*begin)) {
        add_half();
      } else {
        append_code_point(text, *begin);
      }
    }
  }
  void finish() {
    if (std::exchange(lead_, UChar{0}) != 0) add_half();
  }

  std::string text;
  int64_t halves = 0;
  size_t first_half = 0;  // where in the text, if there is one

 private:
  void add_half() {
    if (halves++ == 0) first_half = text.size();
    text += "\uFFFD";
  }
  UChar lead_ = 0;
};

std::string convert(std::string_view bytes, const std::string& name, const ReadOptions& options,
                    int64_t* replaced) {
  const Converter converter = open_converter(options.encoding);
  UErrorCode code = U_ZERO_ERROR;
  if (options.invalid == Invalid::replace) {
    ucnv_setToUCallBack(converter.get(), count_and_replace, replaced, nullptr, nullptr, &code);
  } else {
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &code);
  }
  Utf16Sink sink;
  sink.text.reserve(bytes.size());
  std::vector<UChar> buffer(std::min(bytes.size() + 64, size_t{1} << 16));
  const char* from = bytes.data();
  const char* const end = from + bytes.size();
  do {
    code = U_ZERO_ERROR;
    UChar* to = buffer.data();
    const char* const piece_end = from + std::min(end - from, most_at_once);
    ucnv_toUnicode(converter.get(), &to, buffer.data() + buffer.size(), &from, piece_end, nullptr,
                   piece_end == end, &code);
    sink.add(buffer.data(), to);
  } while (code == U_BUFFER_OVERFLOW_ERROR || (U_SUCCESS(code) && from < end));
  if (code == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (U_FAILURE(code)) {
    char invalid[32];
    int8_t size = sizeof invalid;
    UErrorCode ignored = U_ZERO_ERROR;
    ucnv_getInvalidChars(converter.get(), invalid, &size, &ignored);
    const auto offset = static_cast<size_t>(from - bytes.data()) - static_cast<size_t>(size);
    data_error(
        "{}: line {}, byte {}: ill-formed {} ({}); check --encoding, or replace such bytes with "
        "--invalid replace",
        name, line_of(sink.text, sink.text.size()), offset, options.encoding,
        in_hex(bytes.substr(offset, static_cast<size_t>(size))));
  }
  sink.finish();
  if (sink.halves > 0 && options.invalid == Invalid::error) {
    data_error(
        "{}: line {}: ill-formed {} (half of a surrogate pair); check --encoding, or replace such "
        "halves with --invalid replace",
        name, line_of(sink.text, sink.first_half), options.encoding);
  }
  *replaced += sink.halves;
  if (sink.text.starts_with(byte_order_mark)) sink.text.erase(0, byte_order_mark.size());
  return std::move(sink.text);
}

}  // namespace

bool is_utf8(const std::string& encoding) {
  return ucnv_compareNames(encoding.c_str(), "utf-8") == 0;
}

bool is_wide(const std::string& encoding) {
  return ucnv_getMinCharSize(open_converter(encoding).get()) > 1;
}

std::string decode(std::string bytes, const std::string& name, const ReadOptions& options,
                   Unit unit, int64_t* replaced) {
  if (!is_utf8(options.encoding)) return convert(bytes, name, options, replaced);
  if (unit != Unit::byte) return decode_utf8(std::move(bytes), name, options, replaced);
  if (bytes.starts_with(byte_order_mark)) bytes.erase(0, byte_order_mark.size());
  return bytes;
}

}  // namespace inkling::text
