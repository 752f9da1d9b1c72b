#include "model/ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "model/json_fields.h"

namespace inkling::model {
namespace {

// The first character that only one of them has; "" = none.
std::string odd_character(const text::Vocabulary& one, const text::Vocabulary& other) {
  for (const text::Vocabulary::Entry& entry : one.entries()) {
    if (!other.find(entry.character)) return entry.character;
  }
  return "";
}

// What the other does not share; "" = nothing: their tokens are the same.
std::string difference(const text::Tokenizer& one, const text::Tokenizer& other) {
  const text::TextOptions a = one.options(), b = other.options();
  if (a.unit != b.unit)
    return fmt::format("the unit {} and not {}", name_of(b.unit), name_of(a.unit));
  if (a.normalize != b.normalize || a.line_ends != b.line_ends)
    return "another normalisation or other line ends";
  if (one.vocabulary().has_end() != other.vocabulary().has_end())
    return "an end of documents where the other has none, or none where it has one";
  const std::string lacks = odd_character(one.vocabulary(), other.vocabulary()),
                    adds = odd_character(other.vocabulary(), one.vocabulary());
  if (!lacks.empty()) return fmt::format("no character {}", printable(lacks));
  if (!adds.empty()) return fmt::format("a character {} that the other has not", printable(adds));
  const auto order = [](const text::Vocabulary::Entry& x, const text::Vocabulary::Entry& y) {
    return x.character == y.character;
  };
  const auto &first = one.vocabulary().entries(), &second = other.vocabulary().entries();
  if (!std::equal(first.begin(), first.end(), second.begin(), second.end(), order))
    return "its characters in another order";
  return "";
}

}  // namespace

void require_same_characters(std::span<const LanguageModel> models,
                             std::span<const std::string> names) {
  for (size_t i = 1; i < models.size(); ++i) {
    const std::string differs = difference(models.front().tokenizer, models[i].tokenizer);
    if (differs.empty()) continue;
    data_error(
        "an ensemble needs models of the same characters: beside {}, {} has {}; train them on the "
        "same corpus",
        names.front(), names[i], differs);
  }
}

nn::LossSum evaluate_ensemble(std::span<const LanguageModel> models, const text::CorpusPart& part,
                              const EvaluateOptions& options, const ScoreFn& score,
                              ProbabilityCheck* check) {
  if (models.size() == 1) return evaluate(models.front(), part, options, score, check);
  constexpr double none = -std::numeric_limits<double>::infinity();
  std::vector<double> log_sum(part.text.tokens.size(), none);  // of the models' probabilities
  EvaluateOptions each = options;
  int64_t scored_before = 0;
  if (options.scored) each.scored = [&](int64_t scored) { options.scored(scored_before + scored); };
  for (const LanguageModel& model : models) {
    const auto add = [&](int64_t position, text::Token, double nats) {
      double& sum = log_sum[static_cast<size_t>(position)];
      const double larger = std::max(sum, -nats), smaller = std::min(sum, -nats);
      sum = larger + std::log1p(std::exp(smaller - larger));
    };
    scored_before += evaluate(model, part, each, add, check).count;
  }
  if (check) check->positions /= static_cast<int64_t>(models.size());
  nn::LossSum loss;
  const double log_count = std::log(static_cast<double>(models.size()));
  for (size_t p = 0; p < log_sum.size(); ++p) {
    if (log_sum[p] == none) continue;
    const double nats = log_count - log_sum[p];
    loss += {nats, 1};
    if (score) score(static_cast<int64_t>(p), part.text.tokens[p], nats);
  }
  return loss;
}

}  // namespace inkling::model
