#!/bin/sh
# test_compare.sh - capsim compare on the command line: scenarios, variants, traces, forms of output, bad input.
#
#   CAPSIM=build/capsim tests/unit/test_compare.sh
set -u
here=$(realpath tests/unit/compare)
. tests/command_case.sh

cat >small.yaml <<'YAML'
capsim: 1
name: small
duration: 1 h
warm_up: 1 min
replications: 4
workloads:
  - name: callers
    pool: tts
    arrivals: {process: poisson, rate: 5 req/s}
    classes: [{name: text, work: "exponential(1)"}]
pools:
  - name: tts
    platform: modal-function
    price: $1.95/h
    max_containers: 5
    max_inputs: 4
    buffer_containers: 1
    scaledown_window: 300 s
    profile: {name: p, stage: processor-sharing, base_time: 0.1 s, per_running: 0.02 s,
              startup: [{name: boot, time: "fixed(5 s)"}]}
slo:
  - {metric: latency_p95_s, at_most: 1 s}
YAML
printf 'base: small.yaml\nname: short\npools: [{name: tts, scaledown_window: 20 s}]\n' >short.yaml

# Scenarios, as text and as JSON
expect 0 "saves \$" "$program" compare small.yaml short.yaml
claim "what is compared is said" grep -q '^\[2\] short: 1 h, 4 replications, seed 1, ' output
claim "chance is told" grep -q '^  \[2\] cost correlates ' output
claim "nothing is said beside the result" [ ! -s errors ]
expect 0 "pool/tts" "$program" compare small.yaml short.yaml --all
expect 0 "" "$program" compare small.yaml short.yaml --json --jobs 1
cp output one.json
expect 0 "" "$program" compare small.yaml short.yaml --json --jobs 3
claim "equal JSON whatever the threads" cmp output one.json
claim "JSON has the keys of the design" python3 - one.json <<'PY'
import json, math, sys
root = json.load(open(sys.argv[1]))
assert root["format"] == 1 and root["scenario"] == "small" and root["seed"] == 1 and root["replications"] == 4
assert root["status"] == "ok" and root["difference"] == "b - a"
figures = {}
for row in root["metrics"]:
    assert {"scenario", "scope", "metric", "unit", "value", "low", "high", "count"} <= row.keys()
    figures[row["scenario"], row["scope"], row["metric"]] = row
assert {name for name, *_ in figures} == {"small", "short"}
rows = root["differences"]
assert len(rows) == len(figures) / 2
for row in rows:
    assert {"a", "b", "scope", "metric", "unit", "value", "low", "high", "correlation"} <= row.keys()
    assert (row["a"], row["b"]) == ("small", "short")
    a, b = (figures[row[side], row["scope"], row["metric"]] for side in "ab")
    if row["value"] is None:
        assert (a["value"] is None or b["value"] is None) and row["reason"]
        continue
    assert math.isclose(row["value"], b["value"] - a["value"], rel_tol=1e-12, abs_tol=1e-15)
    assert row["low"] is None and row["reason"] or row["low"] <= row["value"] <= row["high"]
by_name = {row["metric"]: row for row in rows if row["scope"] == "all"}
cost, latency = by_name["cost_usd_per_month"], by_name["latency_mean_s"]
assert cost["high"] < 0 and cost["paired"], cost
assert latency["correlation"] > 0.8 and latency["variance_ratio"] > 2, latency
assert by_name["requests_arrived"]["value"] == by_name["requests_arrived"]["high"] == 0
PY

# Variants
expect 0 "[3] scaledown_window=20 s, max_inputs=4" "$program" compare small.yaml \
    --vary 'pools.tts.scaledown_window=[300 s, 20 s]' --vary 'pools.tts.max_inputs=[4, 8]'
