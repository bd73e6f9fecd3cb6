"""Checks deploy/grafana against the metrics that there are; run by the tests, with the interpreter scripts/setup makes.

check_grafana.py ROOT alerts < METRICS     the rules, their unit tests and docs/runbook.md belong together
check_grafana.py ROOT dashboard < METRICS  the dashboard's queries, layout and words
check_grafana.py ROOT data URL SERIES...   the Prometheus at URL has data for every query of the dashboard, but for those
                                           of the named series, of which nothing has happened

METRICS is a line for each metric of ours: its name, a blank, and the help text with its labels in braces.
Whether an expression is PromQL at all is for promtool to say, which is asked. Ends with 0 and a summary, or with 1 and
all that is wrong.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import yaml

root = pathlib.Path(sys.argv[1])
folder = root / "deploy/grafana"
problems: list[str] = []

# What Prometheus adds itself, and what every process tells of itself (ProcessMetrics.swift), without labels.
FOREIGN = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
           "process_start_time_seconds", "process_open_fds", "process_max_fds"}
# Written by Prometheus for rules that fire.
ALERTS = "ALERTS"
# Labels of targets (prometheus.yml), beside what a metric has itself.
TARGET = {"job", "instance", "process"}
HISTOGRAM = ("_bucket", "_sum", "_count")
SEVERITIES = {"page", "ticket"}


class Metrics:
    """The metrics of ours, by name, with their labels."""

    def __init__(self, text: str) -> None:
        self.labels: dict[str, set[str]] = {}
        for line in text.splitlines():
            name, _, help_text = line.partition(" ")
            groups = re.findall(r"\{([a-z_, ]+)\}", help_text)
            self.labels[name] = {label.strip() for group in groups for label in group.split(",")}
        if not self.labels:
            problems.append("no metrics were given")

    def base(self, series: str) -> str | None:
        """The metric that a series belongs to; nil when it is none of ours."""
        if series in self.labels:
            # A histogram has no series under its bare name.
            return None if series.endswith("_seconds") and self.is_histogram(series) else series
        for ending in HISTOGRAM:
            name = series.removesuffix(ending)
            if name != series and name in self.labels and self.is_histogram(name):
                return name
        return None

    def is_histogram(self, name: str) -> bool:
        return name.endswith("_seconds") and name not in GAUGES_IN_SECONDS


GAUGES_IN_SECONDS = {"whatsapp_queue_oldest_seconds", "whatsapp_outbox_lag_seconds", "whatsapp_outbox_sink_lag_seconds"}
SELECTOR = re.compile(r"\b(whatsapp_[a-z0-9_]+|process_[a-z_]+|up)\b(?:\{([^}]*)\})?")
COUNTING = re.compile(r"\b(rate|irate|increase|resets)\(\s*([a-z_:]+)")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")


def check_query(query: str, metrics: Metrics, recorded: set[str], where: str) -> None:
    """Whether the series and labels that a query names are there."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', query)
    known = set(TARGET)
    found = 0
    for series, matchers in SELECTOR.findall(bare):
        if series in recorded or any(name.startswith(series + ":") for name in recorded):
            continue
        if series in TARGET:
            continue
        found += 1
        base = metrics.base(series)
        if base is None and series not in FOREIGN:
            problems.append(f"{where}: there is no series {series}")
            continue
        own = TARGET | (metrics.labels[base] if base else set()) | ({"le"} if series.endswith("_bucket") else set())
        known |= own
        for matcher in filter(None, (part.strip() for part in matchers.split(","))):
            label = re.split(r"[=!~]", matcher)[0].strip()
            if label not in own:
                problems.append(f"{where}: {series} has no label {label}")
    for function, series in COUNTING.findall(bare):
        if not series.endswith(("_total", *HISTOGRAM)):
            problems.append(f"{where}: {function}() of {series}, which is no counter")
    for labels in GROUPING.findall(bare):
        for label in filter(None, (part.strip() for part in labels.split(","))):
            if label not in known:
                problems.append(f"{where}: nothing in it has the label {label}")
    if not found and ALERTS not in query and not any(name in query for name in recorded):
        problems.append(f"{where}: names no series")


