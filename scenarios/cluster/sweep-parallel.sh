#!/bin/sh
# A sweep with GNU Parallel: as many processes as there are processors, on this machine or on several.
#
#   scenarios/cluster/sweep-parallel.sh 64 tts.yaml --vary 'pools.tts.max_inputs=[8, 12, 20]' -o points
#   PARALLEL='--sshlogin 8/one,8/two --workdir .' scenarios/cluster/sweep-parallel.sh 64 ...      needs a shared folder
#   capsim merge points -o sweep.h5
#
# The first argument says how many shards there are: some times the number of processors, so that all have work to the
# end. The same command given again goes on with what is not finished. CAPSIM: the program, where it is not in the path.
set -eu
shards=${1:?}
shift
seq "$shards" | parallel --will-cite -q --halt soon,fail=1 \
    "${CAPSIM:-capsim}" sweep "$@" --resume --quiet --jobs 1 --shard "{}/$shards"
