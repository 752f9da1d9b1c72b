#include "edit/width_probe.h"

#include <doctest/doctest.h>

#include "edit/key_decoder.h"
#include "edit/screen_layout.h"
#include "support/screen.h"

using namespace inkling::edit;
using inkling::testing::Screen;
using inkling::text::WidthProfile;

namespace {

Frame frame_of(std::string_view text) {
  return lay_out({.marker = "> ", .text = text, .cursor = text.size()}, {80, 24});
}

}  // namespace

TEST_CASE("plain text, accents and wide characters need no question") {
  const WidthProbe probe;
  CHECK_FALSE(probe.needed(frame_of("plain é e\u0301 猫 ไทย ➤")));
  CHECK(probe.needed(frame_of("नमस्ते कि")));
  CHECK(probe.needed(frame_of("❤️")));
  CHECK(probe.needed(frame_of("👩‍🚀")));
}

TEST_CASE("the terminal's own widths are found out, and nothing is left on its screen") {
  const std::vector<WidthProfile> terminals{
      {},
      {.spacing_mark = 0, .conjunct = 0},
      {.joined_emoji = 2, .emoji_modifier = 2, .emoji_selector = 0},
  };
  for (const WidthProfile& terminal : terminals) {
    Screen screen(40, 5, terminal);
    WidthProbe probe;
    screen.feed(probe.question());
    CHECK(screen.text().empty());
    CHECK(screen.cursor_column() == 0);
    CHECK(screen.unknown().empty());
    CHECK(probe.waiting());
    KeyDecoder decoder;
    decoder.add(screen.take_answers());
    std::optional<WidthProfile> found;
    while (const auto key = decoder.next()) {
      CHECK_FALSE(found);  // not before the last answer
      found = probe.hear(key->column);
    }
    REQUIRE(found);
    CHECK(*found == terminal);
    CHECK_FALSE(probe.waiting());
    CHECK_FALSE(probe.hear(7));  // nobody has asked for one more
    CHECK_FALSE(probe.needed(frame_of("❤️")));
  }
}
