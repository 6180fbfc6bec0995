"""configuration-sources-merge.rst; node-semantics, section 2.1."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow.errors import FindingsError
from dataflow.node.dataset import Dataset
from node.pipes import content, embedded, living, merging, node_of, receiver

pytestmark = pytest.mark.usefixtures("every_store")


def merged(source, **datasets):
    """What a merge of embedded entities gives, by id; dataset a has alias a."""
    node = node_of(
        *(embedded(name, *entities) for name, entities in datasets.items()),
        merging("m", [f"{name} {name}" for name in datasets], **source),
    )
    report = node.run()
    assert report.ok, report.diagnostics()
    return content(node, "m")


EQ = {"equality": [["eq", "a.k", "b.k"]]}


def test_the_example_of_the_documentation():
    found = merged(
        {
            "equality": [["eq", "a.f1", "b.f1"], ["eq", "b.f2", ["lower", "c.f3"]]],
            "identity": "composite",
            "strategy": "default",
        },
        a=[{"_id": "a1", "f1": 1}, {"_id": "a2", "f1": 2}],
        b=[{"_id": "b1", "f1": 1, "f2": "x"}, {"_id": "b2", "f1": 3}],
        c=[
            {"_id": "c1", "f3": "X"},
            {"_id": "c2", "_deleted": True, "f3": "Y"},
            {"_id": "c3", "_deleted": True, "f3": "X"},
        ],
    )
    assert found == {
        "0|a1|1|b1|2|c1": {"$ids": ["~:a1", "~:b1", "~:c1"], "f1": [1, 1], "f2": "x", "f3": "X"},
        "0|a2": {"$ids": ["~:a2"], "f1": 2},
        "1|b2": {"$ids": ["~:b2"], "f1": 3},
        "2|c2": {"$ids": ["~:c2"], "_deleted": True, "f3": "Y"},
        "2|c3": {"$ids": ["~:c3"], "_deleted": True, "f3": "X"},
    }


def test_composite_is_the_default_identity_and_default_the_default_strategy_of_any_version():
    for version in ({"version": 1}, {"version": 2}, {}):
        source = {"type": "merge", "datasets": ["a a", "b b"], **EQ, **version}
        entities = [embedded("a", {"_id": "x", "k": 1, "p": 1}), embedded("b", {"_id": "y", "k": 1, "p": 1})]
        node = node_of(*entities, {"_id": "m", "type": "pipe", "source": source})
        node.run()
        assert content(node, "m") == {"0|x|1|y": {"$ids": ["~:x", "~:y"], "k": [1, 1], "p": [1, 1]}}


def test_members_are_ordered_by_dataset_and_id_and_the_first_gives_the_id():
    found = merged(EQ, a=[{"_id": "z", "k": [1, 2]}], b=[{"_id": "c", "k": 2}, {"_id": "b", "k": 1}])
    assert found == {"z": {"$ids": ["~:z", "~:b", "~:c"], "k": [1, 2]}}


def test_equality_is_overlap_of_values_and_null_and_empty_lists_are_equal_to_nothing():
    found = merged(
        EQ,
        a=[{"_id": "a1", "k": ["x", "y"]}, {"_id": "a2", "k": None}, {"_id": "a3"}, {"_id": "a4", "k": []}],
        b=[{"_id": "b1", "k": ["y", "z"]}, {"_id": "b2", "k": None}, {"_id": "b3"}, {"_id": "b4", "k": []}],
    )
    assert found["a1"]["$ids"] == ["~:a1", "~:b1"]
    assert len(found) == 7


def test_equality_knows_types():
    found = merged(
        EQ,
        a=[{"_id": "a1", "k": 1}, {"_id": "a2", "k": "x:y"}, {"_id": "a3", "k": True}],
        b=[{"_id": "b1", "k": "1"}, {"_id": "b2", "k": "~:x:y"}, {"_id": "b3", "k": "~f1.0"}],
    )
    assert [e["$ids"] for e in found.values()] == [["~:a1", "~:b3"], ["~:a2"], ["~:a3"], ["~:b1"], ["~:b2"]]


def test_entities_of_one_dataset_merge_only_through_another_dataset():
    same = {"_id": "a1", "k": 1}, {"_id": "a2", "k": 1}
    assert len(merged(EQ, a=same, b=[])) == 2
    assert merged(EQ, a=same, b=[{"_id": "b", "k": 1}])["a1"]["$ids"] == ["~:a1", "~:a2", "~:b"]


def test_equality_sets_are_chains_of_neighbours():
    sets = {"equality_sets": [["a.k", "b.k", "c.k"]]}
    one = [{"_id": "a1", "k": 1}], [{"_id": "b1", "k": 1}], [{"_id": "c1", "k": 1}]
    assert list(merged(sets, a=one[0], b=one[1], c=one[2])) == ["a1"]
    assert list(merged(sets, a=one[0], b=[], c=one[2])) == ["a1", "c1"]


def test_rules_are_full_dtl_on_one_alias():
    rule = ["eq", ["tuples", ["lower", "a.name"], "no"], ["tuples", "b.name", "b.country"]]
    found = merged(
        {"equality": [rule]},
        a=[{"_id": "a1", "name": "ACME"}],
        b=[{"_id": "b1", "name": "acme", "country": "no"}, {"_id": "b2", "name": "acme", "country": "se"}],
    )
    assert {i: e["$ids"] for i, e in found.items()} == {"a1": ["~:a1", "~:b1"], "b2": ["~:b2"]}


def test_ids_that_a_member_has_stand_for_its_own():
    found = merged(
        EQ, a=[{"_id": "a1", "k": 1, "$ids": ["~:p:1", "~:p:2"]}], b=[{"_id": "b1", "k": 1, "$ids": ["~:q:1"]}]
    )
    assert found["a1"]["$ids"] == ["~:p:1", "~:p:2", "~:q:1"]


def test_dynamic_ids_can_be_joined_on():
    node = node_of(
        embedded("a", {"_id": "1"}, namespaced_identifiers=True, add_namespaces=True),
        embedded("b", {"_id": "b1", "ref": "~:a:1"}),
        {**merging("m", ["a a", "b b"], equality=[["eq", "a.$ids", "b.ref"]]), "namespaced_identifiers": True},
    )
    node.run()
    assert list(content(node, "m")) == ["a:1"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([["x"]], ["x"]),
        ([["x", "x"]], "x"),
        (["x", "x"], "x"),
        (["x", "y"], ["x", "y"]),
        (["x", None], "x"),
        ([["x"], None], ["x"]),
        ([["x"], []], ["x"]),
        ([["x"], "x"], "x"),
        ([["x", None], ["y"]], ["x", "y"]),
        (["y", ["x", "y"]], ["y", "x"]),
        ([1, True], [1, True]),
        ([{"n": None}, {"n": None}], {"n": None}),
        ([False], False),
        ([""], ""),
    ],
)
def test_compact(values, expected):
    entities = [{"_id": f"e{i}", "k": 1, "p": value} for i, value in enumerate(values)]
    assert merged(EQ, a=entities[:1], b=entities[1:])["e0"]["p"] == expected


@pytest.mark.parametrize("values", [[None], [[]], [[None]], [None, []]])
def test_compact_drops_what_holds_nothing(values):
    entities = [{"_id": f"e{i}", "k": 1, "p": value} for i, value in enumerate(values)]
    assert "p" not in merged(EQ, a=entities[:1], b=entities[1:])["e0"]


def test_strategy_default_keeps_nulls_and_duplicates():
    found = merged(
        {**EQ, "strategy": "default"},
        a=[{"_id": "a1", "k": 1, "p": [2, 1], "q": None, "r": []}],
        b=[{"_id": "b1", "k": 1, "p": 2, "s": None, "q": None}],
    )
    assert found["a1"] == {"$ids": ["~:a1", "~:b1"], "k": [1, 1], "p": [2, 1, 2], "q": [None, None], "r": [], "s": None}


def test_strategy_list_holds_the_members():
    found = merged({**EQ, "strategy": "list"}, a=[{"_id": "a1", "k": 1}], b=[{"_id": "b1", "k": 1, "p": None}])
    members = [{"_id": "a1", "k": 1}, {"_id": "b1", "k": 1, "p": None}]
    assert found == {"a1": {"$ids": ["~:a1", "~:b1"], "$merged": members}}
    internal = merged({**EQ, "strategy": "list", "include_internal_properties": True}, a=[{"_id": "a1", "k": 1}], b=[])
    assert internal["a1"]["$merged"][0]["_updated"] == 0


def test_deleted_members_stand_alone_under_their_own_id():
    found = merged(EQ, a=[{"_id": "a1", "k": 1, "_deleted": True}], b=[{"_id": "b1", "k": 1}])
    assert found == {"a1": {"$ids": ["~:a1"], "_deleted": True, "k": 1}, "b1": {"$ids": ["~:b1"], "k": 1}}


def test_an_id_that_is_no_group_any_more_is_replaced():
    node = node_of(receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **EQ))
    node.post("b", [{"_id": "b1", "k": 1}])
    node.run()
    assert content(node, "m") == {"b1": {"$ids": ["~:b1"], "k": 1}}
    node.post("a", [{"_id": "a1", "k": 1}])
    node.run()
    assert content(node, "m") == {
        "a1": {"$ids": ["~:a1", "~:b1"], "k": 1},
        "b1": {"$replaced": True, "_deleted": True},
    }
    node.post("a", [{"_id": "a1", "k": 2}])
    node.run()
    assert content(node, "m") == {"a1": {"$ids": ["~:a1"], "k": 2}, "b1": {"$ids": ["~:b1"], "k": 1}}


def test_a_deleted_member_leaves_its_group_and_is_not_replaced():
    node = node_of(receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **EQ))
    node.post("a", [{"_id": "a1", "k": 1}])
    node.post("b", [{"_id": "b1", "k": 1}])
    node.run()
    node.post("a", [{"_id": "a1", "_deleted": True, "k": 1}])
    node.run()
    assert content(node, "m") == {
        "a1": {"$ids": ["~:a1"], "_deleted": True, "k": 1},
        "b1": {"$ids": ["~:b1"], "k": 1},
    }


def test_a_later_process_goes_on_from_what_an_earlier_one_has_made(every_store, monkeypatch):
    store = every_store()
    configs = [receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **EQ)]
    first = node_of(*configs, store=store)
    first.post("a", [{"_id": "a1", "k": 1}, {"_id": "a2", "k": 2}])
    first.post("b", [{"_id": "b1", "k": 1}])
    first.run()
    read, since = [], Dataset.since
    monkeypatch.setattr(
        Dataset, "since", lambda self, *args, **named: read.append(self.id) or since(self, *args, **named)
    )
    later = node_of(*configs, store=store)
    assert later.run().written == 0
    assert not {"a", "b"} & set(read)
    later.post("b", [{"_id": "b1", "k": 2}])
    later.run()
    assert content(later, "m") == {"a1": {"$ids": ["~:a1"], "k": 1}, "a2": {"$ids": ["~:a2", "~:b1"], "k": 2}}


def test_other_equality_rules_make_other_groups_of_what_has_been_read(every_store):
    store = every_store()
    first = node_of(receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **EQ), store=store)
    first.post("a", [{"_id": "a1", "k": 1, "l": 2}])
    first.post("b", [{"_id": "b1", "k": 1, "l": 1}, {"_id": "b2", "k": 3, "l": 2}])
    first.run()
    assert set(living(first, "m")) == {"a1", "b2"}
    other = {"equality": [["eq", "a.l", "b.l"]]}
    later = node_of(receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **other), store=store)
    later.run()
    assert {i: e["$ids"] for i, e in living(later, "m").items()} == {"a1": ["~:a1", "~:b2"], "b1": ["~:b1"]}
    assert content(later, "m")["b2"] == {"$replaced": True, "_deleted": True}


def test_too_large_a_group_fails_the_pipe_and_recovers_when_it_has_shrunk():
    node = node_of(receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **EQ, max_merged=2))
    node.post("a", [{"_id": "a1", "k": 1}, {"_id": "a2", "k": 1}, {"_id": "a3", "k": 3}])
    node.post("b", [{"_id": "b1", "k": 1}])
    for _ in range(2):
        (failure,) = node.run().failures
        assert failure.message == '3 entities would become one, the first of them "a1", and max_merged is 2'
    node.post("a", [{"_id": "a2", "k": 2}])
    assert node.run().ok
    assert {i: e["$ids"] for i, e in content(node, "m").items()} == {
        "a1": ["~:a1", "~:b1"],
        "a2": ["~:a2"],
        "a3": ["~:a3"],
    }


@pytest.mark.parametrize(
    ("source", "code", "pointer"),
    [
        ({"equality": [["eq", "a.x", "nothing"]]}, "DF405", "/source/equality/0/2"),
        ({"equality": [["eq", "a.x", ["concat", "a.x", "b.x"]]]}, "DF405", "/source/equality/0/2"),
        ({"equality": [["neq", "a.x", "b.x"]]}, "DF408", "/source/equality/0"),
        ({"equality_sets": [["a.x", "b.x"], ["a.y", ["lowr", "b.y"]]]}, "DF401", "/source/equality_sets/1/1/0"),
        ({"identity": "last"}, "DF205", "/source/identity"),
        ({"strategy": "union"}, "DF205", "/source/strategy"),
    ],
)
def test_faults_of_the_source_have_a_place(source, code, pointer):
    node = node_of(merging("m", ["a a", "b b"], **source))
    with pytest.raises(FindingsError) as caught:
        node.entities("m")
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.pointer) == (code, pointer)


# --- against the definition, by hand ----------------------------------------------------------------------------------


def by_definition(entities):
    """Groups of living entities, each (dataset, id) -> sorted members, by comparing every pair until nothing changes."""
    living_ = [place for place, (values, deleted) in entities.items() if not deleted]
    group = {place: {place} for place in living_}
    for one in living_:
        for other in living_:
            if one[0] != other[0] and entities[one][0] & entities[other][0] and group[one] is not group[other]:
                joined = group[one] | group[other]
                for place in joined:
                    group[place] = joined
    return sorted({tuple(sorted(members)) for members in group.values()})


PLACES = st.tuples(st.sampled_from("ab"), st.sampled_from(["1", "2", "3", "4"]))
CHANGES = st.lists(
    st.tuples(PLACES, st.frozensets(st.sampled_from([1, 2, 3, 4]), max_size=2), st.booleans()), max_size=12
)


@settings(max_examples=150, deadline=None)
@given(CHANGES, st.sets(st.integers(0, 11)))
def test_any_sequence_of_changes_ends_in_the_groups_of_the_definition(changes, pauses):
    node = node_of(receiver("a"), receiver("b"), merging("m", ["a a", "b b"], **EQ))
    entities = {}
    for step, (place, values, deleted) in enumerate(changes):
        dataset, entity_id = place
        entities[place] = (values, deleted)
        node.post(dataset, [{"_id": dataset + entity_id, "k": sorted(values), "_deleted": deleted}])
        if step in pauses:
            node.run()
    assert node.run().ok
    expected = {m[0][0] + m[0][1]: [f"~:{d}{i}" for d, i in m] for m in by_definition(entities)}
    assert {i: e["$ids"] for i, e in living(node, "m").items()} == expected
    assert node.run().written == 0
