#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::cli {

// A text that a person and a model write in turns. A turn is a line of the person's (perhaps none)
// and what the model wrote behind it.
//
// A line begins a new line of the text, unless it goes straight on: it begins with a blank, or it
// was begun with a continuation of what is there.
class JointText {
 public:
  const std::string& text() const { return text_; }
  // Whether what comes next begins a document.
  bool begins_document() const { return ended_ || text_.size() == origin_; }
  // Where in the text the last document begins.
  size_t document_begin() const { return origin_; }
  bool goes_straight_on(std::string_view line, bool asked) const;

  // What the model reads before it goes on from this line, were it added: the end of the text, some
  // kilobytes, that begin at the same place for a while as the text grows.
  std::string context(std::string_view line, bool straight) const;
  // The same for the line that stands there.
  std::string context() const;

  // A turn begins with this line; straight on with an empty one.
  void add(std::string_view line, bool straight);
  // The model goes on.
  void write(std::string_view piece) { text_ += piece; }
  // It has ended the document: what comes next is another, of which nothing before is context.
  void end_document() { ended_ = true; }
  // Takes back what the model wrote in the last turn; there is one.
  void take_back();
  // Takes back the last turn; its line, or nothing where there is none.
  std::optional<std::string> undo();
  void clear();

  bool has_turns() const { return !turns_.empty(); }
  // The line of the last turn.
  std::string_view last_line() const;

 private:
  struct Turn {
    size_t begin = 0;  // in text_: of the turn
    size_t origin_before = 0;
    bool ended_before = false;
    std::string line{};
    size_t written = 0;  // in text_: of the model's part
  };
  // What is put between the text and the line, and the line without what would double a blank.
  struct Joint {
    std::string_view between{};
    std::string_view line{};
  };
  Joint joint(std::string_view line, bool straight) const;

  std::string text_;
  size_t origin_ = 0;  // in text_: of the document
  bool ended_ = false;
  std::vector<Turn> turns_;
};

}  // namespace inkling::cli
