#!/usr/bin/env python3
"""Has many passengers write to what `make run` runs, and compares what came of it with what was sent.

The simulator sends (docs/simulator.md, "Load"); it keeps a line for every message and every reply. When all is quiet,
those lines are compared with the database: nothing lost, nothing out of order, nothing answered twice. Ends with 0, with
1 when something was lost, out of order, twice or is not done in time, and with 2 when it cannot begin.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ON_TERMINAL = sys.stdout.isatty()


class Failure(Exception):
    """What keeps it from beginning, and how to mend that."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make load", description="Has many passengers write at a steady rate, and checks that nothing is lost.",
        epilog="With make: make load LOAD='--rate 80 --seconds 60'")
    parser.add_argument("--rate", type=float, default=40, help="messages a second, of all together (%(default)g)")
    parser.add_argument("--seconds", type=float, default=30, help="for how long (%(default)g)")
    parser.add_argument("--senders", type=int, help="how many people write, in turns (two for each message a second)")
    parser.add_argument("--seed", type=int, help="the same seed is the same load; each only once in a database (random)")
    parser.add_argument("--settle", type=float, default=120, help="seconds that the rest may take afterwards (%(default)g)")
    parser.add_argument("--environment", type=pathlib.Path, default=ROOT / ".dev/environment",
                        help="what scripts/dev wrote when it started everything (.dev/environment)")
    parser.add_argument("--running", action="store_true", help="only say, by the exit status, whether it runs")
    chosen = parser.parse_args()
    if chosen.rate <= 0 or chosen.seconds <= 0 or (chosen.senders is not None and chosen.senders <= 0):
        parser.error("rate, seconds and senders are above 0")
    chosen.senders = chosen.senders or max(1, round(chosen.rate * 2))
    chosen.seed = chosen.seed if chosen.seed is not None else random.randrange(1 << 48)
    return chosen


def environment(file: pathlib.Path) -> dict[str, str]:
    """The variables of a run; empty when none is there."""
    try:
        words = shlex.split(file.read_text(), comments=True)
    except FileNotFoundError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def ask(url: str, body: object = None, method: str | None = None, limit: float = 20) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=limit) as response:
        return response.read()


def answers(url: str) -> bool:
    try:
        ask(url, limit=2)
        return True
    except OSError:
        return False


class Service:
    """What runs: the simulator's address and the database's."""

    def __init__(self, file: pathlib.Path) -> None:
        self.variables = environment(file)
        self.simulator = self.variables.get("TWILIO_API_BASE_URL", "")

    @property
    def runs(self) -> bool:
        return bool(self.simulator) and answers(self.simulator + "/ready")

    def report(self) -> dict:
        return json.loads(ask(self.simulator + "/api/load"))

    def ledger(self) -> list[list[str]]:
        text = ask(self.simulator + "/api/load/ledger", limit=120).decode()
        return [line.split() for line in text.splitlines()]

    def rows(self, query: str) -> list[list[str]]:
        command = ["psql", "-X", "-A", "-t", "-F", " ", "-c", query, self.variables["DATABASE_URL"]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                              env=dict(os.environ, PGOPTIONS="-c search_path=whatsapp_handler"))
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr.strip()}")
        return [line.split(" ") for line in done.stdout.splitlines()]


class Started:
    """`scripts/dev`, when nothing runs yet; ended again when we are done."""

    def __init__(self, file: pathlib.Path) -> None:
        self.file = file
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> Service:
        service = Service(self.file)
        if service.runs:
            return service
        say("nothing runs yet: starting it (make run keeps it running between loads)")
        self.log = self.file.parent / "load.log"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w") as log:
            self.process = subprocess.Popen([ROOT / "scripts/dev"], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, DEV=str(self.file.parent)))
        deadline = time.monotonic() + 120
        while "chat page: http" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                last = "\n".join(self.log.read_text().splitlines()[-5:])
                self.__exit__()
                raise Failure(f"scripts/dev did not come up ({self.log}):\n{last}")
            time.sleep(0.2)
        return Service(self.file)

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()


def say(text: str) -> None:
    print(text, flush=True)


def progress(text: str, last: bool = False) -> None:
    if ON_TERMINAL:
        print(f"\r\033[K{text}", end="\n" if last else "", flush=True)
    else:
        say(text)


def milliseconds(microseconds: int) -> str:
    return f"{microseconds / 1000:,.0f} ms" if microseconds < 10_000_000 else f"{microseconds / 1_000_000:,.1f} s"


def drive(service: Service, wanted: argparse.Namespace) -> dict:
    """Starts the load and watches it until its last webhook is answered; its report."""
    plan = {"passengers": wanted.senders, "rate": wanted.rate, "seconds": wanted.seconds, "seed": wanted.seed}
    try:
        ask(service.simulator + "/api/load", plan)
    except urllib.error.HTTPError as error:
        raise Failure(f"the simulator refuses the load: {json.loads(error.read()).get('message', error.code)}") from error
    deadline = time.monotonic() + wanted.seconds * 2 + 60
    told = 0.0
    try:
        while True:
            load = service.report()["load"]
            over = not load["isRunning"] and load["underWay"] == 0
            if over or time.monotonic() - told > (0.3 if ON_TERMINAL else 5):
                told = time.monotonic()
                reply = load["replyMicroseconds"]
                progress(f"{load['milliseconds'] / 1000:5.1f} s   {load['sent']:>7,} of {load['messages']:,} sent   "
                         f"{load['accepted']:>7,} accepted   {reply['count']:>7,} heard back   "
                         f"p99 {milliseconds(reply['p99'])}", last=over)
            if over:
                return load
            if time.monotonic() > deadline:
                raise Failure("the simulator has not sent everything in twice the time")
            time.sleep(0.2)
    except KeyboardInterrupt:
        ask(service.simulator + "/api/load", method="DELETE")
        raise


