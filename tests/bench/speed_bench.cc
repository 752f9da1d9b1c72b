// Speed of training and sampling beside the machine's own limit, in turn, so that the shares hold
// on a machine whose speed drifts, and, where it is installed, beside PyTorch, measured before
// them. One JSON line for each row. See README.md here.
//
//     speed_bench [--quick] [--threads N] [--others] [CELL LAYERSxHIDDEN BATCH]...

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/option.h"
#include "base/random.h"
#include "limit.h"
#include "measure.h"
#include "nn/kernels/instruction_set.h"
#include "nn/parameter_layout.h"
#include "nn/shards.h"
#include "nn/step_engine.h"
#include "nn/threads.h"
#include "train/training_step.h"

using namespace inkling;
using nn::Precision;

namespace {

using bench::Limit, bench::median_seconds, bench::rounded;

constexpr int64_t vocab = 66, bptt = 64;

struct Row {
  nn::CellKind cell;
  int layers;
  int64_t hidden, batch;
};

nn::NetworkSpec spec_of(const Row& row) {
  return nn::NetworkSpec::chain(vocab, 0, row.cell, row.layers, row.hidden);
}

double training_speed(const Row& row, bool many_to_one, Precision precision, ThreadPool& pool) {
  const train::TrainingStep step{spec_of(row), row.batch, bptt, precision, many_to_one};
  return static_cast<double>(step.characters()) / bench::median(train::step_seconds(step, pool, 1));
}

// many_to_one: the head reads the last step alone, and a window counts for one character.
double training_limit(const Row& row, bool many_to_one, const Limit& limit) {
  const nn::Shards shards(row.batch);
  const int64_t width = spec_of(row).gate_blocks() * row.hidden, all = bptt * shards.rows;
  const int64_t head_rows = many_to_one ? shards.rows : all;
  double seconds =
      row.layers * limit.training(shards.count, shards.rows, row.hidden, width, bptt, all);
  if (row.layers > 1)
    seconds += (row.layers - 1) * limit.training(shards.count, all, row.hidden, width, 1, all);
  seconds += limit.training(shards.count, head_rows, row.hidden, vocab, 1, head_rows);
  return static_cast<double>(many_to_one ? row.batch : row.batch * bptt) / seconds;
}

// The products of the forward pass alone, one step after another.
double forward_limit(const Row& row, const Limit& limit) {
  const nn::Shards shards(row.batch);
  const int64_t width = spec_of(row).gate_blocks() * row.hidden;
  const double seconds =
      (2 * row.layers - 1) * limit.product(shards.count, shards.rows, row.hidden, width, bptt) +
      limit.product(shards.count, shards.rows, row.hidden, vocab, bptt);
  return static_cast<double>(row.batch * bptt) / seconds;
}

// Draws a token by the plain softmax; the logits are overwritten.
int32_t draw(float* logits, Random& random) {
  float sum = 0;
  for (int64_t j = 0; j < vocab; ++j) sum += logits[j] = std::exp(logits[j]);
  float coin = static_cast<float>(random.uniform()) * sum;
  int32_t token = 0;
  while (token < vocab - 1 && (coin -= logits[token]) > 0) ++token;
  return token;
}

// Streams sampled as generate::TextsInProgress does: a step for all, then each draws, several on
// the pool's threads. Characters a second, all streams together.
double sampling_speed(const Row& row, int64_t streams, Precision precision, ThreadPool& pool) {
  const nn::NetworkSpec spec = spec_of(row);
  const auto weights = train::small_weights(nn::ParameterLayout(spec));
  nn::StepEngine engine(spec, weights.data(), precision, &pool);
  const auto count = static_cast<size_t>(streams);
  std::vector<float> state(count * static_cast<size_t>(spec.state_size())), logits(count * vocab);
  std::vector<float*> states;
  for (size_t i = 0; i < count; ++i)
    states.push_back(state.data() + i * static_cast<size_t>(spec.state_size()));
  std::vector<int32_t> tokens(count);
  std::vector<Random> random;
  for (size_t i = 0; i < count; ++i) random.emplace_back(3, i);
  constexpr int64_t in_a_task = 4;
  const int steps = streams == 1 ? 1000 : 100;
  const double seconds = median_seconds(1, [&] {
    for (int i = 0; i < steps; ++i) {
      engine.step(tokens, states, logits.data());
      pool.run((streams + in_a_task - 1) / in_a_task, [&](int64_t task) {
        const int64_t end = std::min(streams, (task + 1) * in_a_task);
        for (int64_t s = task * in_a_task; s < end; ++s) {
          const auto stream = static_cast<size_t>(s);
          tokens[stream] = draw(logits.data() + s * vocab, random[stream]);
        }
      });
    }
  });
  return static_cast<double>(steps * streams) / seconds;
}

// What a step reads of them.
int64_t weight_bytes(const Row& row, Precision precision) {
  const nn::NetworkSpec spec = spec_of(row);
  const auto weights = train::small_weights(nn::ParameterLayout(spec));
  return nn::StepEngine(spec, weights.data(), precision).weight_bytes();
}

// The faster of OpenBLAS's core types; null where PyTorch is missing.
nlohmann::json pytorch(const Row& row, int threads, double seconds) {
  nlohmann::json best;
  for (const char* core : {"", "OPENBLAS_CORETYPE=SkylakeX "}) {
    const std::string command = fmt::format(
        "{}OMP_NUM_THREADS={} /usr/bin/python3 {}/tests/bench/pytorch_speed.py {} {} {} {} {} {} "
        "{} {} 2>/dev/null",
        core, threads, INKLING_SOURCE_FOLDER, nn::cell_names[static_cast<size_t>(row.cell)],
        row.layers, row.hidden, row.batch, bptt, vocab, threads, seconds);
    FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    for (char part[256]; pipe != nullptr && std::fgets(part, sizeof part, pipe) != nullptr;)
      text += part;
    if (pipe != nullptr) pclose(pipe);
    const nlohmann::json found = nlohmann::json::parse(text, nullptr, false);
    if (found.is_object() && (best.is_null() || found["train"] > best["train"])) best = found;
  }
  return best;
}

std::string title(const Row& row) {
  return fmt::format("{} {}x{} batch {}", nn::cell_names[static_cast<size_t>(row.cell)], row.layers,
                     row.hidden, row.batch);
}

void print(const nlohmann::ordered_json& line) {
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

// A limit, what was reached and its share; `of` names what was reached.
void add_pair(nlohmann::ordered_json& line, const char* limit, const char* of, const char* share,
              const bench::Pair& pair) {
  line[limit] = std::round(pair.first);
  line[of] = std::round(pair.second);
  line[share] = rounded(pair.share);
  line[std::string(share) + "_range"] = {rounded(pair.least_share), rounded(pair.greatest_share)};
}

// One stream, beside reading the weights and PyTorch.
void add_sampling(nlohmann::ordered_json& line, const Row& row, Precision precision,
                  const nlohmann::json& torch, ThreadPool& pool, int passes) {
  const int64_t bytes = weight_bytes(row, precision);
  const bench::Pair pair = bench::in_turn(
      passes, [&] { return bench::read_bandwidth(pool, bytes) / static_cast<double>(bytes); },
      [&] { return sampling_speed(row, 1, precision, pool); });
  add_pair(line, "readings", "sample", "share_of_reading", pair);
  if (!torch.is_null()) {
    line["pytorch_sample"] = std::round(torch["sample"].get<double>());
    line["sample_ratio"] = rounded(pair.second / torch["sample"].get<double>());
  }
}

bool trains_in(Precision precision) {
  return precision == Precision::f32 || (precision == Precision::bf16 && nn::has_bf16_products());
}

bench::Pair training_beside_limit(const Row& row, bool many_to_one, Precision precision,
                                  ThreadPool& pool, int passes) {
  const Limit limit(pool, precision);
  return bench::in_turn(
      passes, [&] { return training_limit(row, many_to_one, limit); },
      [&] { return training_speed(row, many_to_one, precision, pool); });
}

// Training and one stream, beside the limit and PyTorch; the stream alone where nothing trains in
// the precision.
void print_speeds(const Row& row, Precision precision, const nlohmann::json& torch,
                  ThreadPool& pool, int passes) {
  nlohmann::ordered_json line;
  line["network"] = title(row);
  line["precision"] = std::string(name_of(precision));
  if (trains_in(precision)) {
    const bench::Pair pair = training_beside_limit(row, false, precision, pool, passes);
    add_pair(line, "limit", "train", "share_of_limit", pair);
    line["gflops"] =
        std::round(pair.second * train::TrainingStep{spec_of(row)}.flops_per_character() * 1e-9);
    if (!torch.is_null()) {
      line["pytorch_train"] = std::round(torch["train"].get<double>());
      line["train_ratio"] = rounded(pair.second / torch["train"].get<double>());
    }
  }
  add_sampling(line, row, precision, torch, pool, passes);
  print(line);
}

// What only one network is measured for: windows, many streams, threads.
void print_others(const Row& row, Precision precision, ThreadPool& pool, int passes) {
  const Limit limit(pool, precision);
  const std::string name(name_of(precision));
  std::vector<double> large;
  for (int pass = 0; pass < passes; ++pass) large.push_back(limit.large_product_gflops());
  print({{"large_product_gflops", std::round(bench::median(large))}, {"precision", name}});

  nlohmann::ordered_json windows{{"many_to_one", title(row)}, {"precision", name}};
  add_pair(windows, "limit", "train", "share_of_limit",
           training_beside_limit(row, true, precision, pool, passes));
  print(windows);

  nlohmann::ordered_json streams{
      {"sampled_at_once", row.batch}, {"network", title(row)}, {"precision", name}};
  const auto at_once = [&] { return sampling_speed(row, row.batch, precision, pool); };
  add_pair(streams, "limit", "sample", "share_of_limit",
           bench::in_turn(
               passes, [&] { return forward_limit(row, limit); }, at_once));
  print(streams);

  const auto one = nn::make_thread_pool(1);
  const Limit limit_of_one(*one, precision);
  const bench::Pair threads = bench::in_turn(
      passes,
      [&] { return training_limit(row, false, limit) / training_limit(row, false, limit_of_one); },
      [&] {
        return training_speed(row, false, precision, pool) /
               training_speed(row, false, precision, *one);
      });
  print({{"threads_over_one", pool.threads()},
         {"network", title(row)},
         {"precision", name},
         {"products", rounded(threads.first)},
         {"train", rounded(threads.second)},
         {"share", rounded(threads.share)},
         {"share_range", {rounded(threads.least_share), rounded(threads.greatest_share)}}});
}

}  // namespace

int main(int argc, char** argv) try {
  bool quick = false, others = false;
  int threads = 0;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick")
      quick = true;
    else if (word == "--others")
      others = true;
    else if (word == "--threads" && i + 1 < argc)
      threads = std::atoi(argv[++i]);
    else
      words.push_back(word);
  }
  std::vector<Row> rows;
  for (size_t i = 0; i + 2 < words.size(); i += 3) {
    const size_t x = words[i + 1].find('x');
    rows.push_back({enum_from_name<nn::CellKind>(words[i], "CELL"),
                    std::stoi(words[i + 1].substr(0, x)), std::stoi(words[i + 1].substr(x + 1)),
                    std::stoi(words[i + 2])});
  }
  using nn::CellKind;
  const bool all = rows.empty();
  if (all) {
    rows = {
        {CellKind::lstm, 1, 512, 64}, {CellKind::lstm, 2, 512, 64}, {CellKind::lstm, 2, 384, 32},
        {CellKind::lstm, 2, 128, 64}, {CellKind::lstm, 1, 256, 64}, {CellKind::gru, 1, 512, 64},
        {CellKind::gru, 2, 512, 64},  {CellKind::gru, 2, 384, 32},  {CellKind::rnn, 1, 512, 64}};
  }
  const auto pool = nn::make_thread_pool(threads);
  const int passes = quick ? 3 : 11;
  print({{"processor", bench::processor()},
         {"isa", std::string(name_of(nn::instruction_set()))},
         {"threads", pool->threads()}});
  constexpr Precision precisions[] = {Precision::f32, Precision::bf16, Precision::int8};
  for (const Row& row : rows) {
    const nlohmann::json torch = pytorch(row, pool->threads(), quick ? 2 : 10);
    for (const Precision precision : precisions) print_speeds(row, precision, torch, *pool, passes);
  }
  for (const Precision precision : precisions) {
    if (trains_in(precision) && (all || others))
      print_others(rows.front(), precision, *pool, passes);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "speed_bench: %s\n", error.what());
  return 1;
}
