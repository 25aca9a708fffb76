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

# Whether a comparison holds: a window matters where containers idle, and the longest waiting never do
expect 0 "The same reading for all" "$program" compare small.yaml --vary 'pools.tts.scaledown_window=[60 s, 300 s]' \
    --sensitivity -q
claim "it costs more as it is" grep -Eq '^  as it is +\+[0-9.,]+ \+- ' output
claim "every container is used in turn" grep -Eq '^  dispatch_order=longest-waiting +no change +no change$' output
claim "it is said in words" grep -Eq '^  cost per month is higher as it is, and in [0-9]+ of [0-9]+ other readings' output
claim "what is inferred is named once" [ "$(grep -c 'not published by the platform' output)" = 1 ]
claim "the table fits a terminal" sh -c '! sed -n "/^Does it hold/,\$p" output | grep -E "^.{101}"'
cp output one.txt
expect 0 "" "$program" compare small.yaml --vary 'pools.tts.scaledown_window=[60 s, 300 s]' --sensitivity -q --jobs 1
claim "the same bytes with one thread" cmp output one.txt
printf 'base: small.yaml\nname: buffered\npools: [{name: tts, buffer_containers: 1}]\n' >buffered.yaml
expect 0 "" "$program" compare small.yaml buffered.yaml --sensitivity --json
claim "differences under a reading are those of the runs" python3 - "$program" <<'PY'
import json, math, subprocess, sys
root = json.load(open("output"))
readings = {r["readings"][0]["key"] + "=" + r["readings"][0]["value"]: r for r in root["sensitivity"]}
assert root["sensitivity_status"] == "ok" and root["scenarios"][0]["assumptions"]
alone = json.loads(subprocess.check_output([sys.argv[1], "compare", "small.yaml", "buffered.yaml", "--json",
                                            "--set", "pools.tts.tick=5 s"]))
def cost(rows):
    return [(d["a"], d["b"], d["value"], d["low"], d["high"]) for d in rows
            if (d["scope"], d["metric"]) == ("all", "cost_usd_per_month")]
assert cost(readings["tick=5 s"]["differences"]) == cost(alone["differences"])
assert "active_hold=1 s" in readings  # of the second only
PY
claim "in turn means that the pool never shrinks" python3 - "$program" <<'PY'
import json, subprocess, sys
def containers(order):
    root = json.loads(subprocess.check_output([sys.argv[1], "run", "small.yaml", "--json", "--replications", "1",
        "--set", "warm_up=30 min", "--set", "pools.tts.dispatch_order=" + order]))
    figures = {r["metric"]: r["value"] for r in root["metrics"] if r["scope"] == "all"}
    return figures["containers_mean"], figures["containers_max"]
mean, most = containers("longest-waiting")
assert mean == most > 1, (mean, most)
mean, most = containers("fullest")
assert mean < most, (mean, most)
PY
expect 0 "The same reading for all" "$program" compare small.yaml --set warm_up=auto --set 'duration=8 h' -q \
    --vary 'pools.tts.scaledown_window=[60 s, 90 s]' --sensitivity
"$program" run small.yaml -q -o small.h5 >/dev/null
expect 2 "is a finished run: --sensitivity" "$program" compare small.h5 buffered.yaml --sensitivity

# What does not go together
expect 2 "excludes --csv" "$program" run small.yaml --sensitivity --csv
expect 2 "--sensitivity excludes -o" "$program" run small.yaml --sensitivity -o trace.h5
expect 2 "--sensitivity excludes" "$program" run small.yaml --sensitivity --precision cost=1%
expect 2 "stop_after=never" "$program" run small.yaml --sensitivity --set stop_after=first-break --replications 1

# Every summary names what is inferred, and explain says more
expect 0 "not published by the platform" "$program" run small.yaml -q
expect 0 "tts: dispatch_order, over_factor, tick" "$program" sweep small.yaml -q --vary 'pools.tts.max_containers=[4, 5]'
expect 0 '"inferred": "tts: dispatch_order, ' "$program" sweep small.yaml -q --vary 'pools.tts.max_containers=[4, 5]' --json
expect 0 "other readings: 0.5 s, 5 s" "$program" explain pools.tick
expect 0 "to find out: " "$program" explain bill_starting
finish
