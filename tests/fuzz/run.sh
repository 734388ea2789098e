#!/bin/sh
# Runs a fuzzer a fixed number of times from a fixed seed: PROGRAM KEPT_CORPUS RUNS LENGTH. What it finds new goes into a
# directory that is thrown away; an input that breaks something is left beside the program and named.
set -eu
program=$1 corpus=$2 runs=$3 length=$4
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
"$program" -runs="$runs" -seed=20261122 -max_len="$length" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
  -artifact_prefix="$program-" "$found" "$corpus" >"$found/log" 2>&1 || { tail -60 "$found/log"; exit 1; }
grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)' "$found/log"
