"""Reads the instructions of our Dockerfile, and no others: one that is not understood is an error, not skipped.

What the tests check of the Dockerfile and what scripts/check-image carries out is read here, so that both speak of the
file itself.
"""
import dataclasses
import json
import pathlib
import re
import shlex

KNOWN = {
    "FROM", "ARG", "RUN", "COPY", "WORKDIR", "ENV", "LABEL", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD",
}


@dataclasses.dataclass
class Instruction:
    line: int
    word: str
    text: str


@dataclasses.dataclass
class Stage:
    base: str
    name: str
    instructions: list[Instruction]

    def all(self, word: str) -> list[str]:
        return [each.text for each in self.instructions if each.word == word]

    def packages(self) -> list[str]:
        """What it has apt-get install, without what an argument adds."""
        found = re.findall(r"apt-get install -y --no-install-recommends((?: [^\s&]+)+)", " ".join(self.all("RUN")))
        return [word for words in found for word in words.split() if not word.startswith("$")]


@dataclasses.dataclass
class Copy:
    source_stage: str | None
    sources: list[str]
    target: str


def instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    kept, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("#") or (not line.strip() and not kept):
            continue
        start = start or number
        kept += line.strip().removesuffix("\\") if line.rstrip().endswith("\\") else line.strip()
        if line.rstrip().endswith("\\"):
            kept += " "
            continue
        word, _, rest = re.sub(r"\s+", " ", kept).strip().partition(" ")
        if word not in KNOWN:
            raise SystemExit(f"Dockerfile:{start}: {word} is not understood here")
        found.append(Instruction(start, word, rest))
        kept, start = "", 0
    return found


def stages(path: pathlib.Path) -> list[Stage]:
    found: list[Stage] = []
    for each in instructions(path.read_text()):
        if each.word == "FROM":
            words = each.text.split()
            found.append(Stage(words[0], words[2] if len(words) == 3 else str(len(found)), []))
        elif not found:
            raise SystemExit(f"Dockerfile:{each.line}: {each.word} before FROM")
        else:
            found[-1].instructions.append(each)
    return found


def copy(text: str) -> Copy:
    words = text.split()
    stage = None
    while words[0].startswith("--"):
        option, _, value = words.pop(0).partition("=")
        if option != "--from":
            raise SystemExit(f"COPY {option} is not understood here")
        stage = value
    return Copy(stage, words[:-1], words[-1])


def pairs(text: str) -> dict[str, str]:
    """NAME=value …, as ENV, LABEL and ARG have it."""
    return dict((word.partition("=")[0], word.partition("=")[2]) for word in shlex.split(text))


def expand(text: str, variables: dict[str, str]) -> str:
    """$NAME, ${NAME}, ${NAME:-word} and ${NAME:+word}, as Docker replaces them outside RUN."""

    def value(match: re.Match[str]) -> str:
        name, sign, word = match[1] or match[2], match[3], match[4] or ""
        given = variables.get(name, "")
        if sign == ":-":
            return given or expand(word, variables)
        return (expand(word, variables) if given else "") if sign == ":+" else given

    return re.sub(r"\$(?:(\w+)|\{(\w+)(?:(:[-+])([^}]*))?\})", value, text)


def command(text: str) -> list[str]:
    """The exec form, which is the only one that gets signals."""
    words = json.loads(text)
    if not isinstance(words, list):
        raise SystemExit(f"{text} is not in exec form")
    return words


def is_ignored(path: str, patterns: list[str]) -> bool:
    """Whether .dockerignore keeps a file of the build's folder from the builder: the last pattern that fits decides."""
    ignored = False
    for pattern in patterns:
        kept = pattern.startswith("!")
        if re.match(_expression(pattern.lstrip("!").strip("/")), path):
            ignored = not kept
    return ignored


def _expression(pattern: str) -> str:
    text = ""
    for part in re.split(r"(\*\*/?|\*|\?)", pattern):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return text + r"(?:/.*)?$"


def patterns(path: pathlib.Path) -> list[str]:
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("#")]
