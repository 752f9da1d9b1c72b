#include "cli/keystroke_report.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/json_output.h"
#include "cli/layout.h"
#include "generate/completer.h"
#include "generate/keystrokes.h"

namespace inkling::cli {
namespace {

using generate::Keystrokes;

constexpr std::chrono::milliseconds redraw_interval{100};

// The texts of a part: its documents, or the one running text.
std::vector<std::string> texts_of(const text::CorpusPart& part, const text::Tokenizer& tokenizer,
                                  int64_t most_characters) {
  std::vector<std::string> texts(1);
  int64_t characters = 0;
  for (const text::Token token : part.text.tokens) {
    if (token == tokenizer.vocabulary().end()) {
      if (!texts.back().empty()) texts.emplace_back();
      continue;
    }
    if (most_characters > 0 && characters == most_characters) break;
    texts.back() += tokenizer.decode({token});
    ++characters;
  }
  return texts;
}

// Draws how far it is and how long it takes yet.
class Progress {
 public:
  Progress(int64_t all, Talk& talk) : all_(all), talk_(talk) {}

  void draw(int64_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (done == 0 || now - drawn_ < redraw_interval) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const double share = static_cast<double>(done) / static_cast<double>(all_);
    talk_.status(fmt::format("{:3.0f} %  {} left  typing {} characters", share * 100,
                             clock_time(seconds / share - seconds), grouped(all_)));
  }

 private:
  int64_t all_;
  Talk& talk_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), drawn_{};
};

Json as_json(const Keystrokes& keystrokes) {
  const Keystrokes::Block total = keystrokes.total();
  Json saved = Json::array();
  for (size_t i = 0; i < keystrokes.shown().size(); ++i) {
    saved.push_back({{"suggestions", keystrokes.shown()[i]},
                     {"keys", total.keys[i]},
                     {"saved", keystrokes.saved(i)}});
  }
  return {{"characters", total.characters},
          {"keystrokes", std::move(saved)},
          {"words", keystrokes.words()},
          {"top1", keystrokes.accuracy(1)},
          {"top3", keystrokes.accuracy(3)}};
}

std::string as_table(const Keystrokes& keystrokes) {
  std::string table;
  for (size_t i = 0; i < keystrokes.shown().size(); ++i) {
    table += fmt::format("keys saved  {:5.2f} %  with {} suggestion{}\n", keystrokes.saved(i) * 100,
                         keystrokes.shown()[i], keystrokes.shown()[i] == 1 ? "" : "s");
  }
  table += fmt::format("next word   {:5.2f} %  first, {:.2f} % among the first three\n",
                       keystrokes.accuracy(1) * 100, keystrokes.accuracy(3) * 100);
  table += fmt::format("typed       {} characters, {} words\n",
                       grouped(keystrokes.total().characters), grouped(keystrokes.words()));
  return table;
}

}  // namespace

void report_keystrokes(generate::NextCharacter& model, const text::CorpusPart& part,
                       int64_t most_characters, bool json, Console& console) {
  const std::vector<std::string> texts = texts_of(part, model.tokenizer(), most_characters);
  generate::Completer completer(model);
  Keystrokes keystrokes;
  const auto suggest = [&](std::string_view typed, int count) {
    return generate::suggestions_of(completer, typed, count);
  };
  const auto all = static_cast<int64_t>(part.text.tokens.size());
  Progress progress(most_characters > 0 ? std::min(all, most_characters) : all, console.talk);
  int64_t before = 0;
  for (const std::string& text : texts) {
    keystrokes.type(text, suggest, [&](int64_t characters) { progress.draw(before + characters); });
    before = keystrokes.total().characters;
  }
  console.talk.clear_status();
  if (keystrokes.words() == 0) data_error("there is no word to type; give a longer text");
  if (json) {
    print_json(as_json(keystrokes), console.out);
  } else {
    console.out.print(as_table(keystrokes));
  }
}

}  // namespace inkling::cli
