"""Dependency tracking: hub/features/dependency-tracking.rst, hub/dtl/caveats.rst; node-semantics, section 5.6; decision 0410."""

from collections import defaultdict
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow.clock import FixedClock
from dataflow.dtl.values import NI
from dataflow.node import dependencies
from dataflow.node.node import Node
from dataflow.node.watched import Watched
from node import pipes
from node.pipes import living, merging, node_of, pipe, receiver
from node.shapes import FOLLOWED, NOT_FOLLOWED, STARTS, UP, WHOLE, H, adding, dtl, hops, shaped, spec
from node.stores import opened

RECEIVERS = ("s", "h", "i", "j")
SHAPES = {**FOLLOWED, **NOT_FOLLOWED}
IDS = ("1", "2", "3")
# A recursion takes every id once, that of the source too.
S_IDS = ("s1", "s2", "s3")

every_store = pytest.mark.usefixtures("every_store")


@cache
def compiled(shape):
    return pipe(shaped(shape, SHAPES[shape]))


@cache
def receiving(name):
    return pipe(receiver(name))


def node_with(*shapes, store=None):
    """A node with the four receivers and pipes of these shapes, which are compiled once for all nodes."""
    made = [*map(receiving, RECEIVERS), *map(compiled, shapes)]
    return Node(made, clock=FixedClock(), store=store or pipes.new_store())


def rested(node):
    report = node.run()
    assert report.ok, report.diagnostics()
    return report


def depending(node, pipe_id):
    """The ids of what a run would read once more."""
    pump = node.pump(pipe_id)
    return [entity["_id"] for entity in pump._dependencies.again(pump._at.hopped, pump._at.marker)]


# --- what is run again ------------------------------------------------------------------------------------------------


def world(name):
    """Two source entities and what they hop to; nothing in one world has to do with another."""
    k = f"k{name}"
    return {
        "s": [
            {"_id": f"{name}s1", "k": k, "n": 1, "ref": f"{name}1", "up": f"{name}1"},
            {"_id": f"{name}s2", "k": [k, f"{k}2"], "n": 1, "ref": f"{name}3", "up": f"{name}2"},
        ],
        "h": [
            {"_id": f"{name}1", "k": k, "n": 1, "ref": f"{name}2", "of": f"{name}s1", "up": f"{name}2"},
            {"_id": f"{name}2", "k": f"{k}2", "n": 2, "ref": f"{name}4", "of": f"{name}s2", "up": f"{name}3"},
            {"_id": f"{name}3", "k": f"{k}3", "n": 1, "ref": f"{name}5", "of": f"{name}s2"},
        ],
        "i": [{"_id": f"{name}{n}", "k": k, "n": 1, "up": f"{name}{n % 5 + 1}"} for n in range(1, 6)],
        "j": [{"_id": f"{name}{n}", "k": k, "n": 1} for n in range(1, 6)],
    }


def in_two_worlds(*shapes):
    node = node_with(*shapes)
    for name in ("a", "b"):
        for dataset, entities in world(name).items():
            node.post(dataset, entities)
    rested(node)
    return node


def met(node, shape):
    """(dataset, id) to the ids in "s" whose outputs are made of what is there."""
    pipeline = node.pump(shape).pipeline
    found = defaultdict(set)
    for entity in pipeline.source.read():
        context = node.surroundings(shape)
        watched = context.datasets = Watched(node.datasets)
        pipeline.outputs(entity, context)
        for place in watched.met:
            found[place].add(entity["_id"])
    return found


@every_store
@pytest.mark.parametrize("shape", FOLLOWED)
def test_a_change_leads_back_to_what_was_made_with_it_and_to_nothing_in_another_world(shape):
    node = in_two_worlds(shape)
    tracked = node.pump(shape).pipeline.tracked
    assert depending(node, shape) == []
    users, led = met(node, shape), set()
    for dataset in sorted(tracked):
        for entity in world("a")[dataset]:
            node.post(dataset, [{**entity, "name": "new"}])
            found = set(depending(node, shape))
            # What has changed itself is run because of that, and not once more.
            assert found >= {i for i in users[dataset, entity["_id"]] if dataset != "s" or i != entity["_id"]}
            assert {entity_id[0] for entity_id in found} <= {"a"}
            led |= {dataset} if found else set()
            rested(node)
    assert led == tracked


