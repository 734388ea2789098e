#!/usr/bin/env bash
# Runs the load programs against the suite `./dev up` started. Called by `./dev bench [NAME]` with the build and run
# directories.
set -euo pipefail
build=$1 run=$2
wanted=${3:-all}
port() { awk -v n="$1" '$1==n{print $2}' "$run/ports"; }
client=(--tls-directory="$run/tls/client" --issuer-key-file="$run/keys/issuer.jwk")
memory() {
  printf '\nmemory (MiB resident)\n'
  local name
  for name in gateway reception workshop parts crm; do
    printf '  %-10s %6.1f\n' "$name" "$(awk '/VmRSS/{print $2/1024}' "/proc/$(cat "$run/pids/$name")/status")"
  done
}
echo "machine: $(nproc) cores, $(awk '/MemTotal/{printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(date +%F)"
memory
if [ "$wanted" = all ] || [ "$wanted" = gateway_ratio ]; then
  printf '\ngateway_ratio: unary read through the gateway against direct, mTLS both ways\n'
  "$build/bin/gateway_ratio" --target="127.0.0.1:$(port gateway)" --direct="127.0.0.1:$(port reception)" "${client[@]}"
fi
memory
