"""How long a passenger waits: from when a webhook is due until the request with the reply has come to the provider."""
import collections

import load
from ground import Ground
from handling import busy
from plan import Plan, say
from report import Section, below, median

SUMMARY = "webhook received to reply request written, p50 and p99, at 50, 500 and 2,000 messages/s"
ROUND_TRIP = True

RATES = (50, 500, 2_000)
# What the provider takes for an answer.
ANSWER_MILLISECONDS = 1
AIMED_AT = 500
PARTS = ("ingest", "worker", "Postgres", "Redis", "simulator")


def run(plan: Plan) -> Section:
    """Each rate in every round."""
    found: dict[int, list[load.Loaded]] = collections.defaultdict(list)
    with Ground(plan, redis_options=["--appendonly", "yes"]) as ground:
        ground.renew()
        load.people(ground, round(max(RATES) * plan.seconds / load.TURNS) + 1)
        service = load.Service(ground, answer_milliseconds=ANSWER_MILLISECONDS)
        service.load(50, 1)
        for number in range(plan.rounds):
            for rate in RATES:
                loaded = service.load(rate, plan.seconds, limit=120)
                found[rate].append(loaded)
                say(f"endtoend: round {number + 1}, {rate:,}/s: p50 {loaded.reply['p50']:.1f} ms, p99 {loaded.reply['p99']:.1f} ms")
    return section(plan, found)


def section(plan: Plan, found: dict[int, list[load.Loaded]]) -> Section:
    """The table."""
    table = Section("endtoend" + plan.delayed, "messages/s", "answered/s", "to the reply's request: p50", "p99", "longest",
                    "to the webhook's 200: p50", "p99", *(f"µs of the cores a message: {part}" for part in PARTS))
    for rate, loads in found.items():
        p50, p99, longest = (median([loaded.reply[name] for loaded in loads]) for name in ("p50", "p99", "max"))
        webhook = [median([loaded.webhook[name] for loaded in loads]) for name in ("p50", "p99")]
        cores = [median([loaded.cost.each(part) for loaded in loads]) for part in PARTS]
        times = [f"{time:.1f} ms" for time in (p50, p99, longest, *webhook)]
        why = busy([loaded.cost for loaded in loads])
        aims = (below(p50, 8, " ms", why), below(p99, 40, " ms", why)) if rate == AIMED_AT else ()
        table.row(rate, median([loaded.cost.rate for loaded in loads]), *times, *cores, aim=aims[0] if aims else None)
        if aims:
            table.row(f"{rate}, p99", "-", "-", times[1], aim=aims[1])
        for name in ("p50", "p99"):
            table.rounds(f"{rate:,}/s, {name}", [loaded.reply[name] for loaded in loads], " ms")
    table.note(f"One ingest, one worker, a provider that answers in {ANSWER_MILLISECONDS} ms on the same cores; registered "
               f"passengers write {load.TURNS} messages each, in turns. Times count from when a message was due, whatever the one before it "
               "came to. Where fewer are answered than are written, these cores can do no more, and who writes waits the longer the longer it lasts.")
    return table
