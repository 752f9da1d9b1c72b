#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::cli {

// What stands on the row on which a text ends.
std::string_view last_row(std::string_view text);
// The text's last line that is not empty.
std::string_view tail_of(std::string_view text);

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
  // It has ended the document: what comes next is another, of which nothing before is context, in
  // the next line, or below an empty one.
  void end_document(bool empty_line) { ended_ = true, gap_ = empty_line ? 2 : 1; }
  // Takes back what the model wrote in the last turn; there is one.
  void take_back();
  // Puts what was taken back last in the last turn in the place of what the model has written there
  // since. Returns whether there was something.
  bool bring_back();
  // A line as it was added.
  struct Line {
    std::string text{};
    bool straight = false;
  };
  // Takes back the last turn; its line, or nothing where there is none.
  std::optional<Line> undo();
  void clear();
  // Another text, without turns that could be taken back.
  void open(std::string text);

  bool has_turns() const { return !turns_.empty(); }
  // The line of the last turn.
  std::string_view last_line() const;

 private:
  struct Written {
    std::string text{};
    bool ended = false;
  };
  struct Turn {
    size_t begin = 0;  // in text_: of the turn
    size_t origin_before = 0;
    bool ended_before = false;
    Line line{};
    size_t written = 0;                 // in text_: of the model's part
    std::vector<Written> taken_back{};  // what that was before
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
  size_t gap_ = 1;  // line feeds between a document that has ended and the next
  std::vector<Turn> turns_;
};

}  // namespace inkling::cli
