#include <algorithm>
#include <array>

#include "cli/command.h"

namespace inkling::cli {
namespace {

using Lines = std::array<std::string_view, 3>;

constexpr Lines train_examples{
    "inkling train book.txt -o book.safetensors",
    "inkling train texts/ --time 10m --cell gru --hidden-size 384 -o texts.safetensors",
    "inkling train book.txt -o book.safetensors --resume --time 10m",
};
constexpr Lines generate_examples{
    "inkling generate",
    "inkling generate -m book.safetensors -p \"Once upon a time\" -n 1000 --temp 0.7",
    "inkling generate --sentences 3 --seed 7 --count 5",
};
constexpr Lines prompt_examples{
    "inkling prompt",
    "inkling prompt -m book.safetensors",
    "echo \"The old house\" | inkling prompt -n 100",
};
constexpr Lines complete_examples{
    "inkling complete \"The cat sat on the\"",
    "inkling complete \"The cat sat on the m\"",
    "inkling complete --fill \"The ___ sat on the mat\"",
};
constexpr Lines evaluate_examples{
    "inkling evaluate -m book.safetensors other.txt",
    "inkling evaluate -m book.safetensors book.txt --part validation",
    "inkling evaluate --per-line --apart candidates.txt | sort -t \"$(printf '\\t')\" -k 3n",
};
constexpr Lines trace_examples{
    "inkling trace \"The cat sat on the mat.\"",
    "inkling trace --words \"The cat sat on the mat.\"",
    "inkling trace --json \"hello\"",
};
constexpr Lines info_examples{
    "inkling info",
    "inkling info book.safetensors",
    "inkling info --json book.safetensors",
};

constexpr Lines completion_examples{
    "source <(inkling completion bash)",
    "inkling completion zsh > ~/.zfunc/_inkling",
    "inkling completion fish > ~/.config/fish/completions/inkling.fish",
};
constexpr Lines shell_init_examples{
    "source <(inkling shell-init bash)",
    "source <(inkling shell-init zsh -m ~/shell.safetensors)",
    "inkling shell-init fish | source",
};

constexpr std::array<CommandEntry, 9> entries{{
    {"train", "CORPUS... -o MODEL", "train a model on text",
     "CORPUS is any number of text files and folders (their text files, recursively); - is "
     "standard input. A file that is named twice is read once.\n"
     "The best model so far is in MODEL; beside it, .last and .previous are checkpoints for "
     "--resume. "
     "Ctrl-C finishes the step and saves; a second one leaves at once.",
     train_examples, make_train_command},
    {"generate", "[-m MODEL] [-p TEXT] [--novelty CORPUS...]", "write text",
     "The prompt is read as the begin of a line, but as part of one where it begins with a "
     "space (by models of documents as the begin of one).\n"
     "Of the samplers, first comes what --logit-bias, --only and --never say, then the steps of "
     "--samplers, by "
     "default in llama.cpp's order. "
     "--mirostat 2 takes the place of the filters and of temp; --temp 0 and --beam need no filters "
     "either.\n"
     "With --count above 1 the texts are written side by side, and a line --- stands between "
     "them.\n"
     "--novelty is followed by files and folders of text, usually those the model was trained on: "
     "what "
     "it wrote that stands there word for word is underlined, and summed up behind the texts.",
     generate_examples, make_generate_command},
    {"prompt", "[-m MODEL] [--open FILE]", "write text together, line by line",
     "A line is a prompt: the model goes on from it and all that was written before. At a "
     "terminal, "
     "grey text ahead of the cursor is a likely way on: Tab takes a word of it, End all, "
     "Shift-Tab shows another; below stand the most probable words. Enter lets it write, Ctrl-C "
     "stops it, Ctrl-D leaves. /help lists the keys, and the commands that change settings, take "
     "back, save and load.\n"
     "Each text is drawn from a seed of its own, the next one from the next; the line below the "
     "text names it. The history of what was typed is in $XDG_STATE_HOME/inkling/history, or "
     "~/.local/state/inkling/history; a text that was left without /save, also where the terminal "
     "was closed, is in last-text.txt there, the one before it in last-text.1.txt. With "
     "XDG_STATE_HOME=/dev/null neither is kept.\n"
     "Lines from a pipe are prompts too, and only the text is printed.",
     prompt_examples, make_prompt_command},
    {"complete", "[-m MODEL] TEXT", "the most likely next words",
     "For a finished word the next one, for a begun word its ends, the word itself among them; ___ "
     "at "
     "the end marks the gap. TEXT may be -, standard input. It is read as the begin of a line, "
     "but as part of one where it begins with a space (by models of documents as the begin of "
     "one).\n"
     "The last letter may get a mark that was not typed: cafe finds café. A word's probability is "
     "that of its letters and its end, behind what stands before it: with a quotation mark and "
     "without are two answers. "
     "\"proven\" says that no other answer is more probable to the model; <end> is the end of the "
     "text.\n"
     "In --json a word's \"probability\" is the middle between \"low\" and \"high\", which are "
     "proven (but for several words), given the \"condition\": that the text's last word ends, "
     "say; \"no_word\" is that "
     "of the text's end, \"open_mass\" what was not looked at; what is missing to 1 are words "
     "beyond -k.\n"
     "With --stdin --json each line is a question, like {\"prompt\": \"The cat\", \"k\": 3, "
     "\"id\": 7}, "
     "and each answer a line; what is wrong with a line is the answer's \"error\". A text that "
     "begins like the one before it costs only the reading of what differs: send a text that grows "
     "at its end, not a window that slides.",
     complete_examples, make_complete_command},
    {"evaluate", "[-m MODEL] FILE...", "how well a model predicts a text",
     "Reads the files one after another in one pass from the model's initial state (or in windows, "
     "each from that state) and says how many nats a character costs on average. The first "
     "character has no context and is not counted, but with --apart. Characters that the model "
     "does not know are charged what spelling them would cost, "
     "and shown as the model reads them.\n"
     "With --completion the text is typed: before each key 1, 3 or 5 suggestions are on view, and "
     "the one that the text goes on with is accepted with one key, which types the space behind it "
     "too; what was passed over is not suggested again for that word.",
     evaluate_examples, make_evaluate_command},
    {"trace", "[-m MODEL] TEXT", "what a model sees and expects, step by step",
     "For each character, and first for the line feed behind which the text is read: the norm of "
     "the last layer's hidden state (of all stacks') and a picture of it, the most likely next "
     "characters, and what really came. With --words a word's probability includes that of the "
     "space before it, which complete takes for given.",
     trace_examples, make_trace_command},
    {"info", "[MODEL]", "what a model is and how it was made", "", info_examples,
     make_info_command},
    {"completion", "bash|zsh|fish|models", "a script with which a shell completes this program",
     "Tab then completes the commands, the options and their values, the names of models and of "
     "files. The first example belongs into bash's start file; the others put the script where "
     "zsh (with ~/.zfunc in its fpath) and fish look. It is made from this program's options, so "
     "make it anew with a new version.\n"
     "'models' prints the names that -m takes; the scripts ask for them.",
     completion_examples, make_completion_command},
    {"shell-init", "bash|zsh|fish [-m MODEL]", "a script with which Alt-I writes the next word",
     "At the shell's own prompt Alt-I then ends the word before the cursor, or writes the next "
     "one, as the model thinks most likely; where it knows none, thinks the line finished, or "
     "there is no model, nothing happens. The script belongs into the shell's start file; its "
     "first lines say how to take "
     "another key.\n"
     "A model that has read your commands knows best what comes next: inkling train "
     "~/.bash_history --documents line -o ~/shell.safetensors, then -m ~/shell.safetensors here.",
     shell_init_examples, make_shell_init_command},
}};

}  // namespace

std::span<const CommandEntry> commands() { return entries; }

const CommandEntry* find_command(std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const CommandEntry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace inkling::cli
