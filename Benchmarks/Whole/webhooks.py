"""Messages as Twilio posts them, signed, and wrk which posts them."""
import base64
import dataclasses
import hashlib
import hmac
import json
import pathlib
import re
import socket
import subprocess
import urllib.parse

import ground
import servers
from plan import ROOT, Failure

SCRIPT = pathlib.Path(__file__).resolve().parent / "load.lua"
TEXTS = ["DELAY", "yes", "MANUAL", "15/11/2026", "Kings Cross to Edinburgh Waverley", "14:30",
         "Hello, my train was over an hour late 🚂", "STATUS", "help", "no"]


def form(index: int, sender: int, text: str) -> dict[str, str]:
    """What Twilio posts for a message of WhatsApp's."""
    phone = f"+4477{sender:08d}"
    context = {"ProfileName": f"Passenger {sender}", "WaId": phone[1:]}
    return {
        "SmsMessageSid": f"SM{index:032x}", "NumMedia": "0", "ProfileName": f"Passenger {sender}",
        "MessageType": "text", "SmsSid": f"SM{index:032x}", "WaId": phone[1:], "SmsStatus": "received",
        "Body": text, "To": ground.SENDER, "NumSegments": "1", "ReferralNumMedia": "0", "MessageSid": f"SM{index:032x}",
        "AccountSid": ground.ACCOUNT,
        "ChannelMetadata": json.dumps({"type": "whatsapp", "data": {"context": context}}),
        "From": f"whatsapp:{phone}", "ApiVersion": "2010-04-01",
    }


def signature(fields: dict[str, str]) -> str:
    """X-Twilio-Signature: the address and all fields in the order of their names, by HMAC-SHA1."""
    text = ground.WEBHOOK + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(ground.TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()


def write_requests(path: pathlib.Path, count: int, senders: int) -> int:
    """Writes `count` signed messages of so many people, who write in turns; the mean length of a body in bytes."""
    length = 0
    with path.open("w") as file:
        for index in range(count):
            fields = form(index, index % senders, TEXTS[index % len(TEXTS)])
            body = urllib.parse.urlencode(fields)
            length += len(body)
            file.write(f"{signature(fields)}\t{body}\n")
    return length // count


@dataclasses.dataclass
class Posted:
    """What wrk saw; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    longest: float
    # Of connections; and answers that were no success.
    errors: int
    refused: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def post(requests: pathlib.Path, port: int, connections: int, seconds: float) -> Posted:
    """Posts for so long; an answer that is no success makes the figures worthless."""
    variables = dict(servers.PLAIN, REQUESTS=str(requests), SIGNED_HOST=urllib.parse.urlsplit(ground.PUBLIC).netloc)
    done = subprocess.run(
        [servers.found("wrk"), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "--latency",
         "-s", SCRIPT, f"http://127.0.0.1:{port}/webhook/twilio"],
        capture_output=True, text=True, timeout=seconds + 60, check=False, env=variables, cwd=ROOT)
    found = dict(re.findall(r"(\w+)=([\d.]+)", done.stdout.rpartition("RESULT")[2]))
    if done.returncode != 0 or "requests" not in found:
        raise Failure(f"wrk: {(done.stderr or done.stdout).strip()[-300:]}")
    posted = Posted(int(found["requests"]), float(found["seconds"]), float(found["p50"]) / 1000, float(found["p99"]) / 1000,
                    float(found["max"]) / 1000, int(found["errors"]), int(found["refused"]))
    if posted.refused or posted.errors or not posted.requests:
        raise Failure(f"of {posted.requests} webhooks {posted.refused} were refused and {posted.errors} broke off: no figures")
    return posted


def post_each(requests: pathlib.Path, port: int, at_once: int = 50) -> None:
    """Posts every request once, so many before their answers; throws unless all are accepted."""
    host = urllib.parse.urlsplit(ground.PUBLIC).netloc
    lines = requests.read_text().splitlines()
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        for start in range(0, len(lines), at_once):
            batch = [line.split("\t") for line in lines[start:start + at_once]]
            connection.sendall("".join(
                f"POST /webhook/twilio HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\nX-Twilio-Signature: {signed}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                for signed, body in batch).encode())
            answers = b""
            while answers.count(b"</Response>") + answers.count(b"<Response/>") < len(batch):
                received = connection.recv(1 << 16)
                answers += received
                if not received or answers.count(b"HTTP/1.1 ") != answers.count(b"HTTP/1.1 200"):
                    raise Failure(f"not every webhook was accepted: {answers[-200:].decode(errors='replace')}")
