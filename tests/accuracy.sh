#!/bin/sh
# accuracy.sh - fits measurements and prints what was asked of each fit and what it reached, as a table.
#
#   CAPSIM=build/capsim tests/accuracy.sh FILE...
#
# A figure that is missed is part of the table; exit code 1 is for a file that cannot be fitted.
set -u
: "${CAPSIM:=build/capsim}"

echo '| measurements | rows | figure | asked | is | |'
echo '| --- | --- | --- | --- | --- | --- |'
bad=0
for file in "$@"; do
    rows=$("$CAPSIM" calibrate --csv "$file") || { bad=1; continue; }
    echo "$rows" | awk -F, 'NR > 1 {
        printf "| %s | %s, %s%s%s | %s%s%s | %.1f %% | %.1f %% | %s |\n", $1, $2, $3, $4 == "" ? "" : " ", $4,
            $5, $5 == "" ? "" : ", ", $6, 100 * $7, 100 * $8, $9
    }'
done
exit $bad
