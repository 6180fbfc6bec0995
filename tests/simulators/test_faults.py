"""What a fault is aimed at, and that it can be repeated."""

from __future__ import annotations

import pytest

from dataflow.errors import UsageError
from dataflow.simulators.exchange import Request
from dataflow.simulators.faults import Fault, Faults, made, read


def played(faults, requests):
    return [fault.name if (fault := faults.play(request)) else None for request in requests]


def asks(number, method="GET", path="/Persons", query=""):
    return [Request(method, path, query)] * number


class TestAim:
    def test_the_first_one_once(self):
        assert played(Faults(Fault(kind="reset")), asks(3)) == ["reset", None, None]

    def test_from_the_nth_on_so_many_times(self):
        assert played(Faults(Fault(kind="status", nth=2, count=2)), asks(4)) == [None, "503", "503", None]

    def test_without_end(self):
        assert played(Faults(Fault(kind="timeout", after=True, count=None)), asks(3)) == ["timeout-after"] * 3

    def test_only_requests_that_fit_are_counted(self):
        faults = Faults(Fault(kind="reset", method="post", path=r"^/persons\?page=2", nth=2))
        requests = [
            Request("GET", "/Persons", "Page=2"),
            Request("POST", "/Persons", "Page=1"),
            Request("POST", "/Persons", "Page=2"),
            Request("POST", "/Persons"),
            Request("POST", "/Persons", "Page=2"),
        ]
        assert played(faults, requests) == [None, None, None, None, "reset"]
        assert [(one.matched, one.played) for one in faults] == [(2, 1)]

    def test_of_several_the_first_is_played_and_all_count(self):
        faults = Faults(Fault(kind="reset", nth=2), Fault(kind="truncated", count=None))
        assert played(faults, asks(3)) == ["truncated", "reset", "truncated"]
        assert [(one.matched, one.played) for one in faults] == [(3, 1), (3, 2)]

    def test_one_is_switched_off_or_all(self):
        faults = Faults(Fault(kind="reset", count=None))
        second = faults.add("truncated", count=None)
        faults.remove(second)
        assert [one.fault.kind for one in faults] == ["reset"]
        faults.clear()
        assert played(faults, asks(1)) == [None]


class TestChance:
    def test_a_seed_repeats_it(self):
        def run(seed):
            return played(Faults(Fault(kind="reset", probability=0.3, count=None), seed=seed), asks(200))

        assert run(1) == run(1) != run(2)
        assert 30 < run(1).count("reset") < 90

    def test_other_requests_do_not_change_it(self):
        mixed = [one for pair in zip(asks(50), asks(50, path="/Users"), strict=True) for one in pair]
        fault = Fault(kind="reset", path="persons", probability=0.5, count=None)
        assert played(Faults(fault), mixed)[::2] == played(Faults(fault), asks(50))

    def test_never(self):
        assert set(played(Faults(Fault(kind="reset", probability=0, count=None)), asks(50))) == {None}


class TestReading:
    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("reset", Fault(kind="reset")),
            ("503", Fault(kind="status", status=503)),
            ("429,count=all,retry_after=2", Fault(kind="status", status=429, count=None, retry_after=2)),
            (
                "reset,after,method=POST,path=^/Persons/[0-9]{1,3}$,nth=3",
                Fault(kind="reset", after=True, method="POST", path="^/Persons/[0-9]{1,3}$", nth=3),
            ),
            ("timeout,after=no,seconds=0.5", Fault(kind="timeout", seconds=0.5)),
            ("slow,seconds=2,probability=0.1", Fault(kind="slow", seconds=2, probability=0.1)),
        ],
    )
    def test_from_the_command_line(self, text, fault):
        assert read(text) == fault
        assert made(fault.shown()) == fault

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("rest", 'did you mean "reset"'),
            ("slow", 'needs "seconds"'),
            ("reset,nth=0", "nth >= 1"),
            ("reset,nth=x", "is a number"),
            ("reset,count=0", "count >= 1 or all"),
            ("reset,probability=2", "probability from 0 to 1"),
            ("reset,colour=red", 'has no "colour"'),
            ("reset,path=(", "no regular expression"),
            ("status,status=201", "from 400 to 599"),
            ("call", "needs something to call"),
        ],
    )
    def test_what_is_none(self, text, message):
        with pytest.raises(UsageError) as caught:
            read(text)
        assert message in str(caught.value)
