from __future__ import annotations

import pytest

from dataflow.errors import UsageError
from dataflow.rules.selection import Selection, selection


def counted(select: str | None = None, ignore: str | None = None, *, of: str) -> list[str]:
    chosen = selection(select, ignore)
    return [code for code in of.split() if chosen.counts(code)]


def test_without_a_choice_the_usual_ones_count_and_ids_that_are_no_rules() -> None:
    assert counted(of="DF101 DF301 DF844 DF803 DF501") == ["DF101", "DF301", "DF803", "DF501"]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ("DF301", None, ["DF301"]),
        ("DF30,DF844", None, ["DF301", "DF303", "DF844"]),
        ("security", None, ["DF803"]),
        ("ALL", None, ["DF301", "DF303", "DF803", "DF844"]),
        ("ALL", "security, DF30", ["DF844"]),
        (None, "DF301", ["DF303", "DF803"]),
        ("DF301", "DF301", []),
    ],
)
def test_ids_beginnings_and_families(select: str | None, ignore: str | None, expected: list[str]) -> None:
    assert counted(select, ignore, of="DF301 DF303 DF803 DF844") == expected


def test_what_fits_no_rule() -> None:
    with pytest.raises(UsageError, match='no rule fits "DF999"'):
        selection("DF301,DF999", None)
    with pytest.raises(UsageError, match='no rule fits "securty"; did you mean "security"'):
        selection(None, "securty")
    with pytest.raises(UsageError, match="`dataflow rules` lists them"):
        selection("xyz", None)


def test_an_empty_choice_is_none() -> None:
    assert selection("", " , ") == Selection()
