"""Half of the load that the service can bear, for long: whether memory stays what it is."""
import dataclasses
import statistics
import threading
import time

import load
from ground import Ground
from handling import Provider, handle_conversations
from plan import Failure, Plan, say
from report import Aim, Section

SUMMARY = "memory of every process at half load, for --minutes"
ROUND_TRIP = False

MEASURED = ("ingest", "worker", "relay")
# Every load is of so many seconds, by the same people, who write so often; between two of them nobody writes.
PART, TURNS = 60, 12
PASSENGERS = 10_000
BURST, BURST_SECONDS = 2_000, 2
# What a quarter's median may be above that of two quarters before: 2 % and what an allocator may keep.
SHARE, ALLOCATOR = 0.02, 1.0


@dataclasses.dataclass
class Samples:
    """Resident memory in MB, by process, at the same times for all."""

    seconds: list[float]
    resident: dict[str, list[float]]

    def quarter(self, name: str, number: int) -> float:
        """The median of a quarter of the time, 1 to 4."""
        values = self.resident[name]
        return statistics.median(values[len(values) * (number - 1) // 4:max(1, len(values) * number // 4)])

    def slope(self, name: str) -> float:
        """kB a minute over the second half, by least squares."""
        half = len(self.seconds) // 2
        seconds, values = self.seconds[half:], self.resident[name][half:]
        return statistics.linear_regression(seconds, values).slope * 60 * 1000 if len(set(seconds)) > 1 else 0.0


def run(plan: Plan) -> Section:
    """Finds the load, then keeps to half of it."""
    minutes = 1 / 3 if plan.quick else plan.minutes
    with Ground(plan, redis_options=["--appendonly", "yes"]) as ground:
        ground.renew()
        load.people(ground, PASSENGERS)
        rate = half(ground, plan)
        service = load.Service(ground)
        relay = ground.start("relay")
        processes = {**service.processes, "relay": [relay]}
        # More at once than later, so that there are as many connections from the beginning as there will ever be.
        service.load(BURST / BURST_SECONDS, BURST_SECONDS)
        say(f"soak: {rate:.0f} messages/s for {minutes:.3g} minutes")
        samples, count = kept_up(service, processes, rate, minutes * 60, min(10, minutes * 3))
    return section(samples, rate, count, minutes)


def half(ground: Ground, plan: Plan) -> float:
    """Half of what one worker handles on this machine."""
    provider = Provider(ground)
    try:
        count = 400 if plan.quick else 4_000
        return min(handle_conversations(ground, provider, 1, count, seed=load.Service.SEED).rate / 2, PASSENGERS * TURNS / PART)
    finally:
        ground.end(provider.process)


def kept_up(service: load.Service, processes: dict, rate: float, seconds: float, every: float) -> tuple[Samples, int]:
    """Loads of a minute each until the time is over, and the memory meanwhile; how many messages it was."""
    samples = Samples([], {name: [] for name in processes})
    over = threading.Event()
    watcher = threading.Thread(target=watch, args=(processes, samples, over, every), daemon=True)
    watcher.start()
    count, start = 0, time.monotonic()
    try:
        while (left := seconds - (time.monotonic() - start)) > 1:
            count += service.load(rate, min(PART, left), turns=TURNS).accepted
    finally:
        over.set()
        watcher.join()
    if len(samples.seconds) < 8:
        raise Failure(f"only {len(samples.seconds)} samples in {seconds:.0f} s: more --minutes")
    return samples, count


def watch(processes: dict, samples: Samples, over: threading.Event, every: float) -> None:
    """Samples until it is over."""
    start = time.monotonic()
    while not over.wait(every):
        samples.seconds.append(time.monotonic() - start)
        for name, group in processes.items():
            samples.resident[name].append(sum(process.memory()["VmRSS"] for process in group))


def section(samples: Samples, rate: float, count: int, minutes: float) -> Section:
    """The table."""
    table = Section("soak", "process", "MB resident, first quarter", "second quarter", "last quarter",
                    "slope over the second half, kB/minute")
    table.is_measured_once = True
    for name, values in samples.resident.items():
        early, late = samples.quarter(name, 2), samples.quarter(name, 4)
        limit = early * (1 + SHARE) + ALLOCATOR
        aim = Aim(f"last quarter below {limit:.1f}", late < limit) if name in MEASURED else None
        table.row(name, samples.quarter(name, 1), early, late, samples.slope(name), aim=aim)
    table.note(f"{count:,} messages in {minutes:.3g} minutes, {rate:.0f}/s: half of what one worker handles here when messages wait. Medians "
               f"of each quarter, {len(samples.seconds)} samples. What grows by {SHARE:.0%} and {ALLOCATOR:g} MB or less does not count as growth.")
    table.note("Postgres' shared memory counts once for each of its processes. It, Redis (the MessageSids of ten minutes) and the simulator "
               "(its load's replies) keep more when more was said, so that nothing is aimed at for them.")
    return table
