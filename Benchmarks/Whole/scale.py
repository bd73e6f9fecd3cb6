"""One of each; then a Redis Cluster of three; then two databases that share its people: does the next step work, and what does it cost?"""
import collections
import dataclasses
import pathlib
import subprocess
import tempfile

import load
import servers
import stock
from ground import Ground
from handling import Cost, Provider, Watch
from plan import Failure, Plan, say, wait
from process import Process, free_port
from report import Section, below, median, ratio

SUMMARY = "the same load on one Redis and one Postgres, on a cluster of three, and on a cluster with two Postgres"
ROUND_TRIP = False

SHARDS = 64
HALVES = ("0-31", "32-63")
PASSENGERS = 1_000
RATE = 200
PARTS = ("ingest", "worker", "Postgres", "Redis")
# What a message may cost more than on one of each.
LIMIT = 1.5


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """What the service runs on: how many Redis nodes, and which shards each database has."""

    name: str
    nodes: int
    shares: tuple[str, ...]

    @property
    def shards(self) -> int:
        return SHARDS if self.nodes > 1 else 1


ARRANGEMENTS = (
    Arrangement("one Redis, one Postgres, one worker", 1, ("",)),
    Arrangement("cluster of three, one Postgres, one worker", 3, ("",)),
    Arrangement("cluster of three, two Postgres, a worker for each", 3, HALVES),
)


class Installation:
    """The service on one arrangement, and who writes to it."""

    def __init__(self, ground: Ground, arrangement: Arrangement, postgres: list[Process]) -> None:
        self.ground, self.arrangement = ground, arrangement
        self.redis = cluster(ground, pathlib.Path(tempfile.mkdtemp(dir=ground.folder)), arrangement.nodes)
        self.postgres = postgres[:len(arrangement.shares)]
        port = free_port()
        shared = {"REDIS_URL": f"redis://127.0.0.1:{self.redis[0].port}", "QUEUE_SHARDS": arrangement.shards}
        self.provider = Provider(ground, SIMULATOR_WEBHOOK_URL=f"http://127.0.0.1:{port}/webhook/twilio")
        self.ingest = ground.start("ingest", PORT=port, DATABASE_URL="", **shared)
        own = {"TWILIO_API_BASE_URL": self.provider.url, "BACKFILL_INTERVAL_SECONDS": 0, **shared}
        self.databases = [f"postgres://postgres@127.0.0.1:{server.port}/migrated" for server in self.postgres]
        self.workers = [ground.start("worker", DATABASE_URL=url, QUEUE_SERVED_SHARDS=share, **own)
                        for url, share in zip(self.databases, arrangement.shares, strict=True)]

    @property
    def processes(self) -> dict[str, list[Process]]:
        return {"ingest": [self.ingest], "worker": self.workers, "Postgres": self.postgres, "Redis": self.redis,
                "simulator": [self.provider.process]}

    def handled(self) -> list[int]:
        """How many messages each database has."""
        return [int(query(self.ground, url, "SELECT count(*) FROM whatsapp_handler.inbound_messages WHERE kind = 'message'"))
                for url in self.databases]

    def load(self, rate: float, seconds: float) -> tuple["load.Loaded", list[int]]:
        """Has everybody write, waits for all replies, and tells how many messages each database was given."""
        before = self.handled()
        begun = load.Begun(self, PASSENGERS, rate, seconds)
        wait("the last webhook", seconds + 60, begun.is_sent, every=0.2)
        wait("the last reply", 60, lambda: begun.is_sent() and begun.report["replyMicroseconds"]["count"] >= begun.report["accepted"], every=0.2)
        loaded = begun.loaded()
        each = [after - earlier for after, earlier in zip(self.handled(), before, strict=True)]
        if sum(each) != loaded.accepted or not all(each):
            raise Failure(f"of {loaded.accepted} messages the databases have {each}")
        return loaded, each

    def end(self) -> None:
        self.ground.end(*self.workers, self.ingest, self.provider.process, *reversed(self.redis))


