#!/bin/sh
# run.sh - links each fuzz target with libFuzzer and lets it search, beginning with its corpus.
#
#   tests/fuzz/run.sh OBJECTS SECONDS TARGET.c... -- COMPILER FLAGS... -- LIBRARIES...
#
# What is found is left in OBJECTS/found. A target with must_fail in its name has to find its planted fault.
set -u
objects=$1
seconds=$2
shift 2
targets=
while [ "$1" != -- ]; do
    targets="$targets $(basename "$1" .c)"
    shift
done
shift
compile=
while [ "$1" != -- ]; do
    compile="$compile $1"
    shift
done
shift

mkdir -p "$objects/found"
failed=
for target in $targets; do
    program=$objects/tests/fuzz/search_$target
    # shellcheck disable=SC2086 # the command was given as words
    $compile "$objects/tests/fuzz/$target.o" "$@" -o "$program" || exit 1
    work=$(mktemp -d)
    "$program" -max_total_time="$seconds" -max_len=65536 -artifact_prefix="$objects/found/$target-" \
        "$work" "tests/fuzz/corpus/${target#fuzz_}" >"$objects/found/$target.log" 2>&1
    code=$?
    rm -rf "$work"
    case $target in
    *must_fail*) [ $code -ne 0 ] && code=0 || code="0, but had to fail" ;;
    esac
    [ "$code" = 0 ] || failed="$failed $target"
    echo "  $target: exit code $code, $(grep -cE '^#[0-9]+.*NEW' "$objects/found/$target.log") new inputs"
done
[ -z "$failed" ] && exit 0
echo "failed:$failed; see $objects/found"
exit 1
