#!/usr/bin/env bash
# One backup of the whole suite: the four schemas in one consistent snapshot, in one compressed file with its manifest
# and checksum; and the way back. `./dev backup` and `./dev restore` call it, and so does the CronJob in the cluster.
# docs/operations.md ("Back up and restore") says how to use it, docs/decisions/0022 what it is not for.
set -euo pipefail
export LC_ALL=C  # bytes are bytes
umask 077

services=(reception workshop parts crm)
# A statement larger than this cannot come from the suite: its largest request has a mebibyte.
packet_max=1073741824

usage() {
  cat <<'TXT'
backup.sh dump [FILE]      one consistent snapshot of the four schemas
backup.sh check FILE       is it whole? (checksum, end of the file); says what is in it
backup.sh restore FILE     load it: the schemas must be empty, or not be there at all

FILE ends in .sql.zst or .sql.gz; without it a dump is named after its time. Beside it lie FILE.manifest and
FILE.sha256; FILE itself appears last, and only when it is complete.

Settings, as --name=value or as environment variable AFTERSALES_NAME:

  --database-host=127.0.0.1
      host of the MariaDB or MySQL server that has all four schemas
  --database-port=3306
      its port
  --database-socket=(empty)
      its socket, instead of host and port
  --database-user=(empty)
      who: a user with the rights docs/operations.md lists
  --database-password-file=(empty)
      file with the password; empty: no password
  --database-ca-file=(empty)
      CA of the database's certificate; when set, TLS is demanded and verified
  --schemas=(empty)
      reception=NAME,workshop=NAME,parts=NAME,crm=NAME; empty: aftersales_reception and so on
  --backup-directory=.
      dump: where a file without a name of its own goes
  --backup-keep=0
      dump: when it succeeded, only this many of the files there that were named after their time stay; 0: all
  --backup-note=(empty)
      dump: kept with it, e.g. "before the upgrade"; at most 200 characters
  --version-of-suite=(empty)
      dump: kept with it
  --replace=false
      restore: schemas that are not empty are replaced, once the file has been loaded completely
  --only=(empty)
      restore: one service, e.g. crm. Refused when its peers have taken in events the file does not have
  --set-peers-back=false
      restore, with only: such peers read again from the file's last event; what they did because of later ones stays done
TXT
}

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'backup.sh: %s\n' "$*" >&2; exit 1; }

# ---------------------------------------------------------------------------------------------------------------------
# settings

declare -A setting=(
  [database-host]=127.0.0.1 [database-port]=3306 [database-socket]='' [database-user]='' [database-password-file]=''
  [database-ca-file]='' [schemas]='' [backup-directory]=. [backup-keep]=0 [backup-note]='' [version-of-suite]=''
  [replace]=false [only]='' [set-peers-back]=false
)
words=()

read_settings() {
  local name variable argument value
  for name in "${!setting[@]}"; do
    variable=${name^^}
    variable=AFTERSALES_${variable//-/_}
    [ -z "${!variable+set}" ] || setting[$name]=${!variable}
  done
  for argument in "$@"; do
    case "$argument" in
      --help | -h) usage; exit 0 ;;
      --*)
        name=${argument#--} value=true
        case "$name" in *=*) value=${name#*=} name=${name%%=*} ;; esac
        [ -n "${setting[$name]+set}" ] || fail "unknown setting $name; --help lists them"
        setting[$name]=$value ;;
      *) words+=("$argument") ;;
    esac
  done
  for name in replace set-peers-back; do
    case "${setting[$name]}" in true | false) ;; *) fail "setting $name must be true or false" ;; esac
  done
  [[ ${setting[backup-keep]} =~ ^[0-9]+$ ]] || fail "setting backup-keep must be a whole number"
  [ "${#setting[backup-note]}" -le 200 ] || fail "setting backup-note may have 200 characters"
  case "${setting[backup-note]}" in *$'\n'*) fail "setting backup-note is one line" ;; esac
}

declare -A schema_of

