// What learning from the first half of a text gains on the second: bits per character, and how
// often the most probable next word is the one that comes.
//
//   learn_bench MODEL FILE [WORDS]      # WORDS: of the second half that are asked for, 1000
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "base/error.h"
#include "generate/completer.h"
#include "generate/model_next_character.h"
#include "model/adaptive_model.h"
#include "model/evaluate.h"
#include "model/model_file.h"
#include "text/utf8.h"
#include "text/words.h"

namespace inkling {
namespace {

struct Accuracy {
  int64_t asked = 0, right = 0;
  double share() const {
    return asked == 0 ? 0 : 100.0 * static_cast<double>(right) / static_cast<double>(asked);
  }
};

// Of the words of `text` that stand behind a space, spread evenly over it.
Accuracy next_words(const model::LanguageModel& model, const std::string& text, size_t most) {
  std::vector<text::Segment> words;
  for (const text::Segment& segment : text::WordBreaker().words(text)) {
    const auto begin = static_cast<size_t>(segment.begin);
    if (segment.is_word && begin > 0 && text[begin - 1] == ' ') words.push_back(segment);
  }
  generate::ModelNextCharacter next(model);
  generate::Completer completer(next);
  Accuracy accuracy;
  const size_t asked = std::min(most, words.size());
  for (size_t i = 0; i < asked; ++i) {
    const text::Segment& word = words[i * words.size() / asked];
    const auto begin = static_cast<size_t>(word.begin);
    const auto found = completer.complete(text.substr(0, begin), {.k = 1, .next = true});
    const std::string came = text.substr(begin, static_cast<size_t>(word.end - word.begin));
    ++accuracy.asked;
    accuracy.right += !found.completions.empty() && found.completions.front().word == came;
  }
  return accuracy;
}

text::CorpusPart part_of(const std::string& text, const text::Tokenizer& tokenizer) {
  return text::make_part({{"text", text, 0}}, tokenizer);
}

void run(const std::string& model_path, const std::string& file, size_t most) {
  const model::LanguageModel trained = model::load_model(model_path);
  const text::Tokenizer& tokenizer = trained.tokenizer;
  const std::string text =
      tokenizer.normalize(text::read_texts({file}, {}, tokenizer.options().unit).front().text);
  size_t half = text.size() / 2;
  while (half < text.size() && text::continues_code_point(text[half])) ++half;
  const std::string second = text.substr(half);
  const text::CorpusPart part = part_of(second, tokenizer);

  model::AdaptiveModel adaptive(trained, {});
  adaptive.read(part_of(text.substr(0, half), tokenizer).text.tokens, true);
  adaptive.begin();
  const model::LanguageModel adapted = adaptive.model();
  nn::LossSum going_on;
  const auto add = [&](int64_t, float nats, double) { going_on += {static_cast<double>(nats), 1}; };
  adaptive.read(part.text.tokens, true, add);
  adaptive.finish(add);
  for (const auto& inexact : part.text.inexact) {
    if (inexact.position > 0) going_on.nats += inexact.nats;
  }

  fmt::print("second half of {}: {} characters\n", file, part.text.tokens.size());
  const auto report = [&](const char* name, const model::LanguageModel& model) {
    const Accuracy accuracy = next_words(model, second, most);
    fmt::print("{:28} {:.4f} bits per character, next word right {:5.1f} % of {}\n", name,
               model::evaluate(model, part).bpc(), accuracy.share(), accuracy.asked);
  };
  report("as trained", trained);
  report("adapted on the first half", adapted);
  fmt::print("{:28} {:.4f} bits per character\n", "and learning on", going_on.bpc());
}

}  // namespace
}  // namespace inkling

int main(int count, char** arguments) {
  if (count < 3) {
    fmt::print(stderr, "usage: learn_bench MODEL FILE [WORDS]\n");
    return 2;
  }
  try {
    inkling::run(arguments[1], arguments[2],
                 count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 1000);
  } catch (const inkling::Error& error) {
    fmt::print(stderr, "learn_bench: {}\n", error.what());
    return 1;
  }
}
