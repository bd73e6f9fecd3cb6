"""The relay's own benchmark (Benchmarks/RelayBench), which compares it with a simpler one, as a part."""
import os
import subprocess

import servers
from plan import ROOT, Failure, Plan, say
from report import Section

SUMMARY = "events/s and commit to reader, beside a relay that marks rows as published"
ROUND_TRIP = True


def run(plan: Plan) -> Section:
    sizes = {"BENCH_ROUNDS": plan.rounds, "BENCH_ROUND_TRIP_MICROSECONDS": round(plan.round_trip * 1e6)}
    if plan.quick:
        sizes |= {"BENCH_EVENTS": 5000, "BENCH_SECONDS": 1, "BENCH_RATE": 200, "BENCH_SNAPSHOT_SECONDS": 0}
    elif plan.round_trip:
        # How a held snapshot makes statements dearer does not depend on the way to the database.
        sizes |= {"BENCH_SNAPSHOT_SECONDS": 0}
    given = {name: os.environ[name] for name in os.environ if name.startswith("BENCH_")}
    environment = dict(servers.PLAIN, HOME=os.environ.get("HOME", "/"), **{name: str(size) for name, size in sizes.items()}) | given
    figures, others = [], []
    words = ["setpriv", "--pdeathsig", "TERM", "stdbuf", "-oL", plan.program("RelayBench")]
    bench = subprocess.Popen(words, env=environment, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        for line in bench.stdout:
            if figures or line.startswith("|"):
                figures.append(line.rstrip("\n"))
            else:
                others.append(line.strip())
                say("relay: " + line.strip())
        if bench.wait() != 0 or not figures:
            raise Failure(f"RelayBench: {' / '.join((others + figures)[-3:])}")
    finally:
        if bench.poll() is None:
            bench.terminate()
            bench.wait()
    section = Section("relay" + plan.delayed)
    section.text = "\n".join(figures)
    return section
