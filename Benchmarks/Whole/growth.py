"""What a message costs when many people write, many are stored, and many messages wait."""
import dataclasses
import functools

import stock
from ground import Ground
from handling import Cost, Provider, handle
from plan import Plan, say
from report import Section, below, median

SUMMARY = "cost of a message with many senders, many stored users, and a long backlog"
ROUND_TRIP = False

SEED = 8
# Those who have never written before.
STRANGERS = 5_000
# Words that mean the same in every order.
PLAIN = ("help", "status", "terms", "menu")
PARTS = ("worker", "Postgres", "Redis")
LIMIT = 1.5
# Why an aim is missed, where it is.
WHY = {"senders": "ten people have ten messages in work at most, so that few share a commit: it is many that are cheap"}


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much there is of everything; the same shape when quick."""

    senders: tuple[int, ...] = (10, 1_000, 1_000_000)
    users: tuple[int, ...] = (0, 10_000, 1_000_000)
    backlog: int = 500_000
    measured: int = 6_000


QUICK = Sizes((10, 100, 5_000), (0, 100, 5_000), 5_000, 400)


def run(plan: Plan) -> Section:
    """The rounds alternate over all sizes, in databases that stay."""
    sizes = QUICK if plan.quick else dataclasses.replace(Sizes(), measured=max(400, round(700 * plan.seconds / 4) * 4))
    found: dict[tuple[str, int], list[Cost]] = {}
    with Ground(plan, postgres_options=["shared_buffers=1GB", "max_wal_size=8GB"]) as ground:
        databases = {users: stocked(ground, users) for users in sorted({*sizes.users, *sizes.senders})}
        provider = Provider(ground)
        # Not counted: what is slow because it is the first.
        measures(ground, provider, sizes, databases, plan.rounds)["senders", sizes.senders[1]]()
        for number in range(plan.rounds):
            for key, measure in measures(ground, provider, sizes, databases, number).items():
                found.setdefault(key, []).append(cost := measure())
                say(f"growth: round {number + 1}: {key[1]:,} {key[0]}: {cost.rate:,.0f}/s, {cost.each(*PARTS):,.0f} µs of the cores each")
    return section(found)


def stocked(ground: Ground, users: int) -> str:
    """A database with so many people in it."""
    ground.renew()
    if users:
        say(f"growth: {users:,} people are stored")
        stock.people(ground, SEED, users)
        # What was written is on disk, and autovacuum has nothing to do, before anything is measured.
        ground.sql("VACUUM ANALYZE")
        ground.sql("CHECKPOINT")
    return ground.database


def measures(ground: Ground, provider: Provider, sizes: Sizes, databases: dict[int, str], number: int):
    """What is measured in a round, by what is varied and how much of it there is."""
    run, most = 1_000 * (number + 1), max(sizes.senders)

    def known(place: int, senders: int, waiting: int) -> Cost:
        ground.database = databases[senders]
        return handled(ground, provider, sizes.measured, stock.conversations(run + place, waiting, senders, SEED, PLAIN))

    def unknown(place: int, users: int) -> Cost:
        ground.database = databases[users]
        strangers = sizes.measured // len(stock.FIRST_WORDS)
        return handled(ground, provider, strangers * len(stock.FIRST_WORDS), stock.conversations(
            run + place, strangers * len(stock.FIRST_WORDS), strangers, STRANGERS + number, stock.FIRST_WORDS))

    found = {("senders", count): functools.partial(known, place, count, sizes.measured) for place, count in enumerate(sizes.senders)}
    found |= {("stored users", count): functools.partial(unknown, 100 + place, count) for place, count in enumerate(sizes.users)}
    found["messages that wait", 0] = functools.partial(known, 200, most, sizes.measured)
    found["messages that wait", sizes.backlog] = functools.partial(known, 201, most, sizes.backlog)
    return found


def handled(ground: Ground, provider: Provider, count: int, envelopes) -> Cost:
    """The cost of the first `count` of what waits."""
    ground.redis.call("FLUSHALL")
    stock.fill(ground, envelopes)
    # As after a pause, so that every size is measured from the same beginning.
    ground.sql("CHECKPOINT")
    return handle(ground, provider, count)


def section(found: dict[tuple[str, int], list[Cost]]) -> Section:
    """The table; the aim is for the dearest size of each."""
    table = Section("growth", "what", "how many", "messages/s", "µs of the cores a message", "of the cheapest",
                    *(f"of these: {part}" for part in PARTS))
    for kind in dict.fromkeys(name for name, _ in found):
        each = {count: median([cost.each(*PARTS) for cost in costs]) for (name, count), costs in found.items() if name == kind}
        cheapest, dearest = min(each.values()), max(each.values())
        for count, cost in each.items():
            costs = found[kind, count]
            parts = [median([cost.each(part) for cost in costs]) for part in PARTS]
            aim = None
            if cost == dearest:
                aim = below(cost / cheapest, LIMIT, " of the cheapest", WHY.get(kind, ""))
            table.row(kind, f"{count:,}", median([cost.rate for cost in costs]), cost, cost / cheapest, *parts, aim=aim)
    table.note(f"Senders are registered and write {', '.join(PLAIN)} in turns; with stored users, it is strangers who write "
               f"{', '.join(stock.FIRST_WORDS)} and are registered. One worker.")
    table.note("What waits is of the most senders, and the first of it is measured: workers move more of it to the senders' lists meanwhile than "
               "they handle, and Redis' share holds both.")
    for (kind, count), costs in found.items():
        table.rounds(f"{count:,} {kind}", [cost.each(*PARTS) for cost in costs], " µs")
    return table
