// Trains, stops, goes on and generates in a loop, beside a process that generates all the time, and
// watches their memory, their descriptors and the folder: soak MINUTES

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <vector>

#include "endurance/endurance.h"
#include "support/program.h"
#include "support/temp_dir.h"
#include "support/tiny_training.h"

using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;

// What a process uses, sampled over its life.
class Usage {
 public:
  void sample(pid_t process) {
    const std::string folder = fmt::format("/proc/{}", process);
    std::ifstream file(folder + "/statm");
    int64_t total = 0, resident = 0;
    if (!(file >> total >> resident)) return;
    std::error_code error;
    int64_t descriptors = 0;
    for (fs::directory_iterator entry(folder + "/fd", error), end; !error && entry != end;
         entry.increment(error)) {
      ++descriptors;
    }
    if (error) return;
    resident_.push_back(static_cast<double>(resident) * 4096 / (1 << 20));
    descriptors_.push_back(descriptors);
  }

  // The least, in MiB, in the first and the last half: what is more is taken for a time
  // (evaluating, saving) and given back.
  double early() const { return least(0, resident_.size() / 2); }
  double late() const { return least(resident_.size() / 2, resident_.size()); }
  int64_t least_descriptors() const {
    return *std::min_element(descriptors_.begin(), descriptors_.end());
  }
  int64_t most_descriptors() const {
    return *std::max_element(descriptors_.begin(), descriptors_.end());
  }
  bool is_enough() const { return resident_.size() >= 8; }

 private:
  double least(size_t from, size_t to) const {
    return *std::min_element(resident_.begin() + static_cast<ptrdiff_t>(from),
                             resident_.begin() + static_cast<ptrdiff_t>(to));
  }

  std::vector<double> resident_;
  std::vector<int64_t> descriptors_;
};

// A save has its file and its folder open.
constexpr int64_t descriptors_for_a_time = 2;
constexpr double allowed_growth = 4;  // MiB
constexpr double cycle_seconds = 20, sample_seconds = 0.1;
constexpr int evaluations_to_warm_up = 3;

int evaluations_of(const Program& program) {
  int count = 0;
  const std::string& text = program.errors();
  for (size_t at = text.find("\nstep "); at != text.npos; at = text.find("\nstep ", at + 1))
    ++count;
  return count;
}

void check_usage(const char* who, const Usage& usage) {
  require(usage.is_enough(), "{}: too short to be judged", who);
  fmt::print("{}: {:.1f} MiB early, {:.1f} MiB late; {} to {} descriptors\n", who, usage.early(),
             usage.late(), usage.least_descriptors(), usage.most_descriptors());
  require(usage.late() <= usage.early() + allowed_growth, "{}: its memory grows", who);
  require(usage.most_descriptors() <= usage.least_descriptors() + descriptors_for_a_time,
          "{}: its descriptors grow", who);
}

class Soak {
 public:
  explicit Soak(double minutes) : seconds_(minutes * 60) {
    dir_.write("corpus.txt", tiny_text() + tiny_text());
  }

  void run() {
    const auto start = std::chrono::steady_clock::now();
    const auto seconds = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    train({"train", "corpus.txt", "-o", "m.safetensors", "--time", "1000h", "--patience", "0",
           "--hidden-size", "128", "--save-every", "40", "--eval-every", "80", "--sample-every",
           "1", "--log", "m.jsonl"});
    const std::vector<std::string> resume{"train",    "corpus.txt",     "-o", "m.safetensors",
                                          "--resume", "--sample-every", "1",  "--log",
                                          "m.jsonl"};
    fs::copy_file(dir_.file("m.safetensors"), dir_.file("generator.safetensors"));
    Program generator({.arguments = {"generate", "-m", dir_.file("generator.safetensors"), "-n",
                                     "1000000000", "--seed", "1"},
                       .output = "/dev/null"});
    Usage generating;
    generator_ = {&generator, &generating};
    int64_t cycles = 1;
    for (; seconds() < seconds_; ++cycles) {
      train(resume);
      generate();
    }
    generator.send(SIGTERM);
    require(generator.finish().signal == SIGTERM, "the generator has ended by itself");
    fmt::print("{} cycles in {:.0f} s\n", cycles, seconds());
    check_usage("training", training_);
    check_usage("generating", generating);
    // Each process begins anew: what grows is what they leave.
    require(last_late_ <= first_late_ + allowed_growth, "from {:.1f} to {:.1f} MiB over the cycles",
            first_late_, last_late_);
  }

 private:
  void train(const std::vector<std::string>& arguments) {
    Program program({.arguments = arguments, .folder = dir_.path()});
    Usage usage;
    for (double waited = 0; evaluations_of(program) < evaluations_to_warm_up; waited += 1) {
      require(waited < 600, "training does not come to its evaluations: {}", program.errors());
      program.read_for(1);
    }
    for (double waited = 0; waited < cycle_seconds; waited += sample_seconds) {
      program.read_for(sample_seconds);
      usage.sample(program.pid());
      training_.sample(program.pid());
      if (generator_.program != nullptr) generator_.usage->sample(generator_.program->pid());
    }
    program.send(SIGINT);
    const ProgramResult result = program.finish();
    require(result.signal == SIGINT, "training ended otherwise: {}", result.err);
    check_usage("a cycle of training", usage);
    last_late_ = usage.late();
    if (first_late_ == 0) first_late_ = last_late_;
    std::set<std::string> names = names_in(dir_.path());
    names.erase("generator.safetensors");
    require(names == std::set<std::string>{"corpus.txt", "m.jsonl", "m.safetensors",
                                           "m.last.safetensors", "m.previous.safetensors"},
            "litter: {}", fmt::join(names, " "));
  }

  void generate() const {
    const ProgramResult result = run_inkling(
        {.arguments = {"generate", "-m", dir_.file("m.safetensors"), "-n", "2000", "--seed", "7"}});
    require(result.exit_code == 0 && result.out.size() > 1000, "generating failed: {}", result.err);
  }

  double seconds_;
  TempDir dir_;
  Usage training_;
  struct {
    Program* program = nullptr;
    Usage* usage = nullptr;
  } generator_;
  double first_late_ = 0, last_late_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const double minutes = argc == 2 ? std::strtod(argv[1], nullptr) : 0;
  if (minutes <= 0) {
    fmt::print(stderr, "usage: soak MINUTES\n");
    return 2;
  }
  return run_check([&] { Soak(minutes).run(); });
}
