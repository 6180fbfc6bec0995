"""Whatever order changes come in, and however often the node runs in between, it ends with what one run from scratch gives.

Rules: hub/features/dependency-tracking.rst, hub/features/deletion-tracking.rst, hub/features/change-tracking.rst; node-semantics,
sections 1.3, 1.5, 1.6, 2, 2.1 (7) and 5.6. Hops alone are in test_dependencies.py.
"""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow.clock import FixedClock
from dataflow.node.node import Node
from node.pipes import endpoint, living, merging, new_store, pipe, reader, receiver
from node.stores import opened

# Ids of the last two are the same; those of the others are their own.
RECEIVERS = ("a", "b", "lines", "c", "d")
# Not compared: what an endpoint gives is computed from the others.
ENDPOINT = "out"


def configs(identity):
    """Merges of all kinds, hops of one and of two steps, a filter that hops, children, subsets, and chains of all of these."""
    amounts = ["hops", {"datasets": ["lines l"], "where": [["eq", "_S.k", "l.k"]], "return": "l.amount"}]
    totals = ["hops", {"datasets": ["wide w"], "where": [["eq", "_S.k", "w.k"]], "return": "w.lines"}]
    partners = [
        "apply-hops",
        "partner",
        {"datasets": ["lines l", "g g"], "where": [["eq", "_S._id", "l.of"], ["eq", "l.k", "g.k"]]},
    ]
    child = ["map", ["dict", "_id", ["concat", "c-", "_S._id", "-", ["string", "_."]], "k", "_S.k"], "_S.parts"]
    far = {
        "type": "dtl",
        "rules": {
            "default": [["copy", ["list", "_id", "k"]], ["add", "totals", totals], ["add", "partners", partners]],
            "partner": [["add", "amount", "_S.amount"], ["add", "k", "_S.k"]],
        },
    }

    def sourced(name, **source):
        return {"_id": name, "type": "pipe", "source": source}

    return [
        *(receiver(name) for name in RECEIVERS),
        merging("g", ["a a", "b b"], equality_sets=[["a.k", "b.k"]], identity=identity),
        merging(
            "three",
            ["a a", "b b", "lines l"],
            equality_sets=[["a.parts", "b.parts"], ["b.of", "l.of"]],
            identity=identity,
            strategy="default",
        ),
        merging("again", ["g g", "three t"], equality=[["eq", "g.$ids", "t.$ids"]], identity=identity, strategy="list"),
        reader(
            "wide",
            "g",
            ["copy", "*"],
            ["filter", ["not", ["in", 0, amounts]]],
            ["add", "lines", ["sorted", amounts]],
        ),
        {**reader("far", "a"), "transform": far},
        reader("parents", "a", ["copy", ["list", "_id", "k"]], ["create-child", child]),
        reader("children", "parents", transform={"type": "emit_children"}),
        reader("grown", "children", ["copy", "*"], ["add", "seen", ["count", totals]]),
        sourced("union", type="union_datasets", datasets=["a", "far"]),
        sourced("mixed", type="union_datasets", datasets=["a", "b"], prefix_ids=False),
        sourced("newest", type="merge_datasets", datasets=["c", "d"]),
        sourced("all", type="merge_datasets", datasets=["c", "d"], strategy="all"),
        sourced("chosen", type="dataset", dataset="g", subset=["eq", "_S.k", "x"]),
        {
            **sourced("versions", type="dataset", dataset="wide", include_previous_versions=True),
            "transform": {"type": "dtl", "rules": {"default": [["copy", "*"], ["filter", ["neq", "_S.amount", 1]]]}},
        },
        endpoint(ENDPOINT, "far"),
    ]


@cache
def pipes(identity):
    return [pipe(config) for config in configs(identity)]


def package(identity="first", **options):
    return Node(pipes(identity), **{"clock": FixedClock(), "store": new_store(), **options})


KEYS = st.sampled_from(["x", "y", "z"])
ENTITIES = st.fixed_dictionaries(
    {
        "k": KEYS | st.lists(KEYS, max_size=2, unique=True),
        "amount": st.integers(0, 2),
        "of": st.sampled_from(["a1", "a2"]),
        "parts": st.lists(st.integers(0, 2), unique=True, max_size=2),
    },
    optional={"_deleted": st.sampled_from([False, False, True])},
)
IDS = [(name, f"{'' if name in 'cd' else name}{number}") for name in RECEIVERS for number in (1, 2, 3)]
CHANGES = st.tuples(st.sampled_from(IDS), st.just({"_deleted": True}) | ENTITIES)
BATCHES = st.lists(st.lists(CHANGES, max_size=4), min_size=1, max_size=5)


def posted(node, changes):
    """The changes that were any."""
    made = []
    for (name, entity_id), entity in changes:
        # Which of two versions is the newer one tells the clock.
        node.clock.advance(1)
        if node.post(name, [{"_id": entity_id, **entity}]):
            made.append(((name, entity_id), entity))
    return made


def rested(node):
    report = node.run()
    assert report.ok, report.diagnostics()
    return node


def last(changes):
    """The last change of each entity, in their order."""
    found = {}
    for place, entity in changes:
        found.pop(place, None)
        found[place] = entity
    return list(found.items())


def state(node):
    """All that lives; a child that is gone stays with its parent as a deleted one, which only those who saw it alive have."""
    found = {p.id: living(node, p.id) for p in node.pipes if p.id not in (*RECEIVERS, ENDPOINT)}
    for entity in found["parents"].values():
        alive = [child for child in entity.pop("$children", []) if not child.get("_deleted")]
        entity["children"] = sorted(alive, key=lambda child: child["_id"])
    return found


def in_full(node):
    """What is written when every pipe is run from its start once more."""
    for p in node.pipes:
        if p.id in (*RECEIVERS, ENDPOINT, "versions"):
            # Whoever reads earlier versions too writes them once more, one after the other.
            continue
        node.pump(p.id).rewind()
    return {i: run.written for i, run in rested(node).run().pipes.items() if run.written}


@settings(max_examples=100, deadline=None)
@given(BATCHES, st.sampled_from(["first", "composite"]))
def test_in_batches_as_from_scratch(batches, identity):
    node, changes = package(identity), []
    for batch in batches:
        changes += posted(node, batch)
        rested(node)
    assert node.run().written == 0
    scratch = package(identity)
    posted(scratch, last(changes))
    assert state(node) == state(rested(scratch))
    assert in_full(node) == {}


@settings(max_examples=8, deadline=None)
@given(BATCHES)
def test_on_disk_with_a_new_node_for_every_batch(batches):
    scratch, changes, clock = package(), [], FixedClock()
    with opened() as store:
        for batch in batches:
            node = package(store=store, clock=clock)
            changes += posted(node, batch)
            rested(node)
        node = package(store=store, clock=clock)
        assert node.run().written == 0
        posted(scratch, last(changes))
        assert state(node) == state(rested(scratch))
        assert in_full(node) == {}


@settings(max_examples=50, deadline=None)
@given(st.lists(CHANGES, max_size=8, unique_by=lambda change: change[0]), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(changes, random):
    one, other = package(), package()
    posted(one, changes)
    # Of two with the same id the newer one wins.
    apart = [change for change in changes if change[0][0] not in "cd"]
    together = [change for change in changes if change[0][0] in "cd"]
    random.shuffle(apart)
    posted(other, [*apart, *together])
    assert state(rested(one)) == state(rested(other))
