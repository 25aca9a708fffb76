#!/bin/sh
# Planted names, globals and calls must be found, and good ones let through.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
check=$PWD/tests/check_symbols.sh
cd "$root"
mkdir -p sim models objects/sim objects/models
checks=0

try() { # expected exit code, folder, stem, header, source
    rm -f sim/* models/* objects/*/*
    echo "$4" >"$2/$3.h"
    echo "$5" | "${CC:-cc}" -c -x c -o "objects/$2/$3.o" -
    code=0
    "$check" objects >output || code=$?
    if [ "$code" != "$1" ]; then
        echo "$2/$3.c with \"$5\": exit code $code instead of $1"
        exit 1
    fi
    checks=$((checks + 1))
}

try 0 models pool 'void pool_start(void);' 'void pool_start(void) {}'
try 0 models pool 'struct bed {' 'void bed_make(void) {}'
try 0 models pool '' 'static void start(void) {} void pool(void) { start(); }'
try 1 models pool '' 'void start(void) {}'
try 1 models pool '' 'void poolstart(void) {}'
try 1 models pool '' 'int pool_count;'
try 1 models pool '' 'static int count = 1; int pool_next(void) { return count++; }'
try 1 models pool '' '#include <math.h>
double pool_x(double x) { return pow(x, 0.3); }'
try 1 models pool '' '#include <time.h>
long pool_x(void) { return time(0); }'
try 0 sim queue 'void sim_queue_put(void);' 'void sim_queue_put(void) {}'
try 1 sim queue 'void queue_put(void);' 'void queue_put(void) {}'
try 1 sim queue '' 'void sim_queue_put(void) {}'
try 1 sim queue '' '#include <stdlib.h>
int sim_queue_draw(void); int sim_queue_draw(void) { return rand(); }'
echo "Checks: $checks"
