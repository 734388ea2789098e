#!/usr/bin/env bash
# A morning at the reception desk, with curl over REST: finds or creates a customer with a vehicle, records its arrival,
# repeats a request as after a timeout, lists the waiting queue page by page, is refused once, and watches the board.
#
#   AFTERSALES_WEB=http://127.0.0.1:17002 AFTERSALES_TOKEN=... AFTERSALES_STORE=... [AFTERSALES_TLS=.run/tls/client] \
#       reception_desk.sh PHONE PLATE VIN
set -euo pipefail
phone=$1 plate=$2 vin=$3
store=$AFTERSALES_WEB/v1/stores/$AFTERSALES_STORE
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

options=(--silent --show-error --max-time 10 -H "Authorization: Bearer $AFTERSALES_TOKEN" -H 'Accept-Language: zh-CN')
[ -z "${AFTERSALES_TLS:-}" ] || options+=(--cacert "$AFTERSALES_TLS/ca.crt")

new_request_id() { cat /proc/sys/kernel/random/uuid; }

# METHOD URL [BODY or other options of curl]: the answer goes to $answer, its HTTP status to $status.
call() {
  local method=$1 url=$2 body=()
  shift 2
  if [ "$method" != GET ]; then body=(-H 'Content-Type: application/json' --data-binary "$1"); shift; fi
  status=$(curl "${options[@]}" -X "$method" "${body[@]}" --output "$answer" --write-out '%{http_code}' "$@" "$url")
}
# EXPRESSION: of the answer, as Python sees it, e.g. a["visits"][0]["number"]
field() { python3 -c 'import json, sys; a = json.load(open(sys.argv[1], encoding="utf-8")); v = eval(sys.argv[2]); print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))' "$answer" "$1"; }
must() { [ "$status" = 200 ] || { echo "$1: HTTP $status: $(cat "$answer")" >&2; exit 1; }; }

call POST "$store/customers:find" "{\"phone\": \"$phone\"}"; must "find customers"
if [ "$(field 'len(a["customers"])')" = 0 ]; then
  call POST "$store/customers" "{\"requestId\": \"$(new_request_id)\", \"customer\": {\"kind\": \"KIND_PERSON\", \"name\": \"刘洋\", \"phone\": \"$phone\"}}"
  must "create customer"
  customer=$(field 'a["customerId"]') name=$(field 'a["name"]')
else
  customer=$(field 'a["customers"][0]["customerId"]') name=$(field 'a["customers"][0]["name"]')
fi

call GET "$store/vehicles" --get --data-urlencode "filter=vin = \"$vin\""; must "list vehicles"
if [ "$(field 'len(a["vehicles"])')" = 0 ]; then
  call POST "$store/vehicles" "{\"requestId\": \"$(new_request_id)\", \"vehicle\": {\"vin\": \"$vin\", \"plate\": \"$plate\",
    \"plateColour\": \"PLATE_COLOUR_BLUE\", \"modelCode\": \"PASSAT-2024\", \"customerId\": \"$customer\"}}"
  must "create vehicle"
fi
echo "customer $name, vehicle $plate"

arrival="{\"requestId\": \"$(new_request_id)\", \"plate\": \"$plate\"}"
call POST "$store/visits:recordArrival" "$arrival"; must "record arrival"
visit=$(field 'a["visitId"]') number=$(field 'a["number"]')
echo "arrived: $number, gate card $(field 'a["gateCardNumber"]')"
# As after a timeout: the same request again is the same visit, not a second one.
call POST "$store/visits:recordArrival" "$arrival"; must "repeat the arrival"
[ "$(field 'a["visitId"]')" = "$visit" ] || { echo "the repeat made another visit" >&2; exit 1; }
echo "repeated: the same visit"

# The queue in the order of arrival, a page at a time.
waiting=0 found=no page_token=
while :; do
  call GET "$store/visits" --get --data-urlencode 'filter=state = "WAITING"' --data-urlencode 'orderBy=arrival_time' \
    --data-urlencode pageSize=2 --data-urlencode "pageToken=$page_token"
  must "list visits"
  waiting=$((waiting + $(field 'len(a["visits"])')))
  [ "$(field "any(v['number'] == '$number' for v in a['visits'])")" = true ] && found=yes
  page_token=$(field 'a["nextPageToken"]')
  [ -n "$page_token" ] || break
done
[ $found = yes ] || { echo "the visit does not wait" >&2; exit 1; }
echo "waiting: $waiting"

# A new requestId is a new intention: a second arrival of a vehicle that is here.
call POST "$store/visits:recordArrival" "{\"requestId\": \"$(new_request_id)\", \"plate\": \"$plate\"}"
info='next(d for d in a["error"]["details"] if d["@type"].endswith("/google.rpc.ErrorInfo"))'
text='next(d for d in a["error"]["details"] if d["@type"].endswith("/google.rpc.LocalizedMessage"))["message"]'
[ "$(field "$info[\"reason\"]")" = VEHICLE_ALREADY_HERE ] || { echo "not refused: $(cat "$answer")" >&2; exit 1; }
echo "refused: HTTP $status $(field "$info[\"reason\"]") ($(field "$info[\"metadata\"][\"handbook\"]")) $(field "$text")"

# Server-sent events until the plate stands on the board. `id:` is where to resume: -H "Last-Event-ID: ...".
revision=
while IFS= read -r line; do
  case $line in
    id:*) revision=${line#id:} ;;
    data:*"$plate"*) echo "on the board at revision ${revision# }"; break ;;
  esac
done < <(curl "${options[@]}" --no-buffer -H 'Accept: text/event-stream' "$store/board:watch" || true)
[ -n "$revision" ] || { echo "the board ended" >&2; exit 1; }
