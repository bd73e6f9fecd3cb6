#!/usr/bin/env python3
"""Writes whatsapp-handler.json, the dashboard for Grafana 10 and later.

make.py           writes it beside this file
make.py --print   prints it

What is the same for all panels is said once here; Tests/Python/check_grafana.py compares the file with this, and its
queries with the metrics that there are. Changes made in Grafana go into this file by hand.
"""
import json
import pathlib
import sys

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Where these are is everybody's own: hidden variables of the dashboard, to be set once after the import.
RUNBOOK = "https://git.example.org/whatsapp-handler/blob/main/docs/runbook.md"
CONSOLE = "http://localhost:8080/"
CHOSEN = 'process=~"$process",instance=~"$instance"'
COLOURS = {"good": "green", "warn": "#EAB839", "bad": "red"}


class Board:
    """Panels, placed one after the other in rows of 24 columns."""

    def __init__(self) -> None:
        self.panels: list[dict] = []
        self.x, self.y, self.height = 0, 0, 0

    def add(self, panel: dict, width: int, height: int) -> None:
        if self.x + width > 24:
            self.x, self.y, self.height = 0, self.y + self.height, 0
        panel["id"] = len(self.panels) + 1
        panel["gridPos"] = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.x, self.height = self.x + width, max(self.height, height)
        self.panels.append(panel)

    def row(self, title: str) -> None:
        self.x, self.y, self.height = 0, self.y + self.height, 0
        self.add({"type": "row", "title": title, "collapsed": False, "panels": []}, 24, 1)


def steps(limits: list[tuple[float, str]]) -> dict:
    """Thresholds: the first colour from below, each other one from its value on."""
    return {"mode": "absolute",
            "steps": [{"color": COLOURS.get(colour, colour), "value": None if number == 0 else value}
                      for number, (value, colour) in enumerate(limits)]}


def targets(queries: dict[str, str], instant: bool = False, form: str = "time_series") -> list[dict]:
    return [{"refId": chr(ord("A") + number), "datasource": DATASOURCE, "expr": " ".join(query.split()),
             "legendFormat": legend, "instant": instant, "range": not instant, "format": form, "editorMode": "code"}
            for number, (legend, query) in enumerate(queries.items())]


def panel(kind: str, title: str, description: str, unit: str, queries: list[dict], defaults: dict, options: dict,
          overrides: list[dict] | None = None) -> dict:
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "targets": queries,
            "fieldConfig": {"defaults": {"unit": unit, **defaults}, "overrides": overrides or []}, "options": options}


