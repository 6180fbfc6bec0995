"""The contract check as lines for people."""

from __future__ import annotations

from dataflow.report.contract import check_lines
from dataflow.results import Evidence, Result, Verdict


def result(name, verdict=Verdict.PASS, reason=None, evidence=()):
    return Result(name, f"says {name}", verdict, reason, evidence, group=name.partition(".")[0])


RESULTS = [
    result("list.a"),
    result("list.b"),
    result("read.a"),
    result("read.b", Verdict.FAIL, "GET /x: answers 500", (Evidence(expected=200, actual=500),)),
    result("update.a", Verdict.UNPROVEN, "needs a record"),
    result("update.b", Verdict.SKIP, "not installed"),
    result("list.c", Verdict.SKIP, "not installed"),
]


def test_operation_by_operation():
    assert list(check_lines(RESULTS, requests=12, colour=False)) == [
        "ok    list    2 of 2 rules kept",
        "FAIL  read    1 of 2 rules kept",
        "      b: says read.b",
        "        GET /x: answers 500",
        "          expected  200",
        "          actual    500",
        "open  update  0 of 1 rule kept",
        "      a: says update.a",
        "        needs a record",
        "2 rules skipped: not installed",
        "1 of 3 operations as the contract says (12 requests)",
    ]


def test_colours():
    assert next(check_lines(RESULTS, requests=12, colour=True)).startswith("\x1b[32mok  \x1b[0m  list")


def test_nothing():
    assert list(check_lines([], requests=0, colour=False)) == ["0 of 0 operations as the contract says (0 requests)"]
