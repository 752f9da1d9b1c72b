#pragma once

#include <cstddef>
#include <string_view>

namespace inkling::text {

// Where a caret may stand in well-formed UTF-8, and where keys move it: byte offsets at boundaries
// of grapheme clusters. Each call looks at about a kilobyte around `at`, however long the text is.
// Thread-safe.

// The end of the cluster that begins at `at`, the beginning of the one that ends there; `at` where
// the text ends or begins.
size_t next_cluster(std::string_view text, size_t at);
size_t previous_cluster(std::string_view text, size_t at);

// Behind the next word (ICU's), before the previous one; the text's end or beginning where there is
// none near.
size_t next_word_end(std::string_view text, size_t at);
size_t previous_word_begin(std::string_view text, size_t at);

// From where Backspace takes away: the whole cluster, but of one that ends in a letter or sign of
// its own script (a vowel sign of Devanagari, a tone mark of Thai) that sign alone, as writers of
// these scripts expect.
size_t backspace_begin(std::string_view text, size_t at);

// `at`, or the nearest cluster boundary before it.
size_t cluster_boundary(std::string_view text, size_t at);

// Behind the whole clusters from `at` on, a boundary before the text's end: `most` bytes at most,
// but one cluster at least.
size_t clusters_end(std::string_view text, size_t at, size_t most);

}  // namespace inkling::text