@every_store
@pytest.mark.parametrize("shape", NOT_FOLLOWED)
def test_where_the_way_back_is_not_known_everything_is_run_again(shape):
    node = in_two_worlds(shape)
    node.post(STARTS.get(shape, "h"), [{"_id": "unheard-of"}])
    assert depending(node, shape) == ["as1", "as2", "bs1", "bs2"]
    rested(node)
    assert depending(node, shape) == []


@every_store
def test_both_ends_of_what_has_moved_are_run_again():
    node = in_two_worlds("one")
    node.post("h", [{"_id": "a1", "k": "kb"}])
    assert depending(node, "one") == ["as1", "as2", "bs1", "bs2"]
    rested(node)
    node.post("h", [{"_id": "a1", "k": "kb", "_deleted": True}])
    assert depending(node, "one") == ["bs1", "bs2"]
    rested(node)
    node.post("h", [{"_id": "a1", "k": "ka"}])
    assert depending(node, "one") == ["as1", "as2"]
    rested(node)
    node.post("s", [{"_id": "as2", "k": "kb"}])
    rested(node)
    node.post("h", [{"_id": "a1", "k": "ka", "n": 1}])
    assert depending(node, "one") == ["as1"]


@every_store
def test_every_version_counts_as_it_may_have_been_seen_by_a_run_that_failed():
    fails = ["if", ["eq", "_S.n", 13], ["fail!", "no"]]
    node = node_of(receiver("s"), receiver("h"), shaped("p", dtl([fails, *adding(hops(H, **WHOLE))])))
    node.post("s", [{"_id": "1", "k": "x"}, {"_id": "2", "k": "y"}])
    node.post("h", [{"_id": "h", "k": "x", "n": 1}])
    rested(node)
    # The run reads "1" while h is with neither, and then fails.
    node.post("h", [{"_id": "h", "k": "z", "n": 1}])
    node.post("s", [{"_id": "1", "k": "z"}, {"_id": "3", "n": 13}])
    assert not node.run().ok
    node.post("h", [{"_id": "h", "k": "x", "n": 1}])
    node.post("s", [{"_id": "3", "n": 1}])
    rested(node)
    assert {i: e["found0"] for i, e in living(node, "p").items()} == {"1": [], "2": [], "3": []}


def ladder(recursion):
    """A node with an entity in "s" at the foot of a ladder of twelve."""
    node = node_of(*map(receiver, "shi"), shaped("p", dtl(adding(hops(recursion)))))
    node.post("s", [{"_id": "s", "up": "1"}])
    for dataset in ("h", "i"):
        node.post(dataset, [{"_id": str(n), "up": str(n + 1)} for n in range(1, 13)])
    rested(node)
    return node


def climbing(recursion):
    """The rungs from which a change leads back to the foot."""
    node, found = ladder(recursion), []
    for n in range(1, 13):
        node.post("h", [{"_id": str(n), "up": str(n + 1), "new": True}])
        if depending(node, "p"):
            found.append(n)
        rested(node)
    return found


@every_store
def test_a_recursion_is_followed_back_as_deep_as_it_goes():
    assert climbing(UP) == list(range(1, 11))
    assert climbing({**UP, "max_depth": 3}) == [1, 2, 3]
    assert climbing({**UP, "max_depth": None}) == list(range(1, 13))
    by_two = spec(["i i", "h h"], ["eq", "_S.up", "i._id"], ["eq", "i.up", "h._id"], recurse=True, max_depth=2)
    assert climbing(by_two) == [2, 4]


@every_store
def test_what_was_come_to_late_may_be_come_to_early_as_well():
    node = ladder({**UP, "max_depth": 2})
    node.post("h", [{"_id": "3", "up": "4", "new": True}, {"_id": "2", "up": "3", "new": True}])
    assert depending(node, "p") == ["s"]


