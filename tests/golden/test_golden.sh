#!/bin/sh
# test_golden.sh - what changed? Runs tests/golden/NAME.yaml and compares its summary byte for byte with NAME.json.
#
#   CAPSIM=build/capsim tests/golden/test_golden.sh             compares; shows what differs; exit code 1 then
#   CAPSIM=build/capsim tests/golden/test_golden.sh --update    stores what comes out now, and shows what differed
#
# NAME.must_fail.json is a stored summary with a fault planted by hand: it has to be found different, which proves
# that differences are noticed. Golden files notice change; whether a number is right is the question of theory/.
set -u
golden=${GOLDEN:-tests/golden}
output=${BUILD:-build}/golden
mkdir -p "$output"

# One member of the JSON text per line, so that diff points at it.
spread() {
    sed 's/[{[]/&\n/g; s/,/,\n/g; s/[]}]/\n&/g' "$1"
}

differs() { # name, expected, actual
    cmp -s "$2" "$3" && return 1
    spread "$2" >"$output/expected"
    spread "$3" >"$output/actual"
    diff -u --label "$1 stored" --label "$1 now" "$output/expected" "$output/actual" >"$output/difference" &&
        echo "$1: only white space differs" >"$output/difference"
    return 0
}

checks=0
failed=0
for scenario in "$golden"/*.yaml; do
    [ -e "$scenario" ] || { echo "no scenarios in $golden"; exit 1; }
    name=$(basename "$scenario" .yaml)
    actual=$output/$name.json
    checks=$((checks + 1))
    if ! "$CAPSIM" run "$scenario" --json >"$actual" 2>"$output/messages"; then
        echo "$name: the run failed"
        cat "$output/messages"
        failed=$((failed + 1))
        continue
    fi
    if [ ! -e "$golden/$name.json" ] || differs "$name" "$golden/$name.json" "$actual"; then
        [ -e "$golden/$name.json" ] && cat "$output/difference" || echo "$name: nothing is stored"
        [ "${1:-}" = --update ] && cp "$actual" "$golden/$name.json" || failed=$((failed + 1))
    fi
    planted=$golden/$name.must_fail.json
    [ -e "$planted" ] || continue
    checks=$((checks + 1))
    differs "$name" "$planted" "$actual" || { echo "$planted: had to differ"; failed=$((failed + 1)); }
done
echo "Checks: $checks"
[ $failed = 0 ]
