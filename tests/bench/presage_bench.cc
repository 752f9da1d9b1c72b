// Keys saved by inkling's completion and by presage's word prediction where both type the same
// texts (src/generate/keystrokes.h), and the difference with a bootstrap interval. JSON lines.
// Built only where libpresage-dev is found; presage_compare.sh here trains presage and calls it.
//
//     presage_bench MODEL TEXTS PRESAGE.xml...
//
// TEXTS is a folder: each file in it is typed by itself. Each PRESAGE.xml is one way to set presage
// up; of all, the best is compared, for each number of suggestions another if need be.

#include <fmt/format.h>
#include <presage.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "generate/completer.h"
#include "generate/keystrokes.h"
#include "generate/model_next_character.h"
#include "measure.h"
#include "model/model_file.h"
#include "text/corpus.h"

using namespace inkling;
using generate::Keystrokes;
using Json = nlohmann::ordered_json;

namespace {

// What one way of suggesting words saved of the texts.
struct Typed {
  std::string name;
  Keystrokes keystrokes{};
  std::vector<std::vector<int64_t>> keys{};  // of each text, for each number of suggestions

  int64_t all_keys(size_t i) const { return keystrokes.total().keys[i]; }
};

Typed type(const std::string& name, const std::vector<text::SourceText>& texts,
           const Keystrokes::Suggest& suggest) {
  Typed typed{.name = name};
  std::vector<int64_t> before(typed.keystrokes.shown().size());
  for (const text::SourceText& source : texts) {
    typed.keystrokes.type(source.text, suggest);
    std::vector<int64_t> keys = typed.keystrokes.total().keys;
    for (size_t i = 0; i < keys.size(); ++i) std::swap(before[i], keys[i]);
    for (size_t i = 0; i < keys.size(); ++i) keys[i] = before[i] - keys[i];
    typed.keys.push_back(std::move(keys));
  }
  return typed;
}

// What presage sees of the text that is typed.
class TypedText final : public PresageCallback {
 public:
  std::string get_past_stream() const override { return typed; }
  std::string get_future_stream() const override { return ""; }

  std::string typed;
};

Typed type_with_presage(const std::string& configuration,
                        const std::vector<text::SourceText>& texts) {
  TypedText callback;
  Presage presage(&callback, configuration);
  return type(std::filesystem::path(configuration).stem(), texts, [&](std::string_view typed, int) {
    callback.typed = typed;
    // Whole words, also of one that is begun: the rest of it is appended, whatever the case of what
    // stands there.
    std::vector<std::string> inserts = presage.predict();
    const size_t begun = presage.prefix().size();
    for (std::string& insert : inserts) insert.erase(0, begun);
    return inserts;
  });
}

// The middle 95 % of the difference of the shares saved, over texts drawn anew.
std::pair<double, double> bootstrap(const Typed& ours, const Typed& theirs, size_t i,
                                    const std::vector<text::SourceText>& texts) {
  constexpr int rounds = 10000;
  Random random(1);
  std::vector<double> differences;
  for (int round = 0; round < rounds; ++round) {
    int64_t fewer = 0;
    size_t characters = 0;
    for (size_t n = 0; n < texts.size(); ++n) {
      const size_t pick = random.below(texts.size());
      fewer += theirs.keys[pick][i] - ours.keys[pick][i];
      characters += texts[pick].text.size();  // of ASCII
    }
    differences.push_back(static_cast<double>(fewer) / static_cast<double>(characters));
  }
  std::sort(differences.begin(), differences.end());
  return {differences[rounds / 40], differences[rounds - 1 - rounds / 40]};
}

void print(const Json& line) {
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

double percent(double share) { return bench::rounded(100 * share); }

void report(const Typed& typed) {
  Json line{{"typist", typed.name}, {"characters", typed.keystrokes.total().characters}};
  for (size_t i = 0; i < typed.keystrokes.shown().size(); ++i)
    line[fmt::format("saved_with_{}", typed.keystrokes.shown()[i])] =
        percent(typed.keystrokes.saved(i));
  line["next_word_first"] = percent(typed.keystrokes.accuracy(1));
  line["next_word_among_3"] = percent(typed.keystrokes.accuracy(3));
  print(line);
}

void run(const std::string& model_file, const std::string& folder,
         const std::vector<std::string>& configurations) {
  const auto texts = text::read_texts({folder}, {}, text::Unit::grapheme);
  std::vector<Typed> theirs;
  for (const std::string& configuration : configurations) {
    theirs.push_back(type_with_presage(configuration, texts));
    report(theirs.back());
  }
  const model::LanguageModel model = model::load_model(model_file);
  generate::ModelNextCharacter next(model, nn::Precision::automatic, 1);
  generate::Completer completer(next);
  const Typed ours = type("inkling", texts, [&](std::string_view typed, int count) {
    return generate::suggestions_of(completer, typed, count);
  });
  report(ours);
  for (size_t i = 0; i < ours.keystrokes.shown().size(); ++i) {
    const Typed& best = *std::min_element(
        theirs.begin(), theirs.end(),
        [i](const Typed& a, const Typed& b) { return a.all_keys(i) < b.all_keys(i); });
    const auto [low, high] = bootstrap(ours, best, i, texts);
    print({{"suggestions", ours.keystrokes.shown()[i]},
           {"inkling_saves", percent(ours.keystrokes.saved(i))},
           {"presage_saves", percent(best.keystrokes.saved(i))},
           {"presage_set_up_as", best.name},
           {"difference", percent(ours.keystrokes.saved(i) - best.keystrokes.saved(i))},
           {"interval_95", {percent(low), percent(high)}}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: presage_bench MODEL TEXTS PRESAGE.xml...; see its first lines\n");
    return 2;
  }
  try {
    run(argv[1], argv[2], {argv + 3, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "presage_bench: {}\n", error.what());
    return 1;
  }
}
