"""What a part measures on: private servers, the migrated database, and our programs with the environment that they need."""
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import servers
from plan import ROOT, Failure, Plan
from process import Process, free_port
from resp import Redis

ACCOUNT = "AC00000000000000000000000000000000"
TOKEN = "0123456789abcdef0123456789abcdef"
# What is signed: the service as Twilio sees it.
PUBLIC = "https://bot.example.com"
WEBHOOK = PUBLIC + "/webhook/twilio"
SENDER = "whatsapp:+14155238886"


class Ground:
    """Servers and programs of one part; everything is ended, and its folder deleted, when the `with` is left.

    With a plan that has a round trip, what programs and peers are given as Redis' and Postgres' addresses are those of
    delaying proxies; `redis` and `sql` go to the servers themselves.
    """

    def __init__(self, plan: Plan, postgres: bool = True, fsync: bool = True, redis_options: list[str] | None = None,
                 postgres_options: list[str] | None = None) -> None:
        self.plan = plan
        self.wants = (postgres, fsync, redis_options, postgres_options)
        self.started: list[Process] = []
        # How many of them are servers and proxies, which come first.
        self.servers = 0
        self.database = "migrated"
        self.databases = 0

    def __enter__(self) -> "Ground":
        # Where Postgres' own user may look, if we are root. BENCH_FOLDER chooses the disk.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="whatsapp-bench-", dir=os.environ.get("BENCH_FOLDER")))
        self.folder.chmod(0o755)
        try:
            self.start_servers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_servers(self) -> None:
        postgres, fsync, redis_options, postgres_options = self.wants
        self.redis_server = self.keep(servers.start_redis(self.folder, redis_options))
        self.redis_port = self.delayed(self.redis_server.port, "redis")
        self.servers = len(self.started)
        self.redis = Redis(self.redis_server.port)
        if postgres:
            self.postgres_server = self.keep(servers.start_postgres(self.folder, fsync, postgres_options))
            self.postgres_port = self.delayed(self.postgres_server.port, "postgres")
            self.servers = len(self.started)
            self.sql("CREATE DATABASE migrated", database="postgres")
            self.operate("migrate", "up")

    def delayed(self, port: int, name: str) -> int:
        """The port of a delaying proxy before it, when the plan has a round trip."""
        if not self.plan.round_trip:
            return port
        mine = free_port()
        words = [self.plan.program("simulator"), "delay", "--listen", f"127.0.0.1:{mine}", "--to", f"127.0.0.1:{port}",
                 "--one-way", f"{self.plan.round_trip * 1e6 / 2:.0f}us"]
        log = self.folder / f"delay-{name}.log"
        return self.keep(Process(f"delay before {name}", words, servers.PLAIN, log, mine)).listening().port

    def keep(self, process: Process) -> Process:
        """Has it ended with the ground."""
        self.started.append(process)
        return process

    def ping(self) -> float:
        """Milliseconds to Redis and back as programs have them, p50."""
        redis, times = Redis(self.redis_port), []
        for _ in range(500):
            start = time.perf_counter()
            redis.call("PING")
            times.append((time.perf_counter() - start) * 1000)
        redis.close()
        return statistics.median(times)

    @property
    def redis_url(self) -> str:
        """What programs and peers connect to."""
        return f"redis://127.0.0.1:{self.redis_port}"

    @property
    def database_url(self) -> str:
        """What programs and peers connect to."""
        return f"postgres://postgres@127.0.0.1:{self.postgres_port}/{self.database}"

    def environment(self) -> dict[str, str]:
        """What programs find in their environment, and nothing else."""
        url = self.database_url if self.wants[0] else ""
        return dict(
            servers.PLAIN, APP_ENV="test", LOG_LEVEL="warning", REDIS_URL=self.redis_url, DATABASE_URL=url,
            TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=TOKEN, TWILIO_WHATSAPP_NUMBER=SENDER, TWILIO_SMS_NUMBER="+14155238886",
            PUBLIC_BASE_URL=PUBLIC, OTP_SECRET="s" * 40, TERMS_URL=PUBLIC + "/terms", TERMS_VERSION="1",
            SIMULATOR_MESSAGES="100000", TWILIO_MAX_MESSAGES_PER_SECOND="10000")

    def start(self, program: str, **variables: object) -> Process:
        """Starts ingest, worker, relay or simulator, and waits until it is ready; variables of an empty value are unset."""
        port = int(variables.pop("PORT", 0)) or free_port()
        environment = dict(self.environment(), PORT=str(port), **{name: str(value) for name, value in variables.items()})
        log = self.folder / f"{program}-{len(self.started)}.log"
        return self.keep(Process(program, [self.plan.program(program)], environment, log, port, ROOT)).ready()

    def operate(self, *words: str) -> str:
        """Runs the operator's command line; what it printed."""
        done = subprocess.run([self.plan.program("operator"), *words], env=self.environment(), capture_output=True, text=True,
                              timeout=300, check=False, cwd=ROOT)
        if done.returncode != 0:
            raise Failure(f"operator {' '.join(words)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def sql(self, text: str, database: str | None = None) -> str:
        """Runs statements in the service's schema, directly; rows as lines, columns with spaces between them."""
        command = [servers.postgres_programs() / "psql", "-X", "-q", "-A", "-t", "-F", " ", "-v", "ON_ERROR_STOP=1", "-c", text,
                   f"postgres://postgres@127.0.0.1:{self.postgres_server.port}/{database or self.database}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False,
                              env=dict(servers.PLAIN, PGOPTIONS="-c search_path=whatsapp_handler,public"))
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def renew(self) -> None:
        """An empty Redis and a database that nobody has used; end the programs before, and start them again after."""
        self.redis.call("FLUSHALL")
        if self.wants[0]:
            self.databases += 1
            self.sql(f"CREATE DATABASE round_{self.databases} TEMPLATE migrated", database="postgres")
            self.database = f"round_{self.databases}"

    def end(self, *processes: Process) -> None:
        """Ends some of what was started, before the rest."""
        for process in processes:
            process.tell()
        for process in processes:
            process.stop()
            self.started.remove(process)

    def __exit__(self, *_: object) -> None:
        """Programs end together, then the servers that they need."""
        for process in self.started[self.servers:]:
            process.tell()
        for process in reversed(self.started):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
