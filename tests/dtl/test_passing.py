"""What rules leave as it is: hub/dtl/caveats.rst."""

import pytest

from dataflow.dtl import Namespaces
from dataflow.dtl.passing import passes

PLAIN = Namespaces.of_pipe("p")
SPACES = Namespaces.of_pipe("p", enabled=True)


def after(*transforms, reads=("k",), namespaces=PLAIN):
    return passes({"default": list(transforms)}, set(reads), namespaces)


COPY = ["copy", "*"]


def test_only_a_copy_of_everything_leaves_everything():
    assert after(COPY)
    assert after(COPY, reads=("k", "_id", "_deleted", "$ids"))
    assert not after(["copy", "k"])
    assert not after(["copy", "*", "x"])
    assert not after(["add", "x", 1], COPY)
    assert not after(COPY, reads=(None,))
    assert not after(COPY, reads=("_updated",))
    assert not passes({"default": COPY}, {"k"}, PLAIN)


@pytest.mark.parametrize(
    "transform",
    [
        ["add", "x", 1],
        ["add", ["list", "x", "y"], 1],
        ["add-if", "x", 1],
        ["default", "x", 1],
        ["filter", ["eq", "_S.k", 1]],
        ["discard"],
        ["comment", ["add", "k", 1]],
        ["create-child", "_S."],
        ["if", ["eq", "_S.k", ["filter", "_.", "_S.z"]], ["add", "x", 1], [["add", "y", 1], ["filter"]]],
        ["case", "_S.k", ["add", "x", 1], "_S.l", ["add", "y", 1], ["add", "z", 1]],
        ["case-eq", "_S.k", 1, ["add", "x", 1], 2, ["add", "y", 1], ["add", "z", 1]],
    ],
)
def test_what_sets_something_else_leaves_it(transform):
    assert after(COPY, transform)


@pytest.mark.parametrize(
    "transform",
    [
        ["add", "k", 1],
        ["add", ["list", "x", "k"], 1],
        ["add", ["concat", "k", ""], 1],
        ["add", ["list", "x", ["concat", "k"]], 1],
        ["default", "k", 1],
        ["remove", "x"],
        ["rename", "x", "y"],
        ["merge", "_S.x"],
        ["create", "_S.x"],
        ["copy", "x"],
        ["if", True, ["add", "x", 1], ["add", "k", 1]],
        ["if", True, ["add", "x", 1], [["add", "x", 1], ["if", True, ["add", "k", 1]]]],
        ["case", 1, ["add", "x", 1], 2, ["add", "k", 1]],
        ["case", 1, ["add", "x", 1], ["add", "k", 1]],
        ["case-eq", 0, 1, ["add", "k", 1], ["add", "x", 1]],
        ["case-eq", 0, 1, ["add", "x", 1], ["add", "k", 1]],
    ],
)
def test_what_sets_it_or_nobody_knows_what_does_not(transform):
    assert not after(COPY, transform)


@pytest.mark.parametrize(
    ("written", "read", "left"),
    [
        ("k", "k", False),
        ("x:k", "k", False),
        ("::k", "k", False),
        ("k", "::k", True),
        ("::k", "::k", False),
        ("k", "x:k", True),
        ("x:k", "x:k", False),
        (":k", "p:k", False),
        ("x:k", "l", True),
        ("_id", "_id", False),
        ("k", "_id", True),
        ("$ids", "$ids", False),
    ],
)
def test_names_are_compared_as_they_are_read(written, read, left):
    assert after(COPY, ["add", written, 1], reads=(read,), namespaces=SPACES) is left
