#include "text/corpus.h"

#include <algorithm>
#include <cmath>

#include "base/checksum.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/option.h"
#include "text/corpus_draft.h"
#include "text/folding.h"
#include "text/normalizer.h"

namespace inkling::text {
namespace {

void check_split(const std::array<double, 3>& split) {
  const double sum = split[0] + split[1] + split[2];
  if (std::any_of(split.begin(), split.end(), [](double share) { return !(share >= 0); }) ||
      std::abs(sum - 1) > 1e-6) {
    usage_error("--split: {:g}, {:g} and {:g} are not three shares that add up to 1", split[0],
                split[1], split[2]);
  }
}

// Characters of a part by number, with how often they occur.
std::vector<Vocabulary::Entry> count_characters(const CorpusDraft::Part& part,
                                                const std::vector<std::string>& characters) {
  std::vector<int64_t> counts(characters.size());
  for (const int32_t number : part.characters) {
    if (number >= 0) ++counts[static_cast<size_t>(number)];
  }
  std::vector<Vocabulary::Entry> counted;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) counted.push_back({characters[i], counts[i]});
  }
  return counted;
}

// Numbers of a draft to tokens of a vocabulary.
class Translation {
 public:
  Translation(const std::vector<std::string>& characters, const Vocabulary& vocabulary, Unit unit)
      : characters_(characters), vocabulary_(vocabulary) {
    Folder folder(vocabulary, unit);
    for (const std::string& character : characters) {
      const auto known = vocabulary.find(character);
      tokens_.push_back(known ? *known : folder.fold(character));
      nats_.push_back(known ? 0 : spelling_nats(character, unit));
    }
  }

  CorpusPart apply(CorpusDraft::Part part) const {
    CorpusPart result;
    result.documents = part.documents;
    result.text.bytes = part.bytes;
    result.begins_anew = part.documents > 0;
    if (!result.begins_anew && !part.characters.empty())
      result.first_bytes = std::ssize(characters_[static_cast<size_t>(part.characters.front())]);
    result.text.tokens = std::move(part.characters);
    for (size_t i = 0; i < result.text.tokens.size(); ++i) {
      Token& token = result.text.tokens[i];
      if (token == CorpusDraft::document_end) {
        token = vocabulary_.end();
        continue;
      }
      const auto number = static_cast<size_t>(token);
      if (nats_[number] > 0)
        result.text.inexact.push_back({static_cast<int64_t>(i), nats_[number]});
      token = tokens_[number];
    }
    return result;
  }

 private:
  const std::vector<std::string>& characters_;
  const Vocabulary& vocabulary_;
  std::vector<Token> tokens_;
  std::vector<double> nats_;  // 0 = known
};

// A model whose vocabulary has no end token can only read running text.
TextOptions readable_options(const Tokenizer& tokenizer) {
  TextOptions options = tokenizer.options();
  if (!tokenizer.vocabulary().has_end()) options.documents = Documents::none;
  return options;
}

bool may_join(const Tokenizer* tokenizer) {
  return !tokenizer || tokenizer->vocabulary().find("\n");
}

void require_training_text(const CorpusDraft::Part& train, bool documents, size_t characters) {
  if (!train.characters.empty()) return;
  if (characters == 0) {
    data_error("the corpus holds no {}; give a text with something in it",
               documents ? "document that is not empty" : "text");
  }
  data_error(
      "the corpus is too short: its training part is empty; give a longer text or a larger "
      "training share (--split)");
}

}  // namespace

