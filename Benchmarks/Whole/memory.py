"""What the processes need of memory, idle and at work, and what Redis needs for a message that waits.

Resident memory counts the files of programs and libraries that are in use, which processes share; what is a process's own is told
beside it. A platform bills the first.
"""
import json
import threading
import time
import urllib.request

import report
from ground import Ground
from handling import Provider
from plan import ROOT, Failure, Plan, say, wait
from process import Process, free_port
from webhooks import post_each, write_requests

SUMMARY = "each process idle and loaded; bytes in Redis for a message that waits"
ROUND_TRIP = False
RATE = 500
SHARD = "{wa:0}:"
# Waiting messages of each sender.
QUEUES = (1, 10)
Sizes = dict[str, dict[str, float]]


def processes(place: Ground) -> dict[str, Process]:
    """Everything that a user runs."""
    ingest = place.start("ingest")
    provider = Provider(place, SIMULATOR_WEBHOOK_URL=ingest.url + "/webhook/twilio")
    worker = place.start("worker", TWILIO_API_BASE_URL=provider.url, BACKFILL_INTERVAL_SECONDS=0)
    port = free_port()
    console = Process("console", [place.plan.program("operator"), "serve", "--port", port], place.environment(),
                      place.folder / "console.log", port, ROOT)
    return {"ingest": ingest, "worker": worker, "relay": place.start("relay"), "operator serve": place.keep(console).listening(),
            "the simulator": provider.process}


def sizes(found: dict[str, Process]) -> Sizes:
    return {name: process.memory() for name, process in found.items()}


def largest(one: Sizes, other: Sizes) -> Sizes:
    return {name: {kind: max(size, other[name][kind]) for kind, size in kinds.items()} for name, kinds in one.items()}


def load(place: Ground, found: dict[str, Process], seconds: float) -> Sizes:
    """Has passengers write and everything be answered for so long; the most that each process had."""
    body = json.dumps({"passengers": RATE * 2, "rate": RATE, "seconds": seconds, "seed": place.databases + 1}).encode()
    url = found["the simulator"].url + "/api/load"
    urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=20).close()
    most, running = sizes(found), True
    deadline = time.monotonic() + seconds * 3 + 30
    while running:
        time.sleep(0.25)
        most = largest(most, sizes(found))
        with urllib.request.urlopen(url, timeout=20) as answer:
            state = json.load(answer)["load"]
        running = state["isRunning"] or state["underWay"] > 0
        if time.monotonic() > deadline:
            raise Failure(f"the load of {RATE} messages/s has not ended in three times its time")
    if not state["accepted"] or state["accepted"] < state["sent"]:
        raise Failure(f"of {state['sent']} messages {state['accepted']} were accepted")
    return most


def waiting(place: Ground, ingest: Process, each: int, count: int) -> tuple[float, float]:
    """Bytes in Redis for a message that waits: as it was accepted, and in its sender's own list."""
    place.redis.call("FLUSHALL")
    before = int(place.redis.info("memory")["used_memory"])
    write_requests(place.folder / "requests", count, count // each)
    post_each(place.folder / "requests", ingest.port)
    there = place.redis.call("LLEN", SHARD + "in")
    if there < count:
        raise Failure(f"of {count} messages {there} wait")
    accepted = (int(place.redis.info("memory")["used_memory"]) - before) / there
    while place.redis.call("LLEN", SHARD + "in"):
        # One sender is claimed each time, as a worker would; the rest is moved to the senders' lists.
        place.redis.call("FCALL", "wa_settle_claim", 1, SHARD, 600_000, 1, 1, 1000, 86_400_000, 5, 86_400)
    held = int(place.redis.call("HGET", SHARD + "ctr", "held") or 0)
    return accepted, (int(place.redis.info("memory")["used_memory"]) - before) / held


def run(plan: Plan) -> report.Section:
    idle, loaded = [], []
    bytes_of = {each: [] for each in QUEUES}
    with Ground(plan, fsync=False) as place:
        length = 0
        for number in range(plan.rounds):
            place.renew()
            found = processes(place)
            # What is set up at the start is over, and nothing is due.
            threading.Event().wait(1 if plan.quick else 10)
            idle.append(sizes(found))
            loaded.append(load(place, found, plan.seconds if plan.quick else max(15, plan.seconds)))
            wait("everything to be handled", 60, lambda: not place.redis.call("EXISTS", SHARD + "in", SHARD + "ready", SHARD + "lease"))
            place.end(*(process for name, process in found.items() if name != "ingest"))
            for each in QUEUES:
                bytes_of[each].append(waiting(place, found["ingest"], each, 2000 if plan.quick else 50_000))
            place.end(found["ingest"])
            say(f"round {number + 1}: " + ", ".join(f"{name} {idle[-1][name]['VmRSS']:.1f} and {loaded[-1][name]['VmRSS']:.1f} MB" for name in found)
                + "; " + ", ".join(f"{pair[-1][0]:.0f} and {pair[-1][1]:.0f} bytes" for pair in bytes_of.values()))
        length = write_requests(place.folder / "requests", 100, 100)
    return section(idle, loaded, bytes_of, length)


def section(idle: list[Sizes], loaded: list[Sizes], bytes_of: dict[int, list[tuple[float, float]]], length: int) -> report.Section:
    """The tables of the medians."""
    found = report.Section("memory", "", "idle MB", "its own", f"at {RATE} messages/s MB", "its own")
    for name in idle[0]:
        found.row(name, *(report.median([sizes[name][kind] for sizes in rounds]) for rounds in (idle, loaded) for kind in ("VmRSS", "RssAnon")))
    found.table("a message that waits in Redis", "as accepted, bytes", "in its sender's list, bytes")
    for each, pairs in bytes_of.items():
        accepted, sorted_out = (report.median([pair[place] for pair in pairs]) for place in (0, 1))
        found.row(f"{each} of each sender", accepted, sorted_out, aim=report.below(max(accepted, sorted_out), 1500, " bytes"))
    found.note(f"a webhook's body has {length} bytes; with the sets of MessageSids seen, the senders' places, and the allowances that are forgotten after seconds")
    return found
