#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/character_index.h"
#include "text/text_options.h"

namespace inkling::text {

// Texts cut into parts before there is a vocabulary: each distinct character has a number, in the
// order of first sight.
class CorpusDraft {
 public:
  static constexpr int32_t document_end = -1;  // among the numbers: an end token

  struct Part {
    std::vector<int32_t> characters;
    int64_t documents = 0;
    int64_t bytes = 0;  // of the normalised text, with what separates documents; what joins the
                        // texts is not counted
  };

  // split: shares of train, validation, test. options.documents says whether texts are documents.
  // join: a line feed goes between two running texts in a part where the first does not end in one.
  CorpusDraft(const TextOptions& options, const std::array<double, 3>& split, bool join);

  // The texts to come are cut by these shares.
  void set_split(const std::array<double, 3>& split);
  // Adds one source's text, normalised.
  void add(std::string_view text);
  // After the last text. The draft is then complete.
  void finish();

  std::array<Part, 3>& parts() { return parts_; }
  // What the numbers stand for.
  const std::vector<std::string>& characters() const { return characters_; }

 private:
  int32_t number_of(std::string_view character);
  void read(std::string_view text);
  std::array<size_t, 3> cuts() const;
  void cut_running_text(int64_t bytes);
  void deal_documents();
  size_t part_for(size_t characters);
  // Returns the bytes that were put between them and what was there: a line feed, or nothing.
  int64_t append(Part& part, size_t begin, size_t end);

  const TextOptions options_;
  std::array<double, 3> split_;
  const bool join_;
  CharacterIndex index_;
  std::vector<std::string> characters_;
  std::array<Part, 3> parts_;
  std::vector<int32_t> pending_;       // read, not cut yet
  std::vector<size_t> document_ends_;  // in pending_
  std::array<double, 3> dealt_{};      // characters of documents, to each part
};

}  // namespace inkling::text
