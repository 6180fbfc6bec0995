"""What broke since the run before."""

import json
from datetime import timedelta

import pytest

from dataflow.errors import UsageError
from dataflow.report.history import KEPT, turn
from report.checklist_outcomes import AT, FAILS, PERSONS, PRODUCTS, mended, outcome


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reports" / "history.jsonl"


def test_the_first_run_has_nothing_before_it(path):
    first = turn(path, outcome())
    assert (first.since, first.broke, first.mended, first.new, first.gone) == (None, (), (), (), ())
    assert [past.counts for past in first.runs] == [{"pass": 4, "fail": 1, "unproven": 1, "skip": 0}]


def test_what_broke_and_what_was_mended(path):
    turn(path, mended())
    broken = turn(path, outcome(at=AT + timedelta(hours=1)))
    assert broken.since == AT.isoformat()
    assert (broken.broke, broken.mended) == ((FAILS,), ())
    again = turn(path, mended())
    assert (again.broke, again.mended) == ((), (FAILS,))
    assert [past.counts["fail"] for past in again.runs] == [0, 1, 0]


def test_rows_that_are_new_or_gone(path):
    turn(path, outcome(flows=(PERSONS,)))
    other = turn(path, outcome(flows=(PRODUCTS,)))
    assert other.new == ("products-product.price.to-customerp", "products-product.price.to-webcrm")
    assert len(other.gone) == 4
    assert other.broke == ()


def test_since_when_a_row_is_as_it_is(path):
    hour = timedelta(hours=1)
    turn(path, mended())
    turn(path, outcome(at=AT + hour))
    third = turn(path, outcome(at=AT + 2 * hour))
    assert third.steady[FAILS] == (AT + hour).isoformat()
    assert third.steady["persons-contact.linked-once"] == AT.isoformat()


def test_runs_against_something_else_do_not_count(path):
    turn(path, mended())
    replayed = outcome()
    object.__setattr__(replayed, "against", "replay")
    assert turn(path, replayed).since is None


def test_a_part_is_compared_and_not_kept(path):
    turn(path, mended())
    before = path.read_text("utf-8")
    part = turn(path, outcome(flows=(PERSONS,), partial=True))
    assert (part.broke, part.gone) == ((FAILS,), ())
    assert path.read_text("utf-8") == before


def test_lines_that_are_none_are_passed_over(path):
    turn(path, mended())
    with path.open("a", encoding="utf-8") as file:
        file.write('{"at": "2026\n[]\n{"at": 1}\n')
    assert turn(path, outcome()).broke == (FAILS,)


def test_the_history_does_not_grow_for_ever(path):
    path.parent.mkdir()
    path.write_text("{}\n" * (KEPT + 50), encoding="utf-8")
    turn(path, outcome())
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == KEPT
    assert json.loads(lines[-1])["at"] == AT.isoformat()


def test_a_history_that_cannot_be_used(tmp_path):
    with pytest.raises(UsageError, match="cannot be used as history"):
        turn(tmp_path, outcome())
