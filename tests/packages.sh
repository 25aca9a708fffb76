#!/bin/sh
# packages.sh - finds out which Debian packages are missing, and installs them when asked to.
#
#   tests/packages.sh name build            says what is missing and how to get it; exit code 1 if anything is
#   tests/packages.sh install build test    installs what is missing; on a terminal it asks first
#
# Groups: build (to compile), test (for make check), lint, coverage, valgrind, mpi (for capsim-mpi). What counts is what
# can be used, not what dpkg believes, so libraries that were built by hand are found too.
set -u

tool() { command -v "$1" >/dev/null 2>&1; }
library() { pkg-config --exists "$1" 2>/dev/null; }
header() { tool "${CC:-cc}" && echo "#include <$1>" | "${CC:-cc}" -fsyntax-only -x c - 2>/dev/null; }
module() { tool /usr/bin/python3 &&
    /usr/bin/python3 -c "import importlib.util as u, sys; sys.exit(not u.find_spec('$1'))" 2>/dev/null; }

# One line per package: group, name in Debian, how to see that it is there.
missing_in() {
    while read -r group package test; do
        [ "$group" = "$1" ] && ! $test && printf ' %s' "$package"
    done <<LIST
build gcc tool ${CC:-cc}
build make tool make
build pkg-config tool pkg-config
build libgsl-dev library gsl
build libhdf5-dev library hdf5-serial
build libyaml-dev library yaml-0.1
build libjansson-dev library jansson
build zlib1g-dev library zlib
build liblua5.4-dev library lua5.4
build librandom123-dev header Random123/philox.h
test check library check
test python3-h5py module h5py
test python3-tables module tables
test python3-pandas module pandas
lint clang tool clang
lint clang-tidy tool clang-tidy
lint clang-format tool clang-format
lint cppcheck tool cppcheck
coverage gcovr tool gcovr
valgrind valgrind tool valgrind
mpi libopenmpi-dev library ompi-c
mpi openmpi-bin tool mpirun
LIST
}

confirm() {
    [ "${CAPSIM_INSTALL:-0}" = 1 ] && return 0
    [ -t 0 ] && [ -t 2 ] || return 0
    printf 'Install now? [y/N] ' >&2
    read -r answer
    case $answer in [yY]*) return 0 ;; esac
    return 1
}

# A fresh machine has no package lists yet, an old one has lists that name versions which are gone.
install() {
    # shellcheck disable=SC2086 # the list is split on purpose
    { apt-cache show $missing >/dev/null 2>&1 || $as_root apt-get -q update; } &&
        { $get $missing || { $as_root apt-get -q update && $get $missing; }; }
}

mode=$1
shift
missing=
for group in "$@"; do
    missing="$missing$(missing_in "$group")"
done
missing=${missing# }
[ -z "$missing" ] && exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
get="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends"
echo "capsim: missing packages: $missing" >&2
echo "capsim: they are installed by: ${as_root:+sudo }apt-get install --no-install-recommends $missing" >&2
[ "$mode" = install ] || exit 1
if ! tool apt-get || { [ "$as_root" ] && ! tool sudo; }; then
    echo "capsim: cannot install here (needs apt-get, and sudo or root); please install them yourself" >&2
    exit 1
fi
confirm || { echo "capsim: nothing was installed" >&2; exit 1; }
install >&2 || { echo "capsim: installing failed" >&2; exit 1; }
exec "$0" name "$@"
