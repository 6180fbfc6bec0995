"""Whatever order changes come in, and however often the node runs in between, it ends with what one run from scratch gives.

Rules: hub/features/dependency-tracking.rst, hub/features/deletion-tracking.rst, hub/features/change-tracking.rst; node-semantics,
sections 1.6, 2.1 (7) and 5.6.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from node.pipes import endpoint, living, merging, node_of, reader, receiver

RECEIVERS = ("a", "b", "lines")
DATASETS = ("g", "wide", "far", "parents", "children", "grown", "union")


def package(identity="first"):
    """Merges, hops of one and of two steps, a filter that hops, children, and chains of all of these."""
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
    union = {"type": "union_datasets", "datasets": ["a", "far"]}
    return node_of(
        *(receiver(name) for name in RECEIVERS),
        merging("g", ["a a", "b b"], equality_sets=[["a.k", "b.k"]], identity=identity),
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
        {"_id": "union", "type": "pipe", "source": union},
        endpoint("out", "far"),
    )


ENTITIES = st.fixed_dictionaries(
    {
        "k": st.sampled_from(["x", "y", "z"]),
        "amount": st.integers(0, 2),
        "of": st.sampled_from(["a1", "a2"]),
        "parts": st.lists(st.integers(0, 2), unique=True, max_size=2),
    }
)
CHANGES = st.tuples(st.sampled_from(RECEIVERS), st.integers(1, 3), st.none() | ENTITIES)
BATCHES = st.lists(st.lists(CHANGES, max_size=4), min_size=1, max_size=5)


def posted(node, changes):
    for name, number, entity in changes:
        node.post(name, [{"_id": f"{name}{number}", **({"_deleted": True} if entity is None else entity)}])


def rested(node):
    report = node.run()
    assert report.ok, report.diagnostics()
    return node


def state(node):
    """All that lives; a child that is gone stays with its parent as a deleted one, which only those who saw it alive have."""
    found = {dataset: living(node, dataset) for dataset in DATASETS}
    for entities in (found["parents"],):
        for entity in entities.values():
            alive = [child for child in entity.pop("$children", []) if not child.get("_deleted")]
            entity["children"] = sorted(alive, key=lambda child: child["_id"])
    return found


@settings(max_examples=120, deadline=None)
@given(BATCHES, st.sampled_from(["first", "composite"]))
def test_in_batches_as_from_scratch(batches, identity):
    node = package(identity)
    latest = {}
    for batch in batches:
        posted(node, batch)
        rested(node)
        latest |= {(name, number): entity for name, number, entity in batch}
    assert node.run().written == 0
    scratch = package(identity)
    posted(scratch, [(*key, entity) for key, entity in latest.items() if entity is not None])
    assert state(node) == state(rested(scratch))


@settings(max_examples=60, deadline=None)
@given(st.lists(CHANGES, max_size=8, unique_by=lambda change: change[:2]), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(changes, random):
    one, other = package(), package()
    posted(one, changes)
    random.shuffle(changes)
    posted(other, changes)
    assert state(rested(one)) == state(rested(other))
