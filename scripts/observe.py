#!/usr/bin/env python3
"""Runs the service under a real Prometheus, takes the workers away until somebody would be paged, and draws what was seen.

1. scripts/dev with servers and a database of its own, two workers beside it, Debian's Prometheus with deploy/grafana's rules
2. load, people who register and claim, some faults
3. the workers are stopped: OldestMessageTooOld must ring, at the thresholds that production has
4. the workers start: it must end, and nothing may be lost
5. docs/images/dashboard.png is drawn from deploy/grafana/dashboards/whatsapp-handler.json and this Prometheus' answers

Ends with 0 when the alert rang and ended, every panel had data and nothing was lost; with 1 and the reason otherwise. Takes eight
minutes.
"""
import argparse
import base64
import concurrent.futures
import contextlib
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import load  # noqa: E402

ROOT = load.ROOT
ALERT = "OldestMessageTooOld"
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(what: str, limit: float, condition) -> float:
    """Waits for a condition; gives back how long that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > limit:
            raise load.Failure(f"waited {limit:.0f} s in vain for: {what}")
        time.sleep(0.2)
    return time.monotonic() - start


class Receiver(http.server.BaseHTTPRequestHandler):
    """The webhook of some other service, which takes all events but refuses one in two hundred for a while; and whatever takes
    pushed logs, metrics and traces."""

    protocol_version = "HTTP/1.1"
    count = 0

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Receiver.count += 1
        status = 503 if self.path == "/events" and Receiver.count % 200 == 0 else 204
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Run:
    """The processes of this run, in the order in which they are to be stopped."""

    def __init__(self, programs: pathlib.Path) -> None:
        self.programs = programs
        # Where Postgres' own user may look, if we are root.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="whatsapp-observe-"))
        self.folder.chmod(0o755)
        self.supervisor: subprocess.Popen | None = None
        self.prometheus: subprocess.Popen | None = None
        self.workers: list[subprocess.Popen] = []
        self.worker_ports = [free_port(), free_port()]
        self.prometheus_url = ""
        self.receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()

    @property
    def log(self) -> str:
        return (self.folder / "dev.log").read_text()

    def start(self) -> load.Service:
        sink = f"http://127.0.0.1:{self.receiver.server_port}"
        self.variables = dict(
            os.environ, DEV=str(self.folder / "dev"), BIN=str(self.programs), WITHOUT="worker", RELAY_SINKS="redis,webhook",
            RELAY_WEBHOOK_URL=sink + "/events", RELAY_WEBHOOK_SECRET="whsec_" + base64.b64encode(os.urandom(32)).decode(),
            EVENTS_WEBHOOK_SECRET="whsec_" + base64.b64encode(os.urandom(32)).decode(), SIMULATOR_ANSWER_MILLISECONDS="120",
            LOKI_ENABLED="true", LOKI_HOST=sink, ALLOY_PUSH_URL=sink + "/api/v1/write", OTEL_EXPORTER_OTLP_ENDPOINT=sink,
            METRICS_PUSH_INTERVAL="5000")
        with (self.folder / "dev.log").open("w") as log:
            self.supervisor = subprocess.Popen([ROOT / "scripts/dev"], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                               env=self.variables)
        wait("everything to start", 120, lambda: "chat page: http" in self.log or self.supervisor.poll() is not None)
        service = load.Service(self.folder / "dev/environment")
        if not service.runs:
            raise load.Failure("scripts/dev did not come up:\n" + "\n".join(self.log.splitlines()[-10:]))
        self.variables.update(service.variables)
        return service

    def start_workers(self) -> None:
        for number, port in enumerate(self.worker_ports):
            with (self.folder / f"worker{number + 1}.log").open("a") as log:
                self.workers.append(subprocess.Popen(
                    [self.programs / "worker"], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT,
                    env=dict(self.variables, PORT=str(port), TWILIO_MAX_MESSAGES_PER_SECOND="150")))
        wait("the workers to be ready", 60, lambda: all(
            load.answers(f"http://127.0.0.1:{port}/ready") for port in self.worker_ports))

    def stop_workers(self) -> None:
        end(self.workers)
        self.workers = []

    def start_prometheus(self, service: load.Service) -> None:
        """Debian's Prometheus with the repository's own configuration: other addresses, a shorter interval, the same rules."""
        text = (ROOT / "deploy/grafana/prometheus.local.yml").read_text()
        workers = "".join(f'"127.0.0.1:{port}", ' for port in self.worker_ports).rstrip(", ")
        for example, real in {"3000": service.variables["INGEST_PORT"], "3002": service.variables["RELAY_PORT"]}.items():
            text = text.replace(f"127.0.0.1:{example}", f"127.0.0.1:{real}")
        text = text.replace('"127.0.0.1:3001"', workers)
        text = re.sub(r"(scrape|evaluation)_interval: \S+", r"\1_interval: 2s", text)
        text = text.replace("alerts/*", str(ROOT / "deploy/grafana/alerts") + "/*")
        configuration = self.folder / "prometheus.yml"
        configuration.write_text(text)
        port = free_port()
        self.prometheus_url = f"http://127.0.0.1:{port}"
        with (self.folder / "prometheus.log").open("w") as log:
            self.prometheus = subprocess.Popen(
                ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={self.folder}/tsdb",
                 f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait("Prometheus to be ready", 60, lambda: load.answers(self.prometheus_url + "/-/ready"))

    def alerts(self) -> dict[str, str]:
        """The alerts that wait or ring, by name: pending or firing."""
        found = json.loads(load.ask(self.prometheus_url + "/api/v1/alerts"))["data"]["alerts"]
        return {alert["labels"]["alertname"]: alert["state"] for alert in found}

    def stop(self, keep: bool) -> None:
        end(self.workers)
        end([process for process in (self.prometheus, self.supervisor) if process])
        self.receiver.shutdown()
        subprocess.run([ROOT / "scripts/dev", "--clean"], env=dict(os.environ, DEV=str(self.folder / "dev")), check=False)
        if keep:
            say(f"logs are in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def end(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()


class People:
    """Some who do more than to say hello: they register, mistype codes, claim, withdraw, leave."""

    def __init__(self, service: load.Service) -> None:
        self.service = service
        self.account = service.variables["TWILIO_ACCOUNT_SID"]
        key = f"{self.account}:{service.variables['TWILIO_AUTH_TOKEN']}".encode()
        self.authorization = "Basic " + base64.b64encode(key).decode()
        self.over = threading.Event()

    def replies(self, address: str) -> list[str]:
        query = urllib.parse.urlencode({"To": address, "PageSize": 200})
        request = urllib.request.Request(
            f"{self.service.simulator}/2010-04-01/Accounts/{self.account}/Messages.json?{query}",
            headers={"Authorization": self.authorization})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return [message["body"] for message in json.load(answer)["messages"]]

    def say(self, who: str, text: str) -> None:
        load.ask(f"{self.service.simulator}/api/passengers/{who}/messages", {"text": text})

    def exchange(self, who: str, number: str, text: str) -> str:
        """Says something and waits for the answer; the outage is longer than a moment."""
        address = "whatsapp:" + number
        before = len(self.replies(address))
        self.say(who, text)
        deadline = time.monotonic() + 240
        while len(self.replies(address)) <= before and time.monotonic() < deadline and not self.over.is_set():
            time.sleep(0.5)
        return (self.replies(address) or [""])[0]

    def live(self, index: int) -> None:
        chance = random.Random(index)
        self.over.wait(index * 2.2)
        if self.over.is_set():
            return
        number = f"+44770090{index:04d}"
        added = json.loads(load.ask(self.service.simulator + "/api/passengers",
                                    {"name": f"Passenger {index}", "number": number}))
        who = added["id"]
        self.exchange(who, number, "hi")
        self.exchange(who, number, "yes")
        codes = [code for text in self.replies(number) for code in re.findall(r"\b\d{6}\b", text)]
        if not codes:
            return
        if chance.random() < 0.35:
            self.exchange(who, number, f"{(int(codes[0]) + 1) % 1_000_000:06d}")
        self.exchange(who, number, codes[0])
        self.exchange(who, number, "the 14:30 from leeds to york yesterday was 40 minutes late")
        self.exchange(who, number, "£12.50 standard advance")
        request = urllib.request.Request(
            f"{self.service.simulator}/api/passengers/{who}/photo?caption=", b"\xff\xd8\xff\xe0 a ticket",
            {"Content-Type": "image/jpeg"})
        urllib.request.urlopen(request, timeout=20).close()
        time.sleep(3)
        answer = self.exchange(who, number, "yes")
        reference = re.search(r"DR-[0-9A-Z]{6}", answer)
        for text in chance.choice([["status"], ["help", "menu"], ["stop"], ["language welsh"], ["settings"],
                                   [f"withdraw {reference.group()}" if reference else "status", "yes"],
                                   ["delete my data", "yes"]]):
            self.exchange(who, number, text)


def misbehave(service: load.Service, over: threading.Event) -> None:
    """Strangers, and what Twilio does on a bad day; first what makes a passenger wait for up to a minute, so that it is over
    before the outage."""
    ingest = f"http://127.0.0.1:{service.variables['INGEST_PORT']}/webhook/twilio"
    first = [{"kind": "reset", "times": 2}, {"kind": "serverError", "times": 2, "accepts": True}]
    # Each 429 halves the rate of all workers for a while: a few show, many would be an outage of their own.
    later = [{"kind": "undelivered", "times": 10}, {"kind": "tooManyRequests", "times": 1, "retryAfter": 1},
             {"kind": "undelivered", "times": 4}]
    for number in range(10_000):
        if over.wait(6):
            return
        fault = first[number] if number < len(first) else later[number % len(later)]
        with contextlib.suppress(OSError):
            load.ask(service.simulator + "/api/faults", fault)
        if number % 2 == 0:
            with contextlib.suppress(OSError):
                request = urllib.request.Request(ingest, b"MessageSid=SM0", {"X-Twilio-Signature": "bm8="})
                urllib.request.urlopen(request, timeout=5).close()


def chatter(service: load.Service, over: threading.Event) -> None:
    """One who writes more than 60 messages a minute."""
    who = json.loads(load.ask(service.simulator + "/api/passengers", {"name": "Chatterbox", "number": "+447700909999"}))["id"]
    while not over.wait(0.5):
        with contextlib.suppress(OSError):
            load.ask(f"{service.simulator}/api/passengers/{who}/messages", {"text": "hello?"})


def rehearse(run: Run, service: load.Service, chosen: argparse.Namespace) -> tuple[float, float]:
    """Takes the workers away until the alert rings, and brings them back until it has ended; how long each took."""
    time.sleep(chosen.before)
    if run.alerts().get(ALERT):
        raise load.Failure(f"{ALERT} rings before anything was done")
    say("the workers are stopped")
    stopped = time.monotonic()
    run.stop_workers()
    wait(f"{ALERT} to be pending", 150, lambda: ALERT in run.alerts())
    say(f"{ALERT} is pending: the oldest message is more than 60 s old")
    wait(f"{ALERT} to ring", 180, lambda: run.alerts().get(ALERT) == "firing")
    rang = time.monotonic() - stopped
    say(f"{ALERT} rings at {run.prometheus_url}/api/v1/alerts, {rang:.0f} s after the workers went; "
        f"firing: {', '.join(sorted(name for name, state in run.alerts().items() if state == 'firing'))}")
    time.sleep(5)
    say("the workers are started")
    run.start_workers()
    ended = wait(f"{ALERT} to end", 180, lambda: ALERT not in run.alerts())
    say(f"{ALERT} has ended, {ended:.0f} s after the workers were back")
    time.sleep(chosen.after)
    return rang, ended


def draw(run: Run, chosen: argparse.Namespace, start: float) -> list[str]:
    """Draws the picture; the titles of panels without data."""
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/grafana/draw.py", run.prometheus_url, str(start), str(time.time()), chosen.picture],
        capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise load.Failure(f"draw.py: {done.stderr.strip()}")
    return [line.removeprefix("no data: ") for line in done.stdout.splitlines() if line.startswith("no data: ")]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make observe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20, help="messages a second (%(default)g)")
    parser.add_argument("--senders", type=int, default=120, help="how many people write them (%(default)d)")
    parser.add_argument("--before", type=float, default=100, help="seconds of ordinary traffic before the outage (%(default)g)")
    parser.add_argument("--after", type=float, default=75, help="seconds of it afterwards (%(default)g)")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / ".build/release", help="the folder of the built programs")
    parser.add_argument("--picture", default=str(ROOT / "docs/images/dashboard.png"), help="where the picture goes")
    parser.add_argument("--keep", action="store_true", help="keep the logs and Prometheus' data")
    return parser.parse_args()


def main() -> int:
    chosen = parse()
    run = Run(chosen.programs.resolve())
    over = threading.Event()
    keep = chosen.keep
    try:
        service = run.start()
        run.start_workers()
        run.start_prometheus(service)
        start = time.time()
        say(f"two workers run, and Prometheus at {run.prometheus_url}")
        load.ask(service.simulator + "/api/load", {
            "passengers": chosen.senders, "rate": chosen.rate, "seconds": chosen.before + chosen.after + 600, "seed": 1})
        people = People(service)
        people.over = over
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            lives = [pool.submit(people.live, index) for index in range(1, 60)]
            lives += [pool.submit(misbehave, service, over), pool.submit(chatter, service, over)]
            try:
                rang, ended = rehearse(run, service, chosen)
                empty = draw(run, chosen, start)
                say(f"{chosen.picture} is drawn")
            finally:
                over.set()
                load.ask(service.simulator + "/api/load", method="DELETE")
            for life in lives:
                life.result()
        load.ask(service.simulator + "/api/faults", method="DELETE")
        found = load.settle(service, 180)
        wrong = {"lost": found.lost, "never answered": found.unsent, "out of order": found.swapped, "twice": found.twice}
        say(f"{len(found.sent):,} messages of the load: " + ", ".join(f"{len(items)} {name}" for name, items in wrong.items()))
        for title in empty:
            say(f"no data in the panel \"{title}\"")
        say(f"{ALERT} rang {rang:.0f} s after the outage began, and ended {ended:.0f} s after it was over")
        return 1 if any(wrong.values()) or empty else 0
    except (load.Failure, OSError, subprocess.SubprocessError) as failure:
        keep = True
        print(f"observe: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        over.set()
        run.stop(keep)


if __name__ == "__main__":
    sys.exit(main())