name_schemas() {
  local service entry
  for service in "${services[@]}"; do schema_of[$service]=aftersales_$service; done
  local IFS=,
  for entry in ${setting[schemas]}; do
    service=${entry%%=*}
    [ -n "${schema_of[$service]+set}" ] && [ "$service" != "$entry" ] || fail "setting schemas: what is \"$entry\"?"
    schema_of[$service]=${entry#*=}
  done
  # They stand in statements, so they must be plain names.
  for service in "${services[@]}"; do
    [[ ${schema_of[$service]} =~ ^[A-Za-z0-9_]{1,50}$ ]] || fail "${schema_of[$service]} is no plain schema name"
  done
}

# ---------------------------------------------------------------------------------------------------------------------
# the server: MariaDB's programs where they are installed, else MySQL's

find_programs() {
  if command -v mariadb-dump >/dev/null; then client=mariadb dump=mariadb-dump family=mariadb
  elif command -v mysqldump >/dev/null; then client=mysql dump=mysqldump family=mysql
  else fail "neither mariadb-dump nor mysqldump is installed (Debian: mariadb-client)"; fi
  [ -n "${setting[database-user]}" ] || fail "setting database-user is needed"
  [ -z "${setting[database-password-file]}" ] || [ -r "${setting[database-password-file]}" ] ||
    fail "cannot read ${setting[database-password-file]}"
  [ -z "${setting[database-ca-file]}" ] || [ -r "${setting[database-ca-file]}" ] || fail "cannot read ${setting[database-ca-file]}"
}

# An option file on a pipe: the password stands in no command line, no environment and no file of ours.
options() {
  printf '[client]\nuser="%s"\ndefault-character-set=utf8mb4\n' "${setting[database-user]}"
  if [ -n "${setting[database-socket]}" ]; then printf 'socket="%s"\n' "${setting[database-socket]}"
  else printf 'host="%s"\nport=%s\nprotocol=TCP\n' "${setting[database-host]}" "${setting[database-port]}"; fi
  if [ -n "${setting[database-password-file]}" ]; then
    local password
    password=$(cat "${setting[database-password-file]}")
    password=${password//\\/\\\\}
    printf 'password="%s"\n' "${password//\"/\\\"}"
  fi
  [ -n "${setting[database-ca-file]}" ] || return 0
  printf 'ssl-ca="%s"\n' "${setting[database-ca-file]}"
  if [ $family = mariadb ]; then echo ssl-verify-server-cert; else echo ssl-mode=VERIFY_IDENTITY; fi
}

sql() { $client --defaults-file=<(options) --batch --skip-column-names --max-allowed-packet=$packet_max "$@"; }
ask() { sql -e "$1"; }

in_list() { local list='' name; for name in "$@"; do list+="${list:+,}'$name'"; done; echo "$list"; }

tables_in() { ask "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$1'"; }

# ---------------------------------------------------------------------------------------------------------------------
# files

packer_of() {  # FILE -> how it is written
  case "$1" in
    *.sql.zst) command -v zstd >/dev/null || fail "zstd is not installed; name the file .sql.gz"; echo 'zstd -q -3 -T0' ;;
    *.sql.gz) echo 'gzip -6' ;;
    *) fail "$1 must end in .sql.zst or .sql.gz" ;;
  esac
}
unpack() { case "$1" in *.zst) zstd -q -d -c -- "$1" ;; *) gzip -d -c -- "$1" ;; esac; }

