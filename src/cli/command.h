#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cli/console.h"
#include "cli/option_parser.h"

namespace inkling::cli {

// What one word after `inkling` does. One object serves one run.
class Command {
 public:
  virtual ~Command() = default;
  // Declares the options, whose members then hold the defaults.
  virtual void declare(OptionParser& parser) = 0;
  // Does it. Checks the options before it loads or writes anything; throws UsageError and
  // DataError.
  virtual void run(const OptionParser& given, Console& console) = 0;
};

struct CommandEntry {
  std::string_view name;
  std::string_view arguments;  // of the usage line
  std::string_view summary;    // one sentence, no full stop
  std::string_view details;    // paragraphs behind the examples; a line feed ends each
  std::span<const std::string_view> examples;  // command lines
  std::unique_ptr<Command> (*make)();
};

// All commands, in the order of --help.
std::span<const CommandEntry> commands();
// nullptr where there is none of that name.
const CommandEntry* find_command(std::string_view name);

std::unique_ptr<Command> make_train_command();
std::unique_ptr<Command> make_generate_command();
std::unique_ptr<Command> make_prompt_command();
std::unique_ptr<Command> make_complete_command();
std::unique_ptr<Command> make_evaluate_command();
std::unique_ptr<Command> make_trace_command();
std::unique_ptr<Command> make_info_command();
std::unique_ptr<Command> make_completion_command();
std::unique_ptr<Command> make_shell_init_command();

}  // namespace inkling::cli
