#!/bin/sh
# check_layers.sh - who may include whom. Prints every include that is not allowed; exit code 1 if there is one.
#
#   tests/check_layers.sh [ROOT]
#
# A lower folder knows nothing of a higher one, so that each can be tested with the lower ones alone. A library may
# be used where it is listed; anything else in angle brackets must belong to the C library.
set -u
cd "${1:-.}" || exit 1

is_allowed() { # "file header"
    case $1 in
    sim/*' sim/'* | sim/*' gsl/'* | sim/*' Random123/'* | sim/*' zlib.h') ;;
    'sim/table.c hdf5.h' | 'analysis/mpi/capsim_mpi.c mpi.h') ;;
    models/*' models/'* | models/*' sim/'* | models/*' gsl/'*) ;;
    scenarios/*' scenarios/'* | scenarios/*' models/'* | scenarios/*' sim/'* | scenarios/*' yaml.h') ;;
    analysis/*' analysis/'* | analysis/*' scenarios/'* | analysis/*' models/'* | analysis/*' sim/'*) ;;
    analysis/*' lua.h' | analysis/*' lauxlib.h' | analysis/*' lualib.h') ;;
    analysis/*' gsl/'* | analysis/*' jansson.h' | analysis/*' yaml.h') ;;
    *' assert.h' | *' ctype.h' | *' errno.h' | *' float.h' | *' inttypes.h' | *' limits.h' | *' locale.h') ;;
    *' math.h' | *' signal.h' | *' stdarg.h' | *' stdatomic.h' | *' stdbool.h' | *' stddef.h' | *' stdint.h') ;;
    *' stdio.h' | *' stdlib.h' | *' string.h' | *' strings.h' | *' time.h' | *' wchar.h') ;;
    *' argp.h' | *' dirent.h' | *' fcntl.h' | *' libgen.h' | *' pthread.h' | *' unistd.h' | *' sys/'*) ;;
    *) return 1 ;;
    esac
}

find sim models scenarios analysis -name '*.[ch]' 2>/dev/null | sort |
    xargs -r sed -snE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]?([^>"]+)[>"]?.*/\1/; t show; b; :show; F; =; p' | {
    bad=0
    while read -r file && read -r line && read -r header; do
        if ! is_allowed "$file $header"; then
            echo "$file:$line: ${file%%/*}/ may not include $header"
            bad=1
        fi
    done
    exit $bad
}