class Comparison:
    """What was sent beside what was done with it."""

    def __init__(self, service: Service) -> None:
        lines = service.ledger()
        self.sent = [line for line in lines if line[0] == "m"]
        # Times a reply was taken, and its place among all.
        self.taken = {line[1]: (int(line[2]), int(line[3])) for line in lines if line[0] == "r"}
        prefix = self.sent[0][1][:18] if self.sent else "-"
        self.processed = {sid: int(sequence) for sid, sequence in service.rows(
            f"SELECT message_sid, sequence FROM inbound_messages WHERE processed_at IS NOT NULL AND message_sid LIKE '{prefix}%'")}
        self.replies = service.rows(
            "SELECT replace(id::text, '-', ''), in_reply_to, position, state FROM outbound_messages "
            f"WHERE in_reply_to LIKE '{prefix}%'")

    @property
    def accepted(self) -> list[list[str]]:
        return [line for line in self.sent if line[5].startswith("2")]

    @property
    def lost(self) -> list[str]:
        return [line[1] for line in self.accepted if line[1] not in self.processed]

    @property
    def unsent(self) -> list[str]:
        return [reply[0] for reply in self.replies if reply[0] not in self.taken and reply[3] != "failed"]

    @property
    def twice(self) -> list[str]:
        return [reply[0] for reply in self.replies if self.taken.get(reply[0], (0, 0))[0] > 1]

    @property
    def swapped(self) -> list[str]:
        """Messages of one sender handled, and replies taken, in another order than they were written."""
        found = []
        by_sender = collections.defaultdict(list)
        for line in self.accepted:
            if line[1] in self.processed:
                by_sender[line[2]].append(line)
        for lines in by_sender.values():
            latest = 0
            for line in sorted(lines, key=lambda line: self.processed[line[1]]):
                # Of two that were under way together nobody knows which was first.
                if line[4] != "-" and int(line[4]) < latest:
                    found.append(line[1])
                latest = max(latest, int(line[3]))
        sender = {line[1]: line[2] for line in self.sent}
        written = collections.defaultdict(list)
        for identity, message, position, _ in self.replies:
            if identity in self.taken and message in self.processed:
                written[sender.get(message)].append(
                    (self.processed[message], int(position), self.taken[identity][1], identity))
        for replies in written.values():
            places = [place for _, _, place, _ in sorted(replies)]
            found += [reply[3] for reply, place, after in zip(sorted(replies), places, places[1:]) if place > after]
        return found

    @property
    def is_done(self) -> bool:
        return not self.lost and not self.unsent


def settle(service: Service, limit: float) -> Comparison:
    deadline = time.monotonic() + limit
    while True:
        found = Comparison(service)
        if found.is_done or time.monotonic() > deadline:
            return found
        progress(f"        {len(found.lost):,} messages and {len(found.unsent):,} replies are still under way")
        time.sleep(1)


def summary(load: dict, found: Comparison) -> int:
    webhook, reply = load["webhookMicroseconds"], load["replyMicroseconds"]
    refused = {status: count for status, count in load["notAccepted"].items() if count}
    rows = [
        ("sent", f"{load['sent']:,} in {load['milliseconds'] / 1000:,.1f} s, {load['passengers']:,} senders, seed {load['seed']}"),
        ("accepted", f"{load['accepted']:,}"),
        ("refused", ", ".join(f"{count:,} with {status}" for status, count in refused.items()) or "none"),
        ("answered", f"{len(found.accepted) - len(found.lost):,}, with {len(found.replies):,} replies"),
        ("webhook", f"p50 {milliseconds(webhook['p50'])}   p99 {milliseconds(webhook['p99'])}   max {milliseconds(webhook['max'])}"),
        ("to a reply", f"p50 {milliseconds(reply['p50'])}   p99 {milliseconds(reply['p99'])}   max {milliseconds(reply['max'])}"),
    ]
    wrong = [("lost", found.lost), ("never answered", found.unsent), ("out of order", found.swapped), ("twice", found.twice)]
    say("")
    for name, text in rows:
        say(f"  {name:<15}{text}")
    for name, items in wrong:
        mark = "" if not items or not ON_TERMINAL else "\033[31m"
        say(f"  {name:<15}{mark}{len(items):,}{': ' + ', '.join(items[:3]) if items else ''}{chr(27) + '[0m' if mark else ''}")
    if "429" in refused and load["sent"] / load["passengers"] > 60:
        say("\n  One sender may write 60 messages a minute: more --senders.")
    return 1 if any(items for _, items in wrong) else 0


def main() -> int:
    wanted = arguments()
    if wanted.running:
        return 0 if Service(wanted.environment).runs else 1
    try:
        with Started(wanted.environment) as service:
            say(f"{wanted.senders:,} passengers write {wanted.rate:g} messages a second for {wanted.seconds:g} s")
            return summary(drive(service, wanted), settle(service, wanted.settle))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
