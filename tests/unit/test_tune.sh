#!/bin/sh
# test_tune.sh - capsim tune on the command line: the answers, forms of output, interruption, bad input.
#
#   CAPSIM=build/capsim tests/unit/test_tune.sh
set -u
. tests/command_case.sh

cat >small.yaml <<'YAML'
capsim: 1
name: small
duration: 20 min
warm_up: 2 min
workloads:
  - name: callers
    pool: tts
    arrivals: {process: poisson, rate: 5 req/s}
    classes: [{name: text, work: "exponential(1)"}]
pools:
  - name: tts
    platform: modal-function
    price: $2/h
    min_containers: 1
    max_containers: 5
    max_inputs: 4
    buffer_containers: 1
    scaledown_window: 20 s
    profile: {name: p, stage: processor-sharing, base_time: 0.2 s, per_running: 0.1 s,
              startup: [{name: boot, time: 5 s}]}
YAML
tune() {
    "$program" tune small.yaml "$@"
}
low_cost() { # the usual search
    tune --minimise cost_usd_per_month --subject-to 'latency_p95<2.5 s' --vary 'pools.tts.max_inputs=[1, 2, 4, 6]' \
        --vary 'pools.tts.max_containers=[1, 2, 3]' "$@"
}

# The answer, as text, JSON and CSV
expect 0 "--set 'pools.tts.max_inputs=6' --set 'pools.tts.max_containers=1'" low_cost
claim "the reasons are counted" grep -q '^ *[12]  cannot serve the load: pool tts is offered 5 req/s' output
claim "nothing is said beside the result" [ ! -s errors ]
expect 0 "" low_cost --json --jobs 1
cp output one.json
expect 0 "" low_cost --json --jobs 3
claim "equal JSON whatever the threads" cmp output one.json
claim "JSON has the keys of the design" python3 - one.json <<'PY'
import json, sys
root = json.load(open(sys.argv[1]))
assert root["format"] == 1 and root["scenario"] == "small" and root["seed"] == 1 and root["status"] == "decided"
best = root["best"]
assert best["values"] == {"pools.tts.max_inputs": "6", "pools.tts.max_containers": "1"}
assert best["settings"] == ["pools.tts.max_inputs=6", "pools.tts.max_containers=1"] and best["on_limit"] == []
figures = {row["metric"]: row for row in best["metrics"]}
assert abs(figures["cost_usd_per_month"]["value"] - 1460) < 1e-3
assert figures["latency_p95_s"]["low"] < figures["latency_p95_s"]["value"] < 2.5
assert {row["metric"] for row in best["against_scenario"]["differences"]} == set(figures)
assert best["against_scenario"]["differences"][0]["value"] < 0
assert all({"reason", "values"} <= row.keys() for row in root["rejected"])
assert root["proof"]["settings"] == 12 == sum(root["proof"]["counts"].values())
assert 1 + len(root["indistinguishable"]) + len(root["rejected"]) + len(root["undecided"]) == 12
costs = [[row["value"] for row in point["metrics"]] for point in root["front"]]
assert all(a[0] <= b[0] and a[1] > b[1] for a, b in zip(costs, costs[1:])) and len(costs) > 1
PY
expect 0 "point,pools.tts.max_inputs,pools.tts.max_containers,fate,runs,metric,unit,value,low,high,count" low_cost --csv
claim "a line per setting and metric" [ "$(wc -l <output)" = 25 ]
expect 0 "Cannot be told apart" tune --minimise cost_usd_per_month --vary 'pools.tts.timeout=[100 s, 200 s]'
expect 0 "This is the scenario as it is" tune --minimise latency_p95_s --vary 'pools.tts.max_containers=[1, 5]'
expect 0 "cost_usd_per_month > \$5000" tune --minimise latency_mean --subject-to 'cost_usd_per_month > $5000' \
    --vary 'pools.tts.buffer_containers=[0, 3]'
expect 0 "lowest 1*cost_usd_per_month + 1000*latency_p95_s" tune --minimise '1*cost_usd_per_month + 1e3*latency_p95' \
    --vary 'pools.tts.max_containers=[1, 2, 4]'
expect 0 "" tune --minimise cost_usd_per_month --vary 'pools.tts.scaledown_window=[5 s, 90 s]' --sobol 5 --json
claim "points of a Sobol sequence" grep -q '"settings": 5,' output

# Infeasible, and undecided
expect 0 "Infeasible: none of these settings keeps the limits" tune --minimise cost_usd_per_month \
    --subject-to 'latency_p95<0.5 s' --vary 'pools.tts.max_containers=[2, 4]'