# Passes the dump through and writes down what goes by: rows and bytes of every table, how far every change feed and
# every reader of one had come, which migrations were applied. A row is a line of its own where MariaDB's program
# wrote it; MySQL's puts many into one, and then the manifest has "-" for the rows.
observer='
  function close_table() { if (table != "") print "table", service, table, (countable ? rows : "-"), bytes > manifest; table = "" }
  function pairs(text,   at) {  # (quoted name, number) one after another
    while (match(text, /\(\047[^\047]*\047,[0-9]+/)) {
      at = substr(text, RSTART + 2, RLENGTH - 2); text = substr(text, RSTART + RLENGTH)
      if (table == "feed_head") { sub(/^[^,]*,/, "", at); print "feed", service, at > manifest }
      else if (table == "intake") { split(at, part, "\047,"); print "intake", service, part[1], part[2] > manifest }
      else { split(at, part, "\047,"); if (part[2] + 0 > newest[part[1]] + 0) newest[part[1]] = part[2] }
    }
  }
  function close_service(   set) {
    close_table()
    for (set in newest) print "migrations", service, set, newest[set] > manifest
    split("", newest)
    if (service != "") printf "  %-10s %d tables, %.1f MiB\n", service, tables, service_bytes / 1048576 > "/dev/stderr"
    tables = 0; service_bytes = 0
  }
  BEGIN { count = split(names, entry, ","); for (i = 1; i <= count; i++) { split(entry[i], part, "="); service_of[part[2]] = part[1] } }
  NR == 1 && /^\/\*M?!999999/ { next }  # a switch for MariaDB`s client; others stumble over it
  { print }
  /^USE `/ { close_service(); split($0, part, "`"); service = service_of[part[2]]; next }
  /^CREATE TABLE `/ { close_table(); split($0, part, "`"); table = part[2]; rows = 0; bytes = 0; countable = 1; tables++; next }
  table == "" { next }
  /^INSERT INTO `/ { inside = 1; statement = 0; if ($0 !~ /VALUES *$/) countable = 0 }
  inside {
    size = length($0) + 1; bytes += size; service_bytes += size; statement += size
    if (statement > longest) longest = statement
    if (/^\(/) rows++
    if (table == "feed_head" || table == "intake" || table == "schema_migration") pairs($0)
    if (/;$/ && (!countable || /\);$/)) inside = 0
  }
  /^-- Dump completed/ { complete = 1 }
  END { close_service(); print "longest_statement", longest > manifest; if (!complete) { print "backup.sh: the dump broke off" > "/dev/stderr"; exit 1 } }
'

# Of what lies in PARTIAL and its manifest, for what will be called NAME: in the form `sha256sum -c` reads.
sums() { sha256sum -- "$1" "$1.manifest" | awk -v name="$2" '{ print $1 "  " name (NR == 2 ? ".manifest" : "") }'; }

check_file() {
  local file=$1 suffix
  packer_of "$file" >/dev/null
  for suffix in '' .manifest .sha256; do [ -r "$file$suffix" ] || fail "$file$suffix is not there: a backup is three files"; done
  grep -qx 'format aftersales-backup 1' "$file.manifest" || fail "$file.manifest is no manifest this program can read"
  # By content, so that the three may be renamed together.
  local expected actual
  expected=$(awk '{print $1}' "$file.sha256")
  actual=$(sha256sum -- "$file" "$file.manifest" | awk '{print $1}')
  [ "$expected" = "$actual" ] || fail "$file does not agree with its checksum: it is damaged or not complete; nothing was done"
}

manifest() { awk -v key="$1" -v service="${2:-}" '$1 == key && (service == "" || $2 == service)' "$file.manifest"; }

# All four are there, and in a snapshot nobody has taken in an event that is not published yet: else it was none.
check_snapshot() {  # MANIFEST
  awk -v services=${#services[@]} '$1 == "feed" { head["aftersales." $2 ".v1"] = $3; feeds++ }
       $1 == "intake" { publisher[++n] = $3; reader[n] = $2; position[n] = $4 }
       END { if (feeds != services) { print "the feeds of " feeds + 0 " services of " services " are in it"; bad = 1 }
             for (i = 1; i <= n; i++) if (position[i] + 0 > head[publisher[i]] + 0) {
               print reader[i] " has taken in event " position[i] " of " publisher[i] ", which has published " head[publisher[i]]; bad = 1 }
             exit bad }' "$1" >&2 || fail "this is no snapshot of the suite"
}

# ---------------------------------------------------------------------------------------------------------------------
# dump

dump_suite() {
  local file=${words[1]:-} named_by_time='' packer begin end service names='' schemas=()
  if [ -z "$file" ]; then
    named_by_time=1
    mkdir -p "${setting[backup-directory]}"
    file=${setting[backup-directory]}/aftersales-$(date -u +%Y%m%dT%H%M%SZ).sql.$(command -v zstd >/dev/null && echo zst || echo gz)
  fi
  [ ! -e "$file" ] || fail "$file is there already"
  packer=$(packer_of "$file")
  find_programs
  local found
  for service in "${services[@]}"; do
    schemas+=("${schema_of[$service]}")
    names+="${names:+,}$service=${schema_of[$service]}"
  done
  found=$(ask "SELECT COUNT(DISTINCT table_schema) FROM information_schema.tables WHERE table_schema IN ($(in_list "${schemas[@]}"))")
  [ "$found" = ${#schemas[@]} ] ||
    fail "of the schemas ${schemas[*]} only $found have tables and are for ${setting[database-user]} to read"

  partial=$(mktemp "$file.XXXXXX.partial")
  trap 'rm -f "$partial" "$partial".*' EXIT
  begin=$(ask "SELECT UTC_TIMESTAMP(6)")
  {
    echo "format aftersales-backup 1"
    echo "begin_time $begin"
    [ -z "${setting[version-of-suite]}" ] || echo "version ${setting[version-of-suite]}"
    [ -z "${setting[backup-note]}" ] || echo "note ${setting[backup-note]}"
    echo "server $(ask 'SELECT VERSION()')"
    for service in "${services[@]}"; do echo "schema $service ${schema_of[$service]}"; done
  } >"$partial.manifest"
  say "writing $file"

  local flags=(--single-transaction --quick --hex-blob --skip-lock-tables --skip-add-locks --skip-triggers
    --no-tablespaces --max-allowed-packet=$packet_max)
  # MySQL's program would ask for things a backup of four schemas does not need, and that MariaDB does not have.
  if [ $family = mysql ]; then flags+=(--set-gtid-purged=OFF --column-statistics=0); fi
  $dump --defaults-file=<(options) "${flags[@]}" --databases "${schemas[@]}" |
    awk -v manifest="$partial.seen" -v names="$names" "$observer" | $packer >"$partial" || fail "the dump failed; no file was made"
  cat "$partial.seen" >>"$partial.manifest"
  check_snapshot "$partial.manifest"
  end=$(ask "SELECT UTC_TIMESTAMP(6)")
  echo "end_time $end" >>"$partial.manifest"
  sums "$partial" "$(basename "$file")" >"$partial.sha256"
  # On the disk first, then under their names; the file itself last.
  sync "$partial" "$partial.manifest" "$partial.sha256"
  [ ! -e "$file" ] || fail "somebody else has just made $file"
  mv -- "$partial.manifest" "$file.manifest"
  mv -- "$partial.sha256" "$file.sha256"
  mv -- "$partial" "$file"
  sync "$(dirname "$file")"

  local bytes
  bytes=$(stat -c %s "$file")
  note_in_schemas "$begin" "$end" "$bytes" "$(basename "$file")"
  [ -z "$named_by_time" ] || [ "${setting[backup-keep]}" = 0 ] || forget_old "$(dirname "$file")"
  say "complete: $file, $bytes bytes"
  echo "$file"
}

# The services read it from there and show it: backup_last_success_timestamp_seconds.
note_in_schemas() {  # BEGIN END BYTES NOTE
  local service id note=${setting[backup-note]:-$4}
  note=${note//\\/\\\\}; note=${note//\'/\'\'}
  id=$(tr -d - </proc/sys/kernel/random/uuid)
  for service in "${services[@]}"; do
    local schema=${schema_of[$service]}
    if [ "$(ask "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$schema' AND table_name = 'backup'")" = 0 ]; then
      say "  $schema has no table backup yet (or ${setting[database-user]} may not write it): its metrics will not show this backup"
      continue
    fi
    ask "INSERT INTO $schema.backup (backup_id, begin_time, end_time, bytes, note) VALUES (UNHEX('$id'), '$1', '$2', $3, '$note')" ||
      fail "the backup is complete, but could not be noted in $schema.backup"
  done
}

forget_old() {  # DIRECTORY; newest first by name, which is by time
  local old
  find "$1" -maxdepth 1 -regextype posix-extended -regex '.*/aftersales-[0-9]{8}T[0-9]{6}Z\.sql\.(zst|gz)' | sort -r |
    tail -n +$((setting[backup-keep] + 1)) | while IFS= read -r old; do
    say "  forgetting $old"
    rm -f -- "$old" "$old.manifest" "$old.sha256"
  done
}

# ---------------------------------------------------------------------------------------------------------------------
# restore

check_target() {
  local service schema here users
  [ "$(ask "SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type IN ('PROCESS', 'SUPER')")" != 0 ] ||
    say "  ${setting[database-user]} has no PROCESS right and cannot see whether services are still connected"
  # All four, also for one: the peers keep in memory how far they have read.
  for service in "${services[@]}"; do
    schema=${schema_of[$service]}
    users=$(ask "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '$schema' AND id <> CONNECTION_ID()")
    [ "$users" = 0 ] || fail "$users connections use $schema: stop the services first (they keep positions and numbers in memory)"
  done
  for service in "${restored[@]}"; do
    schema=${schema_of[$service]}
    here=$(tables_in "$schema")
    [ "$here" = 0 ] || [ "${setting[replace]}" = true ] ||
      fail "$schema is not empty ($here tables); --replace replaces it; nothing was done"
    if [ "$(tables_in "${schema}_restore")" != 0 ]; then
      say "  ${schema}_restore is what an earlier restore left: removed"
      ask "DROP DATABASE ${schema}_restore"
    fi
  done
  local longest allowed
  longest=$(manifest longest_statement | awk '{print $2}')
  allowed=$(ask 'SELECT @@max_allowed_packet')
  [ "$longest" -le "$allowed" ] || fail "the server takes statements of $allowed bytes (max_allowed_packet), this file has one of $longest"
}

# One service goes back in time, the others stay: what they know of each other must still fit (docs/operations.md).
check_peers() {
  local only=${setting[only]} head peer position publisher
  head=$(manifest feed "$only" | awk '{print $3}')
  for peer in "${services[@]}"; do
    [ "$peer" != "$only" ] || continue
    [ "$(tables_in "${schema_of[$peer]}")" != 0 ] || fail "--only is for a suite whose other schemas are there; ${schema_of[$peer]} is not"
    position=$(ask "SELECT COALESCE(MAX(position), 0) FROM ${schema_of[$peer]}.intake WHERE publisher = 'aftersales.$only.v1'")
    if [ "$position" -gt "$head" ]; then
      say "  $peer has taken in $((position - head)) events of $only that this file does not have (up to $position; the file ends at $head)."
      [ "${setting[set-peers-back]}" = true ] || refused=1
      ahead+=("$peer")
    fi
    publisher=aftersales.$peer.v1
    position=$(manifest intake "$only" | awk -v p="$publisher" '$3 == p {print $4}')
    head_of_peer=$(ask "SELECT position FROM ${schema_of[$peer]}.feed_head WHERE feed = 'main'")
    [ "${position:-0}" -le "$head_of_peer" ] ||
      fail "$peer is older than this file: $only had taken in its event $position, it has published $head_of_peer. Restore $peer, too"
  done
  [ -z "${refused:-}" ] || fail "refused: new events of $only would get positions those peers believe to have seen, and would never reach them.
Better: bring $only's schema to the present from its binary log, or restore all four. --set-peers-back goes on and lets
them read again from $head; what they did because of the later events stays done."
}

load() {
  local wanted='' service
  for service in "${restored[@]}"; do wanted+="${wanted:+,}$(manifest schema "$service" | awk '{print $3}')=${schema_of[$service]}"; done
  # Into schemas of their own first: what is there is touched when everything has arrived.
  for service in "${restored[@]}"; do
    ask "CREATE DATABASE ${schema_of[$service]}_restore CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
         CREATE DATABASE IF NOT EXISTS ${schema_of[$service]} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
  done
  unpack "$file" | awk -v wanted="$wanted" '
      BEGIN { count = split(wanted, entry, ","); for (i = 1; i <= count; i++) { split(entry[i], part, "="); target[part[1]] = part[2] "_restore" } }
      /^CREATE DATABASE / { next }
      /^USE `/ { split($0, part, "`"); skip = !(part[2] in target)
                 if (!skip) { print "USE `" target[part[2]] "`;"; print "  loading " target[part[2]] > "/dev/stderr" } next }
      !skip { print }' |
    sql --binary-mode || fail "loading failed; the schemas ${restored[*]} are as they were, ..._restore holds what had arrived"
}

