"""Has workers handle messages that wait, and measures what that takes of everything that takes part."""
import contextlib
import dataclasses
import json
import statistics
import time
import urllib.request

import stock
from ground import Ground
from plan import Failure, wait
from process import Process

COUNTERS = "{wa:0}:ctr"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What so many messages took: the time, and of whose cores how much."""

    messages: int
    seconds: float
    # Seconds of the cores, by process.
    cores: dict[str, float]

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    def each(self, *names: str) -> float:
        """Microseconds of the cores a message, of all these processes together."""
        return sum(self.cores[name] for name in names or self.cores) * 1e6 / self.messages


def busy(costs: list[Cost]) -> str:
    """Who was at work how much of the time: what is neither near a core nor together near all of them has waited."""
    shares = {part: statistics.median(cost.cores[part] / cost.seconds for cost in costs) for part in costs[0].cores}
    return "of a core, " + ", ".join(f"{part} {share:.0%}" for part, share in shares.items() if share >= 0.005)


class Provider:
    """The simulator as the provider of replies: it keeps few messages and calls nobody back."""

    def __init__(self, ground: Ground, answer_milliseconds: int = 0, **variables: object) -> None:
        self.process = ground.start("simulator", SIMULATOR_MESSAGES=1000, SIMULATOR_DELIVERY_REPORTS="false",
                                    SIMULATOR_ANSWER_MILLISECONDS=answer_milliseconds, REDIS_URL="", **variables)

    @property
    def url(self) -> str:
        return self.process.url

    def report(self) -> dict:
        """What became of its load, and how many replies it was given."""
        with urllib.request.urlopen(self.url + "/api/load", timeout=20) as answer:
            return json.loads(answer.read())

    @property
    def replies(self) -> int:
        """How many replies it was given, each counted once."""
        return self.report()["replies"]["distinct"]


class Watch:
    """The time that goes by, and what processes take of the cores meanwhile."""

    def __init__(self, processes: dict[str, list[Process]]) -> None:
        self.processes = processes
        self.start = time.monotonic()
        self.before = self.cores()

    def cores(self) -> dict[str, float]:
        return {name: sum(process.cpu() for process in group) for name, group in self.processes.items()}

    def cost(self, messages: int) -> Cost:
        seconds = time.monotonic() - self.start
        after = self.cores()
        return Cost(messages, seconds, {name: after[name] - self.before[name] for name in after})


def counted(ground: Ground, counter: str) -> int:
    """One of the queue's own counters."""
    return int(ground.redis.call("HGET", COUNTERS, counter) or 0)


@contextlib.contextmanager
def workers(ground: Ground, count: int, provider: Provider, **variables: object):
    """So many worker processes for the time of the `with`; they look for lost messages nowhere."""
    started = []
    try:
        for _ in range(count):
            started.append(ground.start("worker", TWILIO_API_BASE_URL=provider.url, BACKFILL_INTERVAL_SECONDS=0, **variables))
        yield started
    finally:
        ground.end(*started)


def handle(ground: Ground, provider: Provider, count: int, processes: int = 1, limit: float = 300) -> Cost:
    """Has messages handled that were put aside, until `count` of them are settled.

    The workers wait for them, ready. Throws when a message was given up on.
    """
    before = counted(ground, "done")
    with workers(ground, processes, provider) as ours:
        watch = Watch({"worker": ours, "Postgres": [ground.postgres_server], "Redis": [ground.redis_server],
                       "simulator": [provider.process]})
        stock.let_in(ground)
        wait(f"{count:,} messages to be handled", limit, lambda: counted(ground, "done") - before >= count, every=0.005)
        cost = watch.cost(counted(ground, "done") - before)
    dead = ground.redis.call("LLEN", "{wa:0}:dead")
    if dead:
        raise Failure(f"{dead} messages were given up on: {ground.folder}")
    return cost


def handle_conversations(ground: Ground, provider: Provider, run: int, count: int, processes: int = 1, seed: int = 0) -> Cost:
    """Has registered people's messages handled, and checks that each was stored and answered: nothing less counts."""
    ground.redis.call("FLUSHALL")
    stock.fill(ground, stock.conversations(run, count, max(1, count // len(stock.COURSE)), seed))
    replies = provider.replies
    cost = handle(ground, provider, count, processes)
    check(ground, run, count, provider.replies - replies)
    return cost


def check(ground: Ground, run: int, count: int, heard: int) -> None:
    """Throws unless every message of the run is stored as handled and every reply to it is with the provider."""
    like = stock.sid_of(run, 0)[:18] + "%"
    handled = int(ground.sql(f"SELECT count(*) FROM inbound_messages WHERE message_sid LIKE '{like}' AND processed_at IS NOT NULL"))
    sent = int(ground.sql(f"SELECT count(*) FROM outbound_messages WHERE in_reply_to LIKE '{like}' AND state = 'sent'"))
    if handled != count or sent != heard or sent < count:
        raise Failure(f"of {count} messages {handled} were handled; {sent} replies are sent in the database, {heard} came to the provider")
