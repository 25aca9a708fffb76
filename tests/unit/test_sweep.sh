#!/bin/sh
# test_sweep.sh - a sweep on the command line: however it is spread, killed and gone on with, the merged bytes are equal.
#
#   CAPSIM=build/capsim tests/unit/test_sweep.sh
set -u
scenario=$(realpath tests/unit/sweep/small.yaml)
. tests/command_case.sh
match=-E

inputs='pools.tts.max_inputs=[4, 5, 6, 8]'
targets='pools.tts.target_inputs=[2, 3, 5]'
sweep() { # CODE TEXT ARGUMENT...
    code=$1 text=$2
    shift 2
    expect "$code" "$text" "$program" sweep "$scenario" --vary "$inputs" --vary "$targets" "$@"
}

# Threads, shards and resumption.
sweep 0 "12 of 12 points are in whole" -o whole --jobs 2
expect 0 "12 points in whole.h5" "$program" merge whole -o whole.h5
for i in 1 2 3 4 5; do
    sweep 0 "points of this shard are in shard$((i % 2))" -o shard$((i % 2)) --jobs 1 --shard $i/5
done
expect 0 "" "$program" merge shard1 shard0 -o shards.h5
claim "shards give the bytes of one process" cmp whole.h5 shards.h5
sweep 2 "whole: 12 points of this sweep are there already: --resume" -o whole
sweep 0 "12 of 12" -o whole --resume
rm whole/point-000003.json whole/point-000009.json
echo '{"format": 1' >whole/point-000004.json.part
expect 2 "whole: 2 of 12 points are missing: 3, 9" "$program" merge whole
expect 2 "2 of 12 points are missing" "$program" merge whole -o holes.h5
claim "no file with holes" test ! -e holes.h5
sweep 0 "12 of 12" -o whole --resume --jobs 2
expect 0 "" "$program" merge whole -o again.h5
claim "gone on with, the same bytes" cmp whole.h5 again.h5

# The scripts for clusters, with what they are started by left out.
cluster=$(dirname "$scenario")/../../../scenarios/cluster
for i in 1 2 3; do
    checks=$((checks + 1))
    CAPSIM=$program SHARDS=3 SLURM_ARRAY_TASK_ID=$i SLURM_CPUS_PER_TASK=2 sh "$cluster/sweep.slurm" "$scenario" \
        --vary "$inputs" --vary "$targets" -o slurm >output 2>errors || complain "sweep.slurm, task $i"
done
expect 0 "" "$program" merge slurm -o slurm.h5
claim "a job array gives the same bytes" cmp whole.h5 slurm.h5
[ -e /usr/bin/parallel ] && {
    claim "sweep-parallel.sh runs" env CAPSIM="$program" "$cluster/sweep-parallel.sh" 3 "$scenario" --vary "$inputs" \
        --vary "$targets" -o parallel
    expect 0 "" "$program" merge parallel -o parallel.h5
    claim "GNU Parallel gives the same bytes" cmp whole.h5 parallel.h5
}
sed -n '/exec capsim/,/SHARDS"$/s/^ *//p' "$cluster/sweep-kubernetes.yaml" | tr '\n' ' ' |
    sed "s|exec capsim|$program|; s|/scenario/tts.yaml|$scenario|; s|-o /points|-o pods|" >pod
for i in 0 1 2; do
    checks=$((checks + 1))
    JOB_COMPLETION_INDEX=$i SHARDS=3 sh pod >output 2>errors || complain "pod $i"
done
expect 0 "^6|^ +5 +20 +180 s" "$program" merge pods

# The table by itself, and what else is printed at the end, are those of the files.
"$program" merge whole >table; "$program" merge whole --json >table.json; "$program" merge whole --csv >table.csv
mkdir passing
export TMPDIR="$PWD/passing"
for form in "" --json --csv; do
    sweep 0 "" $form
    claim "without files, the same table $form" cmp output table${form:+.${form#--}}
done
claim "nothing is left behind" rmdir passing
unset TMPDIR
sweep 0 "" -o whole --resume --csv
claim "with files and a table" cmp output table.csv
sweep 2 "shard makes a part of the points" --csv --shard 1/2 -o part

# Points between two ends.
expect 0 "5 of 5 points are in sobol" "$program" sweep "$scenario" --vary 'pools.tts.scaledown_window=[30 s, 600 s]' \
    --vary 'workloads.callers.arrivals.rate=[1 req/s, 3 req/s]' --sobol 5 -o sobol
expect 0 "^ +0 +315 s +2 req/s " "$program" merge sobol

# A trace of arrivals belongs to the scenario, whatever is in its file.
printf 'time_s\n%s\n%s\n' 10 20 >trace.csv
traced() { # CODE TEXT
    expect "$1" "$2" "$program" sweep "$scenario" --set 'workloads.callers.arrivals={process: trace, file: trace.csv}' \
        --vary "$inputs" --resume -o traced
}
traced 0 "4 of 4"
traced 0 "4 of 4"
echo 30 >>trace.csv
traced 2 "belongs to another scenario"

# So does a table that work is drawn from.
printf 'work\n%s\n%s\n' 1 2 >work.csv
drawn() { # CODE TEXT
    expect "$1" "$2" "$program" sweep "$scenario" \
        --set 'workloads.callers.classes.text.work="mixture(50%: fixed(1), 50%: empirical(work.csv, work))"' \
        --vary "$inputs" --resume -o drawn
}
drawn 0 "4 of 4"
drawn 0 "4 of 4"
echo 3 >>work.csv
drawn 2 "belongs to another scenario"

# Killed in the middle, at whatever point it is: what is there is whole.
for signal in KILL INT; do
    "$program" sweep "$scenario" --set duration="10 h" --vary "$inputs" --vary "$targets" -o "$signal" --jobs 2 \
        >output 2>errors &
    process=$!
    while [ ! -e $signal/point-000000.json ] && kill -0 $process 2>/dev/null; do sleep 0.02; done
    kill -$signal $process 2>/dev/null
    wait $process
    code=$?
    checks=$((checks + 1))
    case $signal-$code in
    INT-130) grep -q 'of 12 points are in INT; --resume' errors || complain "an interrupted sweep does not say so" ;;
    KILL-137 | *-0) ;;
    *) complain "exit code $code after SIG$signal" ;;
    esac
    sweep 0 "12 of 12" -o $signal --resume --set duration="10 h"
    expect 0 "" "$program" merge $signal -o $signal.h5 --csv
    cp output $signal.csv
