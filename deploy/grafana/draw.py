#!/usr/bin/env python3
"""Draws the dashboard from a Prometheus' answers, as Grafana would: what is seen is what whatsapp-handler.json says.

draw.py PROMETHEUS START END PICTURE    times in seconds since 1970; PICTURE is a .png (needs chromium) or a .html

Grafana itself is not in Debian. Of its panels this knows stat, timeseries, heatmap and table, with their gridPos, units, thresholds,
mappings, legends, stacking, logarithmic axes, colours and the dashboard's annotations. Prints "no data: TITLE" for each panel that has none.
"""
import html
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

WIDTH, MARGIN, GAP, UNIT = 1680, 12, 8, 34
PALETTE = ["#73BF69", "#F2CC0C", "#8AB8FF", "#FF780A", "#F2495C", "#5794F2", "#B877D9", "#705DA0", "#37872D", "#FADE2A",
           "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477"]
NAMED = {"green": "#73BF69", "red": "#F2495C", "text": "#ccccdc", "transparent": "transparent"}
FONT = "Inter, Roboto, 'Liberation Sans', 'DejaVu Sans', sans-serif"


class Prometheus:
    """Answers for one stretch of time."""

    def __init__(self, url: str, start: float, end: float) -> None:
        self.url, self.start, self.end = url, start, end
        self.step = max(1, round((end - start) / 240))

    def filled(self, query: str) -> str:
        """The query with Grafana's variables filled in, as for a panel of this width."""
        span = f"{math.ceil(self.end - self.start)}s"
        for name, value in {"$__rate_interval": f"{max(16, 4 * self.step)}s", "$__interval": f"{self.step}s", "$__range": span,
                            "$process": ".*", "$instance": ".*"}.items():
            query = query.replace(name, value)
        return query

    def ask(self, path: str, **parameters: object) -> list[dict]:
        body = urllib.parse.urlencode(parameters).encode()
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", body, timeout=60) as answer:
            return json.load(answer)["data"]["result"]

    def range(self, query: str) -> list[tuple[dict, dict[float, float]]]:
        found = self.ask("query_range", query=self.filled(query), start=self.start, end=self.end, step=self.step)
        return [(series["metric"], {float(at): float(value) for at, value in series["values"]}) for series in found]

    def now(self, query: str) -> list[tuple[dict, float]]:
        found = self.ask("query", query=self.filled(query), time=self.end)
        return [(series["metric"], float(series["value"][1])) for series in found]


def shade(colour: str, limits: dict | None = None) -> str:
    return NAMED.get(colour, colour)


def number(value: float, decimals: int | None = None) -> str:
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(value: float, sizes: list[tuple[float, str]], decimals: int | None) -> str:
    for size, name in sizes:
        if abs(value) >= size:
            return f"{number(value / size, decimals)}{name}"
    return number(value, decimals) + sizes[-1][1] if value else "0" + sizes[-1][1]


TIMES = [(86400, " d"), (3600, " h"), (60, " min"), (1, " s"), (1e-3, " ms"), (1e-6, " µs")]


