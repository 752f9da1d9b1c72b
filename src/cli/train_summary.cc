#include "cli/train_summary.h"

#include <algorithm>
#include <cctype>

#include "cli/layout.h"
#include "cli/visible_text.h"

namespace inkling::cli {
namespace {

constexpr int label_width = 12;
constexpr int64_t short_text = 20000;
// A vocabulary of so many characters is worth a word about those that hardly occur.
constexpr int64_t large_vocabulary = 500, hardly = 5;

std::string plural(int64_t count, std::string_view one) {
  return fmt::format("{} {}{}", grouped(count), one, count == 1 ? "" : "s");
}

int64_t characters(const text::CorpusPart& part) {
  return static_cast<int64_t>(part.text.tokens.size());
}

std::string corpus_text(const text::Corpus& corpus) {
  const int64_t total =
      characters(corpus.train) + characters(corpus.validation) + characters(corpus.test);
  std::string text = fmt::format("{}, {}, {}", plural(corpus.files, "file"),
                                 byte_size(corpus.bytes), plural(total, "character"));
  if (corpus.replaced > 0)
    text += fmt::format("; {} replaced by U+FFFD", plural(corpus.replaced, "ill-formed sequence"));
  return text;
}

std::string split_text(const text::Corpus& corpus) {
  std::string text =
      fmt::format("train {}, validation {}, test {}", grouped(characters(corpus.train)),
                  grouped(characters(corpus.validation)), grouped(characters(corpus.test)));
  if (corpus.train.documents > 0)
    text += fmt::format("; {} to train on", plural(corpus.train.documents, "document"));
  return text;
}

std::string vocabulary_text(const text::Vocabulary& vocabulary) {
  const auto& entries = vocabulary.entries();
  const auto absent = std::count_if(entries.begin(), entries.end(),
                                    [](const auto& entry) { return entry.count == 0; });
  std::string text = plural(vocabulary.characters(), "distinct character");
  if (absent > 0) {
    text += fmt::format(
        "; {} of them only the other model knows, not this text (--vocab text "
        "leaves them out)",
        grouped(absent));
  }
  return text;
}

std::string rare_text(const text::Corpus& corpus) {
  constexpr size_t shown = 8;
  std::string text = fmt::format("{} of the training part left out:",
                                 plural(static_cast<int64_t>(corpus.rare.size()), "character"));
  for (size_t i = 0; i < std::min(shown, corpus.rare.size()); ++i) {
    text += fmt::format(" {} ({})", visible_character(corpus.rare[i].character, true),
                        grouped(corpus.rare[i].count));
  }
  return text + (corpus.rare.size() > shown ? " ..." : "");
}

// "" where there is nothing to say.
std::string hardly_text(const text::Vocabulary& vocabulary) {
  const auto& entries = vocabulary.entries();
  const auto few = std::count_if(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.count > 0 && entry.count < hardly;
  });
  if (vocabulary.characters() < large_vocabulary || 2 * few < vocabulary.characters()) return "";
  return fmt::format(
      "{} of the {} characters occur fewer than {} times; --min-count {} leaves them out, and a "
      "smaller vocabulary trains faster",
      grouped(few), grouped(vocabulary.characters()), hardly, hardly);
}

std::string network_text(const train::TrainPlan& plan, const train::TrainOptions& options) {
  const nn::NetworkSpec& network = plan.config.network;
  std::string text = fmt::format("{}, {}, {}", name_of(network.cell), network.size_text(),
                                 network.embedding_size == 0
                                     ? "one-hot input"
                                     : fmt::format("embedding of {}", network.embedding_size));
  if (network.layer_norm) text += ", layer normalisation";
  if (options.dropout > 0) text += fmt::format(", dropout {}", options.dropout);
  if (plan.config.shape == model::Shape::many_to_one) {
    text +=
        fmt::format(", {} with a context of {}", name_of(plan.config.shape), plan.config.context);
  }
  return text + fmt::format("; {}", plural(plan.parameters, "parameter"));
}

std::string training_text(const train::TrainPlan& plan, const train::TrainOptions& options) {
  std::string length(options.time.empty() ? train::default_time : options.time);
  if (std::isdigit(static_cast<unsigned char>(length.back())) != 0) length += "s";
  if (options.steps > 0) length = plural(options.steps, "step");
  if (options.epochs > 0) length = fmt::format("{} epochs", options.epochs);
  return fmt::format("{}, learning rate {} ({}), batch {}, bptt {}, {} in an epoch, for {}",
                     name_of(options.optimizer), options.learning_rate, name_of(options.schedule),
                     plan.batch_size, plan.bptt, plural(plan.steps_per_epoch, "step"), length);
}

}  // namespace

std::string train_summary(const text::Corpus& corpus, const train::TrainOptions& options,
                          const std::vector<std::string>& chosen, const train::TrainPlan& plan,
                          int width) {
  std::string summary;
  const auto row = [&](std::string_view label, const std::string& value) {
    summary += pad(label, label_width) + wrap(value, width, label_width) + "\n";
  };
  row("corpus", corpus_text(corpus));
  row("split", split_text(corpus));
  row("vocabulary", vocabulary_text(corpus.tokenizer.vocabulary()));
  if (!corpus.rare.empty()) row("rare", rare_text(corpus));
  const auto unseen = static_cast<int64_t>(corpus.validation.text.inexact.size());
  if (unseen > 0)
    row("unseen", fmt::format("{} of the validation part not in the vocabulary",
                              plural(unseen, "character")));
  for (const std::string& sentence : chosen) row("chosen", sentence);
  row("network", network_text(plan, options));
  row("training", training_text(plan, options));
  row("machine", fmt::format("{}, {}, {}; {} of memory, of {} free", plural(plan.threads, "thread"),
                             name_of(plan.precision), plan.instruction_set,
                             byte_size(plan.memory_bytes), byte_size(plan.available_bytes)));
  if (plan.begun_anew && characters(corpus.train) < short_text) {
    row("note", fmt::format("of less than {} characters a model learns few words; give it more "
                            "text, or let it begin with another model (--init-from)",
                            grouped(short_text)));
  }
  const std::string hardly_there = hardly_text(corpus.tokenizer.vocabulary());
  if (plan.begun_anew && options.min_count == 1 && !hardly_there.empty()) row("note", hardly_there);
  for (const std::string& notice : plan.notices) row("note", notice);
  return summary;
}

}  // namespace inkling::cli
