#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/sanitizers.h"
#include "support/tiny_model.h"
#include "text/utf8.h"

// Texts that nobody means to train on, through the real program: each is trained on or refused in
// a sentence.
using namespace inkling::testing;
using inkling::text::append_code_point;

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Words short_training(const std::string& corpus, Words more = {}) {
  more.insert(more.end(), {"--steps", "2", "--quiet", "--force", "--sample-every", "-1"});
  return tiny_training(corpus, "m.safetensors", std::move(more));
}

// A folder to train in.
struct Workplace {
  ProgramResult train(const std::string& corpus, Words more = {}, std::string input = "") const {
    return run_inkling({.arguments = short_training(corpus, std::move(more)),
                        .input = std::move(input),
                        .folder = dir.path()});
  }
  ProgramResult train_on(std::string_view text, Words more = {}) const {
    return train(dir.write("corpus.txt", text), std::move(more));
  }
  // By the shell, with the training's command line as "$@".
  ProgramResult shell(const std::string& command) const {
    Words arguments{"-c", command, "sh", INKLING_BINARY};
    for (std::string& word : short_training("-")) arguments.push_back(std::move(word));
    return run_inkling(
        {.arguments = std::move(arguments), .folder = dir.path(), .program = "/bin/sh"});
  }
  nlohmann::json info() const {
    const ProgramResult result =
        run_inkling({.arguments = {"info", "m.safetensors", "--json"}, .folder = dir.path()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    return nlohmann::json::parse(result.out);
  }
  void check_writes() const {
    const ProgramResult result = run_inkling(
        {.arguments = {"generate", "-m", "m.safetensors", "-n", "40", "-q"}, .folder = dir.path()});
    CHECK_MESSAGE(result.exit_code == 0, result.err);
    CHECK_FALSE(inkling::text::find_ill_formed(result.out));
  }

  TempDir dir;
};

void check_trained(const ProgramResult& result) {
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.err == "");
}

void check_refused(const ProgramResult& result, const std::string& words) {
  CHECK(result.exit_code == 1);
  CHECK_MESSAGE(has(result.err, words), result.err);
}

}  // namespace

TEST_CASE("a corpus of nothing, or of next to nothing, is refused") {
  const Workplace here;
  check_refused(here.train_on(""), "the file is empty");
  check_refused(here.train("-"), "standard input is empty");
  check_refused(here.train("/dev/null"), "the file is empty");
  check_refused(here.train_on("a"), "the corpus is too short");
  check_refused(here.train_on("a", {"--split", "100/0/0"}), "the training part has 1 character");
  check_trained(here.train_on("ab", {"--split", "100/0/0"}));
  here.check_writes();
}

TEST_CASE("a long text without a line end is trained on") {
  const Workplace here;
  std::string text;
  while (text.size() < 3000000) text += "the cat sat on the mat and ";
  check_trained(here.train_on(text));
  here.check_writes();
}

TEST_CASE("zero bytes and all other bytes are trained on") {
  const Workplace here;
  std::string zeros, all;
  for (int i = 0; i < 100; ++i) zeros += std::string("a cat\0sat\0\0", 11);
  for (int i = 0; i < 2048; ++i) all += static_cast<char>(i);
  check_trained(here.train_on(zeros));
  here.check_writes();
  check_trained(here.train_on(std::string(5000, '\0')));
  here.check_writes();
  check_trained(here.train_on(all, {"--unit", "byte", "--line-ends", "keep"}));
  CHECK(here.info().at("vocab_size") == 257);
  here.check_writes();
  check_refused(here.train_on(all), "corpus.txt: line 3, byte 128: ill-formed UTF-8 (0x80)");
  check_trained(here.train_on(all, {"--invalid", "replace"}));
  here.check_writes();
}

