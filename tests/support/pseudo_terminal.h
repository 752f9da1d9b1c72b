#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace inkling::testing {

// A terminal with nobody's process at it: `program` is the side that a program has, this object
// the side that a person has.
class PseudoTerminal {
 public:
  PseudoTerminal() : person_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (person_ < 0 || grantpt(person_) != 0 || unlockpt(person_) != 0) {
      throw std::runtime_error("no pseudo-terminal");
    }
    program = open(ptsname(person_), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  ~PseudoTerminal() {
    hang_up();
    close(program);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  bool type(std::string_view keys) const {
    return ::write(person_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size());
  }
  // What the program writes until `enough` of that, or until nothing has come for half a minute.
  template <class Enough>
  std::string read_until(Enough enough) const {
    std::string all;
    while (!enough(all) && readable(person_, std::chrono::seconds(30))) {
      std::array<char, 4096> bytes;
      const ssize_t got = ::read(person_, bytes.data(), bytes.size());
      if (got <= 0) break;
      all.append(bytes.data(), static_cast<size_t>(got));
    }
    return all;
  }
  bool wait_for(std::string_view text) const {
    const auto seen = [&](const std::string& all) { return all.find(text) != all.npos; };
    return seen(read_until(seen));
  }
  // Keys that no program has read.
  bool has_unread_keys() const { return readable(program, std::chrono::seconds(0)); }
  // The person's side goes away.
  void hang_up() {
    if (person_ >= 0) close(person_);
    person_ = -1;
  }

  int program;

 private:
  static bool readable(int descriptor, std::chrono::milliseconds patience) {
    pollfd source{descriptor, POLLIN, 0};
    return poll(&source, 1, static_cast<int>(patience.count())) > 0;
  }

  int person_;
};

}  // namespace inkling::testing
