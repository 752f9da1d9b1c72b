#include "cli/trace_steps.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "generate/completer.h"
#include "generate/model_next_character.h"
#include "generate/prompt.h"
#include "generate/shares.h"
#include "model/stepper.h"
#include "text/segmenter.h"
#include "text/words.h"

namespace inkling::cli {
namespace {

constexpr size_t guesses = 3;
constexpr int64_t word_expansions = 2000;  // per word: a trace should not take minutes

std::string shown(const text::Vocabulary& vocabulary, text::Token token) {
  if (token == vocabulary.end()) return "<end>";
  if (token == vocabulary.unknown()) return "<unk>";
  return std::string(vocabulary.text(token));
}

std::vector<TraceStep::Guess> best_of(const std::vector<double>& p,
                                      const text::Vocabulary& vocabulary) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t kept = std::min(guesses, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](size_t a, size_t b) { return p[a] != p[b] ? p[a] > p[b] : a < b; });
  std::vector<TraceStep::Guess> best;
  for (size_t i = 0; i < kept; ++i) {
    best.push_back({shown(vocabulary, static_cast<text::Token>(order[i])), p[order[i]]});
  }
  return best;
}

size_t hidden_size(const model::LanguageModel& model) {
  return static_cast<size_t>(model.config.network.head_input_size());
}

// Among all tokens for <unk>, else among those that can be written, as a completion's.
double log_probability_of(text::Token token, std::span<const float> logits,
                          const text::Vocabulary& vocabulary) {
  if (token != vocabulary.unknown())
    return generate::log_share(logits, token, vocabulary.unknown());
  std::vector<double> p(logits.size());
  generate::set_shares(logits, p);
  return std::log(p.back());
}

}  // namespace

double TraceStep::hidden_norm() const {
  double squares = 0;
  for (const float h : hidden) squares += static_cast<double>(h) * static_cast<double>(h);
  return std::sqrt(squares);
}

std::vector<TraceStep> trace_characters(const model::LanguageModel& model, std::string_view text,
                                        nn::Precision precision, int threads) {
  const text::Vocabulary& vocabulary = model.vocabulary();
  const std::vector<text::Token> tokens = generate::prompt_tokens(model.tokenizer, text);
  // As they were written; a token may stand for a character that it only resembles.
  std::vector<std::string> inputs;
  const std::string normal = model.tokenizer.normalize(text);
  text::for_each_character(normal, model.tokenizer.options().unit,
                           [&](std::string_view character) { inputs.emplace_back(character); });
  if (inputs.size() < tokens.size())  // by the token with which a text begins
    inputs.insert(inputs.begin(), shown(vocabulary, tokens.front()));

  model::Stepper stepper(model, 1, precision, threads);
  stepper.reset(0);
  std::vector<float> logits(static_cast<size_t>(vocabulary.size()));
  std::vector<double> p(logits.size());
  std::vector<TraceStep> steps;
  for (size_t i = 0; i < tokens.size(); ++i) {
    TraceStep step;
    step.input = i < inputs.size() ? inputs[i] : shown(vocabulary, tokens[i]);
    stepper.read(0, std::span(tokens).subspan(i, 1), logits);
    step.hidden.resize(hidden_size(model));
    stepper.hidden_state(0, step.hidden);
    generate::set_shares(logits, p);
    step.best = best_of(p, vocabulary);
    if (i + 1 < tokens.size()) {
      step.came = i + 1 < inputs.size() ? inputs[i + 1] : shown(vocabulary, tokens[i + 1]);
      step.came_probability = p[static_cast<size_t>(tokens[i + 1])];
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<TraceStep> trace_words(const model::LanguageModel& model, std::string_view text,
                                   nn::Precision precision, int threads) {
  const std::string normal = model.tokenizer.normalize(text);
  text::WordBreaker breaker;
  std::vector<text::Segment> words = breaker.words(normal);
  std::erase_if(words, [](const text::Segment& segment) { return !segment.is_word; });
  const auto piece = [&](int64_t begin, int64_t end) {
    return std::string_view(normal).substr(static_cast<size_t>(begin),
                                           static_cast<size_t>(end - begin));
  };

  generate::ModelNextCharacter next(model, precision, threads);
  generate::Completer completer(next);
  const generate::CompletionOptions wish{.k = 1, .next = true, .max_expansions = word_expansions};
  model::Stepper stepper(model, 1, precision, threads);
  stepper.reset(0);
  std::vector<float> logits(static_cast<size_t>(model.vocabulary().size()));
  std::vector<TraceStep> steps;
  int64_t read_to = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view unread = piece(read_to, words[i].end);
    const std::vector<text::Token> tokens = read_to == 0
                                                ? generate::prompt_tokens(model.tokenizer, unread)
                                                : model.tokenizer.encode(unread).tokens;
    double log_probability = 0;  // of what stands between the words, and the word
    for (const text::Token& token : tokens) {
      if (i > 0) log_probability += log_probability_of(token, logits, model.vocabulary());
      stepper.read(0, {&token, 1}, logits);
    }
    read_to = words[i].end;
    // As that of a completion: of its characters and its end.
    if (i > 0) {
      steps.back().came_probability =
          std::exp(log_probability) * completer.finished(piece(0, read_to), wish);
    }
    TraceStep step;
    step.input = piece(words[i].begin, words[i].end);
    step.hidden.resize(hidden_size(model));
    stepper.hidden_state(0, step.hidden);
    // A space before it need not come.
    const generate::CompletionResult next_word = completer.complete(piece(0, read_to), wish);
    for (const generate::Completion& found : next_word.completions)
      step.best.push_back({found.word, next_word.condition * found.probability()});
    if (i + 1 < words.size()) step.came = piece(words[i + 1].begin, words[i + 1].end);
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace inkling::cli
