// How long a completion takes: prefixes of a held-out text, the k most probable words behind each,
// and whether they are proven. JSON lines. See README.md here.
//
//     completion_bench MODEL TEXT [--prefixes N] [-k N] [--context N] [--threads N] [--rounds N]
//                                 [--time-limit-ms N]

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "base/random.h"
#include "generate/completer.h"
#include "generate/model_next_character.h"
#include "measure.h"
#include "model/model_file.h"
#include "nn/kernels/instruction_set.h"
#include "text/corpus.h"
#include "text/segmenter.h"

using namespace inkling;

namespace {

using Json = nlohmann::ordered_json;

struct Settings {
  int64_t prefixes = 1000;
  int64_t k = 10;
  int64_t context = 200;  // characters before the place that is completed
  int64_t threads = 0;    // 0 = all of the machine's
  int64_t rounds = 3;
  int64_t time_limit_ms = 0;  // 0 = none: till it is proven

  bool read(std::string_view name, const char* value) {
    const auto take = [&](std::string_view wanted, int64_t& member) {
      if (name != wanted) return false;
      member = std::atoll(value);
      return true;
    };
    return take("--prefixes", prefixes) || take("-k", k) || take("--context", context) ||
           take("--threads", threads) || take("--rounds", rounds) ||
           take("--time-limit-ms", time_limit_ms);
  }
};

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
}

// A stretch of the text, and the same without its last character.
struct Prefix {
  std::string_view text, before;
};

std::vector<Prefix> pick_prefixes(std::string_view text, const Settings& settings) {
  std::vector<size_t> ends{0};
  text::for_each_character(text, text::Unit::grapheme, [&](std::string_view character) {
    ends.push_back(ends.back() + character.size());
  });
  const auto context = static_cast<size_t>(settings.context);
  if (context < 2 || ends.size() < context + 2) data_error("the text is shorter than the context");
  Random random(1);
  std::vector<Prefix> prefixes;
  for (int64_t i = 0; i < settings.prefixes; ++i) {
    const size_t end = context + random.below(ends.size() - context - 1);
    const size_t begin = ends[end - context];
    prefixes.push_back(
        {text.substr(begin, ends[end] - begin), text.substr(begin, ends[end - 1] - begin)});
  }
  return prefixes;
}

// What the answers to all prefixes took, in all rounds.
struct Times {
  std::vector<double> all;        // milliseconds
  std::vector<double> processor;  // of them the asking thread's own
  std::vector<double> least;      // of the rounds, for each prefix
  std::vector<double> expansions;
  int64_t proven = 0;

  void add(const std::vector<double>& rounds, const std::vector<double>& own,
           const generate::CompletionResult& last) {
    processor.insert(processor.end(), own.begin(), own.end());
    all.insert(all.end(), rounds.begin(), rounds.end());
    least.push_back(*std::min_element(rounds.begin(), rounds.end()));
    expansions.push_back(static_cast<double>(last.expansions));
  }
  void print(const char* name) const {
    Json line{{"case", name}};
    line["median_ms"] = bench::rounded(quantile(all, .5));
    line["p99_ms"] = bench::rounded(quantile(all, .99));
    line["proven"] = bench::rounded(static_cast<double>(proven) / static_cast<double>(all.size()));
    line["median_thread_ms"] = bench::rounded(quantile(processor, .5));
    line["p99_thread_ms"] = bench::rounded(quantile(processor, .99));
    line["median_ms_best_of_rounds"] = bench::rounded(quantile(least, .5));
    line["p99_ms_best_of_rounds"] = bench::rounded(quantile(least, .99));
    line["expansions_median"] = quantile(expansions, .5);
    line["expansions_p99"] = quantile(expansions, .99);
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
  }
};

// typing: the model has read all but the last character, as when a person types; else it has read
// another text.
Times measure(generate::Completer& completer, const std::vector<Prefix>& prefixes, bool typing,
              const Settings& settings) {
  const generate::CompletionOptions nothing{.k = 1, .max_expansions = 1};
  const generate::CompletionOptions options{
      .k = settings.k, .max_expansions = 1000000, .time_limit_ms = settings.time_limit_ms};
  Times times;
  for (const Prefix& prefix : prefixes) {
    std::vector<double> rounds, own;
    generate::CompletionResult result;
    for (int64_t round = 0; round < settings.rounds; ++round) {
      completer.complete(typing ? prefix.before : "", nothing);
      const double start = bench::now(), own_start = bench::thread_seconds();
      result = completer.complete(prefix.text, options);
      rounds.push_back(1000 * (bench::now() - start));
      own.push_back(1000 * (bench::thread_seconds() - own_start));
      times.proven += result.proven ? 1 : 0;
    }
    times.add(rounds, own, result);
  }
  return times;
}

void run(const std::vector<std::string>& files, const Settings& settings) {
  const model::LanguageModel model = model::load_model(files[0]);
  const auto texts = text::read_texts({files[1]}, {}, model.tokenizer.options().unit);
  const std::vector<Prefix> prefixes = pick_prefixes(texts.front().text, settings);
  generate::ModelNextCharacter next(model, nn::Precision::automatic,
                                    static_cast<int>(settings.threads));
  generate::Completer completer(next);
  const nn::NetworkSpec& network = model.config.network;
  Json line{{"processor", bench::processor()},
            {"isa", name_of(nn::instruction_set())},
            {"precision", name_of(nn::stepping_precision(nn::Precision::automatic))},
            {"threads", settings.threads},
            {"network", fmt::format("{} {}x{}", nn::cell_names[static_cast<size_t>(network.cell)],
                                    network.layers.size(), network.layers[0].hidden_size)},
            {"prefixes", settings.prefixes},
            {"k", settings.k},
            {"context", settings.context},
            {"rounds", settings.rounds},
            {"time_limit_ms", settings.time_limit_ms}};
  fmt::print("{}\n", line.dump());
  measure(completer, prefixes, true, settings).print("typing");
  measure(completer, prefixes, false, settings).print("new text");
}

}  // namespace

int main(int argc, char** argv) try {
  Settings settings;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (i + 1 < argc && settings.read(argv[i], argv[i + 1])) {
      ++i;
    } else {
      files.emplace_back(argv[i]);
    }
  }
  if (files.size() != 2) {
    fmt::print(stderr, "usage: completion_bench MODEL TEXT [options]; see its first lines\n");
    return 2;
  }
  run(files, settings);
} catch (const std::exception& error) {
  std::fprintf(stderr, "completion_bench: %s\n", error.what());
  return 1;
}
