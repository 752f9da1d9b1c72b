#include "cli/text_scores.h"

#include <cmath>
#include <limits>

namespace inkling::cli {

TextScores::TextScores(const text::CorpusPart& part, const text::Vocabulary& vocabulary)
    : part_(part),
      vocabulary_(vocabulary),
      nats_(part.text.tokens.size(), std::numeric_limits<double>::quiet_NaN()) {}

std::string TextScores::shown(text::Token token) const {
  if (token == vocabulary_.unknown()) return "<unk>";
  if (token == vocabulary_.end()) return "<end>";
  return std::string(vocabulary_.text(token));
}

std::vector<TextScores::Line> TextScores::lines() const {
  std::vector<Line> lines;
  Line line{.number = 1, .nats = 0, .characters = 0, .text = ""};
  const auto close = [&] {
    if (!line.text.empty() && line.characters > 0) lines.push_back(line);
    line = {.number = line.number + 1, .nats = 0, .characters = 0, .text = ""};
  };
  const std::vector<text::Token>& tokens = part_.text.tokens;
  for (size_t i = 0; i < tokens.size(); ++i) {
    // What the text begins behind ends nothing.
    if (i == 0 && part_.begins_anew) continue;
    if (!std::isnan(nats_[i])) {
      line.nats += nats_[i];
      ++line.characters;
    }
    if (vocabulary_.ends_line(tokens[i])) {
      close();
    } else {
      line.text += tokens[i] == vocabulary_.unknown() ? "\uFFFD" : shown(tokens[i]);
    }
  }
  close();
  return lines;
}

}  // namespace inkling::cli
