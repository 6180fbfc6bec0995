import json

import pytest

from dataflow.expect.compare import Incomparable, compare, updated
from dataflow.expect.spec import spec_of

KEEP_DELETES = {"ignore_deletes": False}


def verdict(expected, output, **spec):
    return compare(expected, output, spec_of("p", spec)).equal


# One line per rule: the spec, the expected file, the output, the verdict.
CASES = {
    "same": ({}, [{"_id": "a", "x": 1}], [{"x": 1, "_id": "a"}], True),
    "order of entities": ({}, [{"_id": "a"}, {"_id": "b"}], [{"_id": "b"}, {"_id": "a"}], True),
    "order in lists": ({}, [{"_id": "a", "x": [1, 2]}], [{"_id": "a", "x": [2, 1]}], False),
    "duplicate": ({}, [{"_id": "a"}], [{"_id": "a"}, {"_id": "a"}], False),
    "null is not missing": ({}, [{"_id": "a", "x": None}], [{"_id": "a"}], False),
    "true is not 1": ({}, [{"_id": "a", "x": True}], [{"_id": "a", "x": 1}], False),
    "internal keys go at every depth": (
        {},
        [{"_id": "a", "x": [{}]}],
        [{"_id": "a", "_hash": 1, "x": [{"_y": 1}]}],
        True,
    ),
    "internal keys of the file stay": ({}, [{"_id": "a", "_hash": 1}], [{"_id": "a", "_hash": 1}], False),
    "dollar keys stay": ({}, [{"_id": "a"}], [{"_id": "a", "$ids": []}], False),
    "nested _id stays": ({}, [{"_id": "a", "x": {"_id": 1}}], [{"_id": "a", "x": {"_id": 1}}], True),
    "_deleted false goes": (KEEP_DELETES, [{"_id": "a"}], [{"_id": "a", "_deleted": False}], True),
    "only _deleted true is kept": (KEEP_DELETES, [{"_id": "a"}], [{"_id": "a", "_deleted": 1}], True),
    "_deleted false of the file stays": (
        {},
        [{"_id": "a", "_deleted": False}],
        [{"_id": "a", "_deleted": False}],
        False,
    ),
    "unexpected delete is ignored": ({}, [], [{"_id": "a", "_deleted": True}], True),
    "expected delete is kept": ({}, [{"_id": "a", "_deleted": True}], [{"_id": "a", "_deleted": True}], True),
    "expected delete must come": ({}, [{"_id": "a", "_deleted": True}], [], False),
    "deletes count": (KEEP_DELETES, [], [{"_id": "a", "_deleted": True}], False),
    "1.0 is 1": ({}, [{"_id": "a", "x": 1}], [{"_id": "a", "x": 1.0}], True),
    "1.0 in the file is not 1": ({}, [{"_id": "a", "x": 1.0}], [{"_id": "a", "x": 1.0}], False),
    "1e+16 stays a float": ({}, [{"_id": "a", "x": 10**16}], [{"_id": "a", "x": 1e16}], False),
    "16 characters are exact": ({}, [{"_id": "a", "x": 9007199254740993}], [{"_id": "a", "x": 9007199254740993}], True),
    "17 characters are rounded": ({}, [{"_id": "a", "x": 10**17 + 1}], [{"_id": "a", "x": 10**17 + 1}], False),
    "rounded": ({}, [{"_id": "a", "x": 10**17}], [{"_id": "a", "x": 10**17 + 1}], True),
    "the sign is a character": (
        {},
        [{"_id": "a", "x": -9007199254740993}],
        [{"_id": "a", "x": -9007199254740993}],
        False,
    ),
    "transit is text": ({}, [{"_id": "a", "x": "~f1.50"}], [{"_id": "a", "x": "~f1.5"}], False),
    "mixed ids": ({}, [{"_id": 1}, {"_id": "a"}], [{"_id": 1}, {"_id": "a"}], False),
    "sorted by another field": (
        {"fields_to_sort_by": ["n"], "blacklist": ["_id"]},
        [{"n": 1}, {"n": 2}],
        [{"_id": "a", "n": 2}, {"_id": "b", "n": 1}],
        True,
    ),
}