Corpus make_corpus(const std::vector<SourceText>& sources, const CorpusOptions& options,
                   const Tokenizer* tokenizer, const std::vector<SourceText>& validation_texts) {
  check_split(options.split);
  const TextOptions text_options = tokenizer ? readable_options(*tokenizer) : options.text;
  const bool documents = text_options.documents != Documents::none;
  Corpus corpus;
  CorpusDraft draft(text_options, options.split, may_join(tokenizer));
  Checksum checksum;
  checksum.add(fmt::format("{} {} {} {} {:.17g} {:.17g} {:.17g}\n", name_of(text_options.unit),
                           name_of(text_options.normalize), name_of(text_options.line_ends),
                           name_of(text_options.documents), options.split[0], options.split[1],
                           options.split[2]));
  const auto add = [&](const std::vector<SourceText>& texts) {
    for (const SourceText& source : texts) {
      std::string storage;
      const std::string_view normal = normalize(source.text, text_options, storage);
      checksum.add(fmt::format("{}\n", normal.size())).add(normal);
      draft.add(normal);
      ++corpus.files;
      corpus.bytes += static_cast<int64_t>(source.text.size());
      corpus.replaced += source.replaced;
    }
  };
  add(sources);
  if (documents) checksum.add("dealt out\n");
  if (!validation_texts.empty()) {
    checksum.add("validation\n");
    draft.set_split({0, 1, 0});
    add(validation_texts);
  }
  draft.finish();
  corpus.fingerprint = checksum.value();

  auto& [train, validation, test] = draft.parts();
  if (!tokenizer) require_training_text(train, documents, draft.characters().size());
  std::vector<Vocabulary::Entry> counted = count_characters(train, draft.characters());
  if (tokenizer) {
    corpus.tokenizer = *tokenizer;
  } else {
    corpus.tokenizer =
        Tokenizer(text_options,
                  Vocabulary::from_counts(counted, options.min_count, options.max_vocab,
                                          documents ? std::optional(train.documents) : std::nullopt,
                                          options.known_characters));
  }
  const Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  if (vocabulary.characters() == 0) {
    data_error("no character occurs {} times in the training part; lower --min-count",
               options.min_count);
  }
  if (vocabulary.characters() > limits::vocabulary_characters) {
    data_error("the text has {} different characters, the limit is {}; lower --max-vocab",
               vocabulary.characters(), limits::vocabulary_characters);
  }
  std::erase_if(counted, [&](const Vocabulary::Entry& entry) {
    return vocabulary.find(entry.character).has_value();
  });
  std::sort(counted.begin(), counted.end(), Vocabulary::more_frequent);
  corpus.rare = std::move(counted);

  const Translation translation(draft.characters(), vocabulary, text_options.unit);
  corpus.train = translation.apply(std::move(train));
  corpus.validation = translation.apply(std::move(validation));
  corpus.test = translation.apply(std::move(test));
  return corpus;
}

CorpusPart make_part(const std::vector<SourceText>& sources, const Tokenizer& tokenizer) {
  const TextOptions options = readable_options(tokenizer);
  CorpusDraft draft(options, {1, 0, 0}, may_join(&tokenizer));
  int64_t bytes = 0;
  for (const SourceText& source : sources) {
    std::string storage;
    draft.add(normalize(source.text, options, storage));
    bytes += static_cast<int64_t>(source.text.size());
  }
  draft.finish();
  const Translation translation(draft.characters(), tokenizer.vocabulary(), options.unit);
  CorpusPart part = translation.apply(std::move(draft.parts()[0]));
  // Bits per byte are those of the text as it was, line ends and separators included.
  part.text.bytes = bytes;
  return part;
}

void frame_lines(CorpusPart& part, const Vocabulary& vocabulary) {
  if (part.begins_anew) return;
  Token feed = 0;
  while (feed < vocabulary.characters() && !vocabulary.ends_line(feed)) ++feed;
  if (feed == vocabulary.characters())
    data_error("the model knows no line feed: it cannot tell lines apart");
  std::vector<Token>& tokens = part.text.tokens;
  if (!tokens.empty() && !vocabulary.ends_line(tokens.back())) {
    tokens.push_back(feed);
    ++part.text.bytes;
  }
  tokens.insert(tokens.begin(), feed);
  for (Tokens::Inexact& inexact : part.text.inexact) ++inexact.position;
  part.begins_anew = true;
  part.first_bytes = 0;
}

}  // namespace inkling::text
