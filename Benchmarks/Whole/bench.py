#!/usr/bin/env python3
"""Measures the built programs beside what limits them and beside their peers, on servers of its own.

Every part has all that it compares take turns in every round; docs/performance.md says what each one measures. Ends with 0
when every part that was asked for has run, whatever its figures are, with 1 when one has not, and with 2 when it cannot begin.
"""
import argparse
import importlib
import pathlib
import signal
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import report  # noqa: E402
from plan import ROOT, Failure, Missing, Plan, say  # noqa: E402

# In the order in which they run. A module has SUMMARY, one line; ROUND_TRIP, whether it is measured with a delay too; and
# run(plan), which gives back a report.Section.
PARTS = ["ingest", "worker", "endtoend", "relay", "memory", "growth", "scale", "soak"]


def round_trips(text: str) -> list[float]:
    """Seconds of `0`, `1ms` or `0,0.5ms`."""
    try:
        values = [float(word.strip().removesuffix("ms")) / 1000 for word in text.split(",")]
    except ValueError:
        values = [-1]
    if not all(0 <= value <= 1 for value in values):
        raise argparse.ArgumentTypeError(f"'{text}': times like 0, 1ms or 0,1ms, up to 1000ms")
    return values


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="parts:\n" + "\n".join(f"  {name:<10}{summary(name)}" for name in PARTS)
        + "\n\nWith make: make bench BENCH='ingest worker --rounds 5'")
    parser.add_argument("parts", nargs="*", metavar="part", help="what is measured (everything)")
    parser.add_argument("--rounds", type=int, default=3, help="medians are of so many (%(default)d)")
    parser.add_argument("--seconds", type=float, default=8, help="how long each figure of a round is measured (%(default)g)")
    parser.add_argument("--minutes", type=float, default=Plan.minutes, help="how long the soak lasts (%(default)g)")
    parser.add_argument("--round-trip", type=round_trips, default=[0, 0.001], metavar="TIMES",
                        help="there and back to Redis and Postgres, for those parts that can be measured so; each in turn (0,1ms)")
    parser.add_argument("--quick", action="store_true", help="everything once and briefly: fails only if something does not run")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--programs", type=pathlib.Path, default=Plan.programs, help="the built programs (.build/release)")
    parser.add_argument("--peers", type=pathlib.Path, default=Plan.peers, help="what scripts/setup bench made (.build/peers)")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.parts if name not in PARTS]
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}: {', '.join(PARTS)}")
    if chosen.rounds < 1 or chosen.seconds <= 0 or chosen.minutes <= 0:
        parser.error("rounds, seconds and minutes are above 0")
    if chosen.quick and chosen.write:
        parser.error("--quick measures nothing that is worth to --write")
    return chosen


def summary(name: str) -> str:
    """A part in one line."""
    try:
        return importlib.import_module(name).SUMMARY
    except ImportError as error:
        return f"(cannot be loaded: {error})"


def is_delayed(name: str) -> bool:
    """Whether a part is measured with a round trip too; one that cannot be loaded is run once, to say so."""
    try:
        return importlib.import_module(name).ROUND_TRIP
    except ImportError:
        return False


def runs(chosen: argparse.Namespace) -> list[tuple[str, Plan]]:
    """Which part is run how: all without a delay first."""
    found = []
    for round_trip in chosen.round_trip:
        for name in chosen.parts or PARTS:
            plan = Plan(rounds=1 if chosen.quick else chosen.rounds,
                        seconds=min(chosen.seconds, 1) if chosen.quick else chosen.seconds,
                        minutes=chosen.minutes, quick=chosen.quick, round_trip=round_trip,
                        programs=chosen.programs.resolve(), peers=chosen.peers.resolve())
            if not round_trip or is_delayed(name):
                found.append((name, plan))
    return found


def measure(name: str, plan: Plan, write: bool) -> str:
    """Runs one part and prints its section; why it did not run, or nothing."""
    title = name + plan.delayed
    say(f"{title}: {summary(name)}")
    try:
        section = importlib.import_module(name).run(plan)
        text = section.render(report.footer(1 if section.is_measured_once else plan.rounds))
        if plan.quick:
            # So short a measurement says nothing.
            say(f"{title}: has run")
        else:
            print(f"\n{text}\n", flush=True)
        for missed in section.missed if not plan.quick else []:
            say(f"{title}: missed: {missed}")
        if write:
            report.write(section.name, text)
    except Failure as failure:
        say(f"{title}: {failure}")
        if isinstance(failure, Missing) and plan.quick:
            say(f"{title}: left out")
            return ""
        return f"{title}: {failure}"
    except Exception as error:  # noqa: BLE001 - the other parts are to run all the same
        traceback.print_exc()
        return f"{title}: {type(error).__name__}: {error}"
    return ""


def main() -> int:
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = arguments()
    if not chosen.programs.is_dir():
        print(f"bench: {chosen.programs} is not there: make build", file=sys.stderr)
        return 2
    try:
        failures = [why for name, plan in runs(chosen) if (why := measure(name, plan, chosen.write))]
    except KeyboardInterrupt:
        return 130
    for why in failures:
        print(f"bench: {why}", file=sys.stderr)
    say("every part has run" if not failures else f"{len(failures)} did not run")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
