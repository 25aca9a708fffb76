#!/bin/sh
# test_command_line.sh - exit codes, where output goes, and that nothing half written stays behind.
#
#   CAPSIM=build/capsim tests/unit/test_command_line.sh
set -u
program=$(realpath "$CAPSIM")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

cat >small.yaml <<'YAML'
capsim: 1
name: small
duration: 30 min
warm_up: 1 min
replications: 3
workloads:
  - name: callers
    pool: tts
    arrivals: {process: poisson, rate: 20 req/s}
    classes: [{name: text, work: "exponential(1)"}]
pools:
  - name: tts
    platform: modal-function
    price: $1.95/h
    max_containers: 5
    max_inputs: 4
    profile: {name: p, stage: processor-sharing, base_time: 0.1 s, per_running: 0.02 s,
              startup: [{name: boot, time: "fixed(5 s)"}]}
slo:
  - {metric: latency_p95_s, at_most: 1 ms}
YAML

checks=0
failed=0
complain() {
    failed=$((failed + 1))
    echo "$1"
    sed 's/^/    /' errors | head -5
}
# expect CODE TEXT COMMAND...: the exit code, and a text in what goes to the standard error output
expect() {
    code=$1 text=$2
    shift 2
    checks=$((checks + 1))
    "$@" >output 2>errors
    got=$?
    [ $got = "$code" ] || complain "exit code $got, not $code: $*"
    [ -z "$text" ] || grep -qF -- "$text" errors || complain "no message with '$text': $*"
}
claim() { # TEXT COMMAND...
    text=$1
    shift
    checks=$((checks + 1))
    "$@" >/dev/null 2>errors || complain "does not hold: $text"
}

expect 0 "" "$program" run small.yaml
claim "a summary begins with the dollar" sh -c 'head -1 output | grep -q "^Each dollar for tts: "'
claim "without a terminal nothing is said beside the result" [ ! -s errors ]
expect 1 "" "$program" run small.yaml --assert
expect 0 "trace: full.h5" "$program" run small.yaml -o full.h5 --jobs 2
cp output live
expect 0 "" "$program" run small.yaml -o again.h5 --jobs 1 --quiet
claim "equal traces whatever the threads" cmp full.h5 again.h5
expect 0 "" "$program" report full.h5
claim "a report repeats the run's summary" cmp output live
expect 1 "" "$program" report full.h5 --assert
"$program" run small.yaml --json --jobs 1 >one.json
"$program" run small.yaml --json --jobs 2 >two.json
claim "equal JSON whatever the threads" cmp one.json two.json
expect 0 "" "$program" run small.yaml --csv --seed 2
claim "CSV has its columns" grep -q '^scope,metric,unit,value,low,high,count$' output
expect 0 "" "$program" run small.yaml --trace sample -o sample.h5
expect 0 "" "$program" report sample.h5
claim "a sample gives percentiles from histograms" grep -q 'from histograms' output
expect 0 "" "$program" run small.yaml --trace none -o none.h5
expect 0 "" "$program" report none.h5

expect 2 "Usage:" "$program"
expect 2 "did you mean 'report'?" "$program" reprot full.h5
expect 2 "SCENARIO is missing" "$program" run
expect 2 "unrecognized option" "$program" run small.yaml --frobnicate
expect 2 "--seed needs a whole number" "$program" run small.yaml --seed x
expect 2 "--trace needs none, sample or full" "$program" run small.yaml --trace all
expect 2 "exclude each other" "$program" run small.yaml --json --csv
expect 2 "too many arguments" "$program" run small.yaml small.yaml
expect 2 "No such file" "$program" run nothing.yaml
expect 2 "max_inputs" "$program" run small.yaml --set pools.tts.max_input=3
expect 2 "did you mean 'max_inputs'?" "$program" explain max_input
expect 0 "" "$program" explain max_inputs
expect 0 "" "$program" check small.yaml
expect 0 "" "$program" --version
expect 0 "" "$program" --help

expect 0 "" "$program" run small.yaml --precision 'cost=20%,latency_mean=20%' --json
claim "as many replications as it takes" grep -q '"replications": 10,' output
claim "what was reached is said" grep -q 'cost_usd is known within .*20 % as asked for, after 10 replications' output
expect 0 "" "$program" run small.yaml --precision 'latency_mean=0.001%' --max-replications 12
claim "what was not reached is said" grep -q '0.001 % was asked for, after 12 replications' output
expect 2 "there is no metric 'csot'" "$program" run small.yaml --precision csot=1%
expect 2 "--precision excludes" "$program" run small.yaml --precision cost=1% -o precise.h5
expect 2 "--max-replications needs --precision" "$program" run small.yaml --max-replications 20
expect 2 "stop_after needs one" "$program" run small.yaml --precision cost=1% --replications 1 \
    --set stop_after=first-break --set start=2026-01-05

