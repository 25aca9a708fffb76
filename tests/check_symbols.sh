#!/bin/sh
# check_symbols.sh - asks nm whether the objects keep the rules of names. Prints what does not; exit code 1 then.
#
#   tests/check_symbols.sh OBJECTS      where OBJECTS holds sim/*.o, models/*.o, ... of an ordinary build
#
# - An external function begins with the stem of its file, with that of the file it was split from (batching_step.c
#   may define batching_take), or with the name of a struct of its header (result.h has struct run_result). In sim/ it
#   begins with sim_ and is declared in such a header.
# - Nothing that can be written lives outside functions, except in analysis/, which handles signals.
# - sim/ and models/ do not ask for the clock of the machine or for its random numbers, and models/ not for those
#   functions of the C library whose last bit differs between machines.
set -u
objects=${1:?}
impure='time|clock|clock_gettime|gettimeofday|rand|random|drand48|getenv'
inexact='exp|exp2|expm1|log|log2|log10|log1p|pow|cbrt|sin|cos|tan|erf|erfc|tgamma|lgamma'

# The stems a file may use: a_b_c, a_b, a, as far as there is such a file.
stems_of() { # folder, stem
    stem=$2
    while :; do
        [ -e "$1/$stem.h" ] || [ -e "$1/$stem.c" ] || [ -e "$1/${stem}_internal.h" ] && echo "$stem"
        case $stem in *_*) stem=${stem%_*} ;; *) break ;; esac
    done
}

headers_of() { # folder, stems
    folder=$1
    shift
    for stem in "$@"; do
        cat "$folder/$stem.h" "$folder/${stem}_internal.h" 2>/dev/null
    done
}

badly_named() { # folder, stem, object
    stems=$(stems_of "$1" "$2")
    # shellcheck disable=SC2086 # one word per stem
    headers=$(headers_of "$1" $stems)
    names=$(nm -g --defined-only -f posix "$3" | awk '$2 == "T" && $1 != "main" { print $1 }')
    [ "$names" ] || return 0
    if [ "$1" = sim ]; then
        declared=$(echo "$headers" | grep -oE '\bsim_\w+' | sort -u)
        echo "$names" | grep -vxF "${declared:-none}"
    else
        structs=$(echo "$headers" | sed -nE 's/^struct (\w+) \{.*/\1/p')
        echo "$names" | grep -vE "^($(echo $stems $structs | tr ' ' '|'))(_|\$)"
    fi
}

writable() { # object
    nm -f sysv "$1" | tr -d ' ' | awk -F'|' '$7 ~ /^\.(data|bss|tdata|tbss)(\..*)?$/ && $7 !~ /^\.data\.rel/ ||
        $7 == "*COM*" { print $1 }'
}

problems=$(
    for object in "$objects"/sim/*.o "$objects"/models/*.o "$objects"/scenarios/*.o "$objects"/analysis/*.o; do
        [ -e "$object" ] || continue
        folder=$(basename "$(dirname "$object")")
        stem=$(basename "$object" .o)
        forbidden=-
        [ "$folder" = sim ] && forbidden=$impure
        [ "$folder" = models ] && forbidden="$impure|$inexact"
        badly_named "$folder" "$stem" "$object" | sed "s|.*|$folder/$stem.c: & does not carry the name of its file|"
        [ "$folder" = analysis ] ||
            writable "$object" | sed "s|.*|$folder/$stem.c: & can be written: no state outside objects|"
        nm -u "$object" | awk '{ print $2 }' | grep -xE "$forbidden" |
            sed "s|.*|$folder/$stem.c: & differs between machines or runs|"
    done
)
[ -z "$problems" ] && exit 0
echo "$problems"
exit 1
