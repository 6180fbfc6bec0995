"""Booleans: the two words in any letter case, nothing else; null is never replaced."""

import pytest

from dtl.expressions import text, text_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("fAlSe", False),
        (" true", None),
        ("yes", None),
        ("1", None),
        (1, None),
        (0.0, None),
        ("~rtrue", None),
        (None, None),
        ([], []),
        (["TRUE", None, 1, False, ["true"]], [True, False]),
    ],
)
def test_casting(value, expected):
    assert text_of(["boolean", "_S.v"], {"v": value}) == text(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("maybe", "n/a"), (None, None), (["true", None, 0], [True, "n/a"]), ([], [])],
)
def test_replacing(value, expected):
    assert text_of(["boolean", "n/a", "_S.v"], {"v": value}) == text(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(False, True), (0, False), ("true", False), ([True, 1], True), ([1, True], False), ([], False)],
)
def test_the_kind(value, expected):
    assert text_of(["is-boolean", "_S.v"], {"v": value}) == text(expected)
