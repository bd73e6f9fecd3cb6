"""Signed webhooks: how many a second, how long each waits, and what that takes, beside four peers.

Everybody has the same Redis, the same requests and the same wrk, which share the cores with them. Redis is emptied every
second: our ingest refuses more when 200,000 messages wait, and the peers' lists would grow without end.
"""
import collections
import dataclasses

import http_peers
import report
from ground import Ground
from plan import Failure, Missing, Plan, say
from serving import OURS, Figures, measure
from webhooks import write_requests

SUMMARY = "signed webhooks/s beside Express, Go, FastAPI and nginx: rate, p50, p99, memory, CPU of each"
ROUND_TRIP = True
# Why an aim is missed, where it is: of express, go, nginx, p99, memory.
SHARED = ("wrk and Redis take more of these two cores for a webhook than ingest does; the peers are faster here than where "
          "the aim was set")
WHY: dict[str, str] = {
    "express": SHARED,
    "go": SHARED,
    "nginx": "its constant takes neither Redis nor a signature: with these, wrk alone leaves less than half",
    "p99": "two cores are shared by four busy processes: a turn is waited for",
    "memory": "pages of code that are in use; see the profile",
}


def run(plan: Plan) -> report.Section:
    names = [OURS, *http_peers.NAMES]
    counts = [64, 256] if plan.round_trip else [64]
    if plan.round_trip:
        # It asks nobody: there is no way to Redis that could be longer.
        names.remove("nginx")
    found: dict[tuple[str, int], list[Figures]] = collections.defaultdict(list)
    with Ground(plan, postgres=False) as place:
        write_requests(place.folder / "requests", 2000 if plan.quick else 20_000, 2000 if plan.quick else 20_000)
        pings = place.ping() if plan.round_trip else 0
        for number in range(plan.rounds):
            # Nobody is always the first.
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                for connections in counts:
                    if figures := tried(place, name, connections):
                        found[name, connections].append(figures)
                        say(f"ingest: round {number + 1}: {name:<8} {figures}, {connections} connections")
    whole = {key: rounds for key, rounds in found.items() if len(rounds) == plan.rounds}
    section = delayed(plan, whole, pings) if plan.round_trip else beside(whole)
    for name in names:
        for connections in counts:
            if (name, connections) not in whole:
                section.note(f"{title(name)} at {connections} connections refused some webhooks, or was not there: no figures")
    return section


def tried(place: Ground, name: str, connections: int) -> Figures | None:
    """What was measured; nothing when a peer does not stand it, or is not installed and it matters not."""
    try:
        return measure(place, name, connections)
    except Failure as failure:
        if name == OURS or isinstance(failure, Missing) and not place.plan.quick:
            raise
        say(f"{name} at {connections}: {failure}")
        return None


def beside(found: dict) -> report.Section:
    """The table with aims: ours beside each peer."""
    section = report.Section(
        "ingest", "64 connections", "webhooks/s", "ours / theirs", "p50 ms", "p99 ms", "CPU µs a webhook", "Redis µs a webhook",
        "memory MB")
    aims = {"express": 12, "go": 3.5, "nginx": 0.45}
    for (name, connections), rounds in found.items():
        rate, *others = middle(rounds)
        times = compared(found, name, connections)
        aim = report.at_least(times, aims[name], "x", WHY.get(name, "")) if name in aims else None
        section.row(title(name), rate, "-" if name == OURS else f"{report.number(times)}x", *others, aim=aim)
    ours = found[OURS, 64]
    _, _, p99, _, _, memory = middle(ours)
    section.row("ingest's p99", "-", "-", "-", p99, aim=report.below(p99, 5, " ms", WHY.get("p99", "")))
    section.row("ingest's memory under load", *["-"] * 6, memory, aim=report.below(memory, 22, " MB", WHY.get("memory", "")))
    for (name, _), rounds in found.items():
        section.rounds(title(name), [figures.rate for figures in rounds], " webhooks/s")
    section.rounds("ingest's p99", [figures.p99 for figures in ours], " ms")
    return section


def delayed(plan: Plan, found: dict, ping: float) -> report.Section:
    """The table with a longer way to Redis: nothing was aimed at, but what the peers do."""
    section = report.Section(
        "ingest" + plan.delayed, "", "connections", "webhooks/s", "ours / theirs", "p50 ms", "p99 ms", "CPU µs a webhook",
        "memory MB")
    for (name, connections), rounds in found.items():
        rate, p50, p99, cpu, _, memory = middle(rounds)
        times = compared(found, name, connections)
        section.row(title(name), connections, rate, "-" if name == OURS else f"{report.number(times)}x", p50, p99, cpu, memory)
    for (name, connections), rounds in found.items():
        section.rounds(f"{title(name)} at {connections}", [figures.rate for figures in rounds], " webhooks/s")
    section.note(f"`PING` through the proxy: {ping:.2f} ms (p50)")
    return section


def title(name: str) -> str:
    return http_peers.NAMES.get(name, "**ingest**")


def compared(found: dict, name: str, connections: int) -> float:
    """How many times as many webhooks a second as a peer ours takes."""
    return report.ratio(*([figures.rate for figures in found[who, connections]] for who in (OURS, name)))


def middle(rounds: list[Figures]) -> list[float]:
    """The medians of all figures."""
    return [report.median([getattr(figures, field.name) for figures in rounds]) for field in dataclasses.fields(Figures)]
