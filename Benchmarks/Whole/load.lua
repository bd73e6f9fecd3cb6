-- wrk script: posts the signed requests of the file $REQUESTS (SIGNATURE, tab, BODY a line) in turn.
local requests, at, number = {}, 0, 0
function setup(thread)
  thread:set("number", number)
  number = number + 1
end

function init()
  for line in io.lines(os.getenv("REQUESTS")) do
    local signature, body = line:match("^([^\t]+)\t(.*)$")
    requests[#requests + 1] = wrk.format("POST", "/webhook/twilio", {
      ["Host"] = os.getenv("SIGNED_HOST"), ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8",
      ["X-Twilio-Signature"] = signature, ["I-Twilio-Idempotency-Token"] = signature:sub(1, 16),
      ["User-Agent"] = "TwilioProxy/1.1", ["X-Forwarded-Proto"] = "https" }, body)
  end
  at = number * 7919
end

function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT requests=%d seconds=%.6f p50=%d p99=%d max=%d errors=%d refused=%d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