@every_store
def test_an_untracked_specification_is_passed_through_and_never_started_from():
    first = {**H, "track-dependencies": False}
    chained = hops(first, spec("i i", ["eq", "_S.ref", "i._id"]), **{"return": "i.n"})
    node = node_of(*map(receiver, "shi"), shaped("p", dtl(adding(chained))))
    node.post("s", [{"_id": "1", "k": "x"}, {"_id": "2", "k": "y"}])
    node.post("h", [{"_id": "h", "k": "x", "ref": "i"}])
    node.post("i", [{"_id": "i", "n": 1}])
    rested(node)
    node.post("i", [{"_id": "i", "n": 2}])
    assert depending(node, "p") == ["1"]
    rested(node)
    node.post("h", [{"_id": "h", "k": "y", "ref": "i"}])
    assert rested(node).pipes["p"].read == 0
    assert living(node, "p")["1"]["found0"] == [2]


@every_store
def test_what_leads_back_to_very_many_is_everything(monkeypatch):
    node = in_two_worlds("one")
    monkeypatch.setattr(dependencies, "MOST", 1)
    node.post("h", [{**world("a")["h"][0], "new": True}])
    assert depending(node, "one") == ["as1", "as2", "bs1", "bs2"]


@every_store
def test_what_was_not_followed_before_is_followed_from_the_start():
    store = pipes.new_store()
    node = node_with("one", store=store)
    node.post("s", [{"_id": "1"}, {"_id": "2"}])
    rested(node)
    node.pump("one")._at.hopped.clear()
    assert depending(node, "one") == ["1", "2"]


@every_store
def test_indexes_on_a_large_source_are_there_before_the_first_change(monkeypatch):
    def made(node):
        return sorted(node.dataset("s")._log._holders)

    assert made(in_two_worlds("one", "by-id")) == []
    monkeypatch.setattr(dependencies, "LARGE", 2)
    assert made(in_two_worlds("one", "by-id")) == ['"k"', '"ref"']


# --- other sources, and namespaces ------------------------------------------------------------------------------------


def reading(source, **properties):
    found = hops(spec("h h", ["eq", "_S.k", "h.k"]), **{"return": "h.n"})
    return {"_id": "p", "type": "pipe", "source": source, "transform": dtl(adding(found)), **properties}


SOURCES = {
    "subset": {"type": "dataset", "dataset": "s", "subset": ["eq", "_S.n", 1]},
    "previous": {"type": "dataset", "dataset": "s", "include_previous_versions": True},
    "replaced": {"type": "dataset", "dataset": "s", "include_replaced": False},
    "merge": merging("x", ["s s", "i i"], equality=[["eq", "s.ref", "i.ref"]])["source"],
    "composite": merging("x", ["s s", "i i"], equality=[["eq", "s.ref", "i.ref"]], identity="composite")["source"],
    "union": {"type": "union_datasets", "datasets": ["s", "i"]},
    "unprefixed": {"type": "union_datasets", "datasets": ["s"], "prefix_ids": False},
    "newest": {"type": "merge_datasets", "datasets": ["s", "i"]},
    "all": {"type": "merge_datasets", "datasets": ["s", "i"], "strategy": "all"},
}


@every_store
@pytest.mark.parametrize("source", [name for name in SOURCES if name != "all"])
def test_every_source_that_is_a_log_is_led_back_to(source):
    node = node_of(*map(receiver, "shi"), reading(SOURCES[source]))
    node.post("s", [{"_id": "1", "k": "x", "n": 1, "ref": "1"}, {"_id": "2", "k": "y", "n": 1, "ref": "2"}])
    node.clock.advance(1)
    node.post("i", [{"_id": "3", "ref": "1"}] if source != "newest" else [{"_id": "2", "k": "x"}])
    rested(node)
    node.post("h", [{"_id": "h", "k": "y", "n": 7}])
    before = {i: e["found0"] for i, e in living(node, "p").items()}
    report = rested(node)
    changed = [i for i, e in living(node, "p").items() if e["found0"] != before[i]]
    assert report.pipes["p"].read == len(changed) == (source != "newest")


