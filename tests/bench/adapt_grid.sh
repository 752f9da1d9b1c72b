#!/bin/sh
# Bits per character of texts under `inkling evaluate --adapt`, for each of several settings: how its
# defaults were chosen (src/model/adapt_options.h).
#
#     adapt_grid.sh INKLING MODEL TEXT... [-- RATE:PULL:EVERY...]
set -eu
if [ $# -lt 3 ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
inkling=$1 model=$2 texts=
shift 2
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  texts="$texts $1"
  shift
done
if [ $# -gt 0 ]; then
  shift
else
  set -- 0.0001:0.0005:16 0.0002:0.0005:16 0.0004:0.0005:16 0.0007:0.0005:16 0.0003:0.002:16 0.0004:0.002:64 \
    0.0005:0.005:16 0.0007:0.005:16 0.001:0.01:16
fi

bits() { "$inkling" evaluate -m "$model" --json "$@" | sed 's/.*"bpc": *\([0-9.]*\).*/\1/' | tr -d '\n'; }

printf '%-8s %-8s %-5s' rate pull every
for text in $texts; do printf ' %-16.16s' "$(basename "$text")"; done
printf '\n%-8s %-8s %-5s' 0 - -
for text in $texts; do printf ' %-16.4f' "$(bits "$text")"; done
echo
for setting in "$@"; do
  rate=${setting%%:*} every=${setting##*:} pull=${setting#*:}
  pull=${pull%:*}
  printf '%-8s %-8s %-5s' "$rate" "$pull" "$every"
  for text in $texts; do
    printf ' %-16.4f' "$(bits --adapt --adapt-rate "$rate" --adapt-pull "$pull" --adapt-every "$every" "$text")"
  done
  echo
done
