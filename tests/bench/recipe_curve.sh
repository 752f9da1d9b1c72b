#!/bin/sh
# How good a model is after so much training time, by the automatic recipe and by char-rnn's defaults (LSTM 2x128, batch 50,
# bptt 50, Adam at 2e-3, no dropout): tests/bench/recipe_curve.sh CORPUS SECONDS... > curve.jsonl
# A JSON line for each: losses in nats per character on the corpus's validation part, the best and the last of the run, the best
# model's again in one pass (stateful) and in windows of 256 characters. INKLING: the program; SEEDS: "1 2 3"; ONLY: recipe or char-rnn.
set -eu
[ $# -ge 2 ] || { echo "usage: recipe_curve.sh CORPUS SECONDS..." >&2; exit 2; }
inkling=${INKLING:-$(dirname "$0")/../../build/release/src/inkling}
corpus=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

loss() { # of the model on the validation part; further options
  "$inkling" evaluate "$corpus" -m "$folder/m.safetensors" --part validation --json "$@" |
    sed -n 's/.*"loss": *\([0-9.]*\).*/\1/p'
}

measure() { # name, seconds, seed, options of train
  name=$1 seconds=$2 seed=$3
  shift 3
  "$inkling" train "$corpus" -o "$folder/m.safetensors" --time "${seconds}s" --seed "$seed" --sample-every -1 \
    --log "$folder/log.jsonl" "$@" 2>"$folder/said" || { cat "$folder/said" >&2; exit 1; }
  last=$(tail -1 "$folder/log.jsonl" | sed -n 's/.*"val_loss": *\([0-9.]*\).*/\1/p')
  speed=$(tail -1 "$folder/log.jsonl" | sed -n 's/.*"chars_per_second": *\([0-9.]*\).*/\1/p')
  command=$("$inkling" info "$folder/m.safetensors" --json | sed -n 's/.*"command": *"\([^"]*\)".*/\1/p')
  printf '{"corpus":"%s","recipe":"%s","seconds":%s,"seed":%s,"stateful":%s,"windowed_256":%s,"last":%s,"characters_per_second":%s,"command":"%s"}\n' \
    "$(basename "$corpus")" "$name" "$seconds" "$seed" "$(loss)" "$(loss --window 256)" "${last:-null}" "${speed:-null}" "$command"
}

for seed in ${SEEDS:-1}; do
  for seconds; do
    [ "${ONLY:-recipe}" = recipe ] && measure recipe "$seconds" "$seed"
    rm -f "$folder"/*
  done
  # Its learning rate does not depend on the length: a longer run is the shorter one gone on with.
  for seconds in $(printf '%s\n' "$@" | sort -n); do
    [ "${ONLY:-char-rnn}" = char-rnn ] || continue
    if [ -e "$folder/m.last.safetensors" ]; then
      measure char-rnn "$seconds" "$seed" --resume
    else
      measure char-rnn "$seconds" "$seed" --recipe off --hidden-size 128 --batch-size 50 --bptt 50 --learning-rate 2e-3 \
        --schedule constant --warmup-steps 0 --dropout 0 --averaging 0 --clip-norm 0 --clip-value 5
    fi
  done
  rm -f "$folder"/*
done
