#!/bin/sh
# test_import.sh - excerpts of what other programs write, as CSV; and what is wrong in them, with file and line.
#
#   CAPSIM=build/capsim tests/unit/test_import.sh
set -u
program=$(realpath "$CAPSIM")
cases=$(realpath "$(dirname "$0")/import")
scenarios=$(realpath "$(dirname "$0")/../../scenarios")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

checks=0
failed=0
complain() {
    failed=$((failed + 1))
    echo "$1"
    sed 's/^/    /' errors | head -5
}

# Excerpts.
for pair in vllm:vllm triton:triton triton:triton-online triton:perf-analyzer azure-llm:azure-llm \
    azure-functions:azure-functions k6:k6 locust-stats:locust-stats locust-stats:locust-old \
    locust-history:locust-history; do
    name=${pair#*:}
    checks=$((checks + 1))
    "$program" import "${pair%%:*}" "$cases/$name.csv" -o "$name.out" 2>errors || complain "$name: not imported"
    diff "$cases/$name.expected" "$name.out" >errors 2>&1 || complain "$name: other rows"
    gzip -c "$cases/$name.csv" >in.csv.gz
    "$program" import -q "${pair%%:*}" in.csv.gz -o again.out 2>errors || complain "$name: not imported from gzip"
    cmp -s "$name.out" again.out || complain "$name: other rows from gzip"
    [ ! -s errors ] || complain "$name: not quiet"
done

# refuse FORMAT LINE TEXT CONTENT...: a file as printf writes it is refused with exit code 2, the place and the text,
# and nothing is touched
refuse() {
    checks=$((checks + 1))
    format=$1 line=$2 text=$3
    shift 3
    # shellcheck disable=SC2059 # the content is a format
    printf "$@" >bad.csv
    echo old >kept.csv
    "$program" import "$format" bad.csv -o kept.csv >output 2>errors
    code=$?
    [ $code = 2 ] || complain "$format: exit code $code"
    grep -qF "error: bad.csv:$line" errors || complain "$format: not line '$line'"
    grep -qF -- "$text" errors || complain "$format: no message with '$text'"
    [ "$(cat kept.csv)" = old ] || complain "$format: the old file is gone"
    [ ! -e kept.csv.part ] || complain "$format: a part stays behind"
}

vllm=request_id,input_toks,output_toks,queued_s,scheduled_s,first_token_s,last_token_s
refuse vllm 3: "not in order" '%s\na,1,1,0,1,2,3\nb,1,1,5,4,6,7\n' $vllm
refuse vllm 2: "below 0" '%s\na,1,-1,0,1,2,3\n' $vllm
refuse vllm 2: "column 'output_toks': '1.5' is not a whole number" '%s\na,1,1.5,0,1,2,3\n' $vllm
refuse vllm 2: "'nan' is not a time" '%s\na,1,1,0,nan,2,3\n' $vllm
refuse vllm "" "no rows; expected at least one request" '%s\n' $vllm
refuse vllm 1: "has no column 'output_toks'" 'request_id,input_toks\na,1\n'
refuse vllm 2: "has 6 fields, the header has 7" '%s\na,1,1,0,1,2\n' $vllm

triton=concurrency,inferences_per_s,p50_ms,p95_ms
refuse triton 3: "percentiles that fall" '%s\n1,10,5,6\n2,10,7,6\n' $triton
refuse triton 2: "a latency of 0" '%s\n1,10,0,6\n' $triton
refuse triton 2: "at least 1" '%s\n0,10,5,6\n' $triton
refuse triton 2: "throughput" '%s\n1,0,5,6\n' $triton
refuse triton 2: "below 0 s" '%s\n1,10,-5,6\n' $triton
refuse triton 1: "has no column 'inferences_per_s'; is this file of 'triton'?" 'concurrency,p95_ms\n1,6\n'
refuse triton 1: "has no column 'p95 latency'" 'Concurrency,Inferences/Second\n1,6\n'

refuse azure-llm 2: "is not a time" 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-31 00:00:00,1,1\n'
refuse azure-functions 2: "below 0 s" 'app,func,end_timestamp,duration\na,f,5,-1\n'
refuse azure-llm "" "compressed with xz" '\3757zXZ\0'

k6=metric_name,timestamp,metric_value
refuse k6 2: "belongs to no request" '%s\nhttp_req_waiting,5,1\n' $k6
refuse k6 3: "belongs to no request" '%s\nhttp_req_duration,5,1\nhttp_req_sending,6,1\n' $k6
refuse k6 "" "holds nothing that 'k6' reads" '%s\nvus,5,1\n' $k6
refuse k6 2: "'soon' is not a time" '%s\nhttp_req_duration,soon,1\n' $k6
refuse k6 1: "has no column 'metric_value'" 'metric_name,timestamp\nvus,5\n'

refuse locust-stats 2: "'x' is not a number" 'Name,Requests/s\n/,x\n'
refuse locust-history 1: "has no column 'Timestamp'" 'Name,Requests/s\n/,1\n'

# All of k6's clocks are one time.
checks=$((checks + 1))
for time in 1595325560500 1595325560500000 1595325560500000000 2020-07-21T09:59:20.5Z 2020-07-21T11:59:20.5+02:00; do
    printf '%s\nhttp_req_duration,1595325560000,0\nhttp_req_duration,%s,100\n' $k6 "$time" >in.csv
    "$program" import -q k6 in.csv -o out.csv 2>errors || complain "k6: $time"
    [ "$(cut -d, -f1 out.csv | tail -1)" = 0.4 ] || complain "k6: $time is $(tail -1 out.csv)"
done

# expect CODE TEXT COMMAND...
expect() {
    code=$1 text=$2
    shift 2
    checks=$((checks + 1))
    "$@" >output 2>errors
    got=$?
    [ $got = "$code" ] || complain "exit code $got, not $code: $*"
    grep -qF -- "$text" errors || complain "no message with '$text': $*"
}
expect 2 "did you mean 'azure-llm'?" "$program" import azure-lm "$cases/azure-llm.csv" -o out.csv
expect 2 "-o is missing" "$program" import vllm "$cases/vllm.csv"
expect 2 "FORMAT FILE is missing" "$program" import vllm
expect 2 "none.csv: No such file" "$program" import vllm none.csv -o out.csv
expect 3 "No such file or directory" "$program" import vllm "$cases/vllm.csv" -o nowhere/out.csv
expect 0 "1 row written to out.csv" "$program" import k6 "$cases/k6.csv" -o out.csv
expect 0 "K6_CSV_TIME_FORMAT" "$program" import k6 "$cases/k6.csv" -o out.csv
if [ -w /dev/full ]; then
    expect 3 "is not a regular file" "$program" import vllm "$cases/vllm.csv" -o /dev/full
fi

# What is written is read as an arrival trace, with the default name of the column.
checks=$((checks + 1))
"$program" import -q vllm "$cases/vllm.csv" -o arrivals.csv
cp "$scenarios/profiles/llama2-70b-a100.yaml" .
cat >replay.yaml <<'YAML'
capsim: 1
name: replay
duration: 1 min
workloads:
  - name: log
    pool: llm
    arrivals: {process: trace, file: arrivals.csv, input_tokens_column: input_tokens,
               output_tokens_column: output_tokens}
    classes: [{name: all}]
pools: [{name: llm, platform: fixed, min_containers: 1, max_inputs: 64, price: $1/h, profile: llama2-70b-a100.yaml}]
YAML
"$program" run replay.yaml --csv >output 2>errors || complain "the log is no arrival trace"
grep -q '^all,requests_arrived,,5,' output || complain "not five requests: $(grep -m1 arrived output)"

printf 'Checks: %d, %d failed\n' $checks $failed
[ $failed = 0 ]
