#!/usr/bin/env bash
# Makes what a deployment needs and nobody may commit: certificates of an authority of its own, passwords of the
# database users, data keys. Keeps them in DIRECTORY, safe to repeat (what is there stays), and prints the Secrets and
# ConfigMaps the overlays expect, for `kubectl apply -f -`. k8s/README.md says which of them to take from elsewhere.
set -euo pipefail
umask 077

usage() {
  cat <<'TXT'
k8s/secrets.sh development|production DIRECTORY > manifests

  development   everything overlays/dev needs, the database in the cluster included
  production    for overlays/production and multi-store; put the CA of your database there first, as database-ca.crt

Both need DIRECTORY/platform-keys.json, the public keys of the cluster's tokens:
  kubectl get --raw /openid/v1/jwks > DIRECTORY/platform-keys.json

AFTERSALES_KEYS names the program aftersales-keys (build/release/bin/, or the tools image's). DIRECTORY/users.sql is
for the database's administrator. NAMESPACE: aftersales.
TXT
}
fail() { echo "secrets.sh: $*" >&2; exit 1; }

[ $# = 2 ] || { usage >&2; exit 2; }
kind=$1 place=$2
case "$kind" in development | production) ;; *) usage >&2; exit 2 ;; esac
namespace=${NAMESPACE:-aftersales}
keys_program=${AFTERSALES_KEYS:-$(dirname "${BASH_SOURCE[0]}")/../build/release/bin/aftersales-keys}
services=(reception workshop parts crm)

mkdir -p "$place"/{tls,passwords,keys}
[ -s "$place/platform-keys.json" ] || fail "$place/platform-keys.json is missing: kubectl get --raw /openid/v1/jwks > $place/platform-keys.json"
[ "$kind" = development ] || [ -s "$place/database-ca.crt" ] || fail "$place/database-ca.crt is missing: the CA of your database's certificate"

# ------------------------------------------------------------------------------------------------------ certificates

make_authority() {
  [ -s "$place/tls/ca.crt" ] && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=after-sales $namespace" \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$place/tls/ca.key" -out "$place/tls/ca.crt" 2>/dev/null
}

certificate() {  # DIRECTORY COMMON_NAME DNS_NAME...: renewed in the last third of its 90 days
  local directory=$place/tls/$1 common=$2 names='' name
  shift 2
  [ -s "$directory/tls.crt" ] && openssl x509 -checkend $((30 * 86400)) -noout -in "$directory/tls.crt" >/dev/null && return
  mkdir -p "$directory"
  for name in "$@"; do names+="${names:+,}DNS:$name"; done
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$common" -keyout "$directory/tls.key" -out "$directory/request" 2>/dev/null
  openssl x509 -req -in "$directory/request" -CA "$place/tls/ca.crt" -CAkey "$place/tls/ca.key" -CAcreateserial -days 90 -out "$directory/tls.crt" \
    -extfile <(printf 'subjectAltName=%s\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n' "$names") 2>/dev/null
  cp "$place/tls/ca.crt" "$directory/ca.crt"
  rm -f "$directory/request"
}

make_certificates() {
  make_authority
  local s
  for s in "${services[@]}"; do certificate "$s" "$s-svc" "$s-svc" "$s-svc.$namespace.svc"; done
  certificate gateway gateway gateway "gateway.$namespace.svc" localhost
  # Its common name is the services' setting gateway-name.
  certificate gateway-upstream gateway-svc gateway-svc
  if [ "$kind" = development ]; then
    certificate mysql mysql mysql "mysql.$namespace.svc"
    certificate client client client
  else
    certificate ingress-upstream ingress ingress
  fi
}

# ------------------------------------------------------------------------------------------------ passwords and keys

password() { [ -s "$place/passwords/$1" ] || openssl rand -hex 24 | tr -d '\n' >"$place/passwords/$1"; }

make_keys() {
  [ -s "$place/keys/jwks.json" ] && return
  [ -x "$keys_program" ] || fail "no $keys_program: ./dev build aftersales-keys, or set AFTERSALES_KEYS"
  "$keys_program" "$place/keys"
}

# A user per service for running, one for migrating; one that reads for backups, one that may replace for restores.
users_sql() {
  local s schema
  user() { printf "CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s' REQUIRE SSL;\n" "$1" "$(cat "$place/passwords/$2")"; }
  for s in "${services[@]}"; do
    schema=aftersales_$s
    echo "CREATE DATABASE IF NOT EXISTS $schema CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
    user "${s}_run" "$s-database"
    echo "GRANT SELECT, INSERT, UPDATE, DELETE ON $schema.* TO '${s}_run'@'%';"
    user "${s}_migrate" "$s-migration"
    echo "GRANT ALL ON $schema.* TO '${s}_migrate'@'%';"
  done
  user backup backup
  user restore restore
  echo "GRANT PROCESS ON *.* TO 'restore'@'%';"
  for s in "${services[@]}"; do
    schema=aftersales_$s
    echo "GRANT SELECT ON $schema.* TO 'backup'@'%';"
    # Its note of success. CREATE, because the table comes with the first migration, after this.
    echo "GRANT INSERT, CREATE ON $schema.backup TO 'backup'@'%';"
    echo "GRANT ALL ON $schema.* TO 'restore'@'%';"
    echo "GRANT ALL ON ${schema}_restore.* TO 'restore'@'%';"
  done
}

# ---------------------------------------------------------------------------------------------------------- manifests

head_of() { printf -- '---\napiVersion: v1\nkind: %s\nmetadata:\n  name: %s\n  namespace: %s\n  labels: {app.kubernetes.io/part-of: after-sales}\n' "$1" "$2" "$namespace"; }
secret() {  # NAME KEY=FILE...
  head_of Secret "$1"; shift
  echo 'data:'
  local entry
  for entry in "$@"; do printf '  %s: %s\n' "${entry%%=*}" "$(base64 -w 0 <"$place/${entry#*=}")"; done
}
config_map() {  # NAME KEY=FILE
  head_of ConfigMap "$1"
  printf 'data:\n  %s: |\n' "${2%%=*}"
  awk '{ print "    " $0 }' "$place/${2#*=}"  # ends the last line, too: what the API server gives has none
}
tls() { secret "$1" "ca.crt=tls/$2/ca.crt" "tls.crt=tls/$2/tls.crt" "tls.key=tls/$2/tls.key"; }

print_manifests() {
  local s
  for s in "${services[@]}"; do
    secret "$s-database" "password=passwords/$s-database"
    secret "$s-migration" "password=passwords/$s-migration"
    tls "$s-tls" "$s"
  done
  tls gateway-tls gateway
  tls gateway-upstream-tls gateway-upstream
  secret data-keys data.json=keys/data.json
  secret backup-database password=passwords/backup
  secret restore-database password=passwords/restore
  config_map platform-keys jwks.json=platform-keys.json
  if [ "$kind" = development ]; then
    config_map database-ca ca.crt=tls/ca.crt
    config_map development-keys jwks.json=keys/jwks.json
    secret mysql-root root=passwords/mysql-root
    secret mysql-users users.sql=users.sql
    tls mysql-tls mysql
  else
    config_map database-ca ca.crt=database-ca.crt
    tls ingress-upstream ingress-upstream
  fi
}

make_certificates
for s in "${services[@]}"; do password "$s-database"; password "$s-migration"; done
password backup; password restore; password mysql-root
make_keys
users_sql >"$place/users.sql"
print_manifests