def promtool(*arguments: str) -> None:
    """Has promtool judge; its verdict is kept when it is a bad one."""
    try:
        result = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        sys.exit("promtool is missing: scripts/setup test")
    if result.returncode != 0:
        problems.append(f"promtool {' '.join(arguments)}: {(result.stdout + result.stderr).strip()}")


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def headings() -> set[str]:
    """The headings of docs/runbook.md that are alerts': all under "## By alert"."""
    text = (root / "docs/runbook.md").read_text()
    part = re.search(r"^## By alert$(.*?)(?=^## |\Z)", text, re.S | re.M)
    return set(re.findall(r"^### (\S+)$", part.group(1), re.M)) if part else set()


def recorded_names(files: list[pathlib.Path]) -> set[str]:
    return {rule["record"] for file in files for group in yaml.safe_load(file.read_text())["groups"]
            for rule in group["rules"] if "record" in rule}


def check_alert(rule: dict, where: str) -> None:
    notes = rule.get("annotations", {})
    if rule.get("labels", {}).get("severity") not in SEVERITIES:
        problems.append(f"{where}: its severity is neither page nor ticket")
    for name in ("summary", "description", "runbook_url"):
        if not notes.get(name):
            problems.append(f"{where}: has no {name}")
    if "$value" not in notes.get("summary", "") + notes.get("description", ""):
        problems.append(f"{where}: does not tell the figure")
    if notes.get("runbook_url") != f"docs/runbook.md#{anchor(rule['alert'])}":
        problems.append(f"{where}: its runbook_url is {notes.get('runbook_url')}")


def tests_of(file: pathlib.Path) -> list[pathlib.Path]:
    """A rules file's unit tests; those that take days of the rules' time are evaluated more rarely, in a file of their own."""
    stem = file.name.removesuffix(".rules.yml")
    return sorted(file.parent.glob(f"{stem}.test.yml")) + sorted(file.parent.glob(f"{stem}.*.test.yml"))


def check_tests(file: pathlib.Path, names: set[str]) -> int:
    """Every alert is seen to hold still, to fire and, later in the same test, to have cleared."""
    states: dict[str, set[str]] = {name: set() for name in names}
    count = 0
    for test_file in tests_of(file):
        for test in yaml.safe_load(test_file.read_text())["tests"]:
            fired: set[str] = set()
            for check in test["alert_rule_test"]:
                count += 1
                name = check["alertname"]
                if name not in states:
                    problems.append(f"{test_file.name}: tests {name}, which is no alert of {file.name}")
                elif check.get("exp_alerts"):
                    states[name].add("fires")
                    fired.add(name)
                else:
                    states[name].add("clears" if name in fired else "holds still")
        promtool("test", "rules", str(test_file))
    for name, seen in states.items():
        for missing in sorted({"holds still", "fires", "clears"} - seen):
            problems.append(f"{file.name}: no test in which {name} {missing}")
    return count


def alerts(metrics: Metrics) -> str:
    files = sorted((folder / "alerts").glob("*.rules.yml"))
    recorded = recorded_names(files)
    promtool("check", "rules", *map(str, files))
    names: set[str] = set()
    tested = 0
    for file in files:
        own: set[str] = set()
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                where = f"{file.name}: {rule.get('alert') or rule.get('record')}"
                check_query(rule["expr"], metrics, recorded, where)
                if "alert" in rule:
                    check_alert(rule, where)
                    if rule["alert"] in names | own:
                        problems.append(f"{where}: there are two of that name")
                    own.add(rule["alert"])
        tested += check_tests(file, own)
        names |= own
    for name in sorted(names - headings()):
        problems.append(f"docs/runbook.md has no heading {name} under \"By alert\"")
    for name in sorted(headings() - names):
        problems.append(f"docs/runbook.md: {name} is no alert")
    return f"{len(names)} alerts, {tested} expectations"


def queries(panel: dict) -> list[str]:
    return [target["expr"] for target in panel.get("targets", [])]


# What Grafana fills in, with something of the same kind.
FILLED = {"$__rate_interval": "1m", "$__interval": "1m", "$__range": "1h",
          "$process": ".*", "$instance": ".*"}


def filled(query: str) -> str:
    for name, value in FILLED.items():
        query = query.replace(name, value)
    return query


def overlaps(one: dict, other: dict) -> bool:
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