expect 0 "" "$program" compare small.yaml --vary 'pools.tts.scaledown_window=[300 s, 20 s]' --json
claim "variants are the scenarios that they say" python3 - one.json output <<'PY'
import json, sys
one, other = (json.load(open(path)) for path in sys.argv[1:])
assert [s["scenario"] for s in other["scenarios"]] == ["scaledown_window=300 s", "scaledown_window=20 s"]
assert other["scenarios"][1]["values"] == {"pools.tts.scaledown_window": "20 s"}
keys = ("scope", "metric", "value", "low", "high", "correlation", "variance_ratio")
assert [[d[k] for k in keys] for d in one["differences"]] == [[d[k] for k in keys] for d in other["differences"]]
PY
expect 0 "" "$program" compare small.yaml --csv --vary 'pools.tts.scaledown_window=[300 s, 20 s]' \
    --vary 'pools.tts.max_inputs=[4, 8]'
claim "CSV has a column more" python3 - output <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
assert list(rows[0]) == ["scenario", "scope", "metric", "unit", "value", "low", "high", "count"]
assert len({row["scenario"] for row in rows}) == 4 and rows[-1]["scenario"] == "scaledown_window=20 s, max_inputs=8"
assert None not in rows[0] and all(float(row["count"]) >= 0 for row in rows)
PY
expect 0 "invalid max_inputs=3, target_inputs=4: " "$program" compare small.yaml \
    --vary 'pools.tts.max_inputs=[3, 4]' --vary 'pools.tts.target_inputs=[3, 4]'
expect 0 "the same (within" "$program" compare small.yaml --vary 'pools.tts.timeout=[100 s, 200 s]'

# What is no pair, or not quite one
sed 's/^name: short/name: short\nseed: 2/' short.yaml >seed.yaml
expect 0 "taken as independent: the seeds differ" "$program" compare small.yaml seed.yaml
expect 0 "cost correlates" "$program" compare small.yaml seed.yaml --seed 7
sed 's/^name: short/name: short\nreplications: 5/' short.yaml >more.yaml
expect 0 "taken as independent: the numbers of replications differ" "$program" compare small.yaml more.yaml
expect 0 "other requests arrive" "$program" compare small.yaml --vary 'workloads.callers.arrivals.rate=[5 req/s, 6 req/s]'
expect 0 "latency correlates" "$program" compare small.yaml short.yaml --replications 1
expect 0 "not the same stretches" "$program" compare small.yaml --replications 1 --vary 'duration=[1 h, 2 h]'
expect 0 "variance_ratio" "$program" compare small.yaml --replications 1 --set start=2026-01-01 --json \
    --set duration=60days --set workloads.callers.arrivals.rate=0.02/s --vary 'pools.tts.scaledown_window=[300 s, 20 s]'
claim "days are pairs, those of a month too" python3 - output <<'PY'
import json, sys
rows = json.load(open(sys.argv[1]))["differences"]
cost = {row["scope"]: row for row in rows if row["metric"] == "cost_usd"}
assert cost["all"]["paired"] and cost["all"]["variance_ratio"] > 1 and cost["all"]["high"] < 0, cost["all"]
assert cost["all"]["low"] < cost["all"]["value"] and cost["month/2026-01"]["paired"]
assert cost["month/2026-01"]["variance_ratio"] > 1, cost["month/2026-01"]
PY
expect 0 "small.yaml#2" "$program" compare small.yaml small.yaml

# What is withheld stays withheld
expect 0 "saturated from" "$program" compare small.yaml --set pools.tts.queue_limit=1000 \
    --vary 'workloads.callers.arrivals.rate=[5 req/s, 500 req/s]'
claim "a percentile that is withheld is not shown" grep -q '95th percentile .*withheld$' output
claim "nor judged" grep -q 'not known: .*p95 (withheld: the pool is saturated)' output
expect 0 "" "$program" compare small.yaml --set pools.tts.queue_limit=1000 --json \
    --vary 'workloads.callers.arrivals.rate=[5 req/s, 500 req/s]'
