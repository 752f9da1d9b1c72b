#include "cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

#include "cli/command.h"
#include "cli/edit_distance.h"
#include "cli/help.h"
#include "edit/raw_terminal.h"

namespace inkling::cli {
namespace {

const CommandEntry& require_command(const std::string& name) {
  if (const CommandEntry* entry = find_command(name)) return *entry;
  std::vector<std::string_view> names{"help"};
  for (const CommandEntry& entry : commands()) names.push_back(entry.name);
  const std::string hint = did_you_mean(name, names);
  usage_error("there is no command '{}'{}", name,
              hint.empty() ? fmt::format("; there are: {}", fmt::join(names, ", ")) : hint);
}

void print_command_help(const CommandEntry& entry, Console& console) {
  const std::unique_ptr<Command> command = entry.make();
  OptionParser parser;
  command->declare(parser);
  console.out.print(command_help(entry, parser, console.out.terminal().width));
}

// --help wins over whatever else is wrong with the line.
bool asks_for_help(const std::vector<std::string>& command_line) {
  const auto end = std::find(command_line.begin(), command_line.end(), "--");
  return std::any_of(command_line.begin(), end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

bool is_help(std::string_view word) { return word == "help" || word == "--help" || word == "-h"; }

constexpr const char* out_of_memory =
    "out of memory; try a smaller model or text, to write a smaller --beam or --count, and to "
    "train a smaller --hidden-size, --batch-size or --bptt";

// Where to read more about the use that `arguments` made of the program.
std::string usage_hint(const std::vector<std::string>& arguments) {
  const bool known = !arguments.empty() && find_command(arguments.front());
  return fmt::format("See: inkling {}--help", known ? arguments.front() + " " : "");
}

}  // namespace

void run_program(const std::vector<std::string>& arguments, Console& console) {
  if (arguments.empty()) {
    console.talk.insist(overview(console.talk.terminal().width));
    usage_error("a command is missing");
  }
  const std::string& name = arguments.front();
  if (is_help(name)) {
    if (name == "help" && arguments.size() > 1 && !is_help(arguments[1])) {
      print_command_help(require_command(arguments[1]), console);
    } else {
      console.out.print(overview(console.out.terminal().width));
    }
    return;
  }
  if (name == "--version") {
    console.out.print(version_text());
    return;
  }
  if (name.starts_with('-')) {
    usage_error("'{}' stands before a command; write 'inkling COMMAND [options]'", name);
  }
  const CommandEntry& entry = require_command(name);
  const std::vector<std::string> command_line(arguments.begin() + 1, arguments.end());
  if (asks_for_help(command_line)) {
    print_command_help(entry, console);
    return;
  }
  const std::unique_ptr<Command> command = entry.make();
  OptionParser parser;
  command->declare(parser);
  parser.parse(command_line);
  command->run(parser, console);
}

int exit_code_of(const std::vector<std::string>& arguments) noexcept {
  Console console;
  const auto fail = [&](const std::string& sentence) {
    console.talk.insist("inkling: " + sentence);
    return 1;
  };
  try {
    run_program(arguments, console);
    console.out.flush();
    return 0;
  } catch (const UsageError& error) {
    fail(error.what());
    console.talk.insist(usage_hint(arguments));
    return 2;
  } catch (const Error& error) {
    // What was written before the failure still belongs to the user.
    try {
      console.out.flush();
    } catch (const Error&) {
    }
    return fail(error.what());
  } catch (const std::bad_alloc&) {
    return fail(out_of_memory);
  } catch (const std::exception& error) {
    return fail(fmt::format("unexpected failure: {}", error.what()));
  }
}

void end_with_last_words() {
  // Nothing here may allocate.
  edit::RawTerminal::restore_before_end();
  const char* reason = "unexpected failure";
  try {
    if (std::current_exception()) throw;
  } catch (const std::bad_alloc&) {
    reason = out_of_memory;
  } catch (...) {
  }
  for (const char* words : {"inkling: ", reason, "\n"}) {
    if (write(STDERR_FILENO, words, std::strlen(words)) < 0) break;
  }
  _exit(1);
}

}  // namespace inkling::cli
