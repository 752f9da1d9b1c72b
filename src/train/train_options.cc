#include "train/train_options.h"

#include <charconv>
#include <cmath>

namespace inkling::train {

double parse_duration(std::string_view text) {
  if (text.empty()) return 0;
  double total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), value, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(value) || value < 0)
      usage_error("--time '{}' is no duration; write 90s, 5m, 1h or 1h30m", text);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    double unit = 1;
    if (!rest.empty()) {
      if (rest[0] == 's')
        unit = 1;
      else if (rest[0] == 'm')
        unit = 60;
      else if (rest[0] == 'h')
        unit = 3600;
      else
        usage_error("--time '{}' is no duration; write 90s, 5m, 1h or 1h30m", text);
      rest.remove_prefix(1);
    }
    total += value * unit;
  }
  if (total <= 0) usage_error("--time '{}' leaves no time to train", text);
  if (total > 1e9) usage_error("--time '{}' is more than thirty years", text);
  return total;
}

text::CorpusOptions TrainOptions::corpus_options() const {
  text::CorpusOptions corpus;
  corpus.text = {unit, normalize, line_ends, documents};
  corpus.read = {encoding, invalid};
  corpus.min_count = min_count;
  corpus.max_vocab = max_vocab;
  std::string_view rest = split;
  double sum = 0;
  for (size_t i = 0; i < 3; ++i) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    const bool last = i == 2;
    if (error != std::errc() || end != part.data() + part.size() || !(value >= 0) ||
        (slash == std::string_view::npos) != last) {
      usage_error("--split '{}' must be three shares like 90/10/0", split);
    }
    corpus.split[i] = value / 100;
    sum += value;
    rest.remove_prefix(last ? rest.size() : slash + 1);
  }
  if (std::abs(sum - 100) > 1e-9) usage_error("--split '{}' adds up to {}, not to 100", split, sum);
  return corpus;
}

void TrainOptions::validate() const {
  if (corpus_options().split[0] <= 0) usage_error("--split '{}' leaves nothing to train on", split);
  const int lengths = (epochs > 0) + (steps > 0) + !time.empty();
  if (lengths > 1) usage_error("--epochs, --steps and --time exclude each other: give one");
  parse_duration(time);
  if (num_layers * stacks > limits::layers) {
    usage_error(
        "--num-layers {} times --stacks {} are more than the {} layers that a model may have",
        num_layers, stacks, limits::layers);
  }
  if (activation == nn::Activation::relu && cell != nn::CellKind::rnn) {
    usage_error("--activation relu goes with --cell rnn; the {} cell has its own", name_of(cell));
  }
}

}  // namespace inkling::train
