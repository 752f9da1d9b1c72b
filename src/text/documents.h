#pragma once

#include <string_view>
#include <vector>

#include "text/text_options.h"

namespace inkling::text {

// The documents of one file, in order, none of them empty: its lines without their ends; the
// stretches between blank lines (white space at most), line feeds inside kept and the last one not;
// or, for Documents::file and none, the whole text.
std::vector<std::string_view> split_documents(std::string_view text, Documents documents);

}  // namespace inkling::text
