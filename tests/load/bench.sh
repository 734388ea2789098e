#!/usr/bin/env bash
# Runs the load programs. Called by `./dev bench [NAME [FLAG...]]` with the build and run directories, while the suite of
# `./dev up` runs. Prints figures; asserts nothing.
set -euo pipefail
build=$1 run=$2
shift 2
wanted=${1:-all}
[ $# -gt 0 ] && shift

usage() {
  cat <<TXT
./dev bench [NAME [FLAG...]]    NAME is one of:

  gateway_ratio   a read through the gateway against the same read from the service itself (uses the suite of ./dev up)
  door_ratio      echoed calls and streams through the gateway (gRPC, REST) and through nginx, against the bare backend
                  (processes of its own, two minutes; without nginx where it is not installed)
  order_ratio     repair orders per second against the same SQL sent raw, mTLS on every channel (a suite of its own, minutes)
  growth          what closed orders in the tables add to the cost of a new one (two suites of its own, minutes)
  replenishment   one replenishment run over 50,000 parts with 24 months of demand (a parts-svc of its own, a minute)
  parts_lists     lists and searches with 1,000,000 parts and 10,000,000 ledger rows (a parts-svc of its own, ten minutes
                  and 8 GiB of disk; smaller with --parts and --movements; not part of all)
  import_ratio    a catalogue file uploaded, checked and loaded against LOAD DATA of it (a parts-svc of its own, two minutes)
  parts_reservations
                  reservations per second, hot and spread, against the bare conditional UPDATE (a suite of its own)
  tryton_ratio    repair orders beside Tryton's sale orders on PostgreSQL (a suite, a PostgreSQL and a trytond of its own;
                  installs Debian's tryton and postgresql packages; ten minutes; not part of all)
  memory          resident memory of each process of ./dev up as it is now (order_ratio: idle and under load)
  all             all of these but parts_lists and tryton_ratio (default)

FLAGs go to the program; NAME --help lists them.
TXT
}

port() { awk -v n="$1" '$1==n{print $2}' "$run/ports"; }
title() { printf '\n== %s\n' "$*"; }
wants() { [ "$wanted" = all ] || [ "$wanted" = "$1" ]; }

gateway_ratio() {
  "$build/bin/gateway_ratio" --target="127.0.0.1:$(port gateway)" --direct="127.0.0.1:$(port reception)" \
    --tls-directory="$run/tls/client" --issuer-key-file="$run/keys/issuer.jwk" "$@"
}

memory() {  # WHEN
  local name
  printf '  %-8s' "$1"
  for name in gateway reception workshop parts crm mysql; do
    printf '  %s %s' "$name" "$(awk '/VmRSS/{printf "%.1f", $2/1024}' "/proc/$(cat "$run/pids/$name")/status")"
  done
  printf '\n'
}

case "$wanted" in
  -h | --help | help) usage; exit 0 ;;
  all | gateway_ratio | door_ratio | order_ratio | growth | memory | replenishment | import_ratio | parts_reservations | parts_lists | tryton_ratio) ;;
  *) usage >&2; exit 2 ;;
esac

echo "machine: $(nproc) cores, $(awk '/MemTotal/{printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(date +%F), load $(cut -d' ' -f1 /proc/loadavg)"
if wants memory; then
  title "memory: MiB resident of each process, idle; order_ratio prints it under load"
  memory now
fi
if wants gateway_ratio; then
  title "gateway_ratio: unary read through the gateway against direct, mTLS both ways"
  gateway_ratio "$@"
fi
if wants door_ratio; then
  title "door_ratio: the gateway beside nginx"
  "$build/bin/door_ratio" "$@"
fi
if wants order_ratio; then
  title "order_ratio: repair orders against their bare SQL, mTLS on every channel"
  "$build/bin/order_ratio" --tls-root="$run/tls" "$@"
fi
if wants growth; then
  title "growth: a new order with many closed ones in the tables"
  "$build/bin/growth" "$@"
fi
if wants replenishment; then
  title "replenishment: every part of a store in one run"
  "$build/bin/replenishment" "$@"
fi
if wants import_ratio; then
  title "import_ratio: a catalogue file against LOAD DATA of its lines"
  "$build/bin/import_ratio" "$@"
fi
if [ "$wanted" = parts_lists ]; then
  title "parts_lists: lists and searches with few and with many rows"
  "$build/bin/parts_lists" "$@"
fi
if wants parts_reservations; then
  title "parts_reservations: reservations per second against the bare conditional UPDATE, durable commits"
  "$build/bin/parts_reservations" "$@"
fi
if [ "$wanted" = tryton_ratio ]; then
  title "tryton_ratio: repair orders beside Tryton's sale orders, durable commits on both sides"
  "$(dirname "${BASH_SOURCE[0]}")/tryton_ratio.py" --order-blocks="$build/bin/order_blocks" --tls-root="$run/tls" --directory="$run/tryton" "$@"
fi
