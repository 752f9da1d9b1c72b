#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/http_server.h"
#include "support/program.h"
#include "support/temp_dir.h"
#include "support/zip.h"

using namespace inkling::testing;
namespace fs = std::filesystem;

namespace {

const std::string script = INKLING_SOURCE_FOLDER "/corpora/fetch.sh";
const std::string tolstoy_path = "/cs.stanford.edu/people/karpathy/char-rnn/warpeace_input.txt";
const std::string shakespeare_path =
    "/raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt";
const std::string enwik8_sum = "2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8";
// FIPS 180-2, appendix B.1.
const std::string sum_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Where PATH has the program, or "".
std::string installed(const std::string& name) {
  std::istringstream path(std::getenv("PATH"));
  for (std::string folder; std::getline(path, folder, ':');) {
    const fs::path file = fs::path(folder) / name;
    if (access(file.c_str(), X_OK) == 0) return file.string();
  }
  return "";
}

// Those of curl and wget that are here.
std::vector<std::string> loaders() {
  std::vector<std::string> here;
  for (const char* loader : {"curl", "wget"}) {
    if (!installed(loader).empty()) here.emplace_back(loader);
  }
  if (here.empty()) MESSAGE("neither curl nor wget is installed: fetch.sh is not tested");
  return here;
}

// A machine on which fetch.sh finds one loader, or none, and its corpora on a server of the test.
class Machine {
 public:
  explicit Machine(const std::string& loader) {
    fs::create_directory(folder_.file("tools"));
    for (const std::string& tool :
         {std::string("cat"), std::string("grep"), std::string("head"), std::string("mkdir"),
          std::string("mv"), std::string("rm"), std::string("sha256sum"), std::string("unzip"),
          std::string("wc"), loader}) {
      const std::string file = installed(tool);
      if (!file.empty()) fs::create_symlink(file, folder_.file("tools/" + tool));
    }
    environment = {{"PATH", folder_.file("tools")}, {"INKLING_CORPORA_BASE", server.address()}};
  }

  ProgramResult run(const std::vector<std::string>& arguments) const {
    return run_inkling({.arguments = arguments,
                        .environment = environment,
                        .folder = folder_.path(),
                        .program = program});
  }
  ProgramResult fetch(const std::string& name) const { return run({name, corpora()}); }

  std::string corpora() const { return folder_.file("corpora"); }
  std::string file(const std::string& name) const { return corpora() + "/" + name; }
  std::string bytes(const std::string& name) const { return bytes_of_file(file(name)); }
  void write(const std::string& name, std::string_view bytes) const {
    folder_.write("corpora/" + name, bytes);
  }
  // fetch.sh with one text in place of another.
  void change_script(const std::string& text, const std::string& other) {
    std::string changed = bytes_of_file(script);
    changed.replace(changed.find(text), text.size(), other);
    program = folder_.write("changed.sh", changed);
    fs::permissions(program, fs::perms::owner_all);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    if (!fs::exists(corpora())) return names;
    for (const auto& entry : fs::directory_iterator(corpora())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  HttpServer server;
  std::map<std::string, std::string> environment;
  std::string program = script;

 private:
  TempDir folder_;
};

std::string long_text() {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i) + (i % 9 == 0 ? "\n" : " ");
  return text;
}

}  // namespace

TEST_CASE("fetch.sh lists what there is") {
  Machine machine("curl");
  machine.write("text8.txt", "here");
  const ProgramResult list = machine.run({"--list", machine.corpora()});
  CHECK(list.exit_code == 0);
  std::istringstream lines(list.out);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    names.push_back(line.substr(0, line.find(' ')));
    CHECK(has(line, "[in ") == (names.back() == "text8"));
  }
  CHECK(names == std::vector<std::string>{"tiny-shakespeare", "war-and-peace", "text8", "enwik8",
                                          "nottingham"});
  CHECK(machine.server.requests().empty());
}

TEST_CASE("fetch.sh ends with code 2 on wrong usage and says how it is used") {
  const Machine machine("curl");
  struct Row {
    std::vector<std::string> line;
    const char* sentence;
  };
  const std::vector<Row> rows{
      {{}, "which corpus?"},
      {{"moby-dick"}, "there is no corpus 'moby-dick'; fetch.sh --list shows what there is"},
      {{"--all"}, "there is no option '--all'"},
      {{"text8", ""}, "the name of the folder is empty"},
      {{"text8", "-o"}, "'-o' looks like an option"},
      {{"text8", "a", "b"}, "one corpus and one folder at a time"},
  };
  for (const Row& row : rows) {
    const ProgramResult result = machine.run(row.line);
    CAPTURE(row.sentence);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(has(result.err, row.sentence));
    CHECK(has(result.err, "usage: fetch.sh NAME [FOLDER]"));
    CHECK(result.out == "");
  }
  const ProgramResult help = machine.run({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(has(help.out, "usage: fetch.sh NAME [FOLDER]"));
}

TEST_CASE("fetch.sh says what to install where nothing can load") {
  const Machine machine("no loader");
  const ProgramResult result = machine.fetch("war-and-peace");
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "needs curl or wget"));
  CHECK(has(result.err, "apt-get install curl"));
}