def shown(value: float | None, unit: str, decimals: int | None = None) -> str:
    """A value in its unit, as Grafana writes it."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞"
    match unit:
        case "s":
            return "0 s" if value == 0 else scaled(value, TIMES, 0 if decimals == 0 and abs(value) >= 1 else None)
        case "percentunit":
            return number(value * 100, decimals) + "%"
        case "bytes":
            return scaled(value, [(2**30, " GiB"), (2**20, " MiB"), (2**10, " KiB"), (1, " B")], None)
        case "reqps" | "cps" | "cpm":
            return number(value, decimals) + {"reqps": " req/s", "cps": " c/s", "cpm": " c/m"}[unit]
        case "dateTimeFromNow":
            return scaled(max(1, time.time() - value / 1000), TIMES, 0) + " ago"
        case _:
            return scaled(value, [(1e6, " Mil"), (1e4, " K"), (1, "")], decimals) if abs(value) >= 1e4 else number(value, decimals)


def limit_colour(steps: list[dict], value: float) -> str:
    found = steps[0]["color"]
    for step in steps[1:]:
        if step["value"] is not None and value >= step["value"]:
            found = step["color"]
    return shade(found)


def text(x: float, y: float, words: str, size: float = 11, fill: str = "#9a9aa8", anchor: str = "start", weight: int = 400) -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(words)}</text>")


def legend_name(template: str, labels: dict) -> str:
    name = re.sub(r"\{\{\s*([\w.]+)\s*\}\}", lambda match: labels.get(match.group(1), ""), template).strip()
    return name or ", ".join(f"{key}={value}" for key, value in labels.items() if key != "__name__") or "value"


def ticks(low: float, high: float, most: int, unit: str = "short") -> list[float]:
    """Round numbers from low to high; of a minute and of a kibibyte where those are the unit."""
    if high <= low:
        high = low + 1
    rough = (high - low) / most
    rounder = {"s": [30, 60, 120, 300, 600, 1800, 3600, 7200, 86400], "bytes": [2.0**power for power in range(10, 45)]}.get(unit, [])
    if rounder and rough > rounder[0] / 2:
        step = next((size for size in rounder if size >= rough), rounder[-1])
        first = math.ceil(low / step) * step
        return [first + step * place for place in range(int((high - first) / step + 1e-9) + 1)]
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first = math.ceil(low / step) * step
    return [first + step * place for place in range(int((high - first) / step + 1e-9) + 1)]


class Panel:
    """One panel: its place on the page, and what is drawn there."""

    def __init__(self, spec: dict, server: Prometheus, marks: list[dict]) -> None:
        self.spec, self.server, self.marks = spec, server, marks
        place = spec["gridPos"]
        column = (WIDTH - 2 * MARGIN + GAP) / 24
        self.x, self.y = MARGIN + place["x"] * column, 64 + place["y"] * (UNIT + GAP)
        self.width, self.height = place["w"] * column - GAP, place["h"] * (UNIT + GAP) - GAP
        self.defaults = spec.get("fieldConfig", {}).get("defaults", {})
        self.unit = self.defaults.get("unit", "short")
        self.decimals = self.defaults.get("decimals")
        self.has_data = True
        self.out: list[str] = []

    def draw(self) -> str:
        kind = self.spec["type"]
        if kind == "row":
            return (f'<g transform="translate({self.x:.1f},{self.y:.1f})"><path d="M4 14l5 5 5-5" fill="none" stroke="#ccccdc" '
                    f'stroke-width="1.6"/>{text(24, 22, self.spec["title"], 15, "#ccccdc", weight=500)}</g>')
        {"stat": self.stat, "timeseries": self.timeseries, "heatmap": self.heatmap, "table": self.table}[kind]()
        frame = (f'<rect width="{self.width:.1f}" height="{self.height:.1f}" rx="3" fill="#181b1f" stroke="#2a2d33"/>')
        title = text(10, 21, self.spec["title"], 13, "#ccccdc", weight=500)
        if not self.has_data:
            self.out = [text(self.width / 2, self.height / 2 + 6, "No data", 13, "#9a9aa8", "middle")]
        return f'<g transform="translate({self.x:.1f},{self.y:.1f})">{frame}{"".join(self.out)}{title}</g>'

    def series(self) -> list[tuple[str, dict[float, float]]]:
        found = []
        for target in self.spec["targets"]:
            for labels, points in self.server.range(target["expr"]):
                points = {at: value for at, value in points.items() if not math.isnan(value)}
                if points:
                    found.append((legend_name(target["legendFormat"], labels), points))
        self.has_data = bool(found)
        return found

    # Stat

    def stat(self) -> None:
        target = self.spec["targets"][0]
        found = self.server.range(target["expr"])
        points = {at: value for at, value in (found[0][1] if found else {}).items() if not math.isnan(value)}
        if not points:
            self.has_data = False
            return
        value = points[max(points)]
        steps = self.defaults["thresholds"]["steps"]
        colour, words = limit_colour(steps, value), shown(value, self.unit, self.decimals)
        for mapping in self.defaults.get("mappings", []):
            option = mapping["options"].get(f"{value:g}")
            if option:
                words, colour = option["text"], shade(option["color"])
        background = self.spec["options"]["colorMode"] == "background"
        if background:
            self.out.append(f'<rect width="{self.width:.1f}" height="{self.height:.1f}" rx="3" fill="{colour}" fill-opacity=".82"/>')
        low, high = min(points.values()), max(points.values())
        span = self.server.end - self.server.start
        bottom, top = self.height - 1, self.height * 0.72
        path = " ".join(
            f"{(at - self.server.start) / span * self.width:.1f},{bottom - (one - low) / ((high - low) or 1) * (bottom - top):.1f}"
            for at, one in sorted(points.items()))
        first, last = min(points), max(points)
        line = "#ffffff" if background else colour
        left, right = ((at - self.server.start) / span * self.width for at in (first, last))
        self.out.append(f'<polygon points="{left:.1f},{bottom} {path} {right:.1f},{bottom}" fill="{line}" fill-opacity=".14"/>'
                        f'<polyline points="{path}" fill="none" stroke="{line}" stroke-opacity=".8"/>')
        size = min(42, self.width / max(4, len(words)) * 1.45)
        self.out.append(text(self.width / 2, self.height * 0.5 + size * 0.24, words, size, "#ffffff" if background else colour, "middle", 600))

    # Time series

    def colours(self, names: list[str]) -> dict[str, str]:
        fixed = {override["matcher"]["options"]: override["properties"][0]["value"]["fixedColor"]
                 for override in self.spec["fieldConfig"]["overrides"]}
        free = iter(colour for colour in PALETTE * 8 if colour not in fixed.values())
        return {name: shade(fixed[name]) if name in fixed else next(free) for name in names}

    def timeseries(self) -> None:
        found = self.series()
        if not found:
            return
        custom = self.defaults["custom"]
        options = self.spec["options"]["legend"]
        colours = self.colours([name for name, _ in found])
        aside = options["placement"] == "right"
        left, right = 62.0, self.width - (min(420, self.width * 0.46) if aside else 14)
        rows = 1 if aside else self.rows_of_legend([name for name, _ in found])
        top, bottom = 38.0, self.height - (26 if aside else 24 + 17 * rows)
        start, end = self.server.start, self.server.end

        def across(at: float) -> float:
            return left + (at - start) / (end - start) * (right - left)

        stacked = custom["stacking"]["mode"] == "normal"
        instants = sorted({at for _, points in found for at in points})
        base = dict.fromkeys(instants, 0.0)
        curves: list[tuple[str, list[tuple[float, float, float]]]] = []
        for name, points in found:
            curve = []
            for at in instants:
                if stacked:
                    value = points.get(at, 0.0)
                    curve.append((at, base[at] + value, base[at]))
                    base[at] += value
                elif at in points:
                    curve.append((at, points[at], 0.0))
            curves.append((name, curve))
        values = [value for _, curve in curves for _, value, _ in curve]
        logarithmic = custom["scaleDistribution"]["type"] == "log"
        up, marks = self.logarithmic(values, top, bottom) if logarithmic else self.linear(values, top, bottom)
        for value in marks:
            y = up(value)
            self.out.append(f'<line x1="{left}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#f0faff" stroke-opacity=".08"/>')
            self.out.append(text(left - 8, y + 4, shown(value, self.unit), 11, anchor="end"))
        self.time_axis(across, left, right, top, bottom)
        self.annotate(across, top, bottom)
        self.out.append(f'<clipPath id="c{self.spec["id"]}"><rect x="{left}" y="{top - 2}" width="{right - left:.1f}" height="{bottom - top + 3:.1f}"/></clipPath>'
                        f'<g clip-path="url(#c{self.spec["id"]})">')
        for name, curve in (reversed(curves) if stacked else curves):
            for part in self.parts(curve, custom["spanNulls"] / 1000):
                path = " ".join(f"{across(at):.1f},{up(value):.1f}" for at, value, _ in part)
                back = " ".join(f"{across(at):.1f},{up(below) if stacked else bottom:.1f}" for at, _, below in reversed(part))
                self.out.append(f'<polygon points="{path} {back}" fill="{colours[name]}" fill-opacity="{custom["fillOpacity"] / 100 * (1.5 if stacked else 0.8):.2f}"/>')
                self.out.append(f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="1.4" stroke-linejoin="round"/>')
        if custom["thresholdsStyle"]["mode"] == "line":
            for step in self.defaults["thresholds"]["steps"][1:]:
                if step["value"] is not None and top <= up(step["value"]) <= bottom:
                    y = up(step["value"])
                    self.out.append(f'<line x1="{left}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{shade(step["color"])}" stroke-opacity=".85" stroke-width="1.2"/>')
        self.out.append("</g>")
        if aside:
            self.legend_table(found, colours, right + 18)
        else:
            self.legend_list([name for name, _ in found], colours, self.height - 17 * rows + 6)

    def linear(self, values: list[float], top: float, bottom: float):
        low = min([self.defaults.get("min", min(values)), *values])
        high = self.defaults.get("max", max(values))
        if self.defaults["custom"]["thresholdsStyle"]["mode"] == "line":
            limit = self.defaults["thresholds"]["steps"][-1]["value"]
            high = max(high, limit * 1.12) if high > limit * 0.25 else high
        if high <= low:
            high = low + 1
        marks = ticks(low, high, 5, self.unit)
        if "max" not in self.defaults and high > marks[-1]:
            high = max(high * 1.04, marks[-1])
        return lambda value: bottom - (value - low) / (high - low) * (bottom - top), marks

    def logarithmic(self, values: list[float], top: float, bottom: float):
        positive = [value for value in values if value > 0] or [1]
        low = 10 ** math.floor(math.log10(min(positive)) + 1e-9)
        high = 10 ** math.ceil(math.log10(max(positive)) - 1e-9)
        if self.defaults["custom"]["thresholdsStyle"]["mode"] == "line":
            high = max(high, self.defaults["thresholds"]["steps"][-1]["value"])
        if high <= low:
            high = low * 10
        marks = [10.0**power for power in range(round(math.log10(low)), math.floor(math.log10(high) + 1e-9) + 1)]
        if self.unit == "s":
            marks = [mark for mark in marks if mark < 60] + [mark for mark in (60, 600, 3600) if low < mark <= high]
        span = math.log10(high / low)
        return lambda value: bottom - math.log10(max(value, low) / low) / span * (bottom - top), marks

    @staticmethod
    def parts(curve: list[tuple[float, float, float]], gap: float) -> list[list[tuple[float, float, float]]]:
        """The curve, cut where there was no data for too long."""
        found: list[list[tuple[float, float, float]]] = []
        for point in curve:
            if not found or point[0] - found[-1][-1][0] > gap:
                found.append([])
            found[-1].append(point)
        return found

    def time_axis(self, across, left: float, right: float, top: float, bottom: float) -> None:
        span = self.server.end - self.server.start
        most = max(3, (right - left) / 90)
        step = next(size for size in (10, 15, 30, 60, 120, 300, 600, 1800, 3600, 21600) if span / size <= most)
        at = math.ceil(self.server.start / step) * step
        while at <= self.server.end:
            x = across(at)
            self.out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom:.1f}" stroke="#f0faff" stroke-opacity=".06"/>')
            self.out.append(text(x, bottom + 16, time.strftime("%H:%M:%S" if step < 60 else "%H:%M", time.gmtime(at)), 11, anchor="middle"))
            at += step

    def annotate(self, across, top: float, bottom: float) -> None:
        """Stretches as a tint with a bar below, moments as a dashed line; moments are on top."""
        for mark in sorted(self.marks, key=lambda mark: mark["from"] == mark["to"]):
            first, last, colour = across(mark["from"]), across(mark["to"]), mark["colour"]
            strength = ".95" if mark["from"] == mark["to"] else ".4"
            if last > first:
                self.out.append(f'<rect x="{first:.1f}" y="{top}" width="{last - first:.1f}" height="{bottom - top:.1f}" fill="{colour}" fill-opacity=".05"/>'
                                f'<rect x="{first:.1f}" y="{bottom:.1f}" width="{last - first:.1f}" height="3" fill="{colour}" fill-opacity=".55"/>')
            self.out.append(f'<line x1="{first:.1f}" x2="{first:.1f}" y1="{top}" y2="{bottom:.1f}" stroke="{colour}" stroke-dasharray="4 3" stroke-opacity="{strength}"/>'
                            f'<path d="M{first - 4:.1f} {bottom + 6:.1f}h8l-4-6z" fill="{colour}"/>')

    def rows_of_legend(self, names: list[str]) -> int:
        rows, used = 1, 10.0
        for name in names:
            wide = 26 + len(name) * 6.4
            if used + wide > self.width - 10:
                rows, used = rows + 1, 10.0
            used += wide
        return min(rows, 3)

    def legend_list(self, names: list[str], colours: dict[str, str], y: float) -> None:
        x, row = 12.0, 0
        for name in names:
            wide = 26 + len(name) * 6.4
            if x + wide > self.width - 10:
                x, row = 12.0, row + 1
                if row > 2:
                    return
            self.out.append(f'<rect x="{x:.1f}" y="{y + 17 * row - 6:.1f}" width="13" height="4" rx="2" fill="{colours[name]}"/>')
            self.out.append(text(x + 18, y + 17 * row, name, 11.5, "#ccccdc"))
            x += wide

    def legend_table(self, found: list[tuple[str, dict[float, float]]], colours: dict[str, str], x: float) -> None:
        right = self.width - 14
        self.out.append(text(x, 46, "Name", 11, "#6e9fff") + text(right - 72, 46, "Last", 11, "#6e9fff", "end") + text(right, 46, "Max", 11, "#6e9fff", "end"))
        room = int((self.height - 70) / 18)
        for row, (name, points) in enumerate(sorted(found, key=lambda one: -max(one[1].values()))[:room]):
            y = 66 + 18 * row
            self.out.append(f'<rect x="{x:.1f}" y="{y - 6}" width="13" height="4" rx="2" fill="{colours[name]}"/>')
            self.out.append(text(x + 19, y, name[:34], 11.5, "#ccccdc"))
            self.out.append(text(right - 72, y, shown(points[max(points)], self.unit), 11.5, "#ccccdc", "end"))
            self.out.append(text(right, y, shown(max(points.values()), self.unit), 11.5, "#ccccdc", "end"))
        if len(found) > room:
            self.out.append(text(x + 19, 66 + 18 * room, f"and {len(found) - room} more", 11))

    # Heatmap

    def heatmap(self) -> None:
        found = {float(labels["le"]): points for labels, points in self.server.range(self.spec["targets"][0]["expr"])}
        bounds = sorted(found)
        if not any(value > 0 for points in found.values() for value in points.values()):
            self.has_data = False
            return
        cells: dict[tuple[int, float], float] = {}
        for place, bound in enumerate(bounds):
            for at, value in found[bound].items():
                below = found[bounds[place - 1]].get(at, 0.0) if place else 0.0
                cells[place, at] = max(0.0, value - below)
        used = [place for (place, _), value in cells.items() if value > 0.01]
        first, last = max(0, min(used) - 1), min(len(bounds) - 1, max(used) + 1)
        left, right, top, bottom = 62.0, self.width - 14, 38.0, self.height - 46
        start, end, step = self.server.start, self.server.end, self.server.step
        tall = (bottom - top) / (last - first + 1)

        def across(at: float) -> float:
            return left + (at - start) / (end - start) * (right - left)

        most = max(cells.values())
        for (place, at), value in cells.items():
            if value > 0.01 and first <= place <= last:
                strength = (value / most) ** 0.5
                colour = tuple(round(low + (high - low) * strength) for low, high in zip((72, 38, 20), (255, 176, 78)))
                y = bottom - (place - first + 1) * tall
                self.out.append(f'<rect x="{max(left, across(at) - (across(start + step) - left)):.1f}" y="{y + 0.5:.1f}" width="{across(start + step) - left - 0.4:.2f}" height="{tall - 1:.1f}" fill="rgb{colour}"/>')
        every = max(1, math.ceil((last - first + 1) * 15 / (bottom - top)))
        for place in range(first, last + 1, every):
            self.out.append(text(left - 8, bottom - (place - first) * tall - tall / 2 + 4, shown(bounds[place], "s"), 11, anchor="end"))
        self.time_axis(across, left, right, top, bottom)
        for place in range(60):
            strength = (place / 59) ** 0.5
            colour = tuple(round(low + (high - low) * strength) for low, high in zip((72, 38, 20), (255, 176, 78)))
            self.out.append(f'<rect x="{14 + place * 2.4:.1f}" y="{self.height - 19:.1f}" width="2.5" height="7" fill="rgb{colour}"/>')
        self.out.append(text(14 + 60 * 2.4 + 6, self.height - 12, f"0 to {number(most)}", 11))

    # Table

    def table(self) -> None:
        found = self.server.now(self.spec["targets"][0]["expr"])
        self.has_data = bool(found)
        columns = self.spec["transformations"][0]["options"]["renameByName"]
        keys = list(columns)
        wide = (self.width - 24) / (len(keys) + 0.4)
        places = [12 + wide * place * (1.15 if len(keys) > 2 else 1.35) for place in range(len(keys))]
        for key, x in zip(keys[:-1], places):
            self.out.append(text(x, 48, columns[key], 11.5, "#6e9fff", weight=500))
        self.out.append(text(self.width - 14, 48, columns[keys[-1]], 11.5, "#6e9fff", "end", 500))
        room = int((self.height - 56) / 22)
        for row, (labels, value) in enumerate(sorted(found, key=lambda one: -one[1])[:room]):
            y = 70 + 22 * row
            self.out.append(f'<line x1="1" x2="{self.width - 1:.1f}" y1="{y - 16}" y2="{y - 16}" stroke="#2a2d33"/>')
            for key, x in zip(keys[:-1], places):
                self.out.append(text(x, y, labels.get(key, ""), 12, "#ccccdc"))
            self.out.append(text(self.width - 14, y, shown(value, self.unit, 0 if self.unit == "short" else None), 12, "#ccccdc", "end"))


def annotations(board: dict, server: Prometheus) -> list[dict]:
    """Moments and stretches that are marked in every panel."""
    found = []
    for annotation in board["annotations"]["list"]:
        if "expr" not in annotation or annotation.get("hide"):
            continue
        for _, points in server.range(annotation["expr"]):
            if annotation.get("useValueForTime"):
                found += [{"from": at, "to": at, "colour": annotation["iconColor"]}
                          for at in {round(value / 1000, 1) for value in points.values()} if server.start <= at <= server.end]
            else:
                found.append({"from": min(points), "to": max(points), "colour": annotation["iconColor"]})
    return found


def page(board: dict, server: Prometheus) -> tuple[str, int, list[str]]:
    marks = annotations(board, server)
    # Those that begin together are drawn once.
    marks = [mark for place, mark in enumerate(marks) if not any(
        abs(mark["from"] - other["from"]) < 3 and abs(mark["to"] - other["to"]) < 3 and mark["colour"] == other["colour"]
        for other in marks[:place])]
    panels = [Panel(spec, server, marks) for spec in board["panels"]]
    drawn = [panel.draw() for panel in panels]
    empty = [panel.spec["title"] for panel in panels if not panel.has_data]
    height = round(max(panel.y + panel.height for panel in panels) + MARGIN)
    moment = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)) for at in (server.start, server.end)]
    head = (f'<rect width="{WIDTH}" height="52" fill="#181b1f"/><line x2="{WIDTH}" y1="52" y2="52" stroke="#2a2d33"/>'
            + text(20, 32, board["title"], 18, "#ccccdc", weight=600)
            + text(196, 32, board["description"], 13)
            + text(WIDTH - 20, 32, f"{moment[0]} to {moment[1]} UTC", 13, "#ccccdc", "end"))
    body = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="{FONT}">'
            f'<rect width="{WIDTH}" height="{height}" fill="#111217"/>{head}{"".join(drawn)}</svg>')
    return f'<!doctype html><meta charset="utf-8"><style>body{{margin:0;background:#111217}}svg{{display:block}}</style>{body}', height, empty


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    board = json.loads((pathlib.Path(__file__).parent / "dashboards/whatsapp-handler.json").read_text())
    server = Prometheus(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
    drawn, height, empty = page(board, server)
    picture = pathlib.Path(sys.argv[4])
    if picture.suffix == ".html":
        picture.write_text(drawn)
    else:
        picture.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "dashboard.html"
            source.write_text(drawn)
            subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={folder}/profile",
                            f"--window-size={WIDTH},{height}", f"--screenshot={folder}/whole.png", source.as_uri()],
                           check=True, capture_output=True, timeout=120)
            (picture).write_bytes((pathlib.Path(folder) / "whole.png").read_bytes())
    for title in empty:
        print(f"no data: {title}")


if __name__ == "__main__":
    main()
