#!/usr/bin/env bash
# The upgrade from an earlier version to this build, played by tests/operations/upgrade.cc. `./dev upgrade-check` calls
# it. The earlier version is taken from git and built under build/landed, unless --old-programs says where it was built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
build=$root/build/release
landed=$root/build/landed
commit=$(cat tests/lint/landed_api)
old_programs=${AFTERSALES_OLD_PROGRAMS:-}

for argument in "$@"; do
  case "$argument" in
    --old-programs=*) old_programs=${argument#*=} ;;
    --help | -h)
      cat <<'TXT'
upgrade.sh [COMMIT] [--old-programs=DIR]

COMMIT: the version to come from; without it the landed one, which tests/lint/landed_api names.
--old-programs=DIR, or AFTERSALES_OLD_PROGRAMS: its build directory (with bin/, protos/ and aftersales.binpb), so that
nothing is built.
TXT
      exit 0 ;;
    -*) echo "upgrade.sh: unknown option $argument" >&2; exit 2 ;;
    *) commit=$argument ;;
  esac
done

commit=$(git rev-parse --verify --quiet "$commit^{commit}") || { echo "upgrade.sh: this clone has no such commit: a shallow one?" >&2; exit 1; }
if [ "$(cat "$landed/commit" 2>/dev/null)" != "$commit" ]; then
  rm -rf "$landed/src"
  mkdir -p "$landed/src"
  git archive "$commit" | tar -x -C "$landed/src"
  echo "$commit" >"$landed/commit"
fi

if [ -z "$old_programs" ]; then
  old_programs=$landed/build
  echo "building $(git log -1 --format='%h %s' "$commit") under build/landed"
  export CCACHE_BASEDIR=$landed/src CCACHE_SLOPPINESS=pch_defines,time_macros
  cmake -S "$landed/src" -B "$old_programs" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
  ninja -C "$old_programs" reception-svc workshop-svc parts-svc crm-svc gateway aftersales-demo descriptors openapi_document
fi
exec "$build/bin/upgrade" --old-programs="$old_programs/bin" --old-generated="$old_programs" --old-sources="$landed/src" \
  --old-libraries="$old_programs/protos"
