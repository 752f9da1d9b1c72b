// How the cost of training grows: with the hidden size, layers, batch, bptt and vocabulary, one at
// a time from LSTM 2x256, batch 32, bptt 64, 66 characters; and of reading a corpus with its size.
// Markdown tables.
//
//     scaling_bench [--threads N] [--only NAME]     NAME: as the rows begin

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/option.h"
#include "base/random.h"
#include "measure.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/threads.h"
#include "text/corpus.h"
#include "train/training_step.h"

using namespace inkling;

namespace {

struct Size {
  int64_t hidden = 256, layers = 2, batch = 32, bptt = 64, vocab = 66;
};

// What the command line asked for: rows that begin with it.
std::string only;

void print_row(const std::string& what, const Size& size, ThreadPool& pool) {
  const int64_t embedding = size.vocab > 1000 ? 128 : 0;  // as train chooses
  const train::TrainingStep step{nn::NetworkSpec::chain(size.vocab, embedding, nn::CellKind::lstm,
                                                        static_cast<int>(size.layers), size.hidden),
                                 size.batch, size.bptt,
                                 nn::training_precision(nn::Precision::automatic)};
  const double seconds = bench::median(train::step_seconds(step, pool, 7));
  const double speed = static_cast<double>(step.characters()) / seconds;
  const int64_t bytes = nn::engine_bytes(
      step.spec, {.batch = step.batch, .steps = step.bptt, .precision = step.precision});
  fmt::print("| {} | {:.2f} | {:.0f} | {:.0f} | {:.0f} |\n", what, seconds * 1e3, speed,
             speed * step.flops_per_character() * 1e-9, static_cast<double>(bytes) * 0x1p-20);
  std::fflush(stdout);
}

void print_table(const char* name, int64_t Size::*member, const std::vector<int64_t>& values,
                 ThreadPool& pool) {
  for (const int64_t value : values) {
    Size size;
    size.*member = value;
    const std::string what = fmt::format("{} {}", name, value);
    if (what.starts_with(only)) print_row(what, size, pool);
  }
}

// Words of random letters.
std::string text_of(int64_t bytes) {
  Random random(5);
  std::string text;
  while (static_cast<int64_t>(text.size()) < bytes) {
    for (uint64_t i = 2 + random.below(8); i > 0; --i)
      text += static_cast<char>('a' + random.below(26));
    text += random.below(12) == 0 ? '\n' : ' ';
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  int threads = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--threads") == 0) threads = std::stoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
  }
  const auto pool = nn::make_thread_pool(threads);
  fmt::print("{}, {}, {} threads, {}\n\n", bench::processor(), name_of(nn::instruction_set()),
             pool->threads(), name_of(nn::training_precision(nn::Precision::automatic)));
  fmt::print(
      "| | ms a step | characters/s | GFLOP/s | MB of the engine |\n|---|---:|---:|---:|---:|\n");
  print_table("hidden size", &Size::hidden, {64, 128, 256, 512, 1024}, *pool);
  print_table("layers", &Size::layers, {1, 2, 3, 4}, *pool);
  print_table("batch", &Size::batch, {1, 8, 16, 32, 64, 128}, *pool);
  print_table("bptt", &Size::bptt, {16, 32, 64, 128, 256}, *pool);
  print_table("vocabulary", &Size::vocab, {66, 300, 1000, 5000, 20000}, *pool);
  if (!std::string("corpus").starts_with(only)) return 0;
  fmt::print("\n| corpus | seconds to read | MB/s |\n|---|---:|---:|\n");
  for (const int64_t megabytes : {1, 10, 100}) {
    const std::string text = text_of(megabytes * 1'000'000);
    const double seconds = bench::median_seconds(3, [&] {
      text::make_corpus({{"text", text, 0}}, {});
    });
    fmt::print("| {} MB | {:.3f} | {:.0f} |\n", megabytes, seconds,
               static_cast<double>(megabytes) / seconds);
  }
}
