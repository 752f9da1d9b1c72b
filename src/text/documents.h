#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/text_options.h"

namespace inkling::text {

// The documents of one file, in order, none of them empty: its lines without their ends; the
// stretches between blank lines (white space at most), line feeds inside kept and the last one not;
// or, for Documents::file and none, the whole text.
std::vector<std::string_view> split_documents(std::string_view text, Documents documents);

// The bytes of what stands between two of them.
constexpr int64_t separator_bytes(Documents documents) {
  return documents == Documents::line ? 1 : documents == Documents::blank_line ? 2 : 0;
}

}  // namespace inkling::text
