// Speed of training and sampling beside the machine's own limit and, where it is installed, beside
// PyTorch; in one run, so that the ratios hold on a machine whose speed drifts. One JSON line for
// each row. See README.md here.
//
//     speed_bench [--quick] [--threads N] [CELL LAYERSxHIDDEN BATCH]...

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/option.h"
#include "base/random.h"
#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/parameter_layout.h"
#include "nn/shards.h"
#include "nn/step_engine.h"
#include "nn/threads.h"
#include "train/optimizer.h"

using namespace inkling;
using nn::Precision;

namespace {

constexpr int64_t vocab = 66, bptt = 64;

struct Row {
  nn::CellKind cell;
  int layers;
  int64_t hidden, batch;
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The median over rounds of seconds for one call.
double median_seconds(int rounds, const std::function<void()>& call) {
  call();
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const double start = now();
    call();
    seconds.push_back(now() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

// Seconds that the products of one training chunk take, on all threads, with nothing between them:
// packed products of the very shapes the network uses, weights [k, n] once forward and once
// transposed backward, and the weight gradients.
class Limit {
 public:
  Limit(ThreadPool& pool, Precision precision, int rounds)
      : pool_(pool), precision_(precision), rounds_(rounds) {}

  // x [rows, k] W and dy W' `count` times in each shard, and the gradient x' dy over
  // `gradient_rows` once.
  double seconds(int64_t shards, int64_t rows, int64_t k, int64_t n, int64_t count,
                 int64_t gradient_rows) const {
    return product(shards, rows, k, n, count) + product(shards, rows, n, k, count) +
           gradient(shards, gradient_rows, k, n);
  }

 private:
  double product(int64_t shards, int64_t rows, int64_t k, int64_t n, int64_t count) const {
    nn::PackedMatrix w(rows, k, n, precision_);
    std::vector<nn::Product> products;
    for (int64_t s = 0; s < shards; ++s) products.emplace_back(w, rows, k, n, false);
    const nn::Buffer<float> x(rows * k);
    nn::Buffer<float> y(shards * rows * n);
    const int64_t calls = std::min<int64_t>(count, 64);
    const double seconds = median_seconds(rounds_, [&] {
      pool_.run(shards, [&](int64_t s) {
        for (int64_t i = 0; i < calls; ++i)
          products[static_cast<size_t>(s)].run(x.data(), y.data() + s * rows * n);
      });
    });
    return seconds * static_cast<double>(count) / static_cast<double>(calls);
  }
  double gradient(int64_t shards, int64_t rows, int64_t k, int64_t n) const {
    const int64_t blocks = std::max<int64_t>(1, n / 256), width = n / blocks;
    std::vector<nn::GradientProduct> products;
    for (int64_t b = 0; b < blocks; ++b)
      products.emplace_back(k, width, rows, k, n, n, false, precision_);
    const nn::Buffer<float> a(rows * k), d(rows * n);
    nn::Buffer<float> c(k * n);
    return static_cast<double>(shards) * median_seconds(rounds_, [&] {
             pool_.run(blocks, [&](int64_t b) {
               products[static_cast<size_t>(b)].run(a.data(), d.data() + b * width,
                                                    c.data() + b * width);
             });
           });
  }

  ThreadPool& pool_;
  Precision precision_;
  int rounds_;
};

double limit_chars_per_second(const Row& row, Precision precision, ThreadPool& pool, int rounds) {
  const nn::NetworkSpec spec = nn::NetworkSpec::chain(vocab, 0, row.cell, row.layers, row.hidden);
  const nn::Shards shards(row.batch);
  const int64_t width = spec.gate_blocks() * row.hidden, all = bptt * shards.rows;
  const Limit limit(pool, precision, rounds);
  double seconds =
      row.layers * limit.seconds(shards.count, shards.rows, row.hidden, width, bptt, all);
  if (row.layers > 1)
    seconds += (row.layers - 1) * limit.seconds(shards.count, all, row.hidden, width, 1, all);
  seconds += limit.seconds(shards.count, all, row.hidden, vocab, 1, all);
  return static_cast<double>(row.batch * bptt) / seconds;
}

std::vector<float> small_weights(const nn::ParameterLayout& layout) {
  Random random(1);
  std::vector<float> weights(static_cast<size_t>(layout.size()));
  for (float& w : weights) w = static_cast<float>(random.uniform(-0.05, 0.05));
  return weights;
}

double training_chars_per_second(const Row& row, Precision precision, ThreadPool& pool,
                                 int rounds) {
  const nn::NetworkSpec spec = nn::NetworkSpec::chain(vocab, 0, row.cell, row.layers, row.hidden);
  const nn::ParameterLayout layout(spec);
  std::vector<float> weights = small_weights(layout), gradient(weights.size());
  nn::ChunkEngine engine(spec, {.batch = row.batch, .steps = bptt, .precision = precision}, pool);
  train::TrainOptions options;
  train::Optimizer optimizer(options, layout.size());
  Random random(2);
  std::vector<int32_t> inputs, targets;
  for (int64_t i = 0; i < bptt * row.batch; ++i) {
    inputs.push_back(static_cast<int32_t>(random.below(vocab))),
        targets.push_back(static_cast<int32_t>(random.below(vocab)));
  }
  engine.set_weights(weights.data());
  const double seconds = median_seconds(3 * rounds, [&] {
    engine.run({bptt, inputs.data(), targets.data(), nullptr, false}, {}, gradient.data());
    optimizer.update(gradient.data(), optimizer.norm(gradient.data(), pool), 1e-4, weights.data(),
                     pool);
    engine.set_weights(weights.data());
  });
  return static_cast<double>(row.batch * bptt) / seconds;
}

// One stream, sampled from the plain softmax.
double sampling_chars_per_second(const Row& row, Precision precision, ThreadPool& pool,
                                 int rounds) {
  const nn::NetworkSpec spec = nn::NetworkSpec::chain(vocab, 0, row.cell, row.layers, row.hidden);
  const auto weights = small_weights(nn::ParameterLayout(spec));
  nn::StepEngine engine(spec, weights.data(), precision, &pool);
  std::vector<float> state(static_cast<size_t>(spec.state_size())), logits(vocab);
  float* states[] = {state.data()};
  Random random(3);
  int32_t token = 0;
  constexpr int characters = 1000;
  return characters / median_seconds(rounds, [&] {
           for (int i = 0; i < characters; ++i) {
             engine.step({&token, 1}, states, logits.data());
             float sum = 0;
             for (float& z : logits) sum += z = std::exp(z);
             float coin = static_cast<float>(random.uniform()) * sum;
             token = 0;
             while (token < vocab - 1 && (coin -= logits[static_cast<size_t>(token)]) > 0) ++token;
           }
         });
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

std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

double rounded(double x) { return std::round(x * 1000) / 1000; }

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  int threads = 0;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick")
      quick = true;
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
  if (rows.empty()) {
    rows = {{CellKind::lstm, 1, 512, 64}, {CellKind::lstm, 2, 512, 64},
            {CellKind::lstm, 2, 384, 32}, {CellKind::lstm, 2, 128, 64},
            {CellKind::gru, 1, 512, 64},  {CellKind::rnn, 1, 512, 64}};
  }
  const auto pool = nn::make_thread_pool(threads);
  const int rounds = quick ? 3 : 9;
  fmt::print("{{\"processor\": \"{}\", \"isa\": \"{}\", \"threads\": {}}}\n", processor(),
             name_of(nn::instruction_set()), pool->threads());
  for (const Row& row : rows) {
    const nlohmann::json torch = pytorch(row, pool->threads(), quick ? 2 : 10);
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      if (precision == Precision::bf16 && !nn::has_bf16_products()) continue;
      const double limit = limit_chars_per_second(row, precision, *pool, rounds);
      const double training = training_chars_per_second(row, precision, *pool, rounds);
      const double sampling = sampling_chars_per_second(row, precision, *pool, rounds);
      nlohmann::ordered_json line;
      line["network"] =
          fmt::format("{} {}x{} batch {}", nn::cell_names[static_cast<size_t>(row.cell)],
                      row.layers, row.hidden, row.batch);
      line["precision"] = std::string(name_of(precision));
      line["limit"] = std::round(limit);
      line["train"] = std::round(training);
      line["share_of_limit"] = rounded(training / limit);
      line["sample"] = std::round(sampling);
      if (!torch.is_null()) {
        line["pytorch_train"] = std::round(torch["train"].get<double>());
        line["pytorch_sample"] = std::round(torch["sample"].get<double>());
        line["train_ratio"] = rounded(training / torch["train"].get<double>());
        line["sample_ratio"] = rounded(sampling / torch["sample"].get<double>());
      }
      fmt::print("{}\n", line.dump());
      std::fflush(stdout);
    }
  }
}
