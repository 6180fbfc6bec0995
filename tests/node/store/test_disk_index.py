from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.dtl.joins import keys
from dataflow.dtl.values import NI, URI, Date, Datetime, key
from dataflow.errors import DtlError
from dataflow.node.dataset import Dataset
from dataflow.node.store.disk_index import spelled
from dataflow.node.store.sqlite import SqliteStore

scalars = (
    st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(
        [1.0, 0.5, 0.1, -0.0, 1e30, 10**30, Decimal("0.5"), Decimal("0.1"), Decimal("1.00"), 2**70, float(2**70)]
    )
    | st.sampled_from(["", "1", "#1", "'", "a", "~:a", "\ud800", "'\\ud800'", "0:", b"1", b"", NI("~:a"), URI("~ra")])
    | st.sampled_from([Date(0), Datetime(0), Datetime(1)])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner), max_leaves=5
)


@given(values, values)
def test_two_keys_have_one_spelling_exactly_when_they_are_equal(one, other):
    assert (spelled(key(one)) == spelled(key(other))) == (key(one) == key(other))


@pytest.fixture
def open_store(tmp_path):
    return lambda: SqliteStore(tmp_path)


def by_p(entity):
    return keys(entity.get("p"))


def ids(index, wanted):
    return [entity["_id"] for entity in index.get(wanted, ())]


def test_an_index_goes_on_where_it_stood_when_the_store_is_opened_again(open_store):
    store = open_store()
    dataset = Dataset("d", log=store.log("d"))
    for entity_id, value in [("a", 1), ("b", 1), ("c", 2)]:
        dataset.write({"_id": entity_id, "p": value})
    assert ids(dataset.index("p", by_p), 1) == ["a", "b"]
    dataset.write({"_id": "a", "p": 2})
    store.commit()
    store.close()
    store = open_store()
    dataset = Dataset("d", log=store.log("d"))
    dataset.write({"_id": "a", "p": 3})
    dataset.delete("b")
    asked = []
    index = dataset.index("p", lambda e: asked.append(e["_id"]) or by_p(e))
    assert [ids(index, n) for n in (1, 2, 3)] == [[], ["c"], ["a"]]
    assert "c" not in asked
    store.close()


def test_an_expression_that_fails_leaves_nothing_half_done(open_store):
    store = open_store()
    dataset = Dataset("d", log=store.log("d"))
    for number in range(5):
        dataset.write({"_id": str(number), "p": number})

    def failing(entity):
        if entity["p"] == 3:
            raise DtlError("no")
        return by_p(entity)

    index = dataset.index("p", failing)
    for _ in range(2):
        with pytest.raises(DtlError):
            index.get(1)
    dataset.write({"_id": "3", "p": 1})
    assert ids(index, 1) == ["1", "3"]
    store.close()


def by_q(entity):
    return keys(entity.get("q"))


def test_indexes_that_stand_at_the_same_offset_follow_the_log_together(open_store, monkeypatch):
    store = open_store()
    log = store.log("d")
    dataset = Dataset("d", log=log)
    dataset.write({"_id": "a", "p": 1, "q": 1})
    p, q = dataset.index("p", by_p), dataset.index("q", by_q)
    assert ids(p, 1) == ids(q, 1) == ["a"]
    assert dataset.holders("q", by_q, 1) == ["a"]
    dataset.write({"_id": "a", "p": 2, "q": 1})
    dataset.write({"_id": "b", "p": 1, "q": 2})
    readings = []
    since = type(log).since
    monkeypatch.setattr(type(log), "since", lambda self, *args: readings.append(args) or since(self, *args))
    assert [ids(p, 1), ids(p, 2), ids(q, 1), ids(q, 2)] == [["b"], ["a"], ["a"], ["b"]]
    assert dataset.holders("q", by_q, 2) == ["b"]
    assert readings == [(0,)]
    store.close()


def test_an_index_whose_expression_fails_does_not_keep_others_from_following(open_store):
    store = open_store()
    dataset = Dataset("d", log=store.log("d"))

    def failing(entity):
        if entity["q"] == 2:
            raise DtlError("no")
        return by_q(entity)

    p, q = dataset.index("p", by_p), dataset.index("q", failing)
    dataset.write({"_id": "a", "p": 1, "q": 1})
    assert ids(p, 1) == ids(q, 1) == ["a"]
    dataset.write({"_id": "b", "p": 1, "q": 2})
    assert ids(p, 1) == ["a", "b"]
    with pytest.raises(DtlError):
        q.get(1)
    dataset.write({"_id": "c", "p": 1, "q": 1})
    assert ids(p, 1) == ["a", "b", "c"]
    dataset.write({"_id": "b", "p": 1, "q": 1})
    assert ids(q, 1) == ["a", "b", "c"]
    assert ids(p, 1) == ["a", "b", "c"]
    store.close()


def test_what_was_broken_off_is_followed_from_the_start(open_store):
    store = open_store()
    dataset = Dataset("d", log=store.log("d"))
    index = dataset.index("p", by_p)
    dataset.write({"_id": "a", "p": 1})
    assert ids(index, 1) == ["a"]
    store.commit()
    store.close()
    store = open_store()
    dataset = Dataset("d", log=store.log("d"))
    stopped = True

    def stopping(entity):
        if stopped and entity["_id"] == "c":
            raise KeyboardInterrupt
        return by_p(entity)

    index = dataset.index("p", stopping)
    for entity_id in "bc":
        dataset.write({"_id": entity_id, "p": 1})
    with pytest.raises(KeyboardInterrupt):
        index.get(1)
    dataset.write({"_id": "b", "p": 2})
    store.commit()
    stopped = False
    assert [ids(index, 1), ids(index, 2)] == [["a", "c"], ["b"]]
    store.commit()
    store.close()
    store = open_store()
    assert ids(Dataset("d", log=store.log("d")).index("p", by_p), 1) == ["a", "c"]
    store.close()
