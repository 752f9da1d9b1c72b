#include "generate/gap_filler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "generate/continuations.h"
#include "generate/gap.h"
#include "generate/prompt.h"
#include "generate/recent_text.h"

namespace inkling::generate {
namespace {

Gap only_gap(std::string_view text) {
  const std::vector<Gap> gaps = find_gaps(text);
  if (gaps.empty())
    usage_error("--fill needs a gap in the text: write ___ where a word is missing");
  if (gaps.size() > 1) usage_error("--fill fills one gap, but the text has {}", gaps.size());
  if (gaps.front().end == text.size()) {
    usage_error("the gap is at the text's end: complete it without --fill");
  }
  return gaps.front();
}

}  // namespace

GapFiller::GapFiller(NextCharacter& model)
    : model_(model), completer_(model), slots_(model), left_(model, slots_) {}

FillResult GapFiller::fill(std::string_view text, const CompletionOptions& options) {
  const Gap gap = only_gap(text);
  FillResult result{std::string(text.substr(0, gap.begin)), std::string(text.substr(gap.end))};
  const text::Tokenizer& tokenizer = model_.tokenizer();
  CompletionOptions candidates = options;
  candidates.k = std::max(options.candidates, options.k);
  candidates.words = 1;
  candidates.next = false;
  candidates.begun = true;
  const CompletionResult found = completer_.complete(result.left, candidates);
  result.candidates = static_cast<int64_t>(found.completions.size());
  result.ended_early = !found.proven && result.candidates < candidates.k;

  // The last character before the gap may turn into another, so all are scored from before it.
  const std::string left = tokenizer.normalize(recent_text(result.left));
  const std::vector<text::Token> read = prompt_tokens(tokenizer, left);
  left_.read(read);
  const ReadPoint from = left_.before_last().value_or(left_.end());
  const std::vector<text::Token> left_tokens = tokenizer.encode(left).tokens;
  const size_t before_text = read.size() - left_tokens.size();  // what begins a text
  const size_t known = (read.size() > 1 ? read.size() - 1 : read.size()) - before_text;
  const auto behind = [known](const std::vector<text::Token>& tokens) {
    return Continuation{{tokens.begin() + static_cast<int64_t>(known), tokens.end()}};
  };
  std::vector<Continuation> continuations{behind(left_tokens)};
  for (const Completion& completion : found.completions) {
    const std::string whole =
        std::string(recent_text(result.left)) + completion.insert + result.right;
    continuations.push_back(behind(tokenizer.encode(whole).tokens));
  }
  score(model_, from, continuations);
  const double last = continuations.front().log_probability;
  continuations.erase(continuations.begin());

  double greatest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (const Continuation& c : continuations) greatest = std::max(greatest, c.log_probability);
  for (const Continuation& c : continuations) sum += std::exp(c.log_probability - greatest);
  for (size_t i = 0; i < continuations.size(); ++i) {
    const double nats = continuations[i].log_probability;
    result.fillings.push_back({found.completions[i].word, found.completions[i].insert, nats - last,
                               std::exp(nats - greatest) / sum});
  }
  std::stable_sort(result.fillings.begin(), result.fillings.end(),
                   [](const Filling& a, const Filling& b) { return a.share > b.share; });
  const auto k = std::min(static_cast<size_t>(options.k), result.fillings.size());
  result.fillings.resize(k);
  return result;
}

}  // namespace inkling::generate
