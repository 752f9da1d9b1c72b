#include "generate/outlet.h"

#include <algorithm>

#include "generate/escapes.h"
#include "text/utf8.h"

namespace inkling::generate {
namespace {

BoundaryLimit boundary_limit(const GenerateOptions& options, std::string_view prompt) {
  using Kind = BoundaryLimit::Kind;
  if (options.sentences > 0) return {Kind::sentences, options.sentences, prompt};
  if (options.words > 0) return {Kind::words, options.words, prompt};
  return {Kind::none, 0, prompt};
}

// As the model writes them.
std::vector<std::string> normalised(const std::vector<std::string>& stops,
                                    const text::Tokenizer& tokenizer) {
  std::vector<std::string> result;
  result.reserve(stops.size());
  for (const std::string& stop : stops)
    result.push_back(tokenizer.normalize(resolve_escapes(stop)));
  return result;
}

}  // namespace

Outlet::Outlet(const GenerateOptions& options, std::string_view prompt,
               const text::Tokenizer& tokenizer)
    : boundary_ending_(options.words > 0 ? Ending::words : Ending::sentences),
      begun_(prompt.substr(text::without_begun_code_point(prompt))),
      prompts_own_(begun_),
      output_(tokenizer.options().unit),
      boundary_(boundary_limit(options, prompt.substr(0, prompt.size() - begun_.size()))),
      stop_(normalised(options.stop, tokenizer)) {}

// Bytes that are no text become a replacement of other length, so tokens are counted by where the
// code point ends that they are part of.
void Outlet::place_begun() {
  auto token = begun_tokens_.begin();
  std::string shown;
  for (size_t at = 0; at < begun_.size();) {
    text::append_code_point(shown, text::next_code_point(begun_, at));
    for (; token != begun_tokens_.end() && *token <= at; ++token)
      tokens_held_.push_back(bytes_placed_ + static_cast<int64_t>(shown.size()));
  }
  bytes_placed_ += static_cast<int64_t>(shown.size());
  begun_tokens_.clear();
}

std::string Outlet::counted(std::string text) {
  bytes_written_ += static_cast<int64_t>(text.size());
  const auto held = std::upper_bound(tokens_held_.begin(), tokens_held_.end(), bytes_written_);
  tokens_written_ += held - tokens_held_.begin();
  tokens_held_.erase(tokens_held_.begin(), held);
  if (text.empty() || prompts_own_.empty()) return text;
  // Where they have turned out to be no text, a replacement stands for them.
  const bool whole = text.starts_with(prompts_own_);
  text.erase(0, whole ? prompts_own_.size() : std::string_view("\uFFFD").size());
  prompts_own_.clear();
  return text;
}

std::string Outlet::add(std::string_view bytes) {
  begun_ += bytes;
  begun_tokens_.push_back(begun_.size());
  if (text::without_begun_code_point(begun_) < begun_.size()) return {};
  place_begun();
  std::string shown = stop_.add(boundary_.add(output_.add(begun_)));
  begun_.clear();
  if (boundary_.reached()) shown += stop_.finish();
  return counted(std::move(shown));
}

std::string Outlet::finish() {
  if (stop_.found() || boundary_.reached()) return {};
  std::string shown = stop_.add(boundary_.add(output_.finish()));
  shown += stop_.add(boundary_.finish());
  if (!stop_.found()) shown += stop_.finish();
  return counted(std::move(shown));
}

std::optional<Ending> Outlet::ending() const {
  if (stop_.found()) return Ending::stop;
  if (boundary_.reached()) return boundary_ending_;
  return std::nullopt;
}

}  // namespace inkling::generate
