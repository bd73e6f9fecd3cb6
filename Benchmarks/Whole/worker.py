"""Messages a second through the whole handler, beside what the database allows and beside queues that do nothing."""
import collections

import jobs
import pgbench
import recording
import stock
from ground import Ground
from handling import Cost, Provider, busy, handle_conversations
from plan import Missing, Plan, say
from report import Section, at_least, median, ratio

SUMMARY = "messages through the whole handler, beside pgbench with the same statements, Sidekiq, Celery and RQ"
ROUND_TRIP = True

PEOPLE = 10_000
SEED = 7
PROCESSES = (1, 2, 4)
SETTINGS = ["shared_buffers=512MB"]
MOST_CLIENTS = 16
NAMES = {"Sidekiq": "Sidekiq, empty job"}
PARTS = ("worker", "Postgres", "Redis", "simulator")
NEAR, FAR = (20_000, 12_000, 10_000, 800, 400), (8_000, 3_000, 5_000, 200, 20)
Costs = dict[str, list[Cost]]


def run(plan: Plan) -> Section:
    """All of it, in every round."""
    costs: Costs = collections.defaultdict(list)
    with Ground(plan, redis_options=["--appendonly", "yes", "--auto-aof-rewrite-percentage", "0"], postgres_options=SETTINGS) as ground:
        provider = Provider(ground)
        stocked(ground)
        recorded = recording.record(ground, provider, 1, SEED, 0)
        scripts = recording.scripts(ground, recorded, 1, SEED, 0)
        first = handle_conversations(ground, provider, 2, 240 if plan.quick else 800, seed=SEED)
        for number in range(plan.rounds):
            say(f"worker: round {number + 1} of {plan.rounds}")
            handler(ground, provider, plan, first.rate, number, costs)
            database(ground, plan, scripts, costs)
            nothing(ground, provider, plan, number, costs)
    return section(plan, costs, recorded)


def stocked(ground: Ground) -> None:
    """A database with nothing but the people in it."""
    ground.renew()
    stock.people(ground, SEED, PEOPLE)


def clients(processes: int) -> int:
    """How many connections so many workers have to Postgres (PostgresConfiguration.connections)."""
    return 2 * processes


def handler(ground: Ground, provider: Provider, plan: Plan, rate: float, number: int, costs: Costs) -> None:
    """The whole handler, with one process, two and four."""
    stocked(ground)
    for processes in PROCESSES:
        count = min(max(80, round(rate * plan.seconds / 8) * 8), PEOPLE * len(stock.COURSE))
        cost = handle_conversations(ground, provider, 10 * number + 10 + processes, count, processes, SEED)
        costs[f"workers {processes}"].append(cost)
        say(f"worker: {processes} process{'es' if processes > 1 else ''}: {cost.rate:,.0f} messages/s")


def database(ground: Ground, plan: Plan, scripts: list[str], costs: Costs) -> None:
    """The database alone: with as many connections as the workers have, with one, and with as many as it can use."""
    stocked(ground)
    for place, count in enumerate(sorted({1, MOST_CLIENTS, *map(clients, PROCESSES)})):
        cost = pgbench.run(ground, scripts, count, plan.seconds, PEOPLE, (place + 1) * 1_000_000)
        costs[f"pgbench {count}"].append(cost)
        say(f"worker: pgbench with {count} clients: {cost.rate:,.0f} messages/s")


def nothing(ground: Ground, provider: Provider, plan: Plan, number: int, costs: Costs) -> None:
    """Empty work: ours, one worker process, and everybody else's."""
    # So many as all of them do in about a second each.
    together, one, sidekiq, celery, rq = (round(count * plan.seconds) for count in (NEAR if not plan.round_trip else FAR))
    kinds = {
        "empty, 3 of each sender": lambda: jobs.ours(ground, provider, number, together, 3),
        "empty": lambda: jobs.ours(ground, provider, number, one),
        "Sidekiq": lambda: jobs.sidekiq(ground, sidekiq), "Celery": lambda: jobs.celery(ground, celery), "RQ": lambda: jobs.rq(ground, rq)}
    for name, measure in kinds.items():
        try:
            costs[name].append(measure())
        except Missing as missing:
            if not plan.quick:
                raise
            say(f"worker: {missing}")
            continue
        say(f"worker: {name}: {costs[name][-1].rate:,.0f}/s")


def section(plan: Plan, costs: Costs, recorded: list[list[recording.Unit]]) -> Section:
    """The table."""
    table = Section("worker" + plan.delayed, "what", "messages/s", "beside", "its rate", "ratio",
                    *(f"µs of the cores a message: {part}" for part in PARTS))
    for processes in PROCESSES:
        name = f"whole handler, {processes} worker process{'es' if processes > 1 else ''}"
        compare(table, costs, name, f"workers {processes}", f"pgbench {clients(processes)}", 0.7)
        compare(table, costs, name, f"workers {processes}", f"pgbench {MOST_CLIENTS}")
    compare(table, costs, "pgbench, 1 client", "pgbench 1")
    compare(table, costs, "whole handler, 1 worker process", "workers 1", "Sidekiq", 1)
    compare(table, costs, "nothing to do, 1 worker process, 3 messages of each sender", "empty, 3 of each sender", "Sidekiq", 3)
    compare(table, costs, "nothing to do, 1 worker process, each of somebody else", "empty", "Sidekiq")
    for peer in ("Celery", "RQ"):
        compare(table, costs, f"nothing to do, {peer}", peer, "Sidekiq")
    for key, measured in costs.items():
        table.rounds(key, [cost.rate for cost in measured], "/s")
    table.note(describe(recorded))
    return table


def compare(table: Section, costs: Costs, what: str, key: str, beside: str = "", limit: float = 0) -> None:
    """One figure beside another; nothing where one of them was left out."""
    if key not in costs or beside and beside not in costs:
        return
    mine, theirs = [cost.rate for cost in costs[key]], [cost.rate for cost in costs[beside]] if beside else []
    by = ratio(mine, theirs) if theirs else 0
    others = [NAMES.get(beside, f"pgbench, {beside.split()[-1]} clients"), median(theirs), by] if theirs else ["-", "-", "-"]
    cores = [median([cost.each(part) for cost in costs[key]]) if part in costs[key][0].cores else "-" for part in PARTS]
    table.row(what, median(mine), *others, *cores, aim=at_least(by, limit, why=busy(costs[key])) if limit else None)


def describe(recorded: list[list[recording.Unit]]) -> str:
    """What one message asks of the database."""
    units = [unit for message in recorded for unit in message]
    transactions, writes, statements = (
        total / len(recorded) for total in (len(units), sum(unit.writes for unit in units), sum(len(unit.statements) for unit in units)))
    return (f"A message is {transactions:.3g} transactions, {writes:.3g} of which wait for the disk, with {statements:.3g} statements; "
            "pgbench repeats those that the worker sent for one passenger's messages, for others and with other ids, prepared and "
            "in the same pipelines. "
            f"What is said: {', '.join(stock.COURSE)}.")
