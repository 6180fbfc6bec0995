"""UUIDs: random ones from the run's own source of chance, casts of the rest."""

import json
import uuid

import pytest

from dataflow.clock import Randomness
from dtl.expressions import text, text_of


def test_without_an_argument_every_call_gives_another_one():
    made = json.loads(text_of(["list", ["uuid"], ["uuid"]]))
    assert made[0] != made[1]
    assert all(uuid.UUID(value.removeprefix("~u")).version == 4 for value in made)


def test_the_same_seed_gives_the_same_uuids():
    assert text_of(["uuid"], random=Randomness(7)) == text_of(["uuid"], random=Randomness(7))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("elm", None),
        ("5F0C2A4E000040008000-0123456789ab", "~u5f0c2a4e-0000-4000-8000-0123456789ab"),
        ("~u5f0c2a4e-0000-4000-8000-0123456789ab", "~u5f0c2a4e-0000-4000-8000-0123456789ab"),
        (["elm", 5, None, "~:a:b"], []),
        ([], []),
    ],
)
def test_casting(value, expected):
    assert text_of(["uuid", "_S.v"], {"v": value}) == text(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("~u5f0c2a4e-0000-4000-8000-0123456789ab", "true"),
        ("5f0c2a4e-0000-4000-8000-0123456789ab", "false"),
        (None, "false"),
    ],
)
def test_the_kind(value, expected):
    assert text_of(["is-uuid", "_S.v"], {"v": value}) == expected