done
sweep 0 "12 of 12" -o calm --set duration="10 h"
expect 0 "" "$program" merge calm -o calm.h5 --csv
for signal in KILL INT; do
    claim "killed by SIG$signal and gone on with: the same bytes" cmp calm.h5 $signal.h5
    claim "killed by SIG$signal and gone on with: the same text" cmp output $signal.csv
done

# What a point says is what a run says; what cannot be run is in the table with its reason.
expect 0 "^ +4 +5 +3 .*[0-9]" "$program" merge whole
expect 0 "invalid: 'target_inputs' \(5\) is more than 'max_inputs' \(4\)" "$program" merge whole
expect 0 "^point,pools.tts.max_inputs,pools.tts.target_inputs,status,scope,metric,unit,value,low,high,count$" "$program" \
    merge whole --csv
claim "one line for a point without metrics" grep -qx "2,4,5,invalid,,,,,,," output
grep '^4,5,3,ok,' output | cut -d, -f5- >point
"$program" run "$scenario" --set pools.tts.max_inputs=5 --set pools.tts.target_inputs=3 --csv | tail -n +2 >run
claim "a point says what a run says" cmp point run
expect 0 '"point":2,"pools.tts.max_inputs":"4","pools.tts.target_inputs":"5","status":"invalid","reason":"' \
    "$program" merge whole --json

# Refused: nothing to vary, nowhere to write, names of nothing, files that do not belong together.
expect 2 "the grid is empty: --vary" "$program" sweep "$scenario" -o refused
expect 2 "-o is missing" "$program" sweep "$scenario" --vary "$inputs" --shard 1/2
expect 2 "the list of values is empty" "$program" sweep "$scenario" --vary 'pools.tts.max_inputs=[]' -o refused
expect 2 "did you mean 'max_inputs'" "$program" sweep "$scenario" --vary 'pools.tts.max_input=[3]' -o refused
expect 2 "none of the 1 points can be run" "$program" sweep "$scenario" --vary 'pools.tts.max_inputs=[3]' -o refused
sweep 2 "--shard needs I/N" -o refused --shard 3/2
sweep 2 "--shard needs I/N" -o refused --shard 0/2
sweep 2 "--shard needs I/N" -o refused --shard 1/2x
claim "no folder where nothing was done" test ! -e refused
sweep 2 "cannot be made a folder" -o whole.h5
expect 2 "point 0 is also in calm/point-000000.json" "$program" merge whole calm
expect 2 "No such file" "$program" merge nowhere
mkdir empty
expect 2 "holds no finished point" "$program" merge empty
sweep 2 "belongs to another scenario .* than this sweep" -o whole --resume --seed 2
expect 2 "belongs to another list of points than this sweep" "$program" sweep "$scenario" --vary "$targets" --vary "$inputs" \
    --resume -o whole
sweep 0 "" -o other --seed 2 --shard 2/2
mkdir half
for i in 00 02 04 06 08 10; do cp whole/point-0000$i.json half; done
expect 2 "6 of 12 points are missing: 1, 3, 5, 7, 9, 11" "$program" merge half
expect 2 "other/point-000001.json: belongs to another scenario .* than half/point-000000.json" "$program" merge half other
sed 's/"commit":"[^"]*"/"commit":"older"/' whole/point-000001.json >half/point-000001.json
expect 2 "point-000001.json: was simulated by capsim .*commit older.*, half/point-000000.json by" "$program" merge half
cp whole/point-000003.json half/point-000001.json
expect 2 "point-000001.json: holds point 3: it was renamed" "$program" merge half
head -c 500 whole/point-000001.json >half/point-000001.json
expect 2 "point-000001.json: is no finished point of a sweep, or is damaged" "$program" merge half

finish
