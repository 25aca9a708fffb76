#!/bin/sh
# test_calibrate.sh - capsim calibrate from end to end: exit codes, the profile that it writes, other readings in a run.
#
#   CAPSIM=build/capsim tests/unit/test_calibrate.sh
set -u
program=$(realpath "$CAPSIM")
CAPSIM_CATALOGUE=$(realpath tests/unit/catalogue)
export CAPSIM_CATALOGUE
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# 0.5 s + 0.1 s for each in progress, as long as the work is: what a closed loop measures without chance.
cat >loops.yaml <<'YAML'
measurements: 1
name: loops
source: made up
profile: {stage: processor-sharing, first_output: 50%, startup: [{name: boot, time: 3 s}]}
fit: {form: line, work: "lognormal(1, 0.2)", slots: [0]}
data:
  - name: loop
    kind: closed
    hold_out: [3]
    rows:
      - {clients: 1, mean: 0.6 s}
      - {clients: 2, mean: 0.7 s}
      - {clients: 3, mean: 0.8 s}
      - {clients: 4, mean: 0.9 s}
accept:
  - {data: loop, rows: held-out, measure: worst, at_most: 3%}
YAML
sed 's/at_most: 3%/at_most: 0.0001%/' loops.yaml >strict.yaml
sed 's/mean: 0.7 s/mean: 0.7/' loops.yaml >wrong.yaml
cat >run.yaml <<'YAML'
capsim: 1
name: run
duration: 10 min
replications: 2
workloads:
  - name: callers
    pool: tts
    arrivals: {process: poisson, rate: 1 req/s}
    classes: [{name: text, work: "lognormal(1, 0.2)"}]
pools:
  - {name: tts, platform: fixed, price: $1/h, min_containers: 2, max_inputs: 4, profile: loops-profile.yaml}
YAML

checks=0
failed=0
complain() {
    failed=$((failed + 1))
    echo "$1"
    sed 's/^/    /' output errors | head -20
}
# expect CODE TEXT COMMAND...: the exit code, and a text in what is said
expect() {
    code=$1 text=$2
    shift 2
    checks=$((checks + 1))
    "$@" >output 2>errors
    got=$?
    [ $got = "$code" ] || complain "exit code $got, not $code: $*"
    [ -z "$text" ] || cat output errors | grep -qF -- "$text" || complain "nothing with '$text': $*"
}

expect 0 "reached loop, held-out rows: worst at most 3.0 %" \
    "$program" calibrate loops.yaml -o loops-profile.yaml --assert
expect 0 "base_time: " cat loops-profile.yaml
expect 0 "first_output: 0.5" cat loops-profile.yaml
expect 0 "data: loop, row: clients 3, metric: mean, theirs: 0.8" cat loops-profile.yaml
expect 0 "" "$program" calibrate loops.yaml --html loops.html
expect 0 "loop, clients 3 mean</text>" cat loops.html
expect 3 "missing/loops.html" "$program" calibrate loops.yaml --html missing/loops.html
expect 0 "no problems" "$program" check run.yaml
expect 0 "No profile of this scenario has other readings" "$program" run run.yaml --readings

sed 's/^base_time:.*/base_time: 900 ms/; s/^name: .*/name: slower/' loops-profile.yaml >slower.yaml
printf 'readings: [slower.yaml]\n' >>loops-profile.yaml
expect 0 "  slower  " "$program" run run.yaml --readings
expect 2 "excludes --json" "$program" run run.yaml --readings --json

expect 0 '"parameters": [' "$program" calibrate loops.yaml --json
expect 0 "loops,loop,held-out rows,,,worst,0.03," "$program" calibrate loops.yaml --csv
expect 0 "2 rows fitted, 2 held out" "$program" calibrate loops.yaml --hold-out 2
expect 1 "missed  loop, held-out rows: worst" "$program" calibrate strict.yaml --assert
expect 0 "missed  loop, held-out rows: worst" "$program" calibrate strict.yaml
expect 2 "wrong.yaml:12:28: error: 'mean': expected a time" "$program" calibrate wrong.yaml -o none.yaml
expect 2 "" ls none.yaml
expect 2 "would overwrite it" "$program" calibrate loops.yaml -o loops.yaml
expect 2 "none/none.yaml" "$program" calibrate loops.yaml -o none/none.yaml
expect 2 "--hold-out: table 'loop' has no row '7'" "$program" calibrate loops.yaml --hold-out loop:7

"$program" calibrate loops.yaml >one 2>/dev/null
"$program" calibrate loops.yaml --jobs 2 >other 2>/dev/null
expect 0 "" cmp one other

echo "$checks checks, $failed failed"
[ $failed = 0 ]
