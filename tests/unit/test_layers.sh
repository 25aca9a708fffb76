#!/bin/sh
# A planted include of every forbidden kind must be found, and an allowed one let through.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
checks=0

try() { # expected exit code, file, header as it stands in the source
    rm -rf "${root:?}"/*
    mkdir -p "$root/sim" "$root/models" "$root/scenarios" "$root/analysis"
    echo "#include $3" >"$root/$2"
    code=0
    tests/check_layers.sh "$root" >"$root/output" || code=$?
    if [ "$code" != "$1" ]; then
        echo "$2 with $3: exit code $code instead of $1"
        exit 1
    fi
    [ "$code" = 0 ] || grep -q "^$2:1: " "$root/output"
    checks=$((checks + 1))
}

try 1 sim/queue.c '"models/pool.h"'
try 1 sim/queue.h '"analysis/report.h"'
try 1 sim/queue.c '"queue.h"'
try 1 sim/queue.c '<hdf5.h>'
try 1 sim/queue.c '<yaml.h>'
try 1 models/pool.c '"scenarios/load.h"'
try 1 models/pool.c '<hdf5.h>'
try 1 models/pool.c '<Random123/philox.h>'
try 1 models/pool.c 'HEADER'
try 1 scenarios/load.c '"analysis/runner.h"'
try 1 scenarios/load.c '<jansson.h>'
try 1 analysis/main.c '<hdf5.h>'
try 0 sim/table.c '<hdf5.h>'
try 0 sim/queue.c '"sim/queue.h"'
try 0 sim/random.c '<Random123/philox.h>'
try 0 models/pool.c '"sim/queue.h"'
try 0 scenarios/load.c '<yaml.h>'
try 0 analysis/main.c '"models/world.h"'
echo "Checks: $checks"
