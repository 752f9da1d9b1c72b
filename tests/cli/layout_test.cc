#include "cli/layout.h"

#include <doctest/doctest.h>

#include <array>
#include <limits>

#include "cli/progress_bar.h"
#include "text/display_width.h"

using namespace inkling::cli;
using inkling::text::display_width;

TEST_CASE("wrap breaks at spaces and keeps every word") {
  CHECK(wrap("one two three", 7, 0) == "one two\nthree");
  CHECK(wrap("one two three", 9, 2) == "one two\n  three");
  CHECK(wrap("extraordinarily long", 5, 0) == "extraordinarily\nlong");
  CHECK(wrap("", 5, 0) == "");
}

TEST_CASE("numbers, sizes and times are written for people, in no locale") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(grouped(-1000) == "-1,000");
  CHECK(byte_size(1023) == "1023 bytes");
  CHECK(byte_size(1536) == "1.5 KiB");
  CHECK(clock_time(0.4) == "0:00");
  CHECK(clock_time(61) == "1:01");
  CHECK(clock_time(3723) == "1:02:03");
  CHECK(clock_time(std::numeric_limits<double>::quiet_NaN()) == "?");
}

TEST_CASE("cut never exceeds its width") {
  CHECK(cut("short", 5) == "short");
  CHECK(cut("longer", 5) == "long…");
  CHECK(display_width(cut("猫猫猫", 4)) <= 4);
}

TEST_CASE("bars and sparklines have the width asked for") {
  for (const bool utf8 : {false, true}) {
    for (const double share :
         {-1.0, 0.0, 0.07, 0.5, 0.99, 1.0, 7.0, std::numeric_limits<double>::quiet_NaN()}) {
      CHECK(display_width(bar(share, 10, utf8)) == 10);
    }
    const std::array<float, 5> values{-1, -0.5F, 0, 0.5F, 1};
    CHECK(display_width(sparkline(values, 5, utf8)) == 5);
    CHECK(display_width(sparkline(values, 2, utf8)) == 2);
    CHECK(display_width(sparkline(values, 9, utf8)) == 5);
  }
  CHECK(bar(0.5, 4, false) == "##  ");
  const std::array<float, 2> ends{-1, 1};
  CHECK(sparkline(ends, 2, true) == "▁█");
}

TEST_CASE("the progress line fits every terminal and keeps what matters most") {
  inkling::train::Progress progress;
  progress.share_done = 0.42;
  progress.seconds_left = 83;
  progress.train_loss = 1.5;
  progress.val_loss = 1.6;
  progress.chars_per_second = 31234;
  for (int width = 20; width < 140; ++width) {
    CAPTURE(width);
    const std::string line = progress_line(progress, width, true);
    CHECK(display_width(line) < width);
    CHECK(line.find("42 %") != std::string::npos);
  }
  const std::string wide = progress_line(progress, 140, false);
  for (const char* part :
       {"1:23 left", "31.2k char/s", "train 1.500", "val 1.600 (2.31 bpc)", "lr", "grad"}) {
    CHECK_MESSAGE(wide.find(part) != std::string::npos, part);
  }
  progress.val_loss = std::numeric_limits<double>::quiet_NaN();
  CHECK(progress_line(progress, 140, false).find("val") == std::string::npos);
}
