#include <limits>
#include <map>
#include <vector>

#include "base/error.h"
#include "cli/option_parser.h"
#include "fuzz/target.h"
#include "generate/completion_options.h"
#include "generate/generate_options.h"
#include "generate/sampling_options.h"
#include "train/option_record.h"
#include "train/train_options.h"

// Command lines, and options recorded in a checkpoint: refused with a UsageError, or taken, and
// then within their ranges and the same when they are written and read again.
//
// An input: a byte for how the rest is read; then words, each ended by a zero byte.
namespace inkling {
namespace {

using fuzz::expect;

struct CheckRange {
  template <class Member>
  void operator()(const Option& option, const Member& member) const {
    if constexpr (std::is_arithmetic_v<Member> && !std::is_same_v<Member, bool>) {
      const auto value = static_cast<double>(member);
      expect(value >= option.low && value <= option.high, "a number is within its range");
    }
  }
};

// Every value as text, read back, is the value.
struct CheckText {
  template <class Member>
  void operator()(const Option& option, const Member& member) const {
    Member again{};
    if constexpr (!std::is_same_v<Member, std::vector<std::string>>) {
      cli::read_value(option, value_text(member), again);
      expect(again == member, "a value written and read is the same");
    }
  }
};

template <class Options>
void check_options(Options& options) {
  options.for_each_option(CheckRange());
  options.for_each_option(CheckText());
  options.validate();
}

void check_training(train::TrainOptions& options) {
  check_options(options);
  const text::CorpusOptions corpus = options.corpus_options();
  double sum = 0;
  for (const double share : corpus.split) sum += share;
  expect(sum > 0.999 && sum < 1.001, "the shares of a split add up to one");
  const double seconds = train::parse_duration(options.time);
  expect(seconds >= 0 && seconds <= 1e9, "a duration is within its range");
  const auto record = train::recorded_options(options);
  train::TrainOptions again;
  again.for_each_option([&](const Option& option, auto& member) {
    cli::read_value(option, record.at(std::string(option.name)), member);
  });
  expect(train::recorded_options(again) == record, "a record written and read is the same");
  expect(train::changed_option(record, again, false).empty(),
         "nothing differs from its own record");
  expect(!train::command_line(again).empty(), "a run has a command line");
}

std::vector<std::string> words_of(fuzz::Input& input) {
  std::vector<std::string> words;
  while (!input.rest().empty()) words.emplace_back(input.string());
  return words;
}

void check_line(fuzz::Input& input, size_t command) {
  train::TrainOptions training;
  generate::SamplingOptions sampling;
  generate::GenerateOptions generating;
  generate::CompletionOptions completing;
  cli::OptionParser parser;
  parser.take_arguments("WORD", 0, 3);
  if (command == 0) training.for_each_option(parser);
  if (command == 1) {
    sampling.for_each_option(parser);
    generating.for_each_option(parser);
  }
  if (command == 2) completing.for_each_option(parser);
  parser.parse(words_of(input));
  expect(parser.arguments().size() <= 3, "no more arguments than a command takes");
  if (command == 0) return check_training(training);
  if (command == 2) return check_options(completing);
  check_options(sampling);
  check_options(generating);
  expect(generating.limit() >= 0, "a text has a length");
}

// Pairs of an option's number and its value, as a checkpoint has them.
void check_record(fuzz::Input& input) {
  train::TrainOptions options;
  std::map<size_t, std::string> values;
  while (!input.rest().empty()) {
    const size_t number = input.take<uint8_t>();
    values[number] = input.string();
  }
  size_t number = 0;
  options.for_each_option([&](const Option& option, auto& member) {
    const auto value = values.find(number++);
    if (value != values.end()) cli::read_value(option, value->second, member);
  });
  check_training(options);
}

}  // namespace
}  // namespace inkling

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  inkling::fuzz::Input input(data, size);
  const size_t how = input.below(6);
  try {
    if (how < 3) {
      inkling::check_line(input, how);
    } else {
      inkling::check_record(input);
    }
  } catch (const inkling::UsageError&) {
  }
  return 0;
}
