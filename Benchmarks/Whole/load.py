"""The simulator's load: registered passengers who write at a steady rate, whatever comes back, and how long each waits."""
import json
import random
import time
import urllib.request

import stock
from ground import Ground
from handling import Cost, Provider, Watch, counted
from plan import Failure, wait
from process import Process, free_port


# What each passenger says at least: a greeting or something else, STOP, START, something else. Who ends with STOP would have
# no answer to what they say next (LoadPlan.text).
TURNS = 4


class Service:
    """Ingest, workers and the provider, who also posts the webhooks; `people` of `SEED` are stored before."""

    SEED = 7

    def __init__(self, ground: Ground, processes: int = 1, answer_milliseconds: int = 0) -> None:
        self.ground = ground
        port = free_port()
        self.provider = Provider(ground, answer_milliseconds, SIMULATOR_WEBHOOK_URL=f"http://127.0.0.1:{port}/webhook/twilio")
        self.ingest = ground.start("ingest", PORT=port)
        self.workers = [ground.start("worker", TWILIO_API_BASE_URL=self.provider.url, BACKFILL_INTERVAL_SECONDS=0)
                        for _ in range(processes)]

    @property
    def processes(self) -> dict[str, list[Process]]:
        return {"ingest": [self.ingest], "worker": self.workers, "Postgres": [self.ground.postgres_server],
                "Redis": [self.ground.redis_server], "simulator": [self.provider.process]}

    def end(self) -> None:
        self.ground.end(*self.workers, self.ingest, self.provider.process)

    def load(self, rate: float, seconds: float, limit: float = 60, turns: int = TURNS) -> "Loaded":
        """Has people write for so long, each so many times, and waits until the last one is answered."""
        passengers = max(1, round(rate * seconds / turns))
        begun = Begun(self, passengers, rate, passengers * turns / rate)
        wait("the last webhook", seconds + limit, begun.is_sent, every=0.2)
        wait("the last reply", limit, begun.is_answered, every=0.2)
        return begun.loaded()


class Begun:
    """A load that runs."""

    def __init__(self, service: Service, passengers: int, rate: float, seconds: float) -> None:
        self.service = service
        # The last four digits of a seed say whose numbers they are, all of it what the messages are called.
        seed = random.randrange(1 << 40) * 10_000 + Service.SEED
        self.done, self.watch = counted(service.ground, "done"), Watch(service.processes)
        plan = {"passengers": passengers, "rate": rate, "messages": round(rate * seconds), "seed": seed}
        request = urllib.request.Request(service.provider.url + "/api/load", json.dumps(plan).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20):
            self.started = time.monotonic()

    def is_sent(self) -> bool:
        """Whether every webhook has its answer."""
        self.report = self.service.provider.report()["load"]
        return not self.report["isRunning"] and self.report["underWay"] == 0

    def is_answered(self) -> bool:
        """Whether the workers are done with all that was accepted."""
        return counted(self.service.ground, "done") - self.done >= self.report["accepted"]

    def loaded(self) -> "Loaded":
        self.is_sent()
        return Loaded(self.report, self.watch.cost(self.report["accepted"]))


class Loaded:
    """What came of a load. Times in milliseconds, from when a message was due."""

    def __init__(self, report: dict, cost: Cost) -> None:
        self.cost, self.sent, self.accepted = cost, report["sent"], report["accepted"]
        self.answered = report["replyMicroseconds"]["count"]
        if self.accepted != self.sent or self.answered < self.accepted * 0.99:
            raise Failure(f"of {self.sent} webhooks {self.accepted} were accepted ({report['notAccepted']}) and {self.answered} answered: "
                          "no figures")
        self.webhook = {name: report["webhookMicroseconds"][name] / 1000 for name in ("p50", "p99", "max")}
        self.reply = {name: report["replyMicroseconds"][name] / 1000 for name in ("p50", "p99", "max")}


def people(ground: Ground, count: int) -> None:
    """Stores those who write."""
    stock.people(ground, Service.SEED, count)
