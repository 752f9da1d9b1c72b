#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

namespace inkling::generate {

// The steps of sampling whose order can be chosen, by llama.cpp's names.
enum class SamplerStep { penalties, dry, top_k, typ_p, top_p, min_p, temperature, mirostat };
constexpr std::array<std::string_view, 8> sampler_step_names{
    "penalties", "dry", "top_k", "typ_p", "top_p", "min_p", "temperature", "mirostat"};
constexpr std::span<const std::string_view> names_of(SamplerStep) { return sampler_step_names; }

enum class Mirostat { off, second };
constexpr std::array<std::string_view, 2> mirostat_names{"0", "2"};
constexpr std::span<const std::string_view> names_of(Mirostat) { return mirostat_names; }

// How the next character is drawn. Names and defaults are llama.cpp's, but for DRY, whose lengths
// count tokens there and characters here; generate/sampler.h says what the steps do.
struct SamplingOptions {
  double temp = 0.8;     // logits are divided by it; 0 = greedy
  int64_t top_k = 40;    // keep the k most probable; 0 = all
  double top_p = 0.95;   // keep the most probable until they hold top_p; 1 = all
  double min_p = 0.05;   // keep p >= min_p * p_max; 0 = all
  double typical = 1.0;  // keep those of most typical surprise until they hold typical; 1 = all
  double repeat_penalty =
      1.0;  // penalty on characters used lately; 1 = none, as letters repeat in all spelling
  double presence_penalty = 0;   // taken from the logits of characters used lately
  double frequency_penalty = 0;  // the same, for each time
  int64_t repeat_last_n = 64;  // what "lately" means, in characters; 0 = never, -1 = the whole text
  double dry_multiplier = 0;   // penalty on what would lengthen a repetition; 0 = none
  // Of characters, not of tokens: about the fourth root of llama.cpp's 1.75. It grows slowly, so
  // that the penalty turns the text where a word begins, and not within one.
  double dry_base = 1.15;
  int64_t dry_allowed_length = 30;    // repetitions shorter than it are free
  int64_t dry_penalty_last_n = -1;    // where repetitions are looked for; -1 = most_dry_characters
  Mirostat mirostat = Mirostat::off;  // in place of the filters and of temp
  double mirostat_ent = -1;  // target, bits per character; -1 = the model's validation loss
  double mirostat_lr = 0.1;  // how fast mirostat steers
  std::vector<std::string> logit_bias{};  // CHARACTER+BIAS or CHARACTER-BIAS
  std::string only{};                     // what may be drawn (text/allowed_characters.h)
  std::string never{};                    // what may not
  std::string samplers = "penalties;dry;top_k;typ_p;top_p;min_p;temperature";
  int64_t beam = 0;   // > 0: no drawing; the most probable text that so many side by side find
  int64_t seed = -1;  // -1 = from the system's entropy

  static constexpr int64_t most_dry_characters = 65536;

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "temp",
             .meaning = "temperature: below 1 safer, above 1 wilder; 0 = always the most probable",
             .low = 0},
      temp);
    v(Option{.name = "top-k",
             .meaning = "draw among the k most probable characters; 0 = all",
             .low = 0},
      top_k);
    v(Option{.name = "top-p",
             .meaning = "draw among the most probable that together hold this share; 1 = all",
             .low = 0,
             .high = 1},
      top_p);
    v(Option{.name = "min-p",
             .meaning = "leave out what is less probable than this share of the best; 0 = none",
             .low = 0,
             .high = 1},
      min_p);
    v(Option{.name = "typical",
             .meaning = "draw among the most typical that together hold this share; 1 = all",
             .low = 0,
             .high = 1},
      typical);
    v(Option{.name = "repeat-penalty",
             .meaning = "penalty on characters used lately; 1 = none",
             .low = 0,
             .above_low = true},
      repeat_penalty);
    v(Option{.name = "presence-penalty",
             .meaning = "taken from the logit of each character used lately; 0 = none"},
      presence_penalty);
    v(Option{.name = "frequency-penalty", .meaning = "the same, as often as it was used; 0 = none"},
      frequency_penalty);
    v(Option{.name = "repeat-last-n",
             .meaning = "characters that count as lately; 0 = none, -1 = the whole text",
             .low = -1},
      repeat_last_n);
    v(Option{.name = "dry-multiplier",
             .meaning = "strength of DRY, a penalty on what goes on with a long repetition; 0 = "
                        "none, 0.8 is usual",
             .low = 0},
      dry_multiplier);
    v(Option{.name = "dry-base",
             .meaning = "DRY's growth with each character beyond the allowed length",
             .low = 1},
      dry_base);
    v(Option{.name = "dry-allowed-length",
             .meaning = "characters that may be repeated freely; below about 15 words suffer",
             .low = 0,
             .high = 1e9},
      dry_allowed_length);
    v(Option{.name = "dry-penalty-last-n",
             .meaning = "characters in which DRY looks for repetitions; -1 = 65536",
             .low = -1,
             .high = most_dry_characters},
      dry_penalty_last_n);
    v(Option{.name = "mirostat",
             .meaning =
                 "2 = mirostat 2: cuts improbable characters, more or fewer, to bring the mean "
                 "surprise down to a target, in place of top-k, typical, top-p, min-p and "
                 "temp; where the target is above the surprise of the model's own text, it "
                 "cuts nothing"},
      mirostat);
    v(Option{.name = "mirostat-ent",
             .meaning =
                 "mirostat's target, in bits per character; -1 = the model's validation loss",
             .low = -1},
      mirostat_ent);
    v(Option{.name = "mirostat-lr", .meaning = "how fast mirostat steers", .low = 0, .high = 1},
      mirostat_lr);
    v(Option{.name = "logit-bias",
             .meaning = "added to a character's logit, as in e-1.5 or \\n+2; -inf forbids it",
             .value = "CHARACTER+BIAS",
             .often = true},
      logit_bias);
    v(Option{.name = "only",
             .meaning = "write only characters of this Unicode set: [a-z ], \\p{Greek}, ...",
             .value = "SET"},
      only);
    v(Option{.name = "never", .meaning = "write no character of this Unicode set", .value = "SET"},
      never);
    v(Option{.name = "samplers",
             .meaning = "the steps of sampling and their order; what is not named is not done",
             .value = "NAMES"},
      samplers);
    v(Option{.name = "beam",
             .meaning =
                 "search for the most probable text instead of drawing one, keeping this many "
                 "at every character; 0 = draw",
             .low = 0,
             .high = 4096},
      beam);
    v(Option{.name = "seed",
             .meaning = "the same seed writes the same text; -1 = a new one each time",
             .low = -1,
             .high = 9007199254740992.0},
      seed);  // 2^53: every JSON reader keeps it
  }

  // Throws UsageError: not a number, or infinite; samplers that do not exist; mirostat with greedy
  // drawing.
  void validate() const;

  // The steps in their order. Mirostat::second leaves the penalties of `samplers` and ends them
  // with mirostat, if that is not among them. Throws UsageError.
  std::vector<SamplerStep> steps() const;
  // Whether mirostat is among them.
  bool steers() const;
  // Whether the most probable is taken always: temp is 0 and not left out.
  bool greedy() const;
  // Whether chance, and so the seed, has a part in the text.
  bool by_chance() const { return beam == 0 && !greedy(); }

  // The seed itself, or one from the system's entropy (below 2^53) where it is -1.
  uint64_t chosen_seed() const;
};

}  // namespace inkling::generate
