#!/bin/sh
# Keys saved by inkling and by Debian's presage, which have read the same text.
#
#     presage_compare.sh BENCH MODEL CORPUS [CHARACTERS]
#
# BENCH is the built presage_bench (needs apt-get install presage libpresage-dev), CORPUS a folder of
# ASCII texts on whose first 90 %, file by file, MODEL was trained. presage is trained on that part
# here, by its text2ngram. From the rest of each file a passage is typed, CHARACTERS in all (20000).
set -eu
if [ $# -lt 3 ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
command -v text2ngram >/dev/null || { echo "presage_compare.sh: text2ngram is missing; apt-get install presage" >&2; exit 1; }
bench=$1 model=$2 corpus=$3 characters=${4:-20000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/held" "$folder/set"

files=$(find "$corpus" -name '*.txt' | wc -l) i=0
for file in "$corpus"/*.txt; do
  size=$(wc -c <"$file")
  head -c $((size * 9 / 10)) "$file" >>"$folder/train.txt"
  # From the first whole line on; all passages together have the number of characters asked for.
  tail -c +$((size * 9 / 10 + 1)) "$file" | sed 1d |
    head -c $((characters * (i + 1) / files - characters * i / files)) >"$folder/held/$(basename "$file")"
  i=$((i + 1))
done

for case in cased lower; do
  for n in 1 2 3 4; do
    text2ngram -n $n $([ $n = 1 ] || echo -a) $([ $case = cased ] || echo -l) -f sqlite -o "$folder/$case.db" \
      "$folder/train.txt" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
  done
done

# set_up NAME CASE DELTAS PREDICTORS: that a suggestion is not repeated for the same word, presage's
# usual way, is what the bench does for both.
set_up() {
  [ "$2" = lower ] && mode=yes || mode=no
  cat >"$folder/set/$1.xml" <<END
<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<Presage>
  <PredictorRegistry><LOGGER>ERROR</LOGGER><PREDICTORS>$4</PREDICTORS></PredictorRegistry>
  <ContextTracker><LOGGER>ERROR</LOGGER><SLIDING_WINDOW_SIZE>80</SLIDING_WINDOW_SIZE>
    <LOWERCASE_MODE>$mode</LOWERCASE_MODE><ONLINE_LEARNING>no</ONLINE_LEARNING></ContextTracker>
  <Selector><LOGGER>ERROR</LOGGER><SUGGESTIONS>60</SUGGESTIONS><REPEAT_SUGGESTIONS>yes</REPEAT_SUGGESTIONS>
    <GREEDY_SUGGESTION_THRESHOLD>0</GREEDY_SUGGESTION_THRESHOLD></Selector>
  <PredictorActivator><LOGGER>ERROR</LOGGER><PREDICT_TIME>1000</PREDICT_TIME>
    <MAX_PARTIAL_PREDICTION_SIZE>60</MAX_PARTIAL_PREDICTION_SIZE>
    <COMBINATION_POLICY>Meritocracy</COMBINATION_POLICY></PredictorActivator>
  <ProfileManager><LOGGER>ERROR</LOGGER><AUTOPERSIST>false</AUTOPERSIST></ProfileManager>
  <Predictors>
    <Ngrams><PREDICTOR>SmoothedNgramPredictor</PREDICTOR><LOGGER>ERROR</LOGGER>
      <DBFILENAME>$folder/$2.db</DBFILENAME><DELTAS>$3</DELTAS><LEARN>false</LEARN>
      <DatabaseConnector><LOGGER>ERROR</LOGGER></DatabaseConnector></Ngrams>
    <Recency><PREDICTOR>RecencyPredictor</PREDICTOR><LOGGER>ERROR</LOGGER>
      <LAMBDA>1</LAMBDA><N_0>1</N_0><CUTOFF_THRESHOLD>20</CUTOFF_THRESHOLD></Recency>
  </Predictors>
</Presage>
END
}
set_up as-installed lower "0.01 0.1 0.89" "Ngrams Recency"
set_up lower-ngrams lower "0.01 0.1 0.89" "Ngrams"
set_up cased-recency cased "0.01 0.1 0.89" "Ngrams Recency"
set_up cased-ngrams cased "0.01 0.1 0.89" "Ngrams"
set_up cased-other cased "0.01 0.2 0.79" "Ngrams"
set_up cased-flat cased "0.1 0.3 0.6" "Ngrams"
set_up cased-4grams cased "0.001 0.1 0.3 0.6" "Ngrams"
"$bench" "$model" "$folder/held" "$folder"/set/*.xml
