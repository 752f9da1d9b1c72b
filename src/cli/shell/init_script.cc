#include "cli/shell/init_script.h"

#include <fmt/format.h>

namespace inkling::cli {
namespace {

// Quick, or nothing: somebody waits with a finger on the key. A line that is "-" would ask for
// standard input.
constexpr std::string_view bash_script =
    R"script(# Alt-I writes the next word at bash's prompt. In vi's keys, or on another key:
# bind -m vi-insert -x '"KEY": _inkling_next_word'
_inkling_next_word() {{
  local before=${{READLINE_LINE:0:READLINE_POINT}} word
  [[ $before == - ]] && return
  word=$(command inkling complete --insert -k 1 --time-limit-ms 300 -q{model} -- "$before" \
    2> /dev/null < /dev/null)
  READLINE_LINE=$before$word${{READLINE_LINE:READLINE_POINT}}
  READLINE_POINT=$((READLINE_POINT + ${{#word}}))
}}
if [[ $- == *i* ]]; then bind -m emacs -x '"\ei": _inkling_next_word'; fi
)script";

constexpr std::string_view zsh_script =
    R"script(# Alt-I writes the next word at zsh's prompt. In vi's keys, or on another key:
# bindkey -M viins KEY inkling-next-word
inkling-next-word() {{
  [[ $LBUFFER == - ]] && return
  LBUFFER+=$(command inkling complete --insert -k 1 --time-limit-ms 300 -q{model} -- "$LBUFFER" \
    2> /dev/null < /dev/null)
}}
if [[ -o interactive ]]; then
  zle -N inkling-next-word
  bindkey -M emacs '\ei' inkling-next-word
fi
)script";

constexpr std::string_view fish_script =
    R"script(# Alt-I writes the next word at fish's prompt. In vi's keys, or on another key:
# bind -M insert KEY inkling_next_word
function inkling_next_word
    set -l before (commandline --cut-at-cursor | string collect)
    test "$before" = -; and return
    set -l word (command inkling complete --insert -k 1 --time-limit-ms 300 -q{model} -- "$before" \
        2> /dev/null < /dev/null)
    test -n "$word"; and commandline --insert -- "$word"
end
if status is-interactive
    bind \ei inkling_next_word
end
)script";

}  // namespace

std::string init_script(Shell shell, const std::string& model) {
  std::string option;
  if (!model.empty()) {
    option = " -m '";
    for (const char c : model) {
      if (c == '\'' || (c == '\\' && shell == Shell::fish)) {
        option += shell == Shell::fish ? std::string("\\") + c : "'\\''";
      } else {
        option += c;
      }
    }
    option += "'";
  }
  const std::string_view script = shell == Shell::bash  ? bash_script
                                  : shell == Shell::zsh ? zsh_script
                                                        : fish_script;
  return fmt::format(fmt::runtime(script), fmt::arg("model", option));
}

}  // namespace inkling::cli
