"""A started program: its port, the time it takes of the cores, its memory, its end."""
import os
import pathlib
import signal
import socket
import subprocess
import urllib.error
import urllib.request

from plan import Failure, wait

TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of 127.0.0.1 where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    """Whether there is an answer of 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


def listens(port: int) -> bool:
    """Whether somebody takes connections at a port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Process:
    """A program that was started here; it dies with us, and is ended by its number."""

    def __init__(self, name: str, words: list, environment: dict[str, str], log: pathlib.Path, port: int = 0,
                 folder: pathlib.Path | None = None, signal_at_end: int = signal.SIGTERM) -> None:
        self.name, self.log, self.port, self.signal_at_end = name, log, port, signal_at_end
        self.is_told = False
        self.url = f"http://127.0.0.1:{port}"
        with log.open("a") as output:
            self.handle = subprocess.Popen(
                ["setpriv", "--pdeathsig", signal.Signals(signal_at_end).name[3:], *map(str, words)], env=environment,
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=folder)

    @property
    def pid(self) -> int:
        return self.handle.pid

    @property
    def runs(self) -> bool:
        return self.handle.poll() is None

    def wait_until(self, what: str, condition, limit: float = 30) -> "Process":
        """Waits until it is what it should be; says its last words when it ends instead."""
        wait(f"{self.name} {what}", limit, lambda: not self.runs or condition())
        if not self.runs:
            raise Failure(f"{self.name} ended with {self.handle.returncode}: {self.last_words()}")
        return self

    def ready(self) -> "Process":
        """Waits until /ready answers 200."""
        return self.wait_until("to be ready", lambda: answers(self.url + "/ready"))

    def listening(self) -> "Process":
        """Waits until it takes connections."""
        return self.wait_until("to listen", lambda: listens(self.port))

    def last_words(self) -> str:
        return " / ".join(self.log.read_text(errors="replace").splitlines()[-3:])

    def family(self) -> list[int]:
        """Its own number and those of its children and theirs."""
        found = [self.pid]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    found += [int(word) for word in children.read_text().split()]
                except OSError:
                    pass  # It has just ended.
        return found

    def cpu(self) -> float:
        """Seconds that it and its children have had of the cores, ended ones included."""
        ticks = 0
        for pid in self.family():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15] if pid == self.pid else fields[11:13]))
        return ticks / TICK

    def memory(self) -> dict[str, float]:
        """`VmRSS` and `RssAnon` in MB (1,000,000 bytes), with its children's."""
        sizes = {"VmRSS": 0.0, "RssAnon": 0.0}
        for pid in self.family():
            try:
                lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
            except OSError:
                continue
            for line in lines:
                name, _, value = line.partition(":")
                if name in sizes:
                    sizes[name] += int(value.split()[0]) * 1024 / 1e6
        return sizes

    def tell(self) -> None:
        """Asks it to end, once: ours end at once when they are asked again."""
        if self.runs and not self.is_told:
            self.is_told = True
            self.handle.send_signal(self.signal_at_end)

    def stop(self, limit: float = 30) -> None:
        """Ends it, and by force after the limit."""
        if self.runs:
            self.tell()
            try:
                self.handle.wait(limit)
            except subprocess.TimeoutExpired:
                self.handle.kill()
        self.handle.wait()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
