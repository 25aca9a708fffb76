#!/bin/sh
# test_by_month.sh - a run told by month says the same whether live or from its trace, with a trace or without.
#
#   CAPSIM=build/capsim tests/unit/test_by_month.sh
set -u
program=$(realpath "$CAPSIM")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

cat >months.yaml <<'YAML'
capsim: 1
name: months
start: 2026-01-20
duration: 75 days
warm_up: 6 h
workloads:
  - name: callers
    pool: tts
    arrivals:
      process: poisson
      rate: 0.005 req/s
      shape: {growth: {kind: linear, factor: 3, over: 2 months}, weekly: [1, 1, 1, 1, 1, 0.4, 0.4]}
    classes: [{name: text, work: "exponential(1)"}]
    client_timeout: 240 s
pools:
  - name: tts
    platform: modal-function
    price: $1.95/h
    max_containers: 2
    max_inputs: 1
    scaledown_window: 240 s
    profile: {name: p, stage: processor-sharing, base_time: 80 s, startup: [{name: boot, time: "fixed(5 s)"}]}
slo:
  - {metric: latency_p95_s, at_most: 241 s}
budget: {per_month: $300}
YAML

checks=0
failed=0
complain() {
    failed=$((failed + 1))
    echo "$1"
}
same() { # WHAT FILE FILE
    checks=$((checks + 1))
    cmp -s "$2" "$3" || complain "$1 differ: $(diff "$2" "$3" | head -4)"
}
has() { # FILE TEXT
    checks=$((checks + 1))
    grep -qF -- "$2" "$1" || complain "no '$2' in $1"
}

for replications in 1 2; do
    run="$program run months.yaml --replications $replications --quiet"
    for trace in none full; do
        for form in --json --csv --color=never; do
            $run $form -o run.h5 --trace $trace >live 2>errors || complain "run: $(cat errors)"
            "$program" report run.h5 $form >loaded 2>errors || complain "report: $(cat errors)"
            same "$replications replications, trace $trace, $form: live and loaded" live loaded
        done
    done
    $run --json >without || complain "without a trace"
    $run --json --trace none -o run.h5 >with || complain "with a trace"
    same "with and without a trace" without with
    $run >text || complain "text"
    has text '2026-02'
    has without '"month/2026-04"'
    checks=$((checks + 1))
    grep -qiE '\bnan\b|\binf' without text && complain "a figure that is no number"
done
# Growth beyond what two containers can serve: saturated from some day in March on, and January's figures stay.
sed -e 's/factor: 3/factor: 12/' -e '/client_timeout/d' months.yaml >growing.yaml
"$program" run growing.yaml --csv --quiet >csv
"$program" run growing.yaml --json --quiet >without
"$program" run growing.yaml --json --quiet --trace none -o run.h5 >with
"$program" report run.h5 --json >loaded
same "a saturated run with and without a trace" without with
same "a saturated run and its trace" with loaded
has without '"status": "saturated"'
has without '"saturated_from": "2026-0'
has without '"kind": "saturated"'
checks=$((checks + 2))
grep -qE '^month/2026-01,latency_p95_s,s,[0-9.]+,' csv || complain "no percentile before saturation"
grep -qE '^month/2026-04,latency_p95_s,s,,,' csv || complain "a percentile after saturation"

echo "Checks: $checks"
[ $failed = 0 ]
