#!/bin/sh
# test_verify.sh - capsim verify on the command line: exit codes, forms of output, claims and the page.
#
#   CAPSIM=build/capsim tests/unit/test_verify.sh
set -u
here=$(realpath tests/unit/verify)
. tests/command_case.sh

expect 0 "every verdict is the expected one" "$program" verify "$here/claims.yaml"
expect 1 "1 verdict is not the expected one" "$program" verify "$here/servers.yaml" "$here/claims.yaml"
claim "a figure that is withheld is no silence" grep -q "withheld .*no value *EXPECTED confirmed" output
claim "a difference is said" grep -q "saved .*off by " output
expect 0 "1 row, 0 runs" "$program" verify "$here/servers.yaml" --quiet --only as-
expect 2 "no row has an id that begins with 'nothing'" "$program" verify "$here/servers.yaml" --only nothing
expect 2 "is also that of" "$program" verify "$here/claims.yaml" "$here/claims.yaml"
expect 2 "there are no reference rows" "$program" verify "$here/../../golden/mm1.yaml"
expect 0 "own" "$program" verify "$here/derived.yaml"
expect 1 "wait-six" "$program" verify "$here/derived.yaml" --inherited
expect 2 "required key 'workloads'" "$program" run "$here/claims.yaml"
expect 0 "Each dollar" "$program" run "$here/servers.yaml"
expect 0 "theirs" "$program" explain reference
expect 0 "reference.tolerance" "$program" explain tolerance
expect 0 "variants" "$program" explain

expect 0 "" "$program" verify "$here/claims.yaml" --json
claim "rows have the keys of the design" python3 - output <<'PY'
import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
assert [r["id"] for r in rows] == [f"list-{i}" for i in range(1, 7)]
for row in rows:
    assert {"id", "claim", "theirs", "ours", "low", "high", "verdict", "expect"} <= row.keys()
assert rows[0]["low"] < rows[0]["ours"] < rows[0]["high"] and rows[0]["theirs"] == 0.5
assert rows[1]["low"] is None and rows[1]["ours"] == 7
PY
expect 0 "" "$program" verify "$here/claims.yaml" --csv
claim "CSV has the same columns" [ "$(head -1 output)" = "id,claim,theirs,ours,low,high,verdict,expect" ]

cat >claims.csv <<'CSV'
id,file,section,subject,expected,value,kind
list-1,d1,1.1,mean wait,off: by hand,0.5,claim
list-2,d1,1.2,"servers | ""all""",input,7,input
CSV
expect 0 "" "$program" verify "$here/claims.yaml" --claims claims.csv --markdown page.md
claim "the page has what the audit by hand differs in" grep -q "another opinion: 1 rows" page.md
claim "the page counts" grep -q "^| d1 | \*\*all\*\* | 2 | 0 | 0 | 0 | 0 | 2 |" page.md
cp page.md before.md
expect 0 "" "$program" verify "$here/claims.yaml" --claims claims.csv --markdown page.md --jobs 1
claim "equal answers, equal bytes" cmp page.md before.md
echo 'list-9,d1,1.3,missing,input,7,input' >>claims.csv
expect 2 "claims.csv:4:1: error: no row answers 'list-9'" "$program" verify "$here/claims.yaml" --claims claims.csv
sed -i 's/list-9/list-2/; s/0.5,claim/0.6,rule/' claims.csv
expect 2 "the id 'list-2' is there twice" "$program" verify "$here/claims.yaml" --claims claims.csv --markdown page.md
claim "another value is noticed" grep -q "'list-1' has theirs '0.6' here, but '0.5' in" errors
claim "another kind is noticed" grep -q "'list-1' has the kind 'rule' here, but 'claim' in" errors
claim "nothing is written after a problem" cmp page.md before.md
expect 2 "missing/page.md: No such file" "$program" verify "$here/claims.yaml" --markdown missing/page.md

finish
