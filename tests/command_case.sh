# command_case.sh - what tests of the command line share; to be sourced, in the folder of the repository.
#
# Sets `program`, and goes to a folder of its own that ends with the test. `match` says how texts are looked for: -F as
# they are, -E as patterns. The test ends with `finish`.
program=$(realpath "$CAPSIM")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
checks=0
failed=0
match=-F

complain() {
    failed=$((failed + 1))
    echo "$1"
    head -5 output errors
}
expect() { # CODE TEXT COMMAND...: the exit code, and a text in what is printed
    code=$1 text=$2
    shift 2
    checks=$((checks + 1))
    "$@" >output 2>errors
    got=$?
    [ $got = "$code" ] || complain "exit code $got, not $code: $*"
    [ -z "$text" ] || grep -q $match -- "$text" output errors || complain "nothing says '$text': $*"
}
claim() { # TEXT COMMAND...
    text=$1
    shift
    checks=$((checks + 1))
    "$@" >claimed 2>&1 || complain "does not hold: $text: $(tail -1 claimed)"
}
finish() {
    echo "Checks: $checks"
    [ $failed = 0 ]
}
