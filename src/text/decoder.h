#pragma once

#include <cstdint>
#include <string>

#include "text/text_options.h"

namespace inkling::text {

// The bytes of the file `name` as well-formed UTF-8, without a byte order mark; for Unit::byte and
// encoding "utf-8" the bytes as they are, but for that mark. Ill-formed sequences become U+FFFD and
// are added to *replaced, or, with Invalid::error, throw DataError with name, line (from 1), byte
// offset (from 0, in the file) and the option that may help; so does what looks like UTF-16. An
// encoding that ICU does not know throws UsageError.
std::string decode(std::string bytes, const std::string& name, const ReadOptions& options,
                   Unit unit, int64_t* replaced);

// "utf-8" in any of its spellings.
bool is_utf8(const std::string& encoding);
// UTF-16 and UTF-32, whose texts are full of zero bytes. Throws UsageError as decode().
bool is_wide(const std::string& encoding);

}  // namespace inkling::text