def check_panel(panel: dict, metrics: Metrics, recorded: set[str], where: str) -> None:
    place = panel["gridPos"]
    if place["x"] < 0 or place["x"] + place["w"] > 24 or place["w"] <= 0 or place["h"] <= 0:
        problems.append(f"{where}: does not fit into the 24 columns")
    if panel["type"] == "row":
        return
    if not panel.get("description"):
        problems.append(f"{where}: has no description")
    if not panel["fieldConfig"]["defaults"].get("unit"):
        problems.append(f"{where}: has no unit")
    if panel.get("datasource", {}).get("uid") != "${datasource}":
        problems.append(f"{where}: is tied to one datasource")
    if not panel.get("targets"):
        problems.append(f"{where}: asks nothing")
    if panel["type"] in {"stat", "gauge"} and len(panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) < 2:
        problems.append(f"{where}: has no thresholds")
    references = [target["refId"] for target in panel.get("targets", [])]
    if len(set(references)) != len(references):
        problems.append(f"{where}: two queries of one refId")
    for target in panel.get("targets", []):
        if panel["type"] == "timeseries" and not target.get("legendFormat"):
            problems.append(f"{where}: {target['refId']} has no legend")
        if re.search(r"\$\w+", filled(target["expr"])):
            problems.append(f"{where}: {target['expr']}: a variable that is none of ours")
        check_query(filled(target["expr"]), metrics, recorded, where)


def check_as_rules(named: list[tuple[str, str]]) -> None:
    """Has Prometheus' own parser read the queries, as rules of a file that is thrown away."""
    rules = [{"record": f"dashboard:query{number}", "expr": filled(query)} for number, (_, query) in enumerate(named)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        promtool("check", "rules", file.name)


def dashboard(metrics: Metrics) -> str:
    recorded = recorded_names(sorted((folder / "alerts").glob("*.rules.yml")))
    board = json.loads((folder / "dashboards/whatsapp-handler.json").read_text())
    made = subprocess.run([sys.executable, str(folder / "dashboards/make.py"), "--print"],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    if json.loads(made) != board:
        problems.append("whatsapp-handler.json is not what make.py makes: run deploy/grafana/dashboards/make.py")
    if board["schemaVersion"] < 38 or not board.get("uid") or board.get("id") is not None:
        problems.append("the dashboard needs schemaVersion 38, a uid, and no id")
    panels = board["panels"]
    ids = [panel["id"] for panel in panels]
    if len(set(ids)) != len(ids):
        problems.append("two panels have one id")
    for number, panel in enumerate(panels):
        where = f"panel {panel['id']} \"{panel['title']}\""
        check_panel(panel, metrics, recorded, where)
        for other in panels[:number]:
            if overlaps(panel["gridPos"], other["gridPos"]):
                problems.append(f"{where} lies on \"{other['title']}\"")
    titles = [panel["title"] for panel in panels]
    if len(set(titles)) != len(titles):
        problems.append("two panels have one title")
    asked = [(panel["title"], query) for panel in panels for query in queries(panel)]
    check_as_rules(asked)
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            check_query(filled(annotation["expr"]), metrics, recorded, f"annotation {annotation['name']}")
            check_as_rules([(annotation["name"], annotation["expr"])])
    return f"{sum(panel['type'] != 'row' for panel in panels)} panels, {len(asked)} queries"


def data(url: str, unmoved: set[str]) -> str:
    """Asks for every query over the last five minutes, as a panel does."""
    board = json.loads((folder / "dashboards/whatsapp-handler.json").read_text())
    count = 0
    now = time.time()
    for panel in board["panels"]:
        for query in queries(panel):
            count += 1
            body = urllib.parse.urlencode(
                {"query": filled(query), "start": now - 300, "end": now, "step": 2}).encode()
            with urllib.request.urlopen(f"{url}/api/v1/query_range", body, timeout=30) as answer:
                found = json.load(answer)["data"]["result"]
            has_data = any(value != "NaN" for series in found for _, value in series["values"])
            named = {name for name, _ in SELECTOR.findall(query)}
            excused = any(series.removesuffix(ending) in unmoved for series in named for ending in ("", *HISTOGRAM))
            if not has_data and not excused:
                problems.append(f"panel \"{panel['title']}\" has no data: {query}")
    return f"{count} queries"


match sys.argv[2:]:
    case ["alerts"]:
        summary = alerts(Metrics(sys.stdin.read()))
    case ["dashboard"]:
        summary = dashboard(Metrics(sys.stdin.read()))
    case ["data", url, *unmoved]:
        summary = data(url, set(unmoved))
    case other:
        sys.exit(f"{' '.join(other)}: alerts, dashboard or data URL SERIES... is expected")
print("\n".join(problems) or summary)
sys.exit(1 if problems else 0)