count_rows() {
  local service table rows schema counted wrong=0 tables=0 uncounted
  for service in "${restored[@]}"; do
    schema=${schema_of[$service]}_restore
    counted=$(manifest table "$service" | awk -v s="$schema" '$4 != "-" {
      printf "%sSELECT \047%s\047, %s, COUNT(*) FROM `%s`.`%s`", sep, $3, $4, s, $3; sep = " UNION ALL " }')
    [ -n "$counted" ] || continue
    while read -r table rows here; do
      tables=$((tables + 1))
      [ "$rows" = "$here" ] || { say "  $schema.$table has $here rows, the manifest says $rows"; wrong=1; }
    done < <(ask "$counted")
    [ "$(tables_in "$schema")" = "$(manifest table "$service" | wc -l)" ] || { say "  $schema has not the tables of the manifest"; wrong=1; }
  done
  [ $wrong = 0 ] || fail "what was loaded is not what was dumped; the schemas ${restored[*]} are as they were"
  uncounted=$(awk '$1 == "table" && $4 == "-"' "$file.manifest" | wc -l)
  say "  $tables tables have the rows the manifest says$([ "$uncounted" = 0 ] || echo "; mysqldump told of no rows for $uncounted")"
}

swap() {
  local service schema table drop rename
  for service in "${restored[@]}"; do
    schema=${schema_of[$service]} drop='' rename=''
    for table in $(ask "SELECT table_name FROM information_schema.tables WHERE table_schema = '$schema'"); do drop+="${drop:+, }$schema.\`$table\`"; done
    for table in $(ask "SELECT table_name FROM information_schema.tables WHERE table_schema = '${schema}_restore'"); do
      rename+="${rename:+, }${schema}_restore.\`$table\` TO $schema.\`$table\`"
    done
    ask "SET foreign_key_checks = 0; ${drop:+DROP TABLE $drop;} RENAME TABLE $rename; DROP DATABASE ${schema}_restore"
    say "  $schema is restored"
  done
}

