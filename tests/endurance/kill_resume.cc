// Kills a training run (SIGKILL) at random moments until it has been gone on with `count` times,
// and compares what it leaves with what unbroken runs leave: kill_resume COUNT [SEED]

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/random.h"
#include "endurance/endurance.h"
#include "model/model_file.h"
#include "support/program.h"
#include "support/temp_dir.h"
#include "support/tiny_training.h"

using namespace inkling;
using namespace inkling::testing;

namespace {

// Networks of every kind, so small that most of the time goes into saving: that is where a kill
// might hurt.
const std::vector<std::vector<std::string>> kinds{
    {"--cell", "gru", "--bptt", "16"},
    {"--cell", "lstm", "--num-layers", "2", "--dropout", "0.3", "--bptt", "16"},
    {"--cell", "rnn", "--shape", "many-to-one", "--context", "16", "--optimizer", "rmsprop"},
    {"--cell", "lstm", "--layer-norm", "--initial-state", "learned", "--optimizer", "sgd",
     "--bptt", "16"},
};

std::vector<std::string> training(const std::vector<std::string>& kind, const std::string& output) {
  std::vector<std::string> line{
      "train",     "corpus.txt", "-o",         output,           "--hidden-size", "12",
      "-q",        "--steps",    "300",        "--batch-size",   "4",             "--save-every",
      "3",         "--threads",  "2",          "--log",          output + ".jsonl",
      "--eval-every", "10"};
  line.insert(line.end(), kind.begin(), kind.end());
  return line;
}

// All that a checkpoint holds but the seconds that the steps took.
struct Contents {
  std::vector<float> weights;
  std::map<std::string, std::vector<std::byte>> tensors;
  std::map<std::string, std::string> metadata;
  bool operator==(const Contents&) const = default;
};

Contents contents_of(const std::string& path) {
  model::ModelFile file = model::load_model_file(path, true);
  Contents contents{std::move(file.model.weights), {}, std::move(file.extra_metadata)};
  for (model::ExtraTensor& tensor : file.extra)
    contents.tensors[tensor.name] = std::move(tensor.bytes);
  contents.metadata.erase("state.seconds");
  return contents;
}

// The lines of a log but for what depends on the time.
std::vector<nlohmann::json> log_of(const std::string& path) {
  std::istringstream log(bytes_of_file(path));
  std::vector<nlohmann::json> lines;
  for (std::string text; std::getline(log, text);) {
    nlohmann::json line = nlohmann::json::parse(text);
    line.erase("seconds");
    line.erase("chars_per_second");
    lines.push_back(std::move(line));
  }
  return lines;
}

class Kills {
 public:
  Kills(int64_t wanted, uint64_t seed) : wanted_(wanted), random_(seed) {
    dir_.write("corpus.txt", tiny_text());
  }

  void run() {
    for (size_t k = 0; resumes_ < wanted_; k = (k + 1) % kinds.size()) kill_one_run(k);
    fmt::print("{} kills, {} before there was a checkpoint; {} resumes in {} runs, all exact\n",
               kills_, kills_ - resumes_, resumes_, runs_);
  }

 private:
  const std::string& unbroken(size_t kind) {
    std::string& name = unbroken_[kind];
    if (name.empty()) {
      name = fmt::format("whole{}", kind);
      const auto start = std::chrono::steady_clock::now();
      const ProgramResult result = run_inkling(
          {.arguments = training(kinds[kind], name + ".safetensors"), .folder = dir_.path()});
      require(result.exit_code == 0, "the unbroken run failed: {}", result.err);
      seconds_[kind] =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    return name;
  }

  void kill_one_run(size_t kind) {
    const std::string whole = unbroken(kind);
    const TempDir folder;
    folder.write("corpus.txt", tiny_text());
    const std::vector<std::string> begin = training(kinds[kind], "m.safetensors"),
                                   resume{"train",    "corpus.txt", "-o",    "m.safetensors",
                                          "--resume", "-q",         "--log", "m.safetensors.jsonl"};
    ++runs_;
    while (true) {
      const bool resumes = std::filesystem::exists(folder.file("m.last.safetensors")) ||
                           std::filesystem::exists(folder.file("m.previous.safetensors"));
      Program program({.arguments = resumes ? resume : begin, .folder = folder.path()});
      const bool kills = resumes_ < wanted_;
      if (kills) {
        // About eight kills in a run, some of them while it starts.
        sleep_seconds(0.01 + random_.uniform() * seconds_[kind] / 4);
        program.send(SIGKILL);
      }
      const ProgramResult result = program.finish();
      resumes_ += kills && resumes;
      if (result.signal == 0) {
        require(result.exit_code == 0, "after {} kills: exit code {}: {}", kills_, result.exit_code,
                result.err);
        break;
      }
      require(result.signal == SIGKILL, "ended by signal {}: {}", result.signal, result.err);
      ++kills_;
    }
    compare(whole, folder);
  }

  void compare(const std::string& whole, const TempDir& folder) const {
    const auto same = [&](const char* suffix) {
      return contents_of(dir_.file(whole + suffix)) ==
             contents_of(folder.file("m" + std::string(suffix)));
    };
    require(bytes_of_file(dir_.file(whole + ".safetensors")) ==
                bytes_of_file(folder.file("m.safetensors")),
            "after {} kills the best model is another one", kills_);
    require(same(".last.safetensors"), "after {} kills the last checkpoint is another one", kills_);
    require(same(".previous.safetensors"), "after {} kills the checkpoint before it is another one",
            kills_);
    require(log_of(dir_.file(whole + ".safetensors.jsonl")) ==
                log_of(folder.file("m.safetensors.jsonl")),
            "after {} kills the log is another one", kills_);
    require(names_in(folder.path()) ==
                std::set<std::string>{"corpus.txt", "m.safetensors", "m.last.safetensors",
                                      "m.previous.safetensors", "m.safetensors.jsonl"},
            "after {} kills litter is left: {}", kills_, fmt::join(names_in(folder.path()), " "));
  }

  int64_t wanted_;
  Random random_;
  TempDir dir_;
  std::map<size_t, std::string> unbroken_;
  std::map<size_t, double> seconds_;  // that the unbroken run took
  int64_t kills_ = 0, resumes_ = 0, runs_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: kill_resume COUNT [SEED]\n");
    return 2;
  }
  const uint64_t seed = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1;
  return run_check([&] { Kills(std::strtoll(argv[1], nullptr, 10), seed).run(); });
}