def cluster(ground: Ground, folder: pathlib.Path, nodes: int) -> list[Process]:
    """So many Redis servers that write their log as in production, joined if they are several."""
    started, addresses = [], []
    for number in range(nodes):
        own = folder / f"redis-{number}"
        own.mkdir()
        bus = free_port()
        options = ["--appendonly", "yes"] + (["--cluster-enabled", "yes", "--cluster-port", bus] if nodes > 1 else [])
        started.append(ground.keep(servers.start_redis(own, options)))
        addresses.append(f"127.0.0.1:{started[-1].port}@{bus}")
    if nodes > 1:
        words = [servers.found("redis-cli"), "--cluster", "create", *addresses, "--cluster-yes"]
        made = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=servers.PLAIN)
        if made.returncode != 0:
            raise Failure(f"redis-cli --cluster create: {(made.stderr or made.stdout).strip()[-300:]}")
    return started


def query(ground: Ground, url: str, text: str) -> str:
    """One value out of one of the databases."""
    done = subprocess.run([servers.postgres_programs() / "psql", "-X", "-q", "-A", "-t", "-c", text, url], capture_output=True, text=True,
                          timeout=60, check=False, env=servers.PLAIN)
    if done.returncode != 0:
        raise Failure(f"psql: {done.stderr.strip()}")
    return done.stdout.strip()


def second(ground: Ground) -> Process:
    """Another Postgres, migrated, with the same people: of each only one of the two will hear."""
    folder = ground.folder / "second"
    folder.mkdir()
    folder.chmod(0o755)
    server = ground.keep(servers.start_postgres(folder))
    first, ground.postgres_server, ground.postgres_port = (ground.postgres_server, ground.postgres_port), server, server.port
    ground.sql("CREATE DATABASE migrated", database="postgres")
    ground.operate("migrate", "up")
    stock.people(ground, load.Service.SEED, PASSENGERS)
    ground.postgres_server, ground.postgres_port = first
    return server


def run(plan: Plan) -> Section:
    """Every arrangement in every round, each from its beginning."""
    found: dict[str, list[load.Loaded]] = collections.defaultdict(list)
    shares: dict[str, list[list[int]]] = collections.defaultdict(list)
    with Ground(plan) as ground:
        stock.people(ground, load.Service.SEED, PASSENGERS)
        postgres = [ground.postgres_server, second(ground)]
        for number in range(plan.rounds):
            for arrangement in ARRANGEMENTS:
                installation = Installation(ground, arrangement, postgres)
                installation.load(100, 1)
                loaded, each = installation.load(RATE, plan.seconds)
                installation.end()
                found[arrangement.name].append(loaded)
                shares[arrangement.name].append(each)
                say(f"scale: round {number + 1}, {arrangement.name}: {loaded.cost.each(*PARTS):,.0f} µs of the cores each, p99 {loaded.reply['p99']:.1f} ms")
    return section(found, shares)


def section(found: dict[str, list["load.Loaded"]], shares: dict[str, list[list[int]]]) -> Section:
    """The table."""
    table = Section("scale", "on", "messages of each database", "to the reply: p50", "p99", "µs of the cores a message", "of one of each",
                    *(f"of these: {part}" for part in PARTS))
    costs: dict[str, list[Cost]] = {name: [loaded.cost for loaded in loads] for name, loads in found.items()}
    first = [cost.each(*PARTS) for cost in next(iter(costs.values()))]
    for name, loads in found.items():
        mine = [cost.each(*PARTS) for cost in costs[name]]
        by = ratio(mine, first)
        times = [f"{median([loaded.reply[key] for loaded in loads]):.1f} ms" for key in ("p50", "p99")]
        parts = [median([cost.each(part) for cost in costs[name]]) for part in PARTS]
        table.row(name, " and ".join(f"{count:,}" for count in shares[name][-1]), *times, median(mine), by, *parts,
                  aim=below(by, LIMIT, " of one of each") if name != ARRANGEMENTS[0].name else None)
    table.note(f"{RATE} messages/s of {PASSENGERS:,} registered passengers, every one answered; {SHARDS} shards on the cluster. All servers share this machine's cores: "
               "what is shown is that nothing is lost on the way to the next step and what it costs, not how much faster several machines are.")
    return table
