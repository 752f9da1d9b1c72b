#include "cli/novelty_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/layout.h"
#include "cli/visible_text.h"

namespace inkling::cli {
namespace {

constexpr size_t most_shown = 5;  // passages
constexpr int label_width = 10;

std::string_view part(std::string_view text, int64_t begin, int64_t end) {
  return text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

struct Named {
  size_t text = 0;  // its number
  const generate::Passage* passage = nullptr;
};

// The longest first; none is shown that stands where one before it does.
std::vector<Named> longest_passages(std::span<const generate::Novelty> novelties) {
  std::vector<Named> all, shown;
  for (size_t t = 0; t < novelties.size(); ++t) {
    for (const generate::Passage& passage : novelties[t].passages) all.push_back({t, &passage});
    const bool has_short_ones_alone = novelties[t].passages.empty() && novelties[t].longest;
    if (has_short_ones_alone) all.push_back({t, &*novelties[t].longest});
  }
  std::stable_sort(all.begin(), all.end(), [](const Named& a, const Named& b) {
    return a.passage->characters > b.passage->characters;
  });
  for (const Named& next : all) {
    const bool overlaps = std::any_of(shown.begin(), shown.end(), [&](const Named& before) {
      return before.text == next.text && before.passage->begin < next.passage->end &&
             next.passage->begin < before.passage->end;
    });
    if (!overlaps) shown.push_back(next);
    if (shown.size() == most_shown) break;
  }
  return shown;
}

Json passage_json(const std::string& text, const generate::Passage& passage) {
  return {{"text", part(text, passage.begin, passage.end)},
          {"begin", passage.begin},
          {"end", passage.end},
          {"characters", passage.characters},
          {"words", passage.words},
          {"source", passage.source},
          {"line", passage.line}};
}

}  // namespace

void print_marked(const std::string& text, const generate::Novelty& novelty, WordWrap& lines,
                  Output& out) {
  const Terminal& terminal = out.terminal();
  const auto show = [&](std::string_view piece) {
    lines.add(piece);
    lines.finish();
  };
  int64_t at = 0;
  for (const generate::Passage& passage : novelty.passages) {
    const int64_t begin = std::max(at, passage.begin);  // two may overlap
    show(part(text, at, begin));
    if (terminal.redraws) out.print(terminal.color ? "\033[4;33m" : "\033[4m");
    show(part(text, begin, passage.end));
    if (terminal.redraws) out.print("\033[0m");
    at = passage.end;
  }
  show(std::string_view(text).substr(static_cast<size_t>(at)));
}

void print_novelty(std::span<const std::string> texts, std::span<const generate::Novelty> novelties,
                   int64_t least, Output& out) {
  const int width = out.terminal().width;
  int64_t characters = 0, copied = 0;
  size_t passages = 0;
  for (const generate::Novelty& novelty : novelties) {
    characters += novelty.characters, copied += novelty.copied;
    passages += novelty.passages.size();
  }
  const double share =
      characters == 0 ? 0 : static_cast<double>(copied) / static_cast<double>(characters);
  const std::string summary = fmt::format(
      "{:.1f} % new; {} of {} characters stand word for word in the corpus, in passages of {} and "
      "more ({} of them)",
      100 * (1 - share), grouped(copied), grouped(characters), least,
      grouped(static_cast<int64_t>(passages)));
  out.print(pad("novelty", label_width) + wrap(summary, width, label_width) + "\n");
  for (const auto& [index, passage] : longest_passages(novelties)) {
    const std::string place =
        fmt::format("{}{}:{}", texts.size() > 1 ? fmt::format("text {}, ", index + 1) : "",
                    passage->source, passage->line);
    const std::string quoted = fmt::format("{} characters ({}): {}", passage->characters, place,
                                           part(texts[index], passage->begin, passage->end));
    std::string line = visible(quoted);
    std::replace(line.begin(), line.end(), '\n', ' ');
    out.print(pad("passage", label_width) + wrap(line, width, label_width) + "\n");
  }
}

Json novelty_json(const std::string& text, const generate::Novelty& novelty, int64_t least) {
  Json passages = Json::array();
  for (const generate::Passage& passage : novelty.passages)
    passages.push_back(passage_json(text, passage));
  return {{"share_copied", novelty.share()},
          {"characters", novelty.characters},
          {"copied", novelty.copied},
          {"least", least},
          {"longest", novelty.longest ? passage_json(text, *novelty.longest) : Json()},
          {"passages", std::move(passages)}};
}

}  // namespace inkling::cli
