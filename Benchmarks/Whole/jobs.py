"""Empty jobs through one worker process of the queues that people use on Redis, Sidekiq, Celery and RQ; and ours with nothing to do."""
import contextlib
import os
import signal
import subprocess

import servers
import stock
from ground import Ground
from handling import Cost, Provider, Watch, handle
from plan import ROOT, Failure, Missing, wait
from process import Process

FOLDER = ROOT / "Benchmarks/Peers"


def ours(ground: Ground, provider: Provider, run: int, count: int, together: int = 1) -> Cost:
    """Messages that change nothing: each is claimed, read and settled, `together` of one sender at once."""
    ground.redis.call("FLUSHALL")
    stock.fill(ground, (stock.nothing(run, index, together) for index in range(count)))
    return handle(ground, provider, count)


def tool(ground: Ground, name: str):
    """A Python program of the peers' own environment."""
    path = ground.plan.peers / "venv/bin" / name
    if not path.exists():
        raise Missing(f"{path} is not there: scripts/setup bench")
    return path


def sidekiq(ground: Ground, count: int) -> Cost:
    """One process of ten threads, as it comes."""
    script = FOLDER / "sidekiq_jobs.rb"
    return drained(ground, "queue:default", count, [servers.found("ruby"), "-r", script, "-e", ""],
                   [servers.found("sidekiq"), "-r", script, "-c", "10"])


def celery(ground: Ground, count: int) -> Cost:
    """One worker of two processes, the rest as its guide to speed advises."""
    return drained(ground, "celery", count, [tool(ground, "python"), FOLDER / "celery_jobs.py"],
                   [tool(ground, "celery"), "-A", "celery_jobs", "worker", "-c", "2", "--loglevel=critical", "--without-gossip",
                    "--without-mingle", "--without-heartbeat"])


def rq(ground: Ground, count: int) -> Cost:
    """One worker that forks for no job."""
    return drained(ground, "rq:queue:default", count, [tool(ground, "python"), FOLDER / "rq_jobs.py"],
                   [tool(ground, "rq"), "worker", "--url", ground.redis_url, "--worker-class", "rq.SimpleWorker", "-q"])


def drained(ground: Ground, queue: str, count: int, push: list, work: list) -> Cost:
    """Adds the jobs, starts the worker, and measures from the first job that is taken until none is left."""
    ground.redis.call("FLUSHALL")
    environment = dict(servers.PLAIN, REDIS_URL=ground.redis_url, N=str(count), PYTHONDONTWRITEBYTECODE="1", HOME=str(ground.folder))
    pushed = subprocess.run([str(word) for word in push], env=environment | {"PUSH": "1"}, cwd=FOLDER, capture_output=True, text=True,
                            timeout=120, check=False)
    waiting = ground.redis.call("LLEN", queue)
    if pushed.returncode != 0 or waiting != count:
        raise Failure(f"{push[1]}: {waiting} of {count} jobs wait: {pushed.stderr.strip()[-300:]}")
    worker = ground.keep(Process(queue, work, environment, ground.folder / f"{queue.split(':')[0]}.log", folder=FOLDER))
    try:
        worker.wait_until("to take a job", lambda: ground.redis.call("LLEN", queue) < count, 60)
        watch, taken = Watch({"worker": [worker], "Redis": [ground.redis_server]}), ground.redis.call("LLEN", queue)
        wait(f"{queue} to be empty", 120, lambda: ground.redis.call("LLEN", queue) == 0, every=0.01)
        return watch.cost(taken)
    finally:
        # Their own way to end may take half a minute.
        for pid in worker.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ground.end(worker)
        ground.redis.call("FLUSHALL")
