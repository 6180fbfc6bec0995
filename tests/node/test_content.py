from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.dtl.values import NI, UUID, Date, Datetime
from dataflow.node.content import content_of, exported, version_of

KINDS = [
    None,
    True,
    1,
    1.0,
    Decimal("1"),
    Decimal("1.0"),
    "1",
    "~:a:b",
    NI("~:a:b"),
    "~u8f2f4a0e-0d0c-4a46-9d0f-1f1f0f1f0f1f",
    UUID("~u8f2f4a0e-0d0c-4a46-9d0f-1f1f0f1f0f1f"),
    b"1",
    Date(0),
    Datetime(0),
    Datetime(1),
    [],
    {},
    [1],
    {"a": 1},
    2**70,
    str(2**70),
    [2**70, NI("~:a:b")],
    [2**70, "~:a:b"],
    "\ud800",
    "",
]


def digest(entity_id, deleted, entity):
    return content_of(entity_id, deleted, entity).hash


def test_values_of_different_type_or_scale_have_different_hashes():
    assert len({digest("x", False, {"p": value}) for value in KINDS}) == len(KINDS)


def test_the_hash_depends_on_id_and_deletion():
    found = {digest("x", False, {}), digest("y", False, {}), digest("x", True, {}), digest("x", False, {"p": None})}
    assert len(found) == 4
    assert all(len(h) == 32 and set(h) <= set("0123456789abcdef") for h in found)


@pytest.mark.parametrize("value", KINDS, ids=repr)
def test_a_version_has_the_hash_of_what_it_was_made_of(value):
    content = content_of("x", False, {"p": value, "A": (1,), "_id": "y", "_deleted": True, "_ts": 7, "_other": 1})
    version = version_of(content.packed, content.hash, 3, 1, 12)
    assert list(version) == ["A", "_deleted", "_hash", "_id", "_previous", "_ts", "_updated", "p"]
    assert version == {
        "A": [1],
        "_deleted": False,
        "_hash": content.hash,
        "_id": "x",
        "_previous": 1,
        "_ts": 12,
        "_updated": 3,
        "p": value,
    }
    assert type(version["p"]) is type(value)
    assert content_of("x", False, version) == content


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def turned(value):
    if type(value) is dict:
        return {k: turned(value[k]) for k in reversed(value)}
    return [turned(v) for v in value] if type(value) is list else value


@given(st.dictionaries(st.text(min_size=1).filter(lambda n: n[0] != "_"), values))
def test_the_order_of_keys_at_any_depth_does_not_count(entity):
    assert digest("x", False, entity) == digest("x", False, turned(entity))


def test_handed_out_entities_keep_of_reserved_properties_only_id_and_a_true_deleted():
    stored = {"_deleted": False, "_hash": "h", "_id": "x", "_previous": None, "_ts": 1, "_updated": 0, "p": {"_q": 1}}
    assert exported(stored) == {"_id": "x", "p": {"_q": 1}}
    assert exported({**stored, "_deleted": True}) == {"_deleted": True, "_id": "x", "p": {"_q": 1}}