claim "nothing had to be simulated" grep -q '^ *2  beyond a limit even if nobody ever waits$' output
claim "the nearest is named by its bound" grep -q '^  latency_p95_s is .* or more whatever happens$' output
expect 0 "The nearest misses them by" tune --minimise cost_usd_per_month --subject-to 'latency_p95<0.95 s' \
    --vary 'pools.tts.max_containers=[2, 4]'
claim "the nearest is named" grep -q "^  --set 'pools.tts.max_containers=4'\$" output
expect 0 "Undecided: no more replications are allowed" tune --minimise latency_p99 --indifference 0.001% \
    --max-replications 10 --vary 'pools.tts.tick=[1 s, 1.1 s]'

# Short runs decide most, and agree with long ones
long() {
    tune --set 'duration=20 h' --set 'pools.tts.scaledown_window=10 s' --minimise cost_usd_per_month \
        --subject-to 'latency_p95<2 s' --vary 'pools.tts.max_inputs=[2, 4, 6]' \
        --vary 'pools.tts.buffer_containers=[0, 1, 2]' "$@"
}
expect 0 "rejected by short runs" long
claim "the check is told" grep -q '^  short and whole runs of [0-9]* settings* agree' output
expect 0 "" long --json --jobs 1
cp output one.json
expect 0 "" long --json --jobs 2
claim "equal JSON whatever the threads, with short runs" cmp output one.json
expect 0 "does not publish the choice holds in" long
expect 0 "no short runs: they were not wanted" long --whole
expect 0 "no short runs: the load changes over time" tune --set 'workloads.callers.arrivals.shape={growth: {kind: linear,
    factor: 1.1, over: 20 min}}' --minimise cost_usd_per_month --vary 'pools.tts.buffer_containers=[0, 3]'

expect 0 "warm_up: auto is 2 min for all of them" tune --set 'warm_up=auto' --set 'duration=40 min' \
    --minimise latency_mean --vary 'pools.tts.buffer_containers=[0, 3]'
expect 2 "more than a quarter of the run" tune --set 'warm_up=auto' --set 'duration=5 min' --minimise latency_mean \
    --vary 'pools.tts.buffer_containers=[0, 3]'

# Bad input
expect 2 "the grid is empty" tune --minimise cost_usd
expect 2 "the list of values is empty" tune --minimise cost_usd --vary 'pools.tts.max_inputs=[]'
expect 2 "did you mean 'max_inputs'" tune --minimise cost_usd --vary 'pools.tts.max_input=[1]'
expect 2 "what is to be low is missing" tune --vary 'pools.tts.max_inputs=[1]'
expect 2 "none of the 1 settings can be run" tune --minimise cost_usd --vary 'pools.tts.target_inputs=[9]'
wrong() { # TEXT OPTION...
    text=$1
    shift
    expect 2 "$text" tune "$@" --vary 'pools.tts.max_inputs=[1, 2]'
}
wrong "no metric 'latency_p59_s'; did you mean 'latency_p50_s'" --minimise latency_p59_s
wrong "no metric 'latencyp95_s'; did you mean 'latency_p95_s'" --minimise cost_usd --subject-to 'latencyp95_s<2 s'
wrong "expected METRIC<LIMIT" --minimise cost_usd --subject-to 'latency_p95_s=2 s'
wrong "latency_p95_s: " --minimise cost_usd --subject-to 'latency_p95_s<2'
wrong "latency_p95_s: " --minimise cost_usd --subject-to 'latency_p95_s<$2'
wrong "is a maximum" --minimise latency_max_s
wrong "does not exist in the scope all" --minimise alert_warning_count
wrong "has no tpot_mean_s" --minimise tpot_mean_s
wrong "expected FACTOR*METRIC" --minimise 'two*cost_usd'
wrong "what is minimised is missing" --minimise ' '
wrong "--confidence needs a share above 50%" --minimise cost_usd --confidence 40%
wrong "--indifference needs a share" --minimise cost_usd --indifference 0%
wrong "--tolerance needs a share" --minimise cost_usd --tolerance wide
wrong "--max-replications needs a whole number" --minimise cost_usd --max-replications 1
claim "nothing is printed" [ ! -s output ]

# Ctrl-C: what is known so far
"$program" tune small.yaml --set 'duration=1000 days' --whole --minimise cost_usd_per_month \
    --vary 'pools.tts.max_inputs=[2, 3, 4]' >output 2>errors &
process=$!
sleep 1
kill -INT $process
wait $process
claim "exit code 130 after an interruption" [ $? = 130 ]
claim "and an answer" grep -q '^Undecided: interrupted' output
finish
