#!/bin/sh
# test_sensitivity.sh - --sensitivity on the command line: what hangs on rules that no platform publishes.
#
#   CAPSIM=build/capsim tests/unit/test_sensitivity.sh
set -u
. tests/command_case.sh

cat >small.yaml <<'YAML'
capsim: 1
name: small
duration: 2 h
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
    target_inputs: 2
    scaledown_window: 60 s
    profile: {name: p, stage: processor-sharing, base_time: 0.1 s, per_running: 0.02 s,
              startup: [{name: boot, time: "fixed(5 s)"}]}
slo:
  - {metric: latency_p95_s, at_most: 1 ms}
YAML

# The table, the band, what to measure, and nothing that decides nothing
expect 0 "What is not published, read otherwise" "$program" run small.yaml --sensitivity -q
claim "each reading is a line" grep -q '^  dispatch_order=random .*\$' output
claim "starts that are not billed cost less" grep -Eq '^  bill_starting=false .* -[0-9.]+ \+- ' output
claim "the band is told" grep -Eq '^  cost per month .* \.\. ' output
claim "what to measure is told" grep -Eq '^  bill_starting +start a container' output
claim "there is no buffer" sh -c '! grep -q active_hold= output'
claim "there are no snapshots" sh -c '! grep -q worker_types= output'
claim "it fits a terminal" sh -c '! grep -E "^.{101}" output'
claim "nothing ends in a blank" sh -c '! grep -q " $" output'
cp output one.txt
expect 0 "" "$program" run small.yaml --sensitivity -q --jobs 1
claim "the same bytes with one thread" cmp output one.txt
expect 0 "" "$program" run small.yaml --sensitivity -q --jobs 3
claim "the same bytes with three" cmp output one.txt

# For programs
expect 0 '"sensitivity_status": "ok"' "$program" run small.yaml --sensitivity --json
claim "the summary is that of the run alone" sh -c '"$0" run small.yaml --json >plain.json &&
    python3 - <<PY
import json
plain, more = json.load(open("plain.json")), json.load(open("output"))
assert all(more[key] == plain[key] for key in plain)
readings = more["sensitivity"]
names = [r["readings"][0]["key"] + "=" + r["readings"][0]["value"] for r in readings if r["kind"] == "one"]
assert len(set(names)) == len(names) >= 12
cost = {row["metric"]: row["value"] for row in plain["metrics"] if row["scope"] == "all"}
starting = cost["cost_starting_usd"] / cost["cost_usd"] * cost["cost_usd_per_month"]
free = readings[names.index("bill_starting=false")]["differences"][0]
assert free["metric"] == "cost_usd_per_month" and free["told"]
assert abs(free["value"] + starting) < 1e-6 * starting, (free["value"], starting)
band = more["sensitivity_band"][0]
assert band["low"] <= min(r["metrics"][0]["value"] for r in readings if r["kind"] == "one")
assert all(r["readings"][0]["measure"] and r["readings"][0]["settings"] for r in readings)
PY' "$program"

# The setting that a reading names gives what the reading says
expect 0 "" "$program" run small.yaml --set 'pools.tts.tick=5 s' --json
claim "a reading is a setting" python3 -c '
import json, subprocess, sys
alone = json.load(open("output"))
more = json.loads(subprocess.check_output([sys.argv[1], "run", "small.yaml", "--sensitivity", "--json"]))
cost = [r["value"] for r in alone["metrics"] if (r["scope"], r["metric"]) == ("all", "cost_usd_per_month")]
same = [r["metrics"][0]["value"] for r in more["sensitivity"] if r["readings"][0]["settings"] == ["pools.tts.tick=5 s"]]
assert cost == same[:1], (cost, same)' "$program"

# What the scenario or the command line says is where readings begin
expect 0 "  dispatch_order=fullest" "$program" run small.yaml --sensitivity -q --set pools.tts.dispatch_order=random
expect 1 "The band" "$program" run small.yaml --sensitivity -q --assert
expect 0 "there are no other readings" "$program" run small.yaml --sensitivity -q --set pools.tts.platform=fixed \
    --set pools.tts.min_containers=2

# What does not go together
expect 2 "excludes --csv" "$program" run small.yaml --sensitivity --csv
expect 2 "--sensitivity excludes -o" "$program" run small.yaml --sensitivity -o trace.h5
expect 2 "--sensitivity excludes" "$program" run small.yaml --sensitivity --precision cost=1%
expect 2 "stop_after=never" "$program" run small.yaml --sensitivity --set stop_after=first-break --replications 1

# Every summary names what is inferred, and explain says more
expect 0 "not published by the platform" "$program" run small.yaml -q
expect 0 "other readings: 0.5 s, 5 s" "$program" explain pools.tick
expect 0 "to find out: " "$program" explain bill_starting
finish
