"""What the processes need of memory, idle and at work, and what Redis needs for a message that waits.

Resident memory counts the files of programs and libraries that are in use, which processes share; what is a process's own is told
beside it. A platform bills the first.
"""
import threading
import time

import report
from ground import Ground
from load import Begun, Service, people
from plan import ROOT, Failure, Plan, say
from process import Process, free_port
from webhooks import post_each, write_requests

SUMMARY = "each process idle and loaded; bytes in Redis for a message that waits, in Postgres for one that was handled"
ROUND_TRIP = False
RATE = 500
# So that nobody writes more than the 60 messages a minute that ingest lets through.
PASSENGERS = RATE * 2
SHARD = "{wa:0}:"
# Waiting messages of each sender.
QUEUES = (1, 10)
Sizes = dict[str, dict[str, float]]


class Everything:
    """All that a user runs, and the simulator."""

    def __init__(self, place: Ground) -> None:
        self.place, self.service = place, Service(place)
        port = free_port()
        console = Process("console", [place.plan.program("operator"), "serve", "--port", port], place.environment(),
                          place.folder / "console.log", port, ROOT)
        self.others = [place.start("relay"), place.keep(console).listening()]
        self.processes = {"ingest": self.service.ingest, "worker": self.service.workers[0], "relay": self.others[0],
                          "operator serve": self.others[1], "the simulator": self.service.provider.process}

    def load(self, seconds: float) -> tuple[Sizes, int]:
        """Has passengers write for so long, and waits until all is handled; the most that each process had, and how many messages it was."""
        begun, most = Begun(self.service, PASSENGERS, RATE, seconds), sizes(self.processes)
        limit = time.monotonic() + seconds + 60
        while not (begun.is_sent() and begun.is_answered()):
            if time.monotonic() > limit:
                raise Failure(f"what came at {RATE} messages/s is not handled a minute later")
            time.sleep(0.25)
            most = largest(most, sizes(self.processes))
        if begun.report["accepted"] != begun.report["sent"]:
            raise Failure(f"of {begun.report['sent']} webhooks {begun.report['accepted']} were accepted")
        return most, begun.report["accepted"]

    def end(self) -> None:
        """Ends all but ingest."""
        self.place.end(*self.others, *self.service.workers, self.service.provider.process)


def sizes(found: dict[str, Process]) -> Sizes:
    return {name: process.memory() for name, process in found.items()}


def largest(one: Sizes, other: Sizes) -> Sizes:
    return {name: {kind: max(size, other[name][kind]) for kind, size in kinds.items()} for name, kinds in one.items()}


def stored(place: Ground) -> tuple[float, float]:
    """Bytes of the database on disk, and of all that its log was ever given."""
    size, written = place.sql("SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0'").split()
    return float(size), float(written)


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
    idle, loaded, disk = [], [], []
    bytes_of = {each: [] for each in QUEUES}
    with Ground(plan) as place:
        for number in range(plan.rounds):
            place.renew()
            people(place, PASSENGERS)
            everything = Everything(place)
            # What is set up at the start is over, and nothing is due.
            threading.Event().wait(1 if plan.quick else 10)
            idle.append(sizes(everything.processes))
            # The first messages touch pages that are there already.
            everything.load(1 if plan.quick else 5)
            before = stored(place)
            most, count = everything.load(plan.seconds if plan.quick else max(15, plan.seconds))
            loaded.append(most)
            disk.append(tuple((after - earlier) / count for after, earlier in zip(stored(place), before, strict=True)))
            everything.end()
            ingest = everything.service.ingest
            for each in QUEUES:
                bytes_of[each].append(waiting(place, ingest, each, 2000 if plan.quick else 50_000))
            place.end(ingest)
            both = {name: (idle[-1][name]["VmRSS"], loaded[-1][name]["VmRSS"]) for name in everything.processes}
            say(f"memory: round {number + 1}: " + ", ".join(f"{name} {few:.1f} and {much:.1f} MB" for name, (few, much) in both.items())
                + f"; {' and '.join(f'{max(pairs[-1]):.0f}' for pairs in bytes_of.values())} bytes")
        length = write_requests(place.folder / "requests", 100, 100)
    return section(idle, loaded, bytes_of, disk, length)


def section(
        idle: list[Sizes], loaded: list[Sizes], bytes_of: dict[int, list[tuple[float, float]]], disk: list[tuple[float, float]],
        length: int) -> report.Section:
    """The tables of the medians."""
    found = report.Section("memory", "", "idle MB", "its own", f"at {RATE} messages/s MB", "its own")
    for name in idle[0]:
        found.row(name, *(report.median([sizes[name][kind] for sizes in rounds])
                          for rounds in (idle, loaded) for kind in ("VmRSS", "RssAnon")))
    found.table("a message that waits in Redis", "as accepted, bytes", "in its sender's list, bytes")
    for each, pairs in bytes_of.items():
        accepted, sorted_out = (report.median([pair[place] for pair in pairs]) for place in (0, 1))
        found.row(f"{each} of each sender", accepted, sorted_out, aim=report.below(max(accepted, sorted_out), 1500, " bytes"))
        found.rounds(f"{each} of each sender, in its list", [pair[1] for pair in pairs], " bytes")
    found.table("a message that was handled, in Postgres", "kept, bytes", "written to the log, bytes")
    found.row("with its reply and events, and their indexes", *(report.median([pair[place] for pair in disk]) for place in (0, 1)))
    for name in idle[0]:
        found.rounds(f"{name}, loaded", [sizes[name]["VmRSS"] for sizes in loaded], " MB")
    found.note(f"A webhook's body has {length} bytes here. The bytes of a message are all that Redis needs for it: the sets of "
               "MessageSids seen, its sender's place, and the allowance, which is forgotten after seconds.")
    return found