expect 2 "No such file" "$program" report nothing.h5
expect 2 "not an HDF5 file" "$program" report small.yaml
head -c 20000 full.h5 >cut.h5
expect 2 "truncated" "$program" report cut.h5
expect 2 "No such file" "$program" run small.yaml -o none/run.h5
expect 2 "not a regular file" "$program" run small.yaml -o /
expect 2 "would overwrite it" "$program" run small.yaml -o ./small.yaml
claim "the scenario is as it was" grep -q '^name: small' small.yaml

if [ -e /dev/full ]; then
    for command in "run small.yaml" "run small.yaml --json" "run small.yaml --csv" "report full.h5" "explain" --help; do
        checks=$((checks + 1))
        # shellcheck disable=SC2086
        "$program" $command >/dev/full 2>errors
        got=$?
        [ $got = 3 ] && grep -q 'cannot be written' errors || complain "a full output was not noticed: $command ($got)"
    done
fi
checks=$((checks + 1))
(ulimit -f 100 && trap '' XFSZ && "$program" run small.yaml -o large.h5 >output 2>errors)
got=$?
[ $got = 3 ] && [ ! -e large.h5 ] && [ ! -e large.h5.part ] || complain "a full disk: exit code $got"

checks=$((checks + 1))
"$program" run small.yaml --set 'duration=1000 days' --set workloads.callers.arrivals.rate=50/s -o long.h5 \
    >output 2>errors &
process=$!
sleep 1
kill -INT $process
wait $process
got=$?
[ $got = 130 ] && [ -e long.h5 ] && [ ! -e long.h5.part ] || complain "interrupted: exit code $got"
grep -q '^Partial: ' output || complain "an interrupted run does not say so"
checks=$((checks + 1))
"$program" report long.h5 >again 2>errors
cmp -s output again || complain "an interrupted run is reported otherwise from its trace"

# A long run in pieces: stopped, killed, and gone on with from its checkpoint, it comes to the same result.
long="--set duration=60days --set workloads.callers.arrivals.rate=3/s --replications 1"
# shellcheck disable=SC2086 # the list of settings is split on purpose
{
    checks=$((checks + 1))
    "$program" run small.yaml $long --json >whole.json 2>errors || complain "a long run failed"
    for seconds in 1 2 4 8 16 32; do # until something is settled: a checked build is ten times slower
        "$program" run small.yaml $long --checkpoint run.checkpoint --json >part.json 2>errors &
        process=$!
        sleep $seconds
        kill -INT $process
        wait $process
        got=$?
        [ "$(wc -c <run.checkpoint)" -gt 1000 ] && break
    done
    [ $got = 130 ] || [ $got = 0 ] || complain "a stopped run with a checkpoint: exit code $got"
    "$program" run small.yaml $long --resume run.checkpoint --json >resumed.json 2>errors ||
        complain "a run could not be resumed"
    [ "$(wc -c <run.checkpoint)" -gt 1000 ] || complain "nothing was settled before the run was stopped"
    cmp -s whole.json resumed.json || complain "a resumed run has another result"

    checks=$((checks + 1))
    stopped="--set start=2026-01-05 --set duration=120days --set workloads.callers.arrivals.rate=0.01/s --replications 1
        --set stop_after=first-break --set budget.per_month=\$1"
    "$program" run small.yaml $stopped --checkpoint stopped.checkpoint --json >stopped.json 2>errors &&
        grep -q '"status": "stopped"' stopped.json || complain "a run did not stop after the first month that breaks"
    "$program" run small.yaml $stopped --resume stopped.checkpoint --json >again.json 2>errors
    cmp -s stopped.json again.json || complain "a run that had stopped goes on when it is resumed"

    checks=$((checks + 1))
    "$program" run small.yaml $long --seed 2 --resume run.checkpoint >output 2>errors
    got=$?
    [ $got = 2 ] && grep -q 'another scenario' errors || complain "a checkpoint of another seed: exit code $got"

    checks=$((checks + 1))
    "$program" run small.yaml $long --checkpoint /nowhere/run.checkpoint >output 2>errors
    got=$?
    [ $got = 2 ] || complain "a checkpoint that cannot be written: exit code $got"
    [ -s output ] && complain "a checkpoint that cannot be written did not end the run"

    checks=$((checks + 1))
    head -c 150 run.checkpoint >cut.checkpoint
    "$program" run small.yaml $long --resume cut.checkpoint >output 2>errors
    got=$?
    [ $got = 2 ] && grep -q 'damaged' errors || complain "a cut checkpoint: exit code $got"

    checks=$((checks + 1))
    "$program" run small.yaml $long --resume small.yaml >output 2>errors
    got=$?
    [ $got = 2 ] && grep -q 'no checkpoint' errors || complain "a scenario as checkpoint: exit code $got"
}

echo "Checks: $checks"
[ $failed = 0 ]
