#!/bin/sh
# run.sh - says on what machine and which commit, then runs the benchmarks.
#
#   tests/bench/run.sh COMMIT PROGRAM...
#
# Times on a machine that others use are not to be trusted: compare rows of one run, or count instructions.
set -eu
echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort | uniq -c | sed 's/^ *\([0-9]*\) /\1 x /')"
echo "load:    $(cut -d' ' -f1 /proc/loadavg)"
echo "commit:  $1"
shift
for program in "$@"; do
    printf '\n%s\n' "$(basename "$program")"
    "$program"
done
