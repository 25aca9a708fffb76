#!/bin/sh
# test_profiles.sh - every profile that is shipped loads in a scenario and serves one request.
#
#   CAPSIM=build/capsim tests/unit/test_profiles.sh
set -u
program=$(realpath "$CAPSIM")
profiles=$(realpath "$(dirname "$0")/../../scenarios/profiles")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

checks=0
failed=0
for profile in "$profiles"/*.yaml; do
    checks=$((checks + 1))
    cat >one.yaml <<YAML
capsim: 1
name: one
duration: 10 min
workloads:
  - name: caller
    pool: only
    arrivals: {process: burst, count: 1}
    classes: [{name: any, work: fixed(1), input_tokens: fixed(100 tokens), output_tokens: fixed(50 tokens)}]
pools: [{name: only, platform: fixed, min_containers: 1, max_inputs: 1, price: \$1/h, profile: $profile}]
YAML
    if ! "$program" run one.yaml --csv >output 2>errors || ! grep -q '^all,requests_completed,,1,' output; then
        failed=$((failed + 1))
        echo "$(basename "$profile"):"
        head -5 errors
        grep requests_completed output
    fi
done
printf 'Checks: %d, %d failed\n' $checks $failed
[ $failed = 0 ]
