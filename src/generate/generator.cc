#include "generate/generator.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "generate/boundary_limit.h"
#include "generate/prompt.h"
#include "generate/stop_text.h"
#include "text/output_text.h"
#include "text/utf8.h"

namespace inkling::generate {
namespace {

BoundaryLimit boundary_limit(const GenerateOptions& options, std::string_view prompt) {
  using Kind = BoundaryLimit::Kind;
  if (options.sentences > 0) return {Kind::sentences, options.sentences, prompt};
  if (options.words > 0) return {Kind::words, options.words, prompt};
  return {Kind::none, 0, prompt};
}

// What a model draws, on its way to the sink: whole clusters, up to a boundary, up to a stop text.
class Outlet {
 public:
  Outlet(const GenerateOptions& options, std::string_view prompt, std::vector<std::string> stops,
         text::Unit unit, const TextSink& sink)
      : boundary_ending_(options.words > 0 ? Ending::words : Ending::sentences),
        output_(unit),
        boundary_(boundary_limit(options, prompt)),
        stop_(std::move(stops)),
        sink_(sink) {}

  void add(std::string_view bytes) {
    begun_ += bytes;
    if (text::without_begun_code_point(begun_) < begun_.size()) return;
    show(boundary_.add(output_.add(begun_)));
    begun_.clear();
    if (boundary_.reached()) show(stop_.finish());
  }

  // No more is drawn. A begun code point stays out.
  void finish() {
    if (refused_ || stop_.found() || boundary_.reached()) return;
    show(boundary_.add(output_.finish()));
    show(boundary_.finish());
    if (!stop_.found()) write(stop_.finish());
  }

  // Whether the text has ended by what was added.
  std::optional<Ending> ending() const {
    if (refused_) return Ending::asked;
    if (stop_.found()) return Ending::stop;
    if (boundary_.reached()) return boundary_ending_;
    return std::nullopt;
  }

  int64_t bytes_written() const { return bytes_written_; }

 private:
  void show(std::string_view text) { write(stop_.add(text)); }
  void write(std::string_view text) {
    if (text.empty() || refused_) return;
    bytes_written_ += static_cast<int64_t>(text.size());
    refused_ = !sink_(text);
  }

  Ending boundary_ending_;
  std::string begun_;  // a code point of which bytes are missing
  text::OutputText output_;
  BoundaryLimit boundary_;
  StopText stop_;
  const TextSink& sink_;
  bool refused_ = false;
  int64_t bytes_written_ = 0;
};

// How many of the first drawn tokens the written bytes hold.
int64_t count_written(const std::vector<text::Token>& drawn, const text::Vocabulary& vocabulary,
                      int64_t bytes_written) {
  int64_t bytes = 0, n = 0;
  for (const text::Token token : drawn) {
    bytes += static_cast<int64_t>(vocabulary.text(token).size());
    if (bytes > bytes_written) break;
    ++n;
  }
  return n;
}

}  // namespace

Generator::Generator(NextCharacter& model, const SamplingOptions& sampling,
                     const GenerateOptions& options, uint64_t seed)
    : model_(model),
      sampler_(sampling, model.vocabulary()),
      options_(options),
      seed_(seed),
      logits_(static_cast<size_t>(model.vocabulary().size())) {
  options_.validate();
  for (const std::string& stop : options_.stop) stops_.push_back(model.tokenizer().normalize(stop));
}

Written Generator::write(std::string_view prompt, uint64_t index, const TextSink& sink) {
  const text::Tokenizer& tokenizer = model_.tokenizer();
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  Random random(seed_, index);
  sampler_.reset();
  const std::vector<text::Token> read = prompt_tokens(tokenizer, prompt);
  for (const text::Token token : read) sampler_.accept(token);
  model_.reset(0);
  model_.read(0, read, logits_);

  const int64_t limit = options_.limit();
  std::vector<text::Token> drawn;
  drawn.reserve(static_cast<size_t>(std::min<int64_t>(limit, 1 << 20)));
  Outlet outlet(options_, tokenizer.normalize(prompt), stops_, tokenizer.options().unit, sink);
  Ending ending = Ending::characters;
  while (static_cast<int64_t>(drawn.size()) < limit) {
    const text::Token token = sampler_.draw(logits_, random);
    if (!vocabulary.is_character(token)) {
      ending = Ending::end;
      break;
    }
    drawn.push_back(token);
    outlet.add(vocabulary.text(token));
    if (outlet.ending() || static_cast<int64_t>(drawn.size()) == limit) break;
    sampler_.accept(token);
    const int64_t slot = 0;
    model_.step({&slot, 1}, {&token, 1}, logits_);
  }
  outlet.finish();
  const int64_t written = count_written(drawn, vocabulary, outlet.bytes_written());
  return {outlet.ending().value_or(ending), written};
}

}  // namespace inkling::generate
