#!/usr/bin/env bash
# Checks a deployed process from outside, after a deployment or when in doubt. Changes nothing.
set -uo pipefail

usage() {
  cat <<'TEXT'
usage: scripts/smoke-test.sh URL

Checks ingest, worker or relay at URL (http or https, no path): / names the service, /health and /ready answer 200, /metrics
has the service's series, an unknown page is a 404 with a correlation id, and other sites get no access. Of ingest also: an
unsigned webhook is refused with 403, and, given the token, a signed one is taken.

environment:
  SERVICE_NAME        the name that / and /health must give (whatsapp-handler)
  TWILIO_AUTH_TOKEN   signs a delivery report about a message that does not exist, which nothing comes of; left out when empty
  PUBLIC_BASE_URL     what Twilio calls, when that is not URL: signatures are made over it
  TWILIO_ACCOUNT_SID, TWILIO_WHATSAPP_NUMBER
                      the account and our sender, which the report names; needed with the token
  VERSION             what the version in / must contain, such as the commit that was deployed
  TIMEOUT             seconds a request may take (10)

exit code: 0 all is well, 1 a check failed, 2 wrong usage
TEXT
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  http://?* | https://?*) [ $# -eq 1 ] || { usage >&2; exit 2; } ;;
  *) usage >&2; exit 2 ;;
esac
for tool in curl openssl; do
  command -v $tool >/dev/null || { echo "smoke-test: $tool is missing: apt-get install $tool" >&2; exit 2; }
done

if [ -n "${TWILIO_AUTH_TOKEN:-}" ] && { [ -z "${TWILIO_ACCOUNT_SID:-}" ] || [ -z "${TWILIO_WHATSAPP_NUMBER:-}" ]; }; then
  echo "smoke-test: with TWILIO_AUTH_TOKEN set, TWILIO_ACCOUNT_SID and TWILIO_WHATSAPP_NUMBER are needed: the signed report names them" >&2
  exit 2
fi

url=${1%/}
service=${SERVICE_NAME:-whatsapp-handler}
public=${PUBLIC_BASE_URL:-$url}
public=${public%/}
failed=0 status='' body='' headers=''
correlation=smoke-$(date +%s)-$$

ok() { printf '  ok    %s\n' "$1"; }
fail() { printf '  FAIL  %s: %s\n' "$1" "$2"; failed=1; }

# ask METHOD PATH [curl's arguments]: leaves status, headers and body.
ask() {
  local method=$1 path=$2 answer
  shift 2
  if ! answer=$(curl -sS -i -m "${TIMEOUT:-10}" -X "$method" -H "X-Correlation-ID: $correlation" "$@" "$url$path" 2>&1); then
    status=000 headers='' body=${answer:0:200}
    return
  fi
  answer=${answer//$'\r'/}
  # A proxy may have answered 100 or 103 first.
  while [[ $answer == HTTP/*' 1'[0-9][0-9]* && ${answer%%$'\n'*} =~ \ 1[0-9][0-9] ]]; do answer=${answer#*$'\n\n'}; done
  headers=${answer%%$'\n\n'*} body=${answer#*$'\n\n'}
  [ "$headers" != "$answer" ] || body=''
  status=${headers%%$'\n'*} status=${status#* } status=${status:0:3}
}

# expect NAME STATUS [a text that the body must have]
expect() {
  if [ "$status" != "$2" ]; then
    fail "$1" "answered $status instead of $2: ${body:0:200}"
  elif [[ $body != *"${3:-}"* ]]; then
    fail "$1" "has no $3: ${body:0:200}"
  else
    ok "$1"
  fi
}

# hmac_sha1 KEY TEXT, base64. Made of plain digests, since openssl would take the key as an argument, which others can see.
hmac_sha1() {
  local key inner='' outer='' index byte
  key=$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n')
  [ ${#key} -le 128 ] || { echo "smoke-test: TWILIO_AUTH_TOKEN is longer than 64 bytes" >&2; exit 2; }
  for ((index = 0; index < 128; index += 2)); do
    byte=$((16#0${key:index:2}))
    printf -v inner '%s\\x%02x' "$inner" $((byte ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((byte ^ 0x5c))
  done
  { printf '%b' "$outer"; { printf '%b' "$inner"; printf '%s' "$2"; } | openssl dgst -sha1 -binary; } | openssl dgst -sha1 -binary | openssl base64
}

# sign PATH NAME=VALUE...: Twilio's signature over the address and the sorted parameters.
sign() {
  local text=$public$1 pair
  shift
  while IFS= read -r pair; do text+=${pair%%=*}${pair#*=}; done < <(printf '%s\n' "$@" | LC_ALL=C sort)
  hmac_sha1 "$TWILIO_AUTH_TOKEN" "$text"
}

echo "$url"
ask GET /
if [ "$status" = 000 ]; then
  fail "it can be reached" "$body"
  exit 1
fi
expect "/ names the service" 200 "\"service\":\"$service\""
if [ -n "${VERSION:-}" ]; then
  running=$(sed -n 's/.*"version":"\([^"]*\)".*/\1/p' <<<"$body")
  # An image carries the first twelve characters of its commit.
  if [[ $running == *"${VERSION:0:12}"* ]]; then ok "it is $running"
  else fail "it is $VERSION" "$running runs: was the image built anew, and is the deployment over?"; fi
fi
process=$(sed -n 's/.*"process":"\([a-z]*\)".*/\1/p' <<<"$body")
ask GET /health
expect "/health is healthy" 200 '"status":"healthy"'
[[ $body == *"\"service\":\"$service\""* ]] || fail "/health names the service" "it says ${body:0:200}"
ask GET /ready
expect "/ready is ready" 200 ready
ask GET /metrics
expect "/metrics has series" 200 whatsapp_
ask GET /no-such-page
expect "an unknown page is a 404" 404 '"correlation_id"'
if grep -qi "^x-correlation-id: $correlation\$" <<<"$headers"; then ok "the correlation id comes back"
else fail "the correlation id comes back" "X-Correlation-ID is not $correlation"; fi
ask OPTIONS / -H 'Origin: https://example.com' -H 'Access-Control-Request-Method: POST'
if [ "$status" = 000 ]; then fail "other sites get no access" "$body"
elif grep -qi '^access-control-allow' <<<"$headers"; then fail "other sites get no access" "it grants cross-origin access"
else ok "other sites get no access"; fi

if [ "$process" = ingest ] || [ -z "$process" ]; then
  sid=SM$(openssl rand -hex 16)
  report=("MessageSid=$sid" "MessageStatus=delivered" "AccountSid=${TWILIO_ACCOUNT_SID:-}" "From=${TWILIO_WHATSAPP_NUMBER:-}")
  form=()
  for pair in "${report[@]}"; do form+=(--data-urlencode "$pair"); done
  ask POST /webhook/twilio/status "${form[@]}"
  expect "an unsigned webhook is refused" 403
  ask POST /webhook/twilio/status "${form[@]}" -H 'X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA='
  expect "a wrongly signed webhook is refused" 403
  if [ -n "${TWILIO_AUTH_TOKEN:-}" ]; then
    ask POST /webhook/twilio/status "${form[@]}" -H "X-Twilio-Signature: $(sign /webhook/twilio/status "${report[@]}")"
    expect "a signed webhook is taken" 200
  else
    echo "  -     a signed webhook: not tried, TWILIO_AUTH_TOKEN is not set"
  fi
fi
[ $failed = 0 ] && echo "all is well" || echo "something is wrong: docs/runbook.md"
exit $failed
