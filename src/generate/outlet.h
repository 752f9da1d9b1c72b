#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generate/boundary_limit.h"
#include "generate/generate_options.h"
#include "generate/stop_text.h"
#include "generate/written.h"
#include "text/output_text.h"
#include "text/tokenizer.h"

namespace inkling::generate {

// What a model draws, on its way to the reader: whole clusters, up to a boundary, up to a stop
// text. A copy goes on by itself.
class Outlet {
 public:
  // prompt: normalised. Where it ends in half a code point (Unit::byte), what is returned first is
  // the rest of that.
  Outlet(const GenerateOptions& options, std::string_view prompt, const text::Tokenizer& tokenizer);

  // Adds a token's bytes; returns what may be written now.
  std::string add(std::string_view bytes);
  // No more is drawn: what is left to write. A begun code point stays out.
  std::string finish();

  // Whether the text has ended by what was added.
  std::optional<Ending> ending() const;
  // How many of the tokens added are in what was returned.
  int64_t tokens_written() const { return tokens_written_; }

 private:
  void place_begun();
  std::string counted(std::string text);

  Ending boundary_ending_;
  std::string begun_;                 // a code point of which bytes are missing
  std::vector<size_t> begun_tokens_;  // where the tokens in it end
  std::string prompts_own_;           // bytes of the prompt before the first that is returned
  text::OutputText output_;
  BoundaryLimit boundary_;
  StopText stop_;
  int64_t bytes_placed_ = 0;          // of text that has begun on its way
  int64_t bytes_written_ = 0;         // of it
  std::vector<int64_t> tokens_held_;  // where in it the tokens end that are not yet written
  int64_t tokens_written_ = 0;
};

}  // namespace inkling::generate
