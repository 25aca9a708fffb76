#!/bin/sh
# run.sh - runs test programs, two at a time, with one line for each and a count at the end.
#
#   tests/run.sh PROGRAM...
#
# Works from the root of the repository. Output goes to $BUILD/logs and is shown where a program fails. A program
# with must_fail in its name has to fail: it proves that failing is noticed. A fuzz_X replays tests/fuzz/corpus/X.
# TEST_WRAPPER is put before compiled programs, for instance valgrind. TEST_JOBS: how many at a time.
set -u
logs=${BUILD:-build}/logs

seconds_since() {
    awk -v start="$1" -v end="$(date +%s.%N)" 'BEGIN { printf "%.1f", end - start }'
}

run_one() {
    name=$(basename "$(dirname "$1")")/$(basename "$1" .sh)
    log=$logs/$(echo "$name" | tr / -).log
    wrapper=${TEST_WRAPPER:-}
    corpus=
    case $name in
    *.sh) wrapper= ;;
    fuzz/*) corpus=tests/fuzz/corpus/${name#fuzz/fuzz_} ;;
    esac
    case $1 in *.sh) wrapper= ;; esac
    start=$(date +%s.%N)
    # shellcheck disable=SC2086 # an empty wrapper or corpus is no argument
    $wrapper "$1" $corpus >"$log" 2>&1
    code=$?
    seconds=$(seconds_since "$start")
    checks=$(sed -n 's/.*Checks: \([0-9]*\).*/\1/p' "$log" | awk '{ sum += $1 } END { print sum ? sum : 1 }')
    case $name in
    *must_fail*)
        [ $code -ne 0 ] && [ $code -ne 126 ] && [ $code -ne 127 ] && code=0 || code="$code, but had to fail" ;;
    esac
    if [ "$code" = 0 ]; then
        printf '  %-36s %5d checks %7s s\n' "$name" "$checks" "$seconds"
        echo "passed $checks" >>"$logs/results"
    else
        printf '  %-36s FAILED (exit code %s) after %s s\n%s\n' "$name" "$code" "$seconds" "$(sed 's/^/    /' "$log")"
        echo "failed $checks $name" >>"$logs/results"
    fi
}

if [ "${1:-}" = --one ]; then
    run_one "$2"
    exit 0
fi
[ $# -gt 0 ] || { echo "no tests were given" >&2; exit 1; }
rm -rf "$logs" && mkdir -p "$logs"
start=$(date +%s.%N)
printf '%s\n' "$@" | xargs -P"${TEST_JOBS:-2}" -n1 "$0" --one
awk -v given=$# -v seconds="$(seconds_since "$start")" '
    { checks += $2 }
    $1 == "failed" { failed++; names = names " " $3 }
    END {
        printf "%d programs, %d checks, %d failed, %s s\n", NR, checks, failed, seconds
        if (failed) print "failed:" names
        if (NR != given) print "only " NR " of " given " programs were run"
        exit failed > 0 || NR != given
    }' "$logs/results"
