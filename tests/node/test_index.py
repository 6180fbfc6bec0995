"""hub/dtl/joins.rst: nulls and deleted entities are not indexed, list values one by one."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow.dtl.context import Table
from dataflow.dtl.joins import PropertyKeys, keys
from dataflow.dtl.values import NI
from dataflow.node.dataset import Dataset

VALUES = st.sampled_from([None, 1, "a", "b", [], ["a", None, "b"], ["a", "a"]])
WRITES = st.lists(st.tuples(st.sampled_from("abcde"), VALUES, st.booleans()))


def by_p(entity):
    return keys(entity.get("p"))


@given(before=WRITES, after=WRITES)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_that_follows_writes_equals_one_made_at_the_end(every_store, before, after):
    dataset = Dataset("d", log=every_store().log("d"))
    for entity_id, value, deleted in before:
        dataset.write({"_id": entity_id, "p": value, "_deleted": deleted})
    index = dataset.index("p", by_p)
    for entity_id, value, deleted in after:
        dataset.write({"_id": entity_id, "p": value, "_deleted": deleted})
    assert index == Table(dataset.live()).index("p", by_p)
    assert None not in index


@given(writes=WRITES)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_on_the_id_is_true_at_every_moment(every_store, writes):
    dataset = Dataset("d", log=every_store().log("d"))
    index = dataset.index("_id", PropertyKeys("_id"))
    for entity_id, value, deleted in writes:
        dataset.write({"_id": entity_id, "p": value, "_deleted": deleted})
        assert index.get(entity_id) == (None if deleted else [dataset.newest(entity_id)])
    assert index == {entity["_id"]: [entity] for entity in dataset.live()}
    assert list(dataset.living()) == [entity["_id"] for entity in dataset.live()]
    assert (len(index), dataset.indexes) == (len(list(dataset.live())), ["_id"])


def test_what_is_no_plain_text_is_no_id(every_store):
    dataset = Dataset("d", log=every_store().log("d"))
    dataset.write({"_id": "~:a"})
    index = dataset.index("_id", PropertyKeys("_id"))
    assert "~:a" in index
    assert [key for key in ("a", 1, None, (NI, "~:a"), "\ud800") if key in index] == []


def test_buckets_are_ordered_by_id_as_text(every_store):
    dataset = Dataset("d", log=every_store().log("d"))
    index = dataset.index("p", by_p)
    for entity_id in ["x:132", "x:2", "x:1316"]:
        dataset.write({"_id": entity_id, "p": 1})
    assert [e["_id"] for e in index[1]] == ["x:1316", "x:132", "x:2"]
