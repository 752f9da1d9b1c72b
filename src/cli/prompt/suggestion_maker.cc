#include "cli/prompt/suggestion_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "generate/prompt.h"
#include "generate/shares.h"
#include "text/caret.h"
#include "text/display_width.h"
#include "text/output_text.h"
#include "text/utf8.h"
#include "text/word_class.h"

namespace inkling::cli {
namespace {

constexpr int64_t most_columns = 56;
// Of the model: enough to fill the columns in any script, be it byte by byte.
constexpr int64_t most_steps = 8 * most_columns;
constexpr int most_feeds = 2;
constexpr size_t sentence_context = 200;  // bytes before the continuation
// A continuation less probable than this, behind its first word, is a guess.
constexpr double least_probability = 2e-3;
// The first answer must come before a person waits for it; a second and third look may take their
// time.
constexpr std::array<int64_t, 3> time_limits_ms{30, 400, 4000};

text::Token most_probable(std::span<const float> logits, const text::Vocabulary& vocabulary) {
  const auto end = logits.begin() + vocabulary.unknown();  // <unk> is the last token
  return static_cast<text::Token>(std::max_element(logits.begin(), end) - logits.begin());
}

std::string_view first_cluster(std::string_view text) {
  return text.substr(0, text::next_cluster(text, 0));
}

std::string without_blanks(std::string_view text) {
  return std::string(text.substr(std::min(text.find_first_not_of(' '), text.size())));
}

// The longest of what would be inserted that the continuation begins with; "" = none.
const std::string& longest_begin(const std::string& continuation,
                                 const std::vector<generate::Completion>& words) {
  static const std::string none;
  const std::string* longest = &none;
  for (const generate::Completion& word : words) {
    if (word.insert.size() > longest->size() && continuation.starts_with(word.insert))
      longest = &word.insert;
  }
  return *longest;
}

// Punctuation: no letter, nothing that belongs to one, no blank.
bool begins_with_mark(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.front() == '\t') return false;
  size_t at = 0;
  switch (text::word_class(text::next_code_point(text, at))) {
    case text::WordClass::other:
    case text::WordClass::mid_letter:
    case text::WordClass::mid_number:
    case text::WordClass::mid_both:
    case text::WordClass::single_quote:
    case text::WordClass::double_quote:
      return true;
    default:
      return false;
  }
}

// Of a search that was ended early: words that others, not looked at to their end, would displace
// if they had but an equal share of what is open.
void leave_out_doubtful(generate::CompletionResult& result, int64_t shown) {
  const double least = result.open_mass / static_cast<double>(shown);
  std::erase_if(result.completions,
                [&](const generate::Completion& word) { return word.probability() < least; });
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t") == text.npos; }

// The index of that continuation in the advice, to which it is added where it is not known; -1 for
// an empty one.
int index_of(edit::Advice& advice, const edit::Continuation& continuation) {
  if (continuation.text.empty()) return -1;
  auto& known = advice.continuations;
  const auto same = std::find_if(known.begin(), known.end(), [&](const auto& other) {
    return other.text == continuation.text;
  });
  const auto index = static_cast<int>(same - known.begin());
  if (same == known.end()) known.push_back(continuation);
  return index;
}

}  // namespace

std::string short_percent(double probability) {
  const double percent = probability * 100;
  if (percent >= 9.95) return fmt::format("{:.0f} %", percent);
  if (percent >= 0.1) return fmt::format("{:.1f} %", percent);
  return "<0.1 %";
}

SuggestionMaker::SuggestionMaker(generate::NextCharacter& model, generate::ReadText& text)
    : model_(model),
      text_(text),
      completer_(model),
      logits_(static_cast<size_t>(model.vocabulary().size())) {}

// The continuation of context that begins with `begun`.
std::string SuggestionMaker::go_on(const std::string& context, const std::string& begun) {
  const text::Tokenizer& tokenizer = model_.tokenizer();
  text::OutputText output(tokenizer.options().unit);
  std::string continuation = begun;
  text_.read(generate::prompt_tokens(tokenizer, context, begun));
  const auto [read, next] = text_.end();
  model_.copy(read, 0);
  std::copy(next.begin(), next.end(), logits_.begin());
  const auto is_first_word = [&] {
    return text::next_word_end(continuation, 0) == continuation.size();
  };
  double log_probability = 0;  // of what stands behind it
  // One character more than is shown tells whether the last word is whole.
  bool whole = false;
  int64_t steps = 0;
  for (; text::display_width(continuation) <= most_columns &&
         log_probability >= std::log(least_probability);
       ++steps) {
    // Tabs, say, or joiners: what takes no columns would never come to an end.
    if (steps == most_steps) return cut(context, begun, true);
    const text::Token token = most_probable(logits_, tokenizer.vocabulary());
    whole = !tokenizer.vocabulary().is_character(token);
    if (whole) break;
    const double log_share = generate::log_share(logits_, token, tokenizer.vocabulary().unknown());
    if (steps == 0) first_share_ = std::exp(log_share);
    log_probability = is_first_word() ? 0 : log_probability + log_share;
    continuation += output.add(tokenizer.vocabulary().text(token));
    whole = continuation.find('\n') != std::string::npos;
    if (whole) break;
    const int64_t slot = 0;
    model_.step({&slot, 1}, {&token, 1}, logits_);
  }
  continuation += output.finish();
  return cut(context, std::move(continuation), whole);
}

// Less what is behind its line or its sentence, and its last word where that may not be whole.
std::string SuggestionMaker::cut(const std::string& context, std::string continuation, bool whole) {
  if (const size_t feed = continuation.find('\n'); feed != std::string::npos) {
    continuation.resize(feed);
  } else if (!whole) {
    const size_t begin = text::previous_word_begin(continuation, continuation.size());
    if (!is_blank(continuation.substr(0, begin))) continuation.resize(begin);
  }
  const size_t from =
      text::cluster_boundary(context, context.size() - std::min(context.size(), sentence_context));
  const std::string tail = context.substr(from);
  const size_t first_word = tail.size() + text::next_word_end(continuation, 0);
  for (const text::Segment& sentence : breaker_.sentences(tail + continuation)) {
    const auto end = static_cast<size_t>(sentence.end);
    if (end < first_word) continue;
    continuation.resize(end - tail.size());
    break;
  }
  continuation.erase(continuation.find_last_not_of(' ') + 1);
  return continuation;
}

void SuggestionMaker::make(const SuggestionRequest& request,
                           const std::function<void(edit::Advice)>& offer) {
  std::string context = request.context;
  bool straight = request.empty_line;
  std::string own = go_on(context, "");
  double share = first_share_;
  // The model would begin a new line, perhaps below an empty one, and so does what is typed.
  for (int feeds = 0; feeds < most_feeds && request.empty_line && own.empty(); ++feeds) {
    context += '\n';
    straight = false;
    own = go_on(context, "");
    share = first_share_;
  }
  for (const int64_t limit : time_limits_ms) {
    generate::CompletionResult words =
        completer_.complete(context, {.k = request.words, .time_limit_ms = limit});
    if (!words.proven) leave_out_doubtful(words, request.words);
    edit::Advice advice = advise(context, straight, {own, share}, words, request.greedy);
    advice.complete = words.proven || limit == time_limits_ms.back();
    if (!request.chances) advice.chances.clear();
    const bool complete = advice.complete;
    offer(std::move(advice));
    if (complete) return;
  }
}

edit::Advice SuggestionMaker::advise(const std::string& context, bool straight,
                                     const Own& model_own, const generate::CompletionResult& words,
                                     bool greedy) {
  const std::string& own = model_own.text;
  edit::Advice advice;
  const auto& completions = words.completions;
  const bool ends =
      own.empty() && !completions.empty() && words.no_word > completions.front().probability();
  if (ends) advice.chances.push_back({"<end>", short_percent(words.condition * words.no_word)});
  const bool leads_to_word = std::any_of(completions.begin(), completions.end(), [&](auto& word) {
    return !word.insert.empty() && first_cluster(word.insert) == first_cluster(own);
  });
  // Of the words that it begins with, the longest is the one with which it goes on.
  const std::string& own_word = longest_begin(own, completions);
  if (!leads_to_word || greedy)
    index_of(advice, {.text = own, .straight = straight, .first_word = own_word.size()});
  // What ends the word, or a sentence, stands among the words.
  if (!leads_to_word && begins_with_mark(own))
    advice.chances.push_back({std::string(first_cluster(own)), short_percent(model_own.share), 0});
  for (const generate::Completion& word : completions) {
    if (word.insert.find('\n') != std::string::npos) continue;
    std::string continuation =
        word.insert.empty() || word.insert == own_word ? own : go_on(context, word.insert);
    // The word alone, where the model would rather make a longer one of it.
    if (longest_begin(continuation, completions).size() > word.insert.size() &&
        !word.insert.empty())
      continuation = word.insert;
    // A word that is complete as it stands is followed by the model's own choice, if that ends it.
    const bool begins_it = !word.insert.empty() || !leads_to_word;
    const int index = begins_it && !ends ? index_of(advice, {.text = continuation,
                                                             .straight = straight,
                                                             .first_word = word.insert.size()})
                                         : -1;
    // A next word is shown with the quotation mark, say, that would come before it.
    // A space before it need not come.
    advice.chances.push_back({words.begun.empty() ? without_blanks(word.insert) : word.word,
                              short_percent(words.condition * word.probability()), index});
  }
  return advice;
}

}  // namespace inkling::cli
