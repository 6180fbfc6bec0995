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