def stat(title: str, description: str, unit: str, query: str, limits: list[tuple[float, str]], *, decimals: int | None = None,
         mappings: dict[str, tuple[str, str]] | None = None, background: bool = False) -> dict:
    defaults: dict = {"thresholds": steps(limits), "color": {"mode": "thresholds"}, "noValue": "–"}
    if decimals is not None:
        defaults["decimals"] = decimals
    if mappings:
        defaults["mappings"] = [{"type": "value", "options": {
            value: {"text": text, "color": COLOURS.get(colour, colour), "index": number}
            for number, (value, (text, colour)) in enumerate(mappings.items())}}]
    return panel("stat", title, description, unit, targets({"": query}), defaults, {
        "colorMode": "background" if background else "value", "graphMode": "area", "justifyMode": "auto",
        "textMode": "auto", "wideLayout": True, "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})


def colour(name: str, value: str) -> dict:
    """Gives a series of that name its colour."""
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": value}}]}


def lines(title: str, description: str, unit: str, queries: dict[str, str], *, stacked: bool = False,
          limit: list[tuple[float, str]] | None = None, table: bool = False, minimum: float | None = 0,
          maximum: float | None = None, colours: dict[str, str] | None = None, bars: bool = False,
          logarithmic: bool = False) -> dict:
    custom = {"drawStyle": "bars" if bars else "line", "lineInterpolation": "linear", "lineWidth": 1,
              "fillOpacity": 60 if bars else 25 if stacked else 8, "gradientMode": "none", "showPoints": "never",
              "spanNulls": 60000, "pointSize": 4, "axisPlacement": "auto",
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
              "scaleDistribution": {"type": "log", "log": 10} if logarithmic else {"type": "linear"},
              "thresholdsStyle": {"mode": "line" if limit else "off"}}
    defaults: dict = {"custom": custom, "color": {"mode": "palette-classic"},
                      "thresholds": steps(limit or [(0, "good")])}
    if minimum is not None and not logarithmic:
        defaults["min"] = minimum
    if maximum is not None:
        defaults["max"] = maximum
    return panel("timeseries", title, description, unit, targets(queries), defaults, {
        "legend": {"showLegend": True, "displayMode": "table" if table else "list",
                   "placement": "right" if table else "bottom", "calcs": ["lastNotNull", "max"] if table else []},
        "tooltip": {"mode": "multi", "sort": "desc"}},
        [colour(name, value) for name, value in (colours or {}).items()])


def heatmap(title: str, description: str, query: str) -> dict:
    made = targets({"{{le}}": query})
    made[0]["format"] = "heatmap"
    return panel("heatmap", title, description, "short", made, {"custom": {"scaleDistribution": {"type": "linear"}}}, {
        "calculate": False, "cellGap": 1, "cellValues": {"unit": "short"},
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "fill": "dark-orange", "reverse": False,
                  "scale": "exponential"},
        "filterValues": {"le": 1e-9}, "legend": {"show": True}, "rowsFrame": {"layout": "auto"},
        "tooltip": {"show": True, "yHistogram": False}, "yAxis": {"axisPlacement": "left", "unit": "s", "reverse": False}})


def table(title: str, description: str, unit: str, query: str, columns: dict[str, str]) -> dict:
    """The newest values as rows; `columns` names the labels to be shown, and "Value"."""
    return panel("table", title, description, unit, targets({"": query}, instant=True, form="table"), {
        "thresholds": steps([(0, "good")]), "color": {"mode": "thresholds"},
        "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}},
        {"showHeader": True, "cellHeight": "sm", "sortBy": [{"displayName": columns["Value"], "desc": True}],
         "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}) | {
        "transformations": [
            {"id": "organize", "options": {"excludeByName": {"Time": True, "__name__": True},
                                           "indexByName": {name: number for number, name in enumerate(columns)},
                                           "renameByName": columns}}]}


def rate(series: str, by: str = "", matchers: str = "", window: str = "$__rate_interval") -> str:
    grouping = f" by ({by})" if by else ""
    return f"sum{grouping} (rate({series}{'{' + matchers + '}' if matchers else ''}[{window}]))"


def quantile(share: float, series: str, by: str = "", matchers: str = "", window: str = "$__rate_interval") -> str:
    return f"histogram_quantile({share}, {rate(series + '_bucket', ', '.join(filter(None, ['le', by])), matchers, window)})"


GREEN, YELLOW, RED, BLUE, ORANGE, PURPLE, GREY = (
    "#73BF69", "#F2CC0C", "#F2495C", "#5794F2", "#FF9830", "#B877D9", "#8e8e8e")


def overview(board: Board) -> None:
    board.row("Overview")
    board.add(stat(
        "Messages", "Messages that ingest has accepted, a second.", "reqps",
        rate("whatsapp_messages_received_total", matchers='kind="message"'), [(0, "text"), (1e9, "text")], decimals=1), 4, 4)
    board.add(stat(
        "Answered within 10 s", "Of the messages answered in the time that is shown; 99 % is what we promise. What waits still is not in it.",
        "percentunit",
        'sum(increase(whatsapp_message_stage_seconds_bucket{stage="total",le=~"10|10[.]0"}[$__range])) '
        '/ sum(increase(whatsapp_message_stage_seconds_count{stage="total"}[$__range]))',
        [(0, "bad"), (0.985, "warn"), (0.99, "good")], decimals=2), 4, 4)
    board.add(stat(
        "Oldest message", "How long the passenger has waited who has waited longest. Beyond 60 s: OldestMessageTooOld.", "s",
        "max(whatsapp_queue_oldest_seconds)", [(0, "good"), (10, "warn"), (60, "bad")], decimals=0), 4, 4)
    board.add(stat(
        "Dead letters", "Messages given up, that wait for a decision: operator dead list.", "short",
        'max(whatsapp_queue_depth{list="dead"})', [(0, "good"), (1, "bad")], decimals=0), 3, 4)
    board.add(stat(
        "Outbox lag", "Age of the oldest event that some sink has not been given. Beyond 60 s: OutboxLag.", "s",
        "max(whatsapp_outbox_lag_seconds)", [(0, "good"), (10, "warn"), (60, "bad")], decimals=1), 3, 4)
    board.add(stat(
        "Twilio", "Whether workers send: away means that nobody gets an answer, and that nothing is lost.", "short",
        "min(whatsapp_twilio_breaker_state)", [(0, "good"), (1, "warn"), (2, "bad")], background=True,
        mappings={"0": ("answers", "good"), "1": ("is tried", "warn"), "2": ("away", "bad")}), 3, 4)
    board.add(stat(
        "Alerts", "Rules of deploy/grafana/alerts that are firing, if this Prometheus has them.", "short",
        'count(ALERTS{alertstate="firing"}) or vector(0)', [(0, "good"), (1, "bad")], decimals=0, background=True), 3, 4)
    board.add(lines(
        "Messages in and answers out", "What passengers write, and what Twilio takes from us for them, a second.", "reqps", {
            "messages in": rate("whatsapp_messages_received_total", matchers='kind="message"'),
            "replies out": rate("whatsapp_replies_total", matchers='result=~"sent|found"')},
        colours={"messages in": BLUE, "replies out": GREEN}), 8, 7)
    board.add(lines(
        "Time to an answer", "From the webhook to the reply that Twilio has taken. The line is the 10 s that we promise for 99 %.", "s", {
            "half within": quantile(0.5, "whatsapp_message_stage_seconds", matchers='stage="total"'),
            "99 % within": quantile(0.99, "whatsapp_message_stage_seconds", matchers='stage="total"')},
        limit=[(0, "transparent"), (10, "bad")], logarithmic=True, colours={"half within": GREEN, "99 % within": ORANGE}), 8, 7)
    board.add(lines(
        "Processes", "How many of each kind tell of themselves.", "short", {
            "{{process}}": 'sum by (process) (up{job="whatsapp-handler"})'}, bars=False,
        colours={"ingest": BLUE, "worker": GREEN, "relay": PURPLE}), 8, 7)


def queue(board: Board) -> None:
    board.row("Queue")
    board.add(lines(
        "Webhooks", "What ingest answers Twilio and other services, a second.", "reqps", {
            "{{status}}": rate("whatsapp_webhook_requests_total", "status") + " > 0"}, stacked=True,
        colours={"200": GREEN, "429": YELLOW, "403": ORANGE, "503": RED}), 8, 7)
    board.add(heatmap(
        "Time to answer a webhook", "How many webhooks took how long, from their last byte to the answer; Twilio waits 15 s.",
        "sum by (le) (increase(whatsapp_webhook_duration_seconds_bucket[$__rate_interval]))"), 8, 7)
    board.add(lines(
        "Age of the oldest message", "Seen by ingest and by every worker; the line is the alert's 60 s.", "s", {
            "{{process}}": "max by (process) (whatsapp_queue_oldest_seconds)"}, limit=[(0, "transparent"), (60, "bad")],
        colours={"ingest": BLUE, "worker": GREEN}), 8, 7)
    board.add(lines(
        "Messages that wait", "in: not looked at yet; stage: being sorted; held: with their senders.", "short", {
            "{{list}}": 'max by (list) (whatsapp_queue_depth{list=~"in|stage|held"})'}, stacked=True,
        colours={"in": BLUE, "stage": PURPLE, "held": ORANGE}), 8, 7)
    board.add(lines(
        "Senders", "lease: in a worker's hands; ready: waiting for one; delay: waiting for a time, after a failure.", "short", {
            "{{list}}": 'max by (list) (whatsapp_queue_depth{list=~"ready|delay|lease"})'},
        colours={"lease": GREEN, "ready": BLUE, "delay": ORANGE}), 8, 7)
    board.add(lines(
        "Out of the ordinary", "Refused messages by reason, refused signatures by cause, deliveries by kind, and what backfill found, a minute.",
        "cpm", {
            "refused: {{reason}}": "60 * " + rate("whatsapp_backpressure_total", "reason") + " > 0",
            "signature: {{cause}}": "60 * " + rate("whatsapp_signature_failures_total", "cause") + " > 0",
            "delivery: {{kind}}": "60 * " + rate("whatsapp_queue_deliveries_total", "kind"),
            "backfilled": "60 * " + rate("whatsapp_backfilled_total")}), 8, 7)


def conversations(board: Board) -> None:
    board.row("Conversations")
    board.add(lines(
        "Messages handled", "By what became of them: committed is an ordinary answer, status a delivery report, parked waits for a server.",
        "reqps", {"{{outcome}}": rate("whatsapp_messages_processed_total", "outcome")}, stacked=True,
        colours={"committed": GREEN, "status": BLUE, "failed": RED, "parked": ORANGE, "repeated": PURPLE}), 8, 7)
    board.add(lines(
        "Where the time goes", "99 % of messages spent less than that in a stage.", "s", {
            "{{stage}}": quantile(0.99, "whatsapp_message_stage_seconds", "stage", 'stage!="total"')}, logarithmic=True,
        colours={"queued": BLUE, "database": PURPLE, "send": ORANGE}), 8, 7)
    board.add(heatmap(
        "Time to an answer, all of it", "How many messages were answered after how long.",
        'sum by (le) (increase(whatsapp_message_stage_seconds_bucket{stage="total"}[$__rate_interval]))'), 8, 7)
    board.add(table(
        "Busiest changes of state", "The twelve changes that happened most in the time that is shown.", "short",
        'topk(12, sum by (from, to) (increase(whatsapp_fsm_transitions_total[$__range])) > 0)',
        {"from": "from", "to": "to", "Value": "times"}), 8, 8)
    board.add(lines(
        "One-time codes", "Issued, typed rightly and wrongly, and numbers locked, a minute. Half of them wrong: OneTimeCodeFailures.", "cpm", {
            "{{action}}": "60 * " + rate("whatsapp_otp_total", "action")},
        colours={"issued": BLUE, "verified": GREEN, "wrong": ORANGE, "locked": RED}), 8, 8)
    board.add(lines(
        "Registrations and claims", "People who finished registering, what became of claims, and erasures, a minute.", "cpm", {
            "registered": "60 * " + rate("whatsapp_registrations_total"),
            "claim {{status}}": "60 * " + rate("whatsapp_claims_total", "status"),
            "erased ({{source}})": "60 * " + rate("whatsapp_erasures_total", "source")},
        colours={"registered": GREEN, "claim submitted": BLUE, "claim withdrawn": ORANGE}), 8, 8)


def replies(board: Board) -> None:
    board.row("Replies")
    board.add(lines(
        "Attempts to reply", "By what became of them: found was looked up after an answer was lost; failed is never tried again.", "reqps", {
            "{{result}}": rate("whatsapp_replies_total", "result")}, stacked=True,
        colours={"sent": GREEN, "found": BLUE, "retried": YELLOW, "unknown": ORANGE, "failed": RED, "parked": PURPLE}), 8, 7)
    board.add(lines(
        "Delivery reports", "What Twilio tells of the way to the phone.", "reqps", {
            "{{status}}": rate("whatsapp_reply_status_total", "status") + " > 0"}, stacked=True,
        colours={"sent": BLUE, "delivered": GREEN, "read": PURPLE, "failed": RED, "undelivered": ORANGE}), 8, 7)
    board.add(lines(
        "Twilio's answers", "Requests to Twilio's API by status; words are what happened in place of an answer.", "reqps", {
            "{{status}}": rate("whatsapp_twilio_request_seconds_count", "status")}, stacked=True,
        colours={"201": GREEN, "200": BLUE, "429": YELLOW, "500": RED, "503": RED}), 8, 7)
    board.add(lines(
        "Time of a request to Twilio", "Twilio takes 0.1 to 0.3 s for a message; we give up after 12 s.", "s", {
            "half within": quantile(0.5, "whatsapp_twilio_request_seconds"),
            "99 % within": quantile(0.99, "whatsapp_twilio_request_seconds")}, logarithmic=True,
        colours={"half within": GREEN, "99 % within": ORANGE}), 8, 7)
    board.add(lines(
        "Waiting for the shared rate", "How long a reply waits because all workers together send so many a second: on average, and 99 % of them.", "s", {
            "on average": f'{rate("whatsapp_send_wait_seconds_sum")} / {rate("whatsapp_send_wait_seconds_count")}',
            "99 % within": quantile(0.99, "whatsapp_send_wait_seconds")}, limit=[(0, "transparent"), (2, "bad")],
        colours={"on average": BLUE, "99 % within": ORANGE}), 8, 7)
    board.add(lines(
        "Answers later than 10 s", "The share of answers that were late, in windows of the SLO's rules. The line is 14.4 %: a month's allowance gone in two days.",
        "percentunit", {
            "5 minutes": "whatsapp:answers_slow:ratio_rate5m", "1 hour": "whatsapp:answers_slow:ratio_rate1h",
            "6 hours": "whatsapp:answers_slow:ratio_rate6h"}, limit=[(0, "transparent"), (0.144, "bad")],
        colours={"5 minutes": BLUE, "1 hour": ORANGE, "6 hours": PURPLE}), 8, 7)


def relay(board: Board) -> None:
    board.row("Relay")
    board.add(lines(
        "Events published", "By the sinks that took them, a second.", "cps", {
            "{{sink}}": rate("whatsapp_outbox_published_total", "sink")},
        colours={"redis": BLUE, "webhook": GREEN, "kafka": PURPLE}), 8, 7)
    board.add(lines(
        "Lag", "Age of the oldest event that a sink has not been given; the line is the alert's 60 s.", "s", {
            "{{sink}}": "max by (sink) (whatsapp_outbox_sink_lag_seconds)"}, limit=[(0, "transparent"), (60, "bad")],
        colours={"redis": BLUE, "webhook": GREEN, "kafka": PURPLE}), 8, 7)
    board.add(lines(
        "Events that wait", "Not given to a sink yet; and parked ones, which a sink refused, with what waits behind them.", "short", {
            "{{sink}}": "max by (sink) (whatsapp_outbox_sink_pending)",
            "{{sink}}: {{state}}": "max by (sink, state) (whatsapp_outbox_parked) > 0"}), 8, 7)
    board.add(table(
        "Events by type", "Published in the time that is shown, each sink's counted.", "short",
        "sort_desc(sum by (type) (increase(whatsapp_outbox_published_total[$__range])) > 0)",
        {"type": "event", "Value": "published"}), 8, 7)
    board.add(lines(
        "The webhook's receiver", "99 % of the requests to RELAY_WEBHOOK_URL were answered within, by status. Nothing without that sink.", "s", {
            "{{status}}": quantile(0.99, "whatsapp_outbox_webhook_seconds", "status")}), 8, 7)
    board.add(lines(
        "Sinks' breakers", "0: events are given; 1: one is tried; 2: the sink is left alone for a while.", "short", {
            "{{sink}}": "min by (sink) (whatsapp_outbox_breaker_state)"}, maximum=2), 8, 7)


def resources(board: Board) -> None:
    board.row("Resources")
    board.add(lines(
        "CPU", "Of one core; business code runs on one thread a process. Beyond 0.9: ProcessBusy.", "percentunit", {
            "{{process}} {{instance}}": f"rate(process_cpu_seconds_total{{{CHOSEN}}}[$__rate_interval])"}, table=True), 12, 7)
    board.add(lines(
        "Memory", "Resident. Beyond 384 MiB: MemoryHigh.", "bytes", {
            "{{process}} {{instance}}": f"process_resident_memory_bytes{{{CHOSEN}}}"}, table=True), 12, 7)
    board.add(lines(
        "Postgres: statements", "99 % of the units of statements took less, by the name of the first; those that messages and events wait for.", "s", {
            "{{query}}": quantile(0.99, "whatsapp_db_query_seconds", "query",
                                  'query=~"read_turn|write_turn|reply_.*|outbox_.*|dead_letter",' + CHOSEN) + " > 0"}, table=True,
        logarithmic=True), 12, 8)
    board.add(lines(
        "Redis: commands", "99 % of the commands took less; those that messages and events wait for. BLMOVE waits on purpose and is left out.", "s", {
            "{{command}}": quantile(0.99, "whatsapp_redis_command_seconds", "command",
                                    'command=~"fcall|evalsha|rpush|publish|xadd|hmget",' + CHOSEN) + " > 0"}, table=True,
        logarithmic=True), 12, 8)
    board.add(lines(
        "Postgres: connections", "busy has statements under way; connecting has none, and gets none.", "short", {
            "{{state}}": f"sum by (state) (whatsapp_db_pool{{{CHOSEN}}})"}, stacked=True,
        colours={"ready": GREEN, "busy": ORANGE, "connecting": RED}), 6, 7)
    board.add(lines(
        "File descriptors", "Of those allowed. Beyond 80 %: FileDescriptorsShort.", "percentunit", {
            "{{process}} {{instance}}": f"process_open_fds{{{CHOSEN}}} / process_max_fds"}), 6, 7)
    board.add(lines(
        "Pushed", "Log lines, series and spans that were pushed, a second, by what became of them. Nothing without LOKI_HOST, ALLOY_PUSH_URL or OTLP.",
        "cps", {"{{target}} {{result}}": rate("whatsapp_push_total", "target, result")}), 6, 7)
    board.add(table(
        "What runs", "Versions, and since when.", "dateTimeFromNow",
        '1000 * max by (process, instance) (process_start_time_seconds{job="whatsapp-handler"}) '
        "* on (process, instance) group_left (version) max by (process, instance, version) (whatsapp_build_info)",
        {"process": "process", "instance": "instance", "version": "version", "Value": "started"}), 6, 7)


def variable(name: str, label: str) -> dict:
    query = f'label_values(up{{job="whatsapp-handler"}}, {name})'
    if name == "instance":
        query = 'label_values(up{job="whatsapp-handler",process=~"$process"}, instance)'
    return {"type": "query", "name": name, "label": label, "datasource": DATASOURCE, "definition": query,
            "query": {"query": query, "refId": "variable"}, "refresh": 2, "sort": 1, "multi": True, "includeAll": True,
            "allValue": ".*", "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "options": [], "hide": 0,
            "skipUrlSync": False, "regex": "", "description": "For the row Resources; all else is of all processes."}


def constant(name: str, value: str) -> dict:
    return {"type": "constant", "name": name, "label": name, "query": value, "hide": 2, "skipUrlSync": True,
            "current": {"selected": False, "text": value, "value": value}, "options": []}


def dashboard() -> dict:
    board = Board()
    for part in (overview, queue, conversations, replies, relay, resources):
        part(board)
    link = {"type": "link", "icon": "doc", "asDropdown": False, "includeVars": False, "keepTime": False, "tags": [],
            "targetBlank": True, "tooltip": ""}
    return {
        "id": None, "uid": "whatsapp-handler", "title": "whatsapp-handler", "tags": ["whatsapp-handler"],
        "description": "Messages in, answers out, events on. Made by deploy/grafana/dashboards/make.py.",
        "schemaVersion": 39, "version": 1, "editable": True, "graphTooltip": 1, "fiscalYearStartMonth": 0, "liveNow": False,
        "refresh": "15s", "time": {"from": "now-1h", "to": "now"}, "timepicker": {}, "timezone": "browser", "weekStart": "",
        "links": [dict(link, title="Runbook, by alert", url="${runbook}#by-alert"),
                  dict(link, title="Operator's console", url="${console}", icon="dashboard",
                       tooltip="operator serve, on the machine of who looks")],
        "templating": {"list": [
            {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus", "hide": 0, "refresh": 1,
             "current": {}, "options": [], "regex": "", "multi": False, "includeAll": False, "skipUrlSync": False},
            variable("process", "Process"), variable("instance", "Instance"),
            constant("runbook", RUNBOOK), constant("console", CONSOLE)]},
        "annotations": {"list": [
            {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": True,
             "iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard"},
            {"datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": BLUE, "name": "Restarts",
             "expr": 'process_start_time_seconds{job="whatsapp-handler"} * 1000', "useValueForTime": "on", "step": "15s",
             "titleFormat": "{{process}} started", "tagKeys": "process,instance", "textFormat": "{{instance}}"},
            {"datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": RED, "name": "Alerts",
             "expr": 'ALERTS{alertstate="firing",severity=~"page|ticket"}', "step": "15s", "titleFormat": "{{alertname}}",
             "tagKeys": "severity", "textFormat": "{{process}} {{sink}} {{reason}}"}]},
        "panels": board.panels,
    }


def main() -> None:
    text = json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"
    if "--print" in sys.argv[1:]:
        sys.stdout.write(text)
    else:
        (pathlib.Path(__file__).parent / "whatsapp-handler.json").write_text(text)


if __name__ == "__main__":
    main()
