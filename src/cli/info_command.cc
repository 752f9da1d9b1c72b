#include <cmath>
#include <filesystem>
#include <memory>
#include <numbers>
#include <string>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/layout.h"
#include "cli/model_path.h"
#include "cli/open_model.h"
#include "cli/visible_text.h"
#include "nn/parameter_layout.h"

namespace inkling::cli {
namespace {

constexpr int label_width = 14;

// The most frequent characters, as many as make a line or two.
std::string example_characters(const text::Vocabulary& vocabulary, bool utf8) {
  std::vector<text::Vocabulary::Entry> entries = vocabulary.entries();
  std::stable_sort(entries.begin(), entries.end(), text::Vocabulary::more_frequent);
  std::string shown;
  for (size_t i = 0; i < entries.size() && i < 40; ++i) {
    shown += (i > 0 ? " " : "") + visible_character(entries[i].character, utf8);
  }
  return shown + (entries.size() > 40 ? " ..." : "");
}

std::string loss_text(double nats) {
  if (!std::isfinite(nats)) return "not measured";
  return fmt::format("{:.4f} nats per character ({:.4f} bits)", nats, nats / std::numbers::ln2);
}

class InfoCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("MODEL", 0, 1);
    parser(Option{.name = "model",
                  .meaning = "the same as the argument",
                  .value = "MODEL",
                  .letter = 'm'},
           model_);
    parser(Option{.name = "json", .meaning = "print one JSON object"}, json_);
  }

  void run(const OptionParser& given, Console& console) override {
    if (!given.arguments().empty() && !model_.empty()) {
      usage_error("MODEL and --model name a model each: give one");
    }
    const std::string path = !given.arguments().empty() ? find_model(given.arguments().front())
                             : given.given("model")     ? find_model(model_)
                                                        : find_default_model();
    const model::ModelFile file = open_model(path, true);
    if (json_) {
      print_json(as_json(path, file), console.out);
    } else {
      print_table(path, file, console.out);
    }
  }

 private:
  static Json as_json(const std::string& path, const model::ModelFile& file) {
    const model::LanguageModel& model = file.model;
    const nn::NetworkSpec& network = model.config.network;
    const model::ModelHistory& history = model.history;
    return {{"cell", nn::cell_names[static_cast<size_t>(network.cell)]},
            {"activation", name_of(network.activation)},
            {"stacks", network.stacks()},
            {"num_layers", std::ssize(network.layers) / network.stacks()},
            {"hidden_size", network.layers.back().hidden_size},
            {"embedding_size", network.embedding_size},
            {"layer_norm", network.layer_norm},
            {"initial_state", name_of(network.initial_state)},
            {"parameters", parameters(network)},
            {"vocab_size", model.vocabulary().size()},
            {"unit", name_of(model.tokenizer.options().unit)},
            {"normalize", name_of(model.tokenizer.options().normalize)},
            {"documents", name_of(model.tokenizer.options().documents)},
            {"shape", name_of(model.config.shape)},
            {"context", model.config.context},
            {"val_loss", history.val_loss},
            {"train_loss", history.train_loss},
            {"steps", history.steps},
            {"epochs", history.epochs},
            {"train_characters", history.train_characters},
            {"precision", history.precision},
            {"command", history.command},
            {"options", history.options},
            {"checkpoint", is_checkpoint(file)},
            {"file_size", file_size(path)}};
  }

  static void print_table(const std::string& path, const model::ModelFile& file, Output& out) {
    const model::LanguageModel& model = file.model;
    const nn::NetworkSpec& network = model.config.network;
    const model::ModelHistory& history = model.history;
    const text::Vocabulary& vocabulary = model.vocabulary();
    const int width = out.terminal().width;
    const auto row = [&](std::string_view label, const std::string& value) {
      out.print(pad(label, label_width) + wrap(visible(value), width, label_width) + "\n");
    };
    row("file", fmt::format("{}, {}{}", path, byte_size(file_size(path)),
                            is_checkpoint(file) ? ", a checkpoint of a training run" : ""));
    row("network", network_text(model.config));
    row("input", network.embedding_size == 0
                     ? "one-hot"
                     : fmt::format("embedding of {}", network.embedding_size));
    row("parameters", grouped(parameters(network)));
    row("vocabulary", fmt::format("{} characters{} and <unk>: {}", grouped(vocabulary.characters()),
                                  vocabulary.has_end() ? ", the end of a document" : "",
                                  example_characters(vocabulary, out.terminal().utf8)));
    const text::TextOptions& text_options = model.tokenizer.options();
    row("text", fmt::format("unit {}, normalisation {}, documents {}", name_of(text_options.unit),
                            name_of(text_options.normalize), name_of(text_options.documents)));
    row("validation",
        loss_text(history.val_loss) + (holds_mean(file) || !std::isfinite(history.val_loss)
                                           ? ""
                                           : ", of the weights' mean; it holds them as they were"));
    row("training",
        fmt::format("{}; {} steps, {:.2f} epochs of {} characters, {}",
                    loss_text(history.train_loss), grouped(history.steps), history.epochs,
                    grouped(history.train_characters), history.precision));
    row("command", history.command);
  }

  static std::string network_text(const model::ModelConfig& config) {
    const nn::NetworkSpec& network = config.network;
    std::string text = fmt::format(
        "{}{}, {}", name_of(network.cell),
        network.cell == nn::CellKind::rnn ? fmt::format(" ({})", name_of(network.activation)) : "",
        network.size_text());
    if (network.layer_norm) text += ", layer normalisation";
    if (network.initial_state == nn::InitialState::learned) text += ", learned initial state";
    text += fmt::format(", {}", name_of(config.shape));
    if (config.shape == model::Shape::many_to_one)
      text += fmt::format(" with a context of {}", config.context);
    return text;
  }

  static int64_t parameters(const nn::NetworkSpec& network) {
    return nn::ParameterLayout(network).count();
  }

  // A checkpoint's weights are not the mean of which the loss was measured.
  static bool holds_mean(const model::ModelFile& file) {
    const auto averaging = file.model.history.options.find("averaging");
    return !is_checkpoint(file) || averaging == file.model.history.options.end() ||
           averaging->second == "0";
  }

  static bool is_checkpoint(const model::ModelFile& file) { return !file.extra.empty(); }

  static int64_t file_size(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : static_cast<int64_t>(size);
  }

  std::string model_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_info_command() { return std::make_unique<InfoCommand>(); }

}  // namespace inkling::cli
