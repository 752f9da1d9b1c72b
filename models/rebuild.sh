#!/bin/sh
# Trains the models that ship again, by their cards in README.md: models/rebuild.sh [INKLING]
# The same bits come out on the same instruction set and precision (see the cards); elsewhere about the same losses.
set -eu
cd "$(dirname "$0")/.."
inkling=${1:-build/release/src/inkling}
[ -x "$inkling" ] || { echo "rebuild: $inkling is missing; build it, or give the program as the argument" >&2; exit 2; }

"$inkling" train corpora/english --stacks 2 --hidden-size 256 --batch-size 16 --learning-rate 6e-3 --dropout 0.2 --reset-state 0.05 \
  --epochs 16 --storage bf16 --force -o models/english.safetensors
"$inkling" train corpora/scripts --averaging 0 --patience 0 --split 100/0/0 --num-layers 1 --hidden-size 384 --embedding-size 64 --batch-size 16 \
  --dropout 0.35 --reset-state 0.3 --epochs 36 --storage bf16 --force -o models/scripts.safetensors
for model in english scripts; do
  rm -f models/$model.last.safetensors models/$model.previous.safetensors models/.$model.lock
done
