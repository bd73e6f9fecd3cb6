"""Checks what Benchmarks/Whole has workers do and what it makes of the figures, without measuring anything.

check_bench_load.py   ends with 0, or with 1 and what is wrong
"""
import pathlib
import sys
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "Benchmarks/Whole"))
import growth  # noqa: E402
import load  # noqa: E402
import recording  # noqa: E402
import soak  # noqa: E402
import stock  # noqa: E402
import worker  # noqa: E402
from handling import Cost  # noqa: E402
from plan import Failure, Plan  # noqa: E402

LOG = """@7 3/11 LOG:  execute s1: SELECT 1
 WHERE sender = $2 AND at > $1
@7 3/11 DETAIL:  parameters: $1 = '2026-11-23 08:21:33.4+00', $2 = 'it''s, $3 = ''me'''
@8 4/2 LOG:  statement: SELECT now()
@7 3/12 LOG:  execute s2: INSERT INTO x VALUES ($1, $2)
@7 3/12 DETAIL:  parameters: $1 = NULL, $2 = 'SM1'
@8 4/3 LOG:  execute s1: SELECT 1
"""


class Messages(unittest.TestCase):
    def test_everybody_says_the_course_in_its_order(self) -> None:
        heard: dict[str, list[str]] = {}
        sids = set()
        for envelope in stock.conversations(3, 7 * len(stock.COURSE), 7, 5):
            version, sid, sender, _, _, kind, body = envelope.decode().split("\x1f")
            form = dict(urllib.parse.parse_qsl(body))
            self.assertEqual((version, kind, form["From"], form["MessageSid"]), ("v1", "message", sender, sid))
            heard.setdefault(sender, []).append(form["Body"])
            sids.add(sid)
        self.assertEqual(len(sids), 7 * len(stock.COURSE))
        self.assertEqual(set(heard), {"whatsapp:" + stock.number(5, passenger) for passenger in range(7)})
        self.assertEqual({tuple(words) for words in heard.values()}, {stock.COURSE})

    def test_nobody_is_left_out_of_a_million(self) -> None:
        for senders in (1, 10, 1_000, 1_000_000):
            self.assertEqual(len({stock.scattered(place, senders) for place in range(senders)}), senders)

    def test_reports_that_change_nothing_are_of_one_sender_as_often_as_wanted(self) -> None:
        senders = [stock.nothing(1, index, 3).split(b"\x1f")[2] for index in range(9)]
        self.assertEqual([senders.count(sender) for sender in senders], [3] * 9)


class Statements(unittest.TestCase):
    def test_the_log_is_read_with_its_values(self) -> None:
        found = [(process, transaction, recording.VALUE.findall(values)) for process, transaction, _, values in recording.ENTRY.findall(LOG)]
        self.assertEqual(found, [
            ("7", "3/11", [("1", "'2026-11-23 08:21:33.4+00'"), ("2", "'it''s, $3 = ''me'''")]),
            ("7", "3/12", [("1", "NULL"), ("2", "'SM1'")])])

    def test_what_names_the_message_becomes_a_variable_and_all_else_stays(self) -> None:
        unit = recording.Unit([("UPDATE x SET a = $2, b = $1 WHERE c = $2", ["'kept'", "'SM1'"])])
        text = recording.script([unit, unit], {"SM1": "(:message)"})
        self.assertEqual(text.count("UPDATE x SET a = (:message), b = 'kept' WHERE c = (:message);"), 2)
        self.assertEqual((text.count("\\startpipeline"), text.count("\\endpipeline")), (2, 2))

    def test_what_waits_for_the_disk_is_known(self) -> None:
        self.assertFalse(recording.Unit([("SELECT updated_at FROM x", [])]).writes)
        for text in ("SELECT take_turn($1)", "UPDATE x SET a = 1", "WITH y AS (INSERT INTO x VALUES (1)) SELECT 1"):
            self.assertTrue(recording.Unit([("SELECT 1", []), (text, [])]).writes)


def cost(microseconds: float, rate: float = 100) -> Cost:
    return Cost(1000, 1000 / rate, {part: microseconds / 1000 / 4 for part in worker.PARTS})


class Verdicts(unittest.TestCase):
    def test_growth_is_missed_where_the_dearest_is_too_dear(self) -> None:
        table = growth.section({("senders", 10): [cost(100)], ("senders", 20): [cost(140)], ("users", 0): [cost(160)], ("users", 1): [cost(100)]})
        self.assertEqual(len(table.missed), 1)
        self.assertIn("users", table.missed[0])

    def test_a_worker_that_is_slower_than_most_of_what_pgbench_does_is_missed(self) -> None:
        recorded = [[recording.Unit([("UPDATE x", [])])]]
        for rate, missed in [(69, 1), (71, 0)]:
            costs = {"workers 1": [cost(1, rate)] * 3, "pgbench 2": [cost(1, 100)] * 3}
            self.assertEqual(len(worker.section(Plan(), costs, recorded).missed), missed)

    def test_memory_that_grows_is_missed(self) -> None:
        seconds = [float(second) for second in range(0, 1200, 10)]
        flat, growing = [30.0] * 120, [30 + second / 600 for second in seconds]
        samples = soak.Samples(seconds, {"worker": growing, "ingest": flat, "Redis": growing})
        self.assertAlmostEqual(samples.slope("worker"), 100, delta=1)
        self.assertAlmostEqual(samples.slope("ingest"), 0)
        table = soak.section(samples, 100, 1, 20)
        self.assertEqual(table.missed, [])
        samples.resident["worker"] = [30 + second / 200 for second in seconds]
        self.assertEqual(len(soak.section(samples, 100, 1, 20).missed), 1)

    def test_a_load_that_was_not_answered_is_no_figure(self) -> None:
        times = {"count": 100, "p50": 1, "p90": 1, "p99": 1, "max": 1}
        report = {"sent": 100, "accepted": 100, "notAccepted": {}, "replyMicroseconds": times, "webhookMicroseconds": times}
        self.assertEqual(load.Loaded(report, cost(1)).reply["p50"], 0.001)
        for changes in ({"accepted": 99}, {"replyMicroseconds": dict(times, count=98)}):
            with self.assertRaises(Failure):
                load.Loaded(report | changes, cost(1))


if __name__ == "__main__":
    unittest.main()
