#!/bin/sh
# test_size.sh - capsim size on the command line: exit codes and forms of output.
#
#   CAPSIM=build/capsim tests/unit/test_size.sh
set -u
program=$(realpath "$CAPSIM")
scenario=$(realpath tests/unit/valid/size.yaml)
tts=$(realpath tests/unit/valid/tts.yaml)
CAPSIM_CATALOGUE=$(realpath tests/unit/catalogue_size)
export CAPSIM_CATALOGUE
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

checks=0
failed=0
complain() {
    failed=$((failed + 1))
    echo "$1"
    head -5 output errors
}
expect() { # CODE TEXT ARGUMENT...: the exit code, and a text in what is printed
    code=$1 text=$2
    shift 2
    checks=$((checks + 1))
    "$program" size "$@" >output 2>errors
    got=$?
    [ $got = "$code" ] || complain "exit code $got, not $code: $*"
    grep -qE -- "$text" output errors || complain "nothing says '$text': $*"
}

fits="--set models.huge.memory=300 GB"
expect 2 "huge needs 400 GB and fits no GPU: the nearest is L48 x 8, 384 GB, 16 too few" "$scenario"
[ -s output ] && complain "something was printed beside the error"
expect 0 "^  M16 +16 +10 +20 +26.67 +1 +.0.60" "$scenario" --jobs 1 "${fits%% *}" "${fits#* }"
expect 0 "^  M16 +x1 .* keeps all limits.*cheapest" "$scenario" --jobs 1 "${fits%% *}" "${fits#* }"
expect 0 "the chosen S8 x 2|<- chosen" "$scenario" "${fits%% *}" "${fits#* }"
expect 0 "^model,chat,int4,M16,1,16,10,20,26.6666.*,profile,1,0.6,432,.*,\"list\"" "$scenario" --csv "${fits%% *}" "${fits#* }"
expect 0 "\"together\": \[" "$scenario" --json "${fits%% *}" "${fits#* }"
expect 2 "has no 'models': there is nothing to size" "$tts" --set pools.tts.gpu=L48 --set pools.tts.provider=cloud
expect 2 "the catalogue has no prices of 'clowd'" "$scenario" --set sizing.provider=clowd
expect 2 "the catalogue has no spot prices there" "$scenario" --set sizing.price_kind=spot
expect 2 "no GPU that may be chosen has a price" "$scenario" --set sizing.gpus=[X80]
expect 2 "exclude each other" "$scenario" --json --csv

# The answer does not depend on the number of threads.
"$program" size "$scenario" --json --jobs 1 "${fits%% *}" "${fits#* }" >one
"$program" size "$scenario" --json --jobs 3 "${fits%% *}" "${fits#* }" >three
checks=$((checks + 1))
cmp -s one three || complain "--jobs changes the answer"

echo "Checks: $checks"
[ $failed = 0 ]