set_peers_back() {
  local only=${setting[only]} peer head
  head=$(manifest feed "$only" | awk '{print $3}')
  for peer in "${ahead[@]}"; do
    ask "UPDATE ${schema_of[$peer]}.intake SET position = LEAST(position, $head) WHERE publisher = 'aftersales.$only.v1'"
    say "  $peer reads $only's events again from $head"
  done
}

restore_suite() {
  file=${words[1]:-}
  [ -n "$file" ] || fail "restore what? FILE is missing"
  check_file "$file"
  check_snapshot "$file.manifest"
  find_programs
  restored=("${services[@]}") ahead=()
  if [ -n "${setting[only]}" ]; then
    [ -n "${schema_of[${setting[only]}]+set}" ] || fail "there is no service ${setting[only]}"
    restored=("${setting[only]}")
  fi
  say "restoring the snapshot of $(manifest begin_time | cut -d' ' -f2-) UTC: ${restored[*]}"
  [ -z "${setting[only]}" ] || check_peers
  check_target
  load
  count_rows
  swap
  [ "${#ahead[@]}" = 0 ] || set_peers_back
  say "restored. Everything after $(manifest begin_time | cut -d' ' -f2-) UTC is not in it. Before the services start, run their
'verify' with the keys of that time; readers of the change feeds outside the suite may have positions beyond:"
  local service
  for service in "${restored[@]}"; do say "  $service's feed ends at $(manifest feed "$service" | awk '{print $3}')"; done
}

show() {
  file=${words[1]:-}
  [ -n "$file" ] || fail "check what? FILE is missing"
  check_file "$file"
  check_snapshot "$file.manifest"
  unpack "$file" | tail -n 1 | grep -q '^-- Dump completed' || fail "$file has no end"
  grep -vE '^(table|format|longest_statement) ' "$file.manifest"
  awk '$1 == "table" { tables[$2]++; rows[$2] += $4; bytes[$2] += $5 } END { for (s in tables) printf "%s: %d tables, %d rows, %.1f MiB of statements\n", s, tables[s], rows[s], bytes[s] / 1048576 }' "$file.manifest" | sort
  echo "whole: it agrees with its checksum"
}

read_settings "$@"
name_schemas
case "${words[0]:-}" in
  dump) [ ${#words[@]} -le 2 ] || fail "one FILE at a time"; dump_suite ;;
  restore) [ ${#words[@]} -le 2 ] || fail "one FILE at a time"; restore_suite ;;
  check) show ;;
  '') usage >&2; exit 2 ;;
  *) fail "unknown command ${words[0]}; --help lists them" ;;
esac
