#!/bin/sh
# run.sh - can a stranger build against the installed copy? Every installed header alone, and one small program.
#
#   CC=... CFLAGS=... tests/install/run.sh PREFIX
set -eu
prefix=$1
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
flags="-std=c17 -Wall -Wextra -Wpedantic -Werror $CFLAGS $(pkg-config --cflags capsim)"

(cd "$prefix/include/capsim" && find . -name '*.h') | sed 's|^\./||' | while read -r header; do
    # shellcheck disable=SC2086 # flags are many words
    printf '#include "%s"\nint main(void);\n' "$header" | $CC $flags -fsyntax-only -x c -
done
# shellcheck disable=SC2046,SC2086
$CC $flags tests/install/stranger.c -o "$prefix/stranger" $(pkg-config --libs capsim)
[ "$("$prefix/stranger")" = "ticks: 5, now: 5000000000 ns" ]
