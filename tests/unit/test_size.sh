#!/bin/sh
# test_size.sh - capsim size on the command line: exit codes and forms of output.
#
#   CAPSIM=build/capsim tests/unit/test_size.sh
set -u
scenario=$(realpath tests/unit/valid/size.yaml)
tts=$(realpath tests/unit/valid/tts.yaml)
CAPSIM_CATALOGUE=$(realpath tests/unit/catalogue_size)
export CAPSIM_CATALOGUE
. tests/command_case.sh
match=-E

fits="--set models.huge.memory=300 GB"
expect 2 "huge needs 400 GB and fits no GPU: the nearest is L48 x 8, 384 GB, 16 too few" "$program" size "$scenario"
[ -s output ] && complain "something was printed beside the error"
expect 0 "^  M16 +16 +10 +20 +26.67 +1 +.0.60" "$program" size "$scenario" --jobs 1 "${fits%% *}" "${fits#* }"
expect 0 "^  M16 +x1 .* keeps all limits.*cheapest" "$program" size "$scenario" --jobs 1 "${fits%% *}" "${fits#* }"
expect 0 "the chosen S8 x 2|<- chosen" "$program" size "$scenario" "${fits%% *}" "${fits#* }"
expect 0 "^model,chat,int4,M16,1,16,10,20,26.6666.*,profile,1,0.6,432,.*,\"list\"" "$program" size "$scenario" --csv "${fits%% *}" "${fits#* }"
expect 0 "\"together\": \[" "$program" size "$scenario" --json "${fits%% *}" "${fits#* }"
expect 2 "has no 'models': there is nothing to size" "$program" size "$tts" --set pools.tts.gpu=L48 --set pools.tts.provider=cloud
expect 2 "the catalogue has no prices of 'clowd'" "$program" size "$scenario" --set sizing.provider=clowd
expect 2 "the catalogue has no spot prices there" "$program" size "$scenario" --set sizing.price_kind=spot
expect 2 "no GPU that may be chosen has a price" "$program" size "$scenario" --set sizing.gpus=[X80]
expect 2 "exclude each other" "$program" size "$scenario" --json --csv

# The answer does not depend on the number of threads.
"$program" size "$scenario" --json --jobs 1 "${fits%% *}" "${fits#* }" >one
"$program" size "$scenario" --json --jobs 3 "${fits%% *}" "${fits#* }" >three
checks=$((checks + 1))
cmp -s one three || complain "--jobs changes the answer"

finish
