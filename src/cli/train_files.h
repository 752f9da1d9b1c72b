#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/option.h"
#include "text/corpus.h"
#include "train/trainer.h"

namespace inkling::cli {

// What `train` reads and writes, beside the corpus, and what it says; nothing here changes what is
// computed.
struct TrainFiles {
  std::string output;
  std::string log;
  std::string init_from;
  std::vector<std::string> validation;
  bool resume = false;
  std::string replay;
  bool force = false;
  bool dry_run = false;
  bool quiet = false;
  int64_t sample_every = 0;

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "output",
             .meaning = "the model's file; never replaced without --force or --resume",
             .value = "MODEL",
             .letter = 'o'},
      output);
    v(Option{.name = "log",
             .meaning =
                 "a JSON line for each evaluation; never replaced without --force or --resume",
             .value = "FILE"},
      log);
    v(Option{.name = "validation",
             .meaning = "validate on this text, or folder of texts, instead of a share of the "
                        "corpus, all of which then trains",
             .value = "FILE",
             .often = true},
      validation);
    v(Option{.name = "resume",
             .meaning = "go on where the run that writes this output stopped; only length (that of "
                        "the whole run), threads, log and --sample-every may change, and the last "
                        "two are not remembered"},
      resume);
    v(Option{.name = "replay",
             .meaning = "repeat the run of this checkpoint on the same corpus, with its recorded "
                        "learning rates, and compare the weights at its end; no length is given",
             .value = "CHECKPOINT"},
      replay);
    v(Option{.name = "init-from", .meaning = "begin with this model's weights", .value = "MODEL"},
      init_from);
    v(Option{.name = "force", .meaning = "replace an existing output and log"}, force);
    v(Option{.name = "dry-run", .meaning = "say what would be trained, and write nothing"},
      dry_run);
    v(Option{.name = "sample-every",
             .meaning = "evaluations between samples of the model's text; 0 = about five samples "
                        "in the run, -1 = none",
             .low = -1,
             .high = 1e9},
      sample_every);
    v(Option{.name = "quiet", .meaning = "say nothing but errors", .letter = 'q'}, quiet);
  }

  // Throws UsageError: options that contradict each other.
  void validate() const;
  // Throws DataError when the output or the log exists already (without --force or --resume), or
  // is where something else stands, or the output's folder cannot be written to.
  void check_output() const;
  // The option by which the run writes that file; "" where it does not.
  std::string_view option_that_writes(const std::string& path) const;
  // Throws DataError when a file that the run writes is one of the texts.
  void check_beside(const std::vector<text::SourceText>& texts) const;

 private:
  void check_log(const train::RunFiles& files) const;
};

}  // namespace inkling::cli
