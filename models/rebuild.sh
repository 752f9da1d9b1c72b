#!/bin/sh
# Trains the models that ship again, by their cards in README.md: models/rebuild.sh [INKLING]
# The same bits come out on the same instruction set (see the card); elsewhere about the same losses.
set -eu
cd "$(dirname "$0")/.."
inkling=${1:-build/release/src/inkling}
[ -x "$inkling" ] || { echo "rebuild: $inkling is missing; build it, or give the program as the argument" >&2; exit 2; }

"$inkling" train corpora/english --epochs 30 --dropout 0.35 --precision f32 --force -o models/english.safetensors
rm -f models/english.last.safetensors models/english.previous.safetensors
