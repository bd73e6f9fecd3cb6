"""How much is measured, and what is told meanwhile."""
import dataclasses
import os
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTED = time.monotonic()


class Failure(Exception):
    """Why something could not be measured, and how to mend that."""


class Missing(Failure):
    """A peer or a tool that is not installed: `scripts/setup bench` brings it. What depends on it is left out when quick."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one run of a part is given."""

    rounds: int = 3
    # How long each figure of each round is measured.
    seconds: float = 8
    # How long memory is watched.
    minutes: float = 20
    # Once and briefly: only whether it runs.
    quick: bool = False
    # Seconds there and back to Redis and Postgres, through a delaying proxy; 0 is without one.
    round_trip: float = 0
    programs: pathlib.Path = ROOT / ".build/release"
    peers: pathlib.Path = pathlib.Path(os.environ.get("PEERS") or ROOT / ".build/peers")

    @property
    def delayed(self) -> str:
        """The ending of a section's name: `-1ms`."""
        return f"-{self.round_trip * 1000:g}ms" if self.round_trip else ""

    def program(self, name: str) -> pathlib.Path:
        """A built program of ours."""
        path = self.programs / name
        if not path.exists():
            raise Failure(f"{path} is not there: scripts/build-release --product {name}")
        return path


def say(text: str) -> None:
    """A line of progress, with the seconds since the beginning."""
    print(f"{time.monotonic() - STARTED:7.1f} s  {text}", flush=True)


def wait(what: str, limit: float, condition, every: float = 0.02) -> float:
    """Waits for a condition; gives back how many seconds that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > limit:
            raise Failure(f"waited {limit:.0f} s in vain for {what}")
        time.sleep(every)
    return time.monotonic() - start
