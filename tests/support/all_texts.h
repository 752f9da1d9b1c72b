#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "generate/next_character.h"
#include "generate/prompt.h"

namespace inkling::testing {

// The probability of every text that is `length` characters longer than `prompt` (or ends before),
// by asking the model for all.
using Texts = std::map<std::string, double>;
inline Texts all_texts(generate::NextCharacter& model, const std::string& prompt, size_t length) {
  const text::Vocabulary& vocabulary = model.vocabulary();
  const auto vocab_size = static_cast<size_t>(vocabulary.size());
  model.resize(std::max<int64_t>(model.slots(), static_cast<int64_t>(length) + 2));
  Texts texts;
  const std::function<void(int64_t, const std::string&, double, const std::vector<float>&)> visit =
      [&](int64_t depth, const std::string& text, double p, const std::vector<float>& logits) {
        if (p == 0) return;
        if (depth == static_cast<int64_t>(length)) {
          texts[text] += p;
          return;
        }
        double sum = 0;
        for (size_t i = 0; i + 1 < vocab_size; ++i) sum += std::exp(double{logits[i]});
        for (text::Token token = 0; token < vocabulary.unknown(); ++token) {
          const double share = std::exp(double{logits[static_cast<size_t>(token)]}) / sum;
          if (!vocabulary.is_character(token)) {
            texts[text + '\0'] += p * share;  // U+0000 stands for the end: never part of a word
            continue;
          }
          const int64_t slot = depth + 1;
          model.copy(depth, slot);
          std::vector<float> next(vocab_size);
          model.step({&slot, 1}, {&token, 1}, next);
          visit(depth + 1, text + std::string(vocabulary.text(token)), p * share, next);
        }
      };
  std::vector<float> logits(vocab_size);
  model.reset(0);
  model.read(0, generate::prompt_tokens(model.tokenizer(), prompt), logits);
  visit(0, prompt, 1.0, logits);
  return texts;
}

}  // namespace inkling::testing