claim "nor in JSON" python3 - output <<'PY'
import json, sys
root = json.load(open(sys.argv[1]))
row = next(d for d in root["differences"] if d["scope"] == "all" and d["metric"] == "latency_p95_s")
assert root["status"] == "saturated" and row["value"] is None and "saturated" in row["reason"]
PY

# Traces
"$program" run small.yaml -o small.h5 --quiet >/dev/null
"$program" run short.yaml -o short.h5 --quiet >/dev/null
expect 0 "saves \$" "$program" compare small.h5 short.h5
expect 0 "" "$program" compare small.h5 short.h5 --json
claim "traces give the differences of their scenarios" python3 - one.json output <<'PY'
import json, math, re, sys
one, other = (json.load(open(path)) for path in sys.argv[1:])
for a, b in zip(one["differences"], other["differences"], strict=True):
    assert (a["scope"], a["metric"]) == (b["scope"], b["metric"])
    if re.search(r"_p[0-9]", a["metric"]) or a["value"] is None: # percentiles are exact in a trace
        continue
    for key in "value", "low", "high":
        assert a[key] == b[key] or math.isclose(a[key], b[key], rel_tol=1e-9, abs_tol=1e-12), (a, b)
PY
expect 0 "cost correlates" "$program" compare small.h5 short.yaml
expect 2 "is a finished run" "$program" compare small.h5 short.h5 --seed 2
head -c 20000 small.h5 >cut.h5
expect 2 "truncated" "$program" compare small.yaml cut.h5

# Bad input
expect 2 "nothing to compare it with" "$program" compare small.yaml
expect 2 "SCENARIO|TRACE" "$program" compare
expect 2 "No such file" "$program" compare small.yaml nothing.yaml
expect 2 "--vary makes variants of one scenario" "$program" compare small.yaml short.yaml --vary 'seed=[1, 2]'
expect 2 "--vary:1:11: error: unknown key 'max_input'" "$program" compare small.yaml --vary 'pools.tts.max_input=[1, 2]'
expect 2 "did you mean 'max_inputs'?" "$program" compare small.yaml --vary 'pools.tts.max_input=[1, 2]'
expect 2 "the list of values is empty" "$program" compare small.yaml --vary 'pools.tts.max_inputs=[]'
expect 2 "is varied twice" "$program" compare small.yaml --vary 'seed=[1, 2]' --vary 'seed=[3]'
expect 2 "there is one variant only" "$program" compare small.yaml --vary 'pools.tts.max_inputs=[4]'
expect 2 "at most 200 can be compared" "$program" compare small.yaml --vary "seed=[$(seq -s ', ' 1 201)]"
expect 2 "fewer than two variants can be run; max_inputs=1, target_inputs=3: " "$program" compare small.yaml \
    --vary 'pools.tts.max_inputs=[1, 2]' --vary 'pools.tts.target_inputs=[3]'
expect 2 "this is not YAML" "$program" compare small.yaml --vary 'pools.tts.max_inputs=[1, 2'
expect 2 "exclude each other" "$program" compare small.yaml short.yaml --json --csv
claim "bad input prints no result" [ ! -s output ]
if [ -e /dev/full ]; then
    for form in "" --json --csv; do
        checks=$((checks + 1))
        # shellcheck disable=SC2086
        "$program" compare small.yaml short.yaml $form >/dev/full 2>errors
        got=$?
        [ $got = 3 ] && grep -q 'cannot be written' errors || complain "a full output was not noticed: $form ($got)"
    done
fi
checks=$((checks + 1))
"$program" compare small.yaml --vary 'pools.tts.scaledown_window=[300 s, 20 s]' --set 'duration=1000 days' \
    --set workloads.callers.arrivals.rate=50/s >output 2>errors &
process=$!
sleep 1
kill -INT $process
wait $process
got=$?
[ $got = 130 ] && [ ! -s output ] || complain "interrupted: exit code $got"
expect 0 "" "$program" compare "$here/servers.yaml" "$here/six.yaml"

finish