TEST_CASE("every kind of ill-formed UTF-8 is refused with its place, or replaced") {
  const Workplace here;
  const std::vector<std::pair<const char*, const char*>> kinds{
      {"\x80", "0x80"},                      // continues nothing
      {"\xBF\xBF", "0xBF"},                  //
      {"\xC3", "0xC3"},                      // cut short, of each length
      {"\xE2\x82", "0xE2 0x82"},             //
      {"\xF0\x9F\x98", "0xF0 0x9F 0x98"},    //
      {"\xC0\x80", "0xC0"},                  // longer than need be, of each length
      {"\xC1\xBF", "0xC1"},                  //
      {"\xE0\x9F\xBF", "0xE0"},              //
      {"\xF0\x8F\xBF\xBF", "0xF0"},          //
      {"\xED\xA0\x80", "0xED"},              // a surrogate
      {"\xED\xBF\xBF", "0xED"},              //
      {"\xF4\x90\x80\x80", "0xF4"},          // beyond U+10FFFF
      {"\xF5\x80\x80\x80", "0xF5"},          //
      {"\xF8\x88\x80\x80\x80", "0xF8"},      // five bytes, six bytes
      {"\xFC\x84\x80\x80\x80\x80", "0xFC"},  //
      {"\xFE", "0xFE"},                      // in no encoding of UTF-8
      {"\xFF", "0xFF"},
  };
  std::string all;
  for (const auto& [bytes, shown] : kinds) {
    const std::string text = std::string("The first line.\nThe ") + bytes + " second line.\n";
    check_refused(here.train_on(text),
                  std::string("corpus.txt: line 2, byte 20: ill-formed UTF-8 (") + shown + ")");
    all += text;
  }
  check_trained(here.train_on(all, {"--invalid", "replace"}));
  here.check_writes();
}

TEST_CASE("a cluster of a million combining marks is trained on") {
  const Workplace here;
  std::string text = "a";
  for (int i = 0; i < 500000; ++i) text += "\u0301\u0323";
  check_trained(here.train_on(text + "\nThe end.\n"));
  here.check_writes();
}

TEST_CASE("60,000 distinct characters are trained on") {
  const Workplace here;
  std::string text;
  for (char32_t c = 0; c < 60000; ++c) append_code_point(text, 0x20000 + c);
  const Words small{"--unit",           "codepoint", "--normalize",   "none",
                    "--split",          "100/0/0",   "--bptt",        "2",
                    "--batch-size",     "2",         "--hidden-size", "4",
                    "--embedding-size", "4"};
  check_trained(here.train_on(text, small));
  CHECK(here.info().at("vocab_size") == 20001);
  Words all = small;
  all.insert(all.end(), {"--max-vocab", "0"});
  check_trained(here.train_on(text, all));
  CHECK(here.info().at("vocab_size") == 60001);
  here.check_writes();
}

TEST_CASE("pipes are read to their end, devices without one are refused") {
  const Workplace here;
  check_trained(here.train("-", {}, tiny_text()));
  check_trained(here.shell("head -c 100000 /dev/zero | \"$@\""));
  here.check_writes();
  check_refused(here.train("/dev/zero"), "/dev/zero: it goes on after 256 MB");
  check_refused(here.shell("\"$@\" < /dev/zero"), "standard input: it goes on after 256 MB");

  const std::string pipe = here.dir.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] { here.dir.write("pipe", tiny_text()); });
  check_trained(here.train(pipe));
  writer.join();
}

// The sanitizers' own maps need more addresses than any limit.
#if !INKLING_ADDRESS_SANITIZER && !INKLING_THREAD_SANITIZER
TEST_CASE("a pipe without an end is refused when memory is short") {
  const Workplace here;
  const ProgramResult result = here.shell("ulimit -v 1000000; yes | \"$@\"");
  check_refused(result, "standard input: reading it needs ");
  CHECK(has(result.err, " MB are free; give a shorter text"));
}
#endif

TEST_CASE("a corpus that grows and shrinks while it is read is trained on as it was, or refused") {
  const Workplace here;
  const std::string path = here.dir.write("corpus.txt", tiny_text());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    const std::string text = tiny_text();
    for (size_t i = 0; !stop; ++i) {
      std::error_code ignored;
      fs::resize_file(path, (i * 7919) % 200000, ignored);
      std::ofstream(path, std::ios::binary | std::ios::app) << text << text;
    }
  });
  for (int i = 0; i < 10; ++i) {
    // Where it has shrunk and grown again there are zero bytes: characters like others.
    const ProgramResult result = here.train(path, {"--dry-run"});
    const bool refused = result.exit_code == 1 && (has(result.err, "the file is empty") ||
                                                   has(result.err, "the corpus is too short"));
    CHECK_MESSAGE((result.exit_code == 0 || refused), result.err);
  }
  stop = true;
  writer.join();
}
