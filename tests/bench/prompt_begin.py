#!/usr/bin/env python3
"""What it is worth to a short prompt that it is read behind a line feed: needs torch and numpy.

    python3 tests/bench/prompt_begin.py MODEL TEXT...

From the last tenth of each text, up to 400 lines of 20 characters or more are read from the initial state as they stand,
behind a line feed and behind a space; then as many parts of lines, each from a word in the midst that begins with a
small letter. Prints the mean nats of the 2nd to 6th character, the 7th to 16th, the 17th to 60th, and of all these.
"""

import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "models"))

import inkling_torch  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

MOST_LINES, SHORTEST, LONGEST = 400, 20, 60
RANGES = ((0, 5), (5, 15), (15, 59), (0, 59))


def held_out_lines(paths):
    lines = []
    for path in paths:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        lines += [line for line in text[len(text) * 9 // 10 :].split("\n")[1:-1] if len(line) >= SHORTEST]
    random.shuffle(lines)
    return lines[:MOST_LINES]


def part_of(line):
    begins = [i for i in range(1, len(line) - SHORTEST) if line[i - 1] == " " and line[i].islower()]
    return [line[random.choice(begins) :]] if begins else []


@torch.no_grad()
def nats(model, before, text):
    """Of each character of text but the first, which not every way predicts; NaN behind its end."""
    tokens, first = model.encode(before + text[:LONGEST]), len(model.encode(before)) + 1
    logits, _ = model(torch.tensor(tokens)[:, None])
    log_probs = torch.log_softmax(logits[:, 0].double(), dim=1)
    found = [-log_probs[i - 1, tokens[i]].item() for i in range(first, len(tokens))]
    return found + [np.nan] * (LONGEST - 1 - len(found))


def main():
    torch.set_num_threads(1)
    random.seed(1)
    model = inkling_torch.load(sys.argv[1])
    lines = held_out_lines(sys.argv[2:])
    parts = [part for line in lines for part in part_of(line)]
    for kind, texts in (("lines", lines), ("parts of lines", parts)):
        for name, before in (("as they stand", ""), ("behind a line feed", "\n"), ("behind a space", " ")):
            means = np.array([nats(model, before, text) for text in texts])
            columns = "  ".join(f"{np.nanmean(means[:, begin:end]):.3f}" for begin, end in RANGES)
            print(f"{kind} ({len(texts)}), {name}: {columns}")


main()
