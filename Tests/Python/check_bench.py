"""Checks how Benchmarks/Whole decides and writes, without measuring anything; run by the tests, with any Python 3.11.

check_bench.py   ends with 0, or with 1 and what is wrong
"""
import contextlib
import importlib
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "Benchmarks/Whole"))
import bench  # noqa: E402
import report  # noqa: E402
import webhooks  # noqa: E402
from plan import Failure, Missing, Plan  # noqa: E402

PAGE = """# Title
before
<!-- figures: one -->
old
<!-- end of figures -->
between
<!-- figures: one-1ms -->
old, delayed
<!-- end of figures -->
after
"""


class Page(unittest.TestCase):
    def test_only_the_named_section_is_written(self) -> None:
        self.assertEqual(report.replaced(PAGE, "one", "new\nlines"), PAGE.replace("old\n", "new\nlines\n"))
        self.assertEqual(report.replaced(PAGE, "one-1ms", "new"), PAGE.replace("old, delayed", "new"))
        twice = report.replaced(report.replaced(PAGE, "one", "first"), "one", "old")
        self.assertEqual(twice, PAGE)

    def test_a_page_without_its_marks_is_left_as_it_is(self) -> None:
        unclosed = PAGE.replace("<!-- end of figures -->\nbetween", "between")
        for page, name in [(PAGE, "two"), (unclosed, "one"), ("", "one")]:
            with self.assertRaisesRegex(Failure, "no place"):
                report.replaced(page, name, "new")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "page.md"
            file.write_text(PAGE)
            with self.assertRaises(Failure):
                report.write("two", "new", file)
            self.assertEqual(file.read_text(), PAGE)
            report.write("one", "new", file)
            self.assertIn("\nnew\n", file.read_text())

    def test_every_part_has_its_place(self) -> None:
        page = report.PAGE.read_text()
        for name in bench.PARTS:
            module = importlib.import_module(name)
            self.assertTrue(module.SUMMARY and callable(module.run), name)
            for ending in ["", "-1ms"] if module.ROUND_TRIP else [""]:
                report.replaced(page, name + ending, "new")


class Figures(unittest.TestCase):
    def test_a_ratio_is_that_of_the_same_round(self) -> None:
        # A machine that was slow in one round was so for both: the ratio of the medians would be 2.
        self.assertEqual(report.ratio([10, 40, 20], [5, 10, 10]), 2)
        self.assertEqual(report.ratio([10, 40, 90], [1, 10, 30]), 4)
        with self.assertRaises(ValueError):
            report.ratio([1, 2], [1])
        with self.assertRaises(Failure):
            report.median([])

    def test_aims_are_met_or_missed(self) -> None:
        self.assertEqual(report.at_least(12, 12, "x").verdict, "met")
        self.assertEqual(report.at_least(11.9, 12, "x", "two cores").verdict, "**missed**: two cores")
        self.assertEqual(report.below(4.99, 5, " ms").verdict, "met")
        self.assertEqual(report.below(5, 5, " ms").verdict, "**missed**")
        self.assertEqual(report.below(5, 5, " ms").text, "below 5 ms")

    def test_numbers_have_three_digits_that_count(self) -> None:
        wanted = {0: "0", 1e-20: "0", 0.0451: "0.0451", 1.234: "1.23", 12.34: "12.3", 12: "12", 123.4: "123", 1234567.8: "1,234,568"}
        self.assertEqual({value: report.number(value) for value in wanted}, wanted)

    def test_a_section_is_a_table_its_rounds_and_where_it_comes_from(self) -> None:
        section = report.Section("one", "what", "rate")
        section.row("ours", 1234.5, aim=report.at_least(3, 2, "x"))
        section.row("a|b", aim=report.at_least(1, 2, "x"))
        section.rounds("ours", [1, 2.5], "/s")
        lines = section.render("the end").splitlines()
        self.assertEqual(lines[0], "| what | rate | aim | met? |")
        self.assertEqual(lines[2:4], ["| ours | 1,234 | at least 2x | met |", "| a\\|b | - | at least 2x | **missed** |"])
        self.assertEqual(lines[5:], ["- ours: 1, 2.5/s", "", "the end"])
        self.assertEqual(section.missed, ["a|b: at least 2x"])
        self.assertIn("load average", report.footer(3))


class CommandLine(unittest.TestCase):
    def test_times_are_read(self) -> None:
        self.assertEqual(bench.round_trips("0,1ms, 0.5ms"), [0, 0.001, 0.0005])
        for wrong in ["", "x", "-1ms", "1s", "2000ms"]:
            with self.assertRaises(Exception, msg=wrong):
                bench.round_trips(wrong)
        self.assertEqual([Plan(round_trip=time).delayed for time in (0, 0.001)], ["", "-1ms"])

    def test_a_part_that_fails_says_why_and_one_that_misses_a_tool_is_left_out_when_quick(self) -> None:
        class Part:
            SUMMARY, ROUND_TRIP = "a part", False

            def __init__(self, error: Exception) -> None:
                self.error = error

            def run(self, plan: Plan) -> report.Section:
                raise self.error

        cases = [(Failure("broken"), True, "part: broken"), (Missing("no wrk"), False, "part: no wrk"), (Missing("no wrk"), True, ""),
                 (KeyError("x"), True, "part: KeyError: 'x'")]
        for error, quick, wanted in cases:
            sys.modules["part"] = Part(error)
            with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(bench.measure("part", Plan(quick=quick), False), wanted)
            self.assertIn("part: ", told.getvalue())
        del sys.modules["part"]

    def test_make_and_the_workflow_run_it(self) -> None:
        makefile = (ROOT / "Makefile").read_text()
        self.assertRegex(makefile, r"\nbench: [^\n]*\n(\t[^\n]*\n)*\t[^\n]*Benchmarks/Whole/bench\.py --write \$\(BENCH\)\n")
        self.assertRegex(makefile, r"\nbench-quick: [^\n]*\n(\t[^\n]*\n)*\t[^\n]*Benchmarks/Whole/bench\.py --quick\n")
        self.assertIn("run: make bench-quick\n", (ROOT / ".github/workflows/ci.yml").read_text())


class Webhooks(unittest.TestCase):
    def test_a_signature_is_twilios(self) -> None:
        # Twilio's own validator, with the token and the address of the benchmarks, says the same of this form.
        form = webhooks.form(1, 2, "hello 🚂")
        self.assertEqual(form["From"], "whatsapp:+447700000002")
        self.assertEqual(webhooks.signature(form), "x3te7gmGkRAkAuiorXVPnhVbuew=")


if __name__ == "__main__":
    unittest.main()
