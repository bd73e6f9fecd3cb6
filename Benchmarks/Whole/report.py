"""What was measured, as docs/performance.md has it: a table for each part, between marks of the part's name."""
import dataclasses
import datetime
import os
import pathlib
import re
import shlex
import statistics
import sys

from plan import ROOT, Failure

PAGE = ROOT / "docs/performance.md"
END = "<!-- end of figures -->"


@dataclasses.dataclass(frozen=True)
class Aim:
    """What was aimed at, and whether it came true; `why` is said where it did not."""

    text: str
    met: bool
    why: str = ""

    @property
    def verdict(self) -> str:
        return "met" if self.met else "**missed**" + (f": {self.why}" if self.why else "")


def at_least(value: float, limit: float, unit: str = "", why: str = "") -> Aim:
    """An aim from below; `unit` follows the number, with a space of its own where one is wanted."""
    return Aim(f"at least {number(limit)}{unit}", value >= limit, why)


def below(value: float, limit: float, unit: str = "", why: str = "") -> Aim:
    """An aim from above."""
    return Aim(f"below {number(limit)}{unit}", value < limit, why)


def number(value: float) -> str:
    """Three digits that count, thousands with commas."""
    if abs(value) < 0.0005:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}".removesuffix(".0")


def median(values: list[float]) -> float:
    if not values:
        raise Failure("nothing was measured")
    return statistics.median(values)


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios: what else the machine did in a round befell both."""
    return median([mine / other for mine, other in zip(ours, theirs, strict=True)])


def listed(values: list[float], unit: str = "") -> str:
    """All rounds, in their order."""
    return ", ".join(number(value) for value in values) + unit


class Section:
    """A part's tables and what belongs below them. The last two columns are the aim and whether it was met."""

    def __init__(self, name: str, *columns: str) -> None:
        self.name = name
        self.tables: list[list[list[str]]] = []
        self.notes: list[str] = []
        self.missed: list[str] = []
        # Whatever the rounds of others are.
        self.is_measured_once = False
        # Text that is there already, instead of tables and of where they come from.
        self.text = ""
        if columns:
            self.table(*columns)

    def table(self, *columns: str) -> None:
        """Begins a table; rows go to the latest."""
        self.tables.append([[*columns, "aim", "met?"]])

    def row(self, *cells: object, aim: Aim | None = None) -> None:
        """A line of the table; numbers are rounded, and what is not there is a dash."""
        texts = [number(cell) if isinstance(cell, (int, float)) else str(cell) for cell in cells]
        texts += ["-"] * (len(self.tables[-1][0]) - 2 - len(texts))
        self.tables[-1].append([*texts, aim.text if aim else "-", aim.verdict if aim else "-"])
        if aim and not aim.met:
            self.missed.append(f"{texts[0]}: {aim.text}")

    def rounds(self, what: str, values: list[float], unit: str = "") -> None:
        """Notes all rounds of a figure."""
        self.note(f"{what}: {listed(values, unit)}")

    def note(self, text: str) -> None:
        """A line below the tables."""
        self.notes.append(text)

    def render(self, footer: str) -> str:
        """The tables, the notes and where they come from."""
        if self.text:
            return self.text
        parts = ["\n".join([line(rows[0]), "|" + "---|" * len(rows[0]), *map(line, rows[1:])]) for rows in self.tables]
        parts += ["\n".join(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n\n".join([*parts, footer])


def line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def footer(rounds: int) -> str:
    """Where figures come from: how often, by which command, on which machine, when, and what else it did."""
    names = re.findall(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) * 1024 / 1e9
    command = os.environ.get("BENCH_COMMAND") or "Benchmarks/Whole/bench.py " + shlex.join(sys.argv[1:])
    return (f"{'Medians of ' + str(rounds) + ' rounds' if rounds > 1 else 'One round'}. `{command.strip()}` on "
            f"{os.cpu_count()} cores ({names[0].strip() if names else 'unknown'}), {memory:.0f} GB, Linux {os.uname().release}, "
            f"release build, {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, "
            f"load average {os.getloadavg()[0]:.2f} at the end.")


def replaced(page: str, name: str, text: str) -> str:
    """The page with other text between the marks of this name; all else as it was."""
    begin = f"<!-- figures: {name} -->"
    start = page.find(begin)
    stop = page.find(END, start)
    if start < 0 or stop < 0 or "<!-- figures: " in page[start + len(begin):stop]:
        raise Failure(f"docs/performance.md has no place for these figures: add the lines `{begin}` and `{END}`")
    return page[:start + len(begin)] + "\n" + text + "\n" + page[stop:]


def write(name: str, text: str, page: pathlib.Path = PAGE) -> None:
    """Puts a part's text into the page, in one step."""
    new = page.with_suffix(".new")
    new.write_text(replaced(page.read_text(), name, text))
    new.replace(page)