@every_store
@pytest.mark.parametrize(
    ("adds", "known"),
    [(True, "_S.k"), (True, "_S.:k"), (True, "_S.r:k"), (True, "_S.$ids"), (False, "_S.k"), (False, "_S.$ids")],
)
def test_namespaces_that_are_added_on_the_way_do_not_stand_in_it(adds, known):
    found = hops(spec("h h", ["eq", known, "h.j"]), **{"return": "h.n"})
    p = {**shaped("p", dtl(adding(found))), "add_namespaces": adds, "namespaces": {"identity": "q", "property": "r"}}
    node = node_of(receiver("s", add_namespaces=False), receiver("h"), p, namespaced=True)
    node.post("s", [{"_id": "1", "k": "x"}, {"_id": "2", "k": "y"}])
    node.post("h", [{"_id": "h", "j": ["y", NI("~:q:2")], "n": 1}])
    rested(node)
    node.post("h", [{"_id": "h", "j": ["y", NI("~:q:2")], "n": 5}])
    assert depending(node, "p") == ["2"]
    rested(node)
    assert [e["r:found0"] for e in living(node, "p").values()] == [[], [5]]


# --- the same as from the start ---------------------------------------------------------------------------------------

KEYS = st.sampled_from(["x", "y"]) | st.lists(st.sampled_from(["x", "y", "z"]), max_size=2, unique=True) | st.none()
ENTITIES = st.fixed_dictionaries(
    {"k": KEYS, "n": st.integers(0, 2)},
    optional={
        "ref": st.sampled_from(IDS),
        "up": st.sampled_from(IDS),
        "of": st.sampled_from(S_IDS),
        "_deleted": st.sampled_from([False, False, True]),
    },
)
PLACES = [(name, entity_id) for name in RECEIVERS for entity_id in (S_IDS if name == "s" else IDS)]
CHANGES = st.builds(
    lambda place, entity: (*place, entity), st.sampled_from(PLACES), st.just({"_deleted": True}) | ENTITIES
)
# A world to begin with, and then a few changes at a time.
WORLDS = st.tuples(*(st.tuples(st.just(name), st.just(entity_id), ENTITIES) for name, entity_id in PLACES))
BATCHES = st.tuples(WORLDS, st.lists(CHANGES, max_size=3), st.lists(CHANGES, max_size=2), st.lists(CHANGES, max_size=2))


def posted(node, changes):
    """The changes that were any."""
    made = []
    for name, entity_id, entity in changes:
        # Which of two versions is the newer one tells the clock.
        node.clock.advance(1)
        if node.post(name, [{"_id": entity_id, **entity}]):
            made.append((name, entity_id, entity))
    return made


def live_through(node, batches):
    """The node takes batch after batch; the last change of each entity, as they came. In the end there is nothing left to do."""
    latest = {}
    for batch in batches:
        for name, entity_id, entity in posted(node, batch):
            latest.pop((name, entity_id), None)
            latest[name, entity_id] = entity
        rested(node)
    assert node.run().written == 0
    return [(*key, entity) for key, entity in latest.items()]


def compare(node, scratch, latest):
    """A full run of the node itself would change nothing, and another node has come to the same."""
    shapes = [p.id for p in node.pipes if p.id not in RECEIVERS]
    for shape in shapes:
        # Whoever reads earlier versions too writes them once more, one after the other.
        if shape != "previous":
            node.pump(shape).rewind()
    assert {i: run.written for i, run in rested(node).pipes.items() if run.written} == {}
    posted(scratch, latest)
    rested(scratch)
    for shape in shapes:
        assert living(node, shape) == living(scratch, shape), shape


@settings(max_examples=80, deadline=None)
@given(BATCHES)
def test_every_shape_of_hops_in_batches_is_as_from_the_start(batches):
    node = node_with(*SHAPES)
    compare(node, node_with(*SHAPES), live_through(node, batches))


@settings(max_examples=8, deadline=None)
@given(BATCHES)
def test_and_on_disk(batches):
    with opened() as store, opened() as another:
        node = node_with(*SHAPES, store=store)
        compare(node, node_with(*SHAPES, store=another), live_through(node, batches))


@cache
def sourced():
    every = [receiving(name) for name in RECEIVERS]
    return [*every, *(pipe({**reading(source), "_id": name}) for name, source in SOURCES.items())]


@settings(max_examples=80, deadline=None)
@given(BATCHES)
def test_every_source_in_batches_is_as_from_the_start(batches):
    node, scratch = (Node(sourced(), clock=FixedClock(), store=pipes.new_store()) for _ in range(2))
    compare(node, scratch, live_through(node, batches))
