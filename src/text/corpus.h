#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "text/text_options.h"
#include "text/tokenizer.h"
#include "text/vocabulary.h"

namespace inkling::text {

// What a path delivered: decoded to well-formed UTF-8 (raw bytes for Unit::byte), BOM dropped, not
// yet normalised.
struct SourceText {
  std::string name;  // path, or "-" for standard input
  std::string text;
  int64_t replaced = 0;  // ill-formed sequences that became U+FFFD
};

// Reads files, folders (their text files, recursively, ordered by path; hidden files, and files
// with a NUL byte or a known binary suffix, are passed over) and "-" (standard input). A file that
// is named twice, be it by its folder, is read once, and one that is among `others` not again.
// Throws DataError: a missing path, a folder without text, ill-formed UTF-8 (with file, line and
// byte offset), a text that looks like another encoding (says which, and the option).
std::vector<SourceText> read_texts(const std::vector<std::string>& paths,
                                   const ReadOptions& options, Unit unit,
                                   const std::vector<SourceText>& others = {});

struct CorpusOptions {
  TextOptions text;
  ReadOptions read;
  std::array<double, 3> split{0.9, 0.1, 0.0};  // train, validation, test; their sum is 1
  int64_t min_count = 1;                       // rarer characters are folded, or <unk>
  int64_t max_vocab = 20000;                   // at most so many characters; 0 = no limit
  // Characters that the vocabulary has in any case, above min_count and max_vocab.
  std::vector<std::string> known_characters{};
};

// A part of a corpus, ready for training or evaluating. In documents mode every document is
// preceded and the last one followed by an end token, and the recurrent state is set to its initial
// value before each end token is read (so the first character of a document is predicted from the
// end token alone).
struct CorpusPart {
  Tokens text;
  int64_t documents = 0;     // 0 = one running text
  bool begins_anew = false;  // its first token is not of the text, but stands before it
  int64_t first_bytes = 0;   // of the first character, where nothing stands before it
};

struct Corpus {
  Tokenizer tokenizer;
  CorpusPart train, validation, test;
  // Of the normalised text, the split and the text options: the same corpus, the same number.
  uint64_t fingerprint = 0;
  int64_t files = 0;
  int64_t bytes = 0;     // UTF-8 bytes read
  int64_t replaced = 0;  // summed over the sources
  // Characters of the training part that the vocabulary left out, most frequent first.
  std::vector<Vocabulary::Entry> rare;
};

// Cuts each source contiguously into its parts, by characters: the first floor(n * train) of its n,
// and so on. In a part, a line feed goes between two sources' texts where the first does not end in
// one. In documents mode each document goes whole to the part that most is missing of by then.
// `validation` are further texts, which are of the validation part whole. Then it builds the
// vocabulary from the training parts alone, and encodes. With `tokenizer`, that vocabulary and
// those text options are used. Throws DataError when no text is left to train on, UsageError when
// the split is none.
Corpus make_corpus(const std::vector<SourceText>& sources, const CorpusOptions& options,
                   const Tokenizer* tokenizer = nullptr,
                   const std::vector<SourceText>& validation = {});

// A whole text as one part, for evaluating: no split; text.bytes are those of the sources as they
// were. Documents mode as in the tokenizer's options.
CorpusPart make_part(const std::vector<SourceText>& sources, const Tokenizer& tokenizer);

// Puts a line feed before a running text, so that its first line is predicted like the others, and
// behind it, where there is none. Throws DataError where the vocabulary has none.
void frame_lines(CorpusPart& part, const Vocabulary& vocabulary);

}  // namespace inkling::text
