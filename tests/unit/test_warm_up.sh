#!/bin/sh
# test_warm_up.sh - `warm_up: auto` is found once, said, stored and the same in every command.
#
#   CAPSIM=build/capsim tests/unit/test_warm_up.sh
set -u
. tests/command_case.sh

cat >queue.yaml <<'YAML'
capsim: 1
name: queue
duration: 4 h
warm_up: auto
seed: 1
replications: 3
workloads:
  - name: customers
    pool: server
    arrivals: {process: poisson, rate: 0.5 /s}
    classes: [{name: customer, work: exponential(1)}]
pools:
  - name: server
    platform: fixed
    price: $1/h
    min_containers: 1
    max_inputs: 1
    start_state: cold
    startup_timeout: 1 h
    profile: {name: server, stage: independent, service_time: 1 s, startup: [{name: boot, time: 300 s}]}
slo:
  - {metric: latency_p95_s, at_most: 10 s}
YAML

# A pilot of 4 h has intervals of 10 s: found are whole 50 s. The start and what it left take about 600 s.
expect 0 'warm-up found: ' "$program" run queue.yaml --jobs 1 --json
claim 'the warm-up is in the head of the summary' python3 - <<'PY'
import json
run = json.load(open('output'))
assert 500 <= run['warm_up_s'] <= 1200, run['warm_up_s']
assert any(fact.startswith('warm-up found: ') and 'MSER-5' in fact for fact in run['facts'])
open('seconds', 'w').write('%d' % run['warm_up_s'])
PY
seconds=$(cat seconds)
mv output one.json
expect 0 '' "$program" run queue.yaml --jobs 3 --json
claim 'threads change nothing' cmp one.json output
expect 0 '' "$program" run queue.yaml --set "warm_up=$seconds s" --csv
mv output given.csv
expect 0 '' "$program" run queue.yaml --csv
claim 'the window is as if the time had been given' cmp given.csv output

# A trace holds what was found.
expect 0 '' "$program" run queue.yaml -o run.h5
expect 0 'warm-up found: ' "$program" report run.h5
claim 'the trace has the scenario with the warm-up that was found' grep -aq "warm_up: $seconds s" run.h5

# Others that run.
expect 0 'the longest that pilots found' "$program" compare queue.yaml --vary 'pools.server.profile.service_time=[1 s, 1.5 s]'
expect 0 '' "$program" run queue.yaml --precision 'latency_mean=20%' --max-replications 20
expect 0 '' "$program" sweep queue.yaml --vary 'pools.server.profile.service_time=[1 s, 1.5 s]' --shard 1/2 -o points
expect 0 '' "$program" sweep queue.yaml --vary 'pools.server.profile.service_time=[1 s, 1.5 s]' --shard 2/2 -o points
expect 0 '' "$program" merge points --csv
mv output shards.csv
expect 0 '' "$program" sweep queue.yaml --vary 'pools.server.profile.service_time=[1 s, 1.5 s]' -o whole --jobs 2
expect 0 '' "$program" merge whole --csv
claim 'shards change nothing' cmp shards.csv output
cat >asked.yaml <<'YAML'
base: queue.yaml
reference:
  - {id: a, kind: claim, claim: "it is served", theirs: "true", ours: "text(metric('throughput_rps') > 0.4)", expect: confirmed}
YAML
expect 0 'confirmed' "$program" verify asked.yaml
expect 0 'no problems' "$program" check queue.yaml
expect 0 '' "$program" run queue.yaml --sensitivity
expect 0 '' "$program" run queue.yaml --readings
expect 0 'or auto' "$program" explain warm_up

# What cannot be.
expect 2 "queue.yaml: 'duration' is too short for 'warm_up: auto'" "$program" run queue.yaml --set 'duration=20 min'
expect 2 'so it takes at least' "$program" run queue.yaml --set 'duration=20 min'
expect 0 'no warm-up found: pool server is saturated' "$program" run queue.yaml --set workloads.customers.arrivals.rate='2 /s'
expect 2 'a shape changes the rate' "$program" check queue.yaml --set 'workloads.customers.arrivals.shape={daily: [{at: 4 h, factor: 0.5}, {at: 14 h, factor: 1}]}'
expect 2 'a burst is over soon' "$program" check queue.yaml --set 'workloads.customers.arrivals={process: burst, count: 5}'
sed 's/^    arrivals: .*/    arrivals:\n      process: trace\n      file: times.csv\n      time_column: time/' queue.yaml >traced.yaml
printf 'time\n1\n2\n' >times.csv
expect 2 'traced.yaml:11:' "$program" run traced.yaml
expect 2 'the rate of a trace changes' "$program" run traced.yaml
expect 2 "'warm_up'" "$program" run queue.yaml --set warm_up=automatic
expect 2 "'warm_up'" "$program" run queue.yaml --set warm_up=-5s
finish
