"""One server of webhooks under load: what it does, and what that takes of it and of Redis."""
import dataclasses
import threading

import http_peers
from ground import Ground
from process import Process
from resp import Redis
from webhooks import post

OURS = "ingest"


@dataclasses.dataclass
class Figures:
    """Of one server in one round. Times in ms, CPU in microseconds a webhook, memory in MB."""

    rate: float
    p50: float
    p99: float
    cpu: float
    redis: float
    memory: float

    def __str__(self) -> str:
        return (f"{self.rate:>9,.0f}/s, p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms, {self.cpu:.1f} µs, "
                f"Redis {self.redis:.1f} µs, {self.memory:.1f} MB")


class Watch:
    """Empties Redis every second, and notes the most memory that a process has meanwhile."""

    def __init__(self, process: Process, redis_port: int) -> None:
        self.process, self.memory = process, 0.0
        self.redis = Redis(redis_port)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        ticks = 0
        while not self.over.wait(0.25):
            ticks += 1
            self.memory = max(self.memory, self.process.memory()["VmRSS"])
            if ticks % 4 == 0:
                self.redis.call("FLUSHALL", "ASYNC")

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
        self.redis.close()


def measure(place: Ground, name: str, connections: int) -> Figures:
    """Starts one server, has wrk post to it, and ends it."""
    place.redis.call("FLUSHALL")
    server = place.start("ingest") if name == OURS else http_peers.start(name, place.plan, place)
    try:
        # What is compiled or connected at the first requests is not measured.
        if not place.plan.quick:
            post(place.folder / "requests", server.port, connections, 1)
        before = server.cpu(), place.redis_server.cpu()
        with Watch(server, place.redis_server.port) as watch:
            posted = post(place.folder / "requests", server.port, connections, place.plan.seconds)
        used = server.cpu() - before[0], place.redis_server.cpu() - before[1]
    finally:
        place.end(server)
    micro = 1e6 / posted.requests
    return Figures(posted.rate, posted.p50, posted.p99, used[0] * micro, used[1] * micro, watch.memory)
