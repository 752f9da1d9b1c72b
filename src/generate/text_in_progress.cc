#include "generate/text_in_progress.h"

#include <numbers>
#include <utility>

#include "generate/shares.h"

namespace inkling::generate {

TextInProgress::TextInProgress(Sampler sampler, Outlet outlet, const text::Vocabulary& vocabulary,
                               int64_t limit, Random random, TextSink sink)
    : sampler_(std::move(sampler)),
      outlet_(std::move(outlet)),
      vocabulary_(vocabulary),
      limit_(limit),
      random_(random),
      sink_(std::move(sink)) {}

bool TextInProgress::may_go_on() const { return !refused_ && !outlet_.ending() && drawn_ < limit_; }

std::optional<text::Token> TextInProgress::go_on(std::span<const float> logits) {
  if (!may_go_on()) return std::nullopt;
  const text::Token token = sampler_.draw(logits, random_);
  if (!vocabulary_.is_character(token)) {
    ending_ = Ending::end;
    return std::nullopt;
  }
  ++drawn_;
  if (watcher_) {
    const double nats = -log_share(logits, token, vocabulary_.unknown());
    watcher_(vocabulary_.text(token), nats / std::numbers::ln2);
  }
  write(outlet_.add(vocabulary_.text(token)));
  if (!may_go_on()) return std::nullopt;
  sampler_.accept(token);
  return token;
}

Written TextInProgress::finish() {
  if (!refused_) write(outlet_.finish());
  return {refused_ ? Ending::asked : outlet_.ending().value_or(ending_), outlet_.tokens_written()};
}

void TextInProgress::write(const std::string& text) {
  if (!text.empty() && !refused_) refused_ = !sink_(text);
}

}  // namespace inkling::generate
