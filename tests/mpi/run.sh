#!/bin/sh
# run.sh - a sweep under mpirun gives the files of a sweep without it, with any number of processes, also after one died.
#
#   tests/mpi/run.sh build/capsim build/capsim-mpi
set -eu
program=$(realpath "$1")
program_mpi=$(realpath "$2")
scenario=$(realpath tests/unit/sweep/small.yaml)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

set -- --vary 'pools.tts.max_inputs=[4, 5, 6, 8]' --vary 'pools.tts.target_inputs=[2, 3, 5]' --quiet \
    --set duration="10 h"
mpi="mpirun --oversubscribe -np"

fail() {
    echo "$1"
    exit 1
}

"$program" sweep "$scenario" "$@" -o alone
for count in 1 2 4; do
    $mpi $count "$program_mpi" "$scenario" "$@" -o with$count || fail "$count processes: exit code $?"
    diff -r alone with$count || fail "$count processes give other files"
done

# A worker is killed as soon as a point is there: what is there is whole, and the rest follows.
$mpi 3 "$program_mpi" "$scenario" "$@" -o killed 2>errors &
mpirun=$!
while [ ! -e killed/point-000000.json ]; do sleep 0.02; done
kill -KILL "$(ps -o pid= --ppid $mpirun | tail -n 1)" || true
wait $mpirun || true
$mpi 3 "$program_mpi" "$scenario" "$@" --resume -o killed || fail "cannot be gone on with: exit code $?"
rm -f killed/*.part
diff -r alone killed || fail "other files after a process died"

# Mistakes are said once, and nobody waits for ever.
code=0
$mpi 3 "$program_mpi" "$scenario" "$@" -o alone 2>errors || code=$?
[ $code = 2 ] || fail "exit code $code, not 2, for points that are there already"
[ "$(grep -c 'are there already' errors)" = 1 ] || fail "said more than once: $(cat errors)"
echo "capsim-mpi: same files with 1, 2 and 4 processes, and after one died"