@pytest.mark.parametrize(("spec", "expected", "output", "equal"), CASES.values(), ids=CASES.keys())
def test_rules(spec, expected, output, equal):
    assert verdict(expected, output, **spec) is equal


ENTITY = {
    "_id": "a",
    "t": 1,
    "foo": {"bar": 1, "deep": {"bar": 1}, "t": 1},
    "many": [{"bar": 1}],
    "foo.bar": 1,
    "ns:x": 1,
}

# pattern -> what is left; the facts are sesam-py's, its README claims others for `\.` and `[].`
PATTERNS = {
    "t": {"foo": {"bar": 1, "deep": {"bar": 1}, "t": 1}, "many": [{"bar": 1}], "foo.bar": 1, "ns:x": 1},
    "*.t": {"t": 1, "foo": {"bar": 1, "deep": {"bar": 1}}, "many": [{"bar": 1}], "foo.bar": 1, "ns:x": 1},
    "foo.bar": {"t": 1, "foo": {"deep": {"bar": 1}, "t": 1}, "many": [{"bar": 1}], "ns:x": 1},
    "many.bar": {"t": 1, "foo": {"bar": 1, "deep": {"bar": 1}, "t": 1}, "many": [{}], "foo.bar": 1, "ns:x": 1},
    "many[].bar": {key: value for key, value in ENTITY.items() if key != "_id"},
    "foo[].bar": {"t": 1, "foo": {"bar": 1, "deep": {}, "t": 1}, "many": [{"bar": 1}], "foo.bar": 1, "ns:x": 1},
    "foo\\.bar": {key: value for key, value in ENTITY.items() if key != "_id"},
    "f*": {"t": 1, "many": [{"bar": 1}], "ns:x": 1},
    "ns:x": {"t": 1, "foo": {"bar": 1, "deep": {"bar": 1}, "t": 1}, "many": [{"bar": 1}], "foo.bar": 1},
}


@pytest.mark.parametrize(("pattern", "left"), PATTERNS.items(), ids=PATTERNS.keys())
def test_blacklist(pattern, left):
    assert updated([ENTITY], spec_of("p", {"blacklist": [pattern]})) == [{"_id": "a", **left}]


def test_blacklist_is_not_applied_to_the_expected_file():
    assert not verdict([{"_id": "a", "t": 1}], [{"_id": "a", "t": 1}], blacklist=["t"])


def test_the_reason_counts_the_entities():
    comparison = compare([{"_id": "a"}], [], spec_of("p", {}))
    assert comparison.reason == "expected 1 entity, got 0"


def test_update_drops_every_delete_when_they_are_ignored():
    output = [{"_id": "b", "_deleted": True}, {"_id": "a"}]
    assert updated(output, spec_of("p", {})) == [{"_id": "a"}]
    assert updated(output, spec_of("p", KEEP_DELETES)) == [{"_id": "a"}, {"_id": "b", "_deleted": True}]


def test_what_update_writes_verify_accepts():
    output = [{"_id": "b", "n": 1.0, "_x": 1}, {"_id": "a", "n": 10**20 + 1, "t": "x"}]
    spec = spec_of("p", {"blacklist": ["t"]})
    written = json.loads(json.dumps(updated(output, spec)))
    assert written == [{"_id": "a", "n": 10**20}, {"_id": "b", "n": 1}]
    assert compare(written, output, spec).equal


def test_update_cannot_sort_ids_of_different_types():
    with pytest.raises(Incomparable, match="_id is not of one type"):
        updated([{"_id": 1}, {"_id": "a"}], spec_of("p", {}))