TEST_CASE("fetch.sh brings a corpus, records its checksum and verifies it ever after") {
  for (const std::string& loader : loaders()) {
    CAPTURE(loader);
    Machine machine(loader);
    machine.server.serve(tolstoy_path, "abc");
    const ProgramResult first = machine.fetch("war-and-peace");
    CAPTURE(first.err);
    REQUIRE(first.exit_code == 0);
    CHECK(first.out == machine.file("war-and-peace.txt") + "\n");
    CHECK(machine.bytes("war-and-peace.txt") == "abc");
    CHECK(machine.bytes(".war-and-peace.txt.sha256") == sum_of_abc + "  war-and-peace.txt\n");
    CHECK(machine.files().size() == 2);

    const ProgramResult again = machine.fetch("war-and-peace");
    CHECK(again.exit_code == 0);
    CHECK(again.out == first.out);
    CHECK(has(again.err, "there already, and unchanged"));
    CHECK(machine.server.requests().size() == 1);

    machine.write("war-and-peace.txt", "abd");
    const ProgramResult changed = machine.fetch("war-and-peace");
    CHECK(changed.exit_code == 1);
    CHECK(changed.out == "");
    CHECK(has(changed.err, "war-and-peace.txt has changed: its SHA-256 is "));
    CHECK(has(changed.err, "not " + sum_of_abc));
    CHECK(machine.bytes("war-and-peace.txt") == "abd");

    fs::remove(machine.file("war-and-peace.txt"));
    machine.server.serve(tolstoy_path, "abd");
    const ProgramResult other = machine.fetch("war-and-peace");
    CHECK(other.exit_code == 1);
    CHECK(has(other.err, "not " + sum_of_abc + ", as at the first download"));
    CHECK(machine.files() == std::vector<std::string>{".war-and-peace.txt.sha256"});

    machine.server.serve(tolstoy_path, "abc");
    CHECK(machine.fetch("war-and-peace").exit_code == 0);
    CHECK(machine.bytes("war-and-peace.txt") == "abc");
  }
}

TEST_CASE("fetch.sh goes on where a download broke off") {
  const std::string text = long_text();
  for (const std::string& loader : loaders()) {
    CAPTURE(loader);
    Machine machine(loader);
    machine.server.serve(tolstoy_path, text);
    machine.server.break_after(40000);
    const ProgramResult broken = machine.fetch("war-and-peace");
    CAPTURE(broken.err);
    CHECK(broken.exit_code == 1);
    CHECK(has(broken.err, "broke off; the same command goes on where it stopped"));
    CHECK(machine.files() == std::vector<std::string>{".war-and-peace.txt.part"});
    CHECK(machine.bytes(".war-and-peace.txt.part") == text.substr(0, 40000));

    // Without a network what is there stays.
    machine.environment["INKLING_CORPORA_BASE"] = closed_address();
    CHECK(has(machine.fetch("war-and-peace").err, "no network"));
    machine.environment["INKLING_CORPORA_BASE"] = machine.server.address();

    const ProgramResult whole = machine.fetch("war-and-peace");
    CAPTURE(whole.err);
    CHECK(whole.exit_code == 0);
    CHECK(has(whole.err, "going on with"));
    CHECK(machine.bytes("war-and-peace.txt") == text);
    CHECK(machine.server.requests() ==
          std::vector<HttpServer::Request>{{tolstoy_path, {}}, {tolstoy_path, 40000}});
    CHECK(machine.files().size() == 2);
  }
}

TEST_CASE("fetch.sh starts again where the server cannot go on") {
  const std::string text = long_text();
  for (const std::string& loader : loaders()) {
    for (const bool ranges : {false, true}) {
      CAPTURE(loader);
      CAPTURE(ranges);
      Machine machine(loader);
      machine.server.serve(tolstoy_path, text);
      if (!ranges) machine.server.forget_ranges();
      // With ranges: all is there, and nothing follows it.
      machine.write(".war-and-peace.txt.part", ranges ? text : text.substr(0, 1000));
      const ProgramResult result = machine.fetch("war-and-peace");
      CAPTURE(result.err);
      CHECK(result.exit_code == 0);
      CHECK(machine.bytes("war-and-peace.txt") == text);
    }
  }
}

