#!/bin/sh
# The golden harness must notice what it is for; a script stands in for the program.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
export GOLDEN="$root/golden" BUILD="$root/build" CAPSIM="$root/program"
mkdir "$GOLDEN"
cat >"$CAPSIM" <<'SCRIPT'
#!/bin/sh
[ "$1" = run ] && [ "$3" = --json ] || exit 2
cat "$2"
SCRIPT
chmod +x "$CAPSIM"
stored='{"format": 1, "metrics": [{"metric": "latency_p95_s", "value": 1.25}, {"metric": "attempts", "value": 7}]}'
changed='{"format": 1, "metrics": [{"metric": "latency_p95_s", "value": 1.26}, {"metric": "attempts", "value": 7}]}'
checks=0

expect() { # exit code, what, then arguments of the harness
    wanted=$1
    what=$2
    shift 2
    code=0
    tests/golden/test_golden.sh "$@" >"$root/said" || code=$?
    [ "$code" = "$wanted" ] || { echo "$what: exit code $code instead of $wanted"; cat "$root/said"; exit 1; }
    checks=$((checks + 1))
}

expect 1 "no scenarios"
echo "$stored" >"$GOLDEN/a.yaml"
expect 1 "nothing stored"
expect 0 "storing" --update
cmp "$GOLDEN/a.yaml" "$GOLDEN/a.json"
expect 0 "the same"

echo "$changed" >"$GOLDEN/a.yaml"
expect 1 "one digit"
[ "$(grep -c '^[-+] ' "$root/said")" = 2 ]
grep -q '^- "value": 1.25$' "$root/said"
grep -q '^+ "value": 1.26$' "$root/said"

echo "$changed" >"$GOLDEN/a.must_fail.json"
echo "$stored" >"$GOLDEN/a.yaml"
expect 0 "a planted fault that is found"
echo "$stored" >"$GOLDEN/a.must_fail.json"
expect 1 "a planted fault that is none"
rm "$GOLDEN/a.must_fail.json"

rm "$GOLDEN/a.yaml" && mkdir "$GOLDEN/a.yaml"
expect 1 "a run that fails"
expect 1 "a run that fails is not stored" --update
[ "$(cat "$GOLDEN/a.json")" = "$stored" ]
echo "Checks: $checks"