TEST_CASE("fetch.sh has a clear word for what keeps it from a corpus, and leaves nothing") {
  struct Row {
    const char* name;
    std::string path;   // where the server has something
    const char* bytes;  // and what
    std::string sentence;
  };
  const std::string text8_path = "/mattmahoney.net/dc/text8.zip";
  const std::vector<Row> rows{
      {"war-and-peace", "/elsewhere", "abc", tolstoy_path},
      {"war-and-peace", tolstoy_path, "<!DOCTYPE html>\n<title>Welcome</title>",
       "brought a web page, not the text"},
      {"tiny-shakespeare", shakespeare_path, "abc",
       "its SHA-256 is " + sum_of_abc +
           ", not 86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"},
      {"text8", text8_path, "abc",
       "text8.zip is not what was expected and was dropped: its SHA-256 is " + sum_of_abc},
  };
  for (const std::string& loader : loaders()) {
    for (const Row& row : rows) {
      if (row.path == text8_path && installed("unzip").empty()) continue;
      CAPTURE(loader);
      CAPTURE(row.sentence);
      Machine machine(loader);
      machine.server.serve(row.path, row.bytes);
      const ProgramResult result = machine.fetch(row.name);
      CAPTURE(result.err);
      CHECK(result.exit_code == 1);
      CHECK(result.out == "");
      CHECK(has(result.err, row.sentence));
      CHECK(machine.files().empty());
    }
    Machine machine(loader);
    const ProgramResult missing = machine.fetch("war-and-peace");
    CHECK(has(missing.err, "127.0.0.1:"));
    CHECK(has(missing.err, " does not give " + machine.server.address() + tolstoy_path));
    machine.environment["INKLING_CORPORA_BASE"] = closed_address();
    const ProgramResult alone = machine.fetch("war-and-peace");
    CHECK(alone.exit_code == 1);
    CHECK(has(alone.err, "no network, or 127.0.0.1:"));
    CHECK(machine.files().empty());
  }
}

TEST_CASE("fetch.sh unpacks an archive and checks what was in it") {
  if (installed("unzip").empty()) {
    MESSAGE("unzip is not installed: archives are not tested");
    return;
  }
  for (const std::string& loader : loaders()) {
    CAPTURE(loader);
    Machine machine(loader);
    machine.server.serve("/mattmahoney.net/dc/enwik8.zip", zip_of("enwik8", "abc"));
    const ProgramResult other = machine.fetch("enwik8");
    CAPTURE(other.err);
    CHECK(other.exit_code == 1);
    CHECK(has(other.err, fmt::format("its SHA-256 is {}, not {}", sum_of_abc, enwik8_sum)));
    CHECK(machine.files().empty());

    machine.change_script(enwik8_sum, sum_of_abc);
    const ProgramResult known = machine.fetch("enwik8");
    CAPTURE(known.err);
    CHECK(known.exit_code == 0);
    CHECK(machine.files() == std::vector<std::string>{"enwik8.txt"});
    CHECK(machine.bytes("enwik8.txt") == "abc");

    fs::remove(machine.file("enwik8.txt"));
    machine.server.serve("/mattmahoney.net/dc/enwik8.zip", "PK\3\4 but no archive");
    const ProgramResult damaged = machine.fetch("enwik8");
    CHECK(damaged.exit_code == 1);
    CHECK(has(damaged.err, "cannot unpack"));
    CHECK(machine.files().empty());
  }
}

TEST_CASE("fetch.sh puts a corpus into the user's data folder, or says why it cannot") {
  for (const std::string& loader : loaders()) {
    CAPTURE(loader);
    Machine machine(loader);
    machine.server.serve(tolstoy_path, "abc");
    machine.environment["HOME"] = machine.file("home");
    machine.environment["XDG_DATA_HOME"] = machine.file("data");
    CHECK(machine.run({"war-and-peace"}).out ==
          machine.file("data/inkling/corpora/war-and-peace.txt\n"));
    machine.environment["XDG_DATA_HOME"] = "relative, which the specification has ignored";
    CHECK(machine.run({"war-and-peace"}).out ==
          machine.file("home/.local/share/inkling/corpora/war-and-peace.txt\n"));
    machine.environment["HOME"] = "";
    CHECK(has(machine.run({"war-and-peace"}).err, "HOME is not set"));

    machine.write("a file", "");
    const ProgramResult blocked = machine.run({"war-and-peace", machine.file("a file")});
    CHECK(blocked.exit_code == 1);
    CHECK(has(blocked.err, "cannot make the folder"));

    machine.write("war-and-peace.txt", "a text of the user's own");
    const ProgramResult own = machine.fetch("war-and-peace");
    CHECK(own.exit_code == 1);
    CHECK(has(own.err, "war-and-peace.txt is there, but not from here"));
    CHECK(machine.bytes("war-and-peace.txt") == "a text of the user's own");
  }
}
