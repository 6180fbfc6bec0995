"""swagger_public.yaml (/pipes/{id}/entities, /receivers/{id}/entities); node-semantics, sections 4 and 8."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow.clock import FixedClock, Randomness
from dataflow.dtl import transit
from dataflow.errors import FindingsError, TransformFailed, UsageError
from dataflow.node.transforms.action import Action
from node.pipes import content, embedded, endpoint, merging, node_of, reader, receiver, shown

pytestmark = pytest.mark.usefixtures("every_store")


def test_posting_upserts_and_goes_through_namespaces_and_transforms():
    rules = {"default": [["copy", "*", "secret"], ["add", "seen", True]]}
    node = node_of(receiver("a", transform={"type": "dtl", "rules": rules}), namespaced=True)
    assert node.receivers == ["a"]
    assert node.dataset("a").populated
    assert node.post("a", [{"_id": "1", "n": 1, "secret": "x"}, {"_id": "2"}]) == 2
    assert node.post("a", [{"_id": "1", "n": 2}]) == 1
    assert content(node, "a") == {"a:1": {"a:n": 2, "a:seen": True}, "a:2": {"a:seen": True}}
    report = node.run()
    assert (report.pipes["a"].read, report.pipes["a"].written, report.pipes["a"].runs) == (3, 3, 2)
    assert node.run().pipes["a"].reason == "nothing was posted"


def test_posting_what_breaks_the_pipe_raises_and_is_reported():
    rules = {"default": [["copy", "*"], ["if", ["eq", "_S.bad", True], ["fail!", "no"]]]}
    node = node_of(receiver("a", transform={"type": "dtl", "rules": rules}))
    with pytest.raises(TransformFailed):
        node.post("a", [{"_id": "1"}, {"_id": "2", "bad": True}, {"_id": "3"}])
    node.post("a", [{"_id": "4"}])
    assert sorted(content(node, "a")) == ["1", "4"]
    assert [(f.pipe, f.entity) for f in node.run().failures] == [("a", "2")]


def test_posting_to_what_is_no_receiver_is_a_usage_error():
    node = node_of(embedded("a"))
    with pytest.raises(UsageError, match="pipe a is no receiver"):
        node.post("a", [])
    with pytest.raises(UsageError, match='there is no pipe "b"'):
        node.post("b", [])


def test_an_endpoint_is_computed_now_without_namespaces_filtered_entities_and_internals():
    node = node_of(
        receiver("a"),
        endpoint("e", "a", ["copy", "*"], ["filter", ["neq", "_S.kind", "x"]], ["add", "_t", 1]),
        namespaced=True,
    )
    node.post("a", [{"_id": "1", "kind": "y"}, {"_id": "2", "kind": "x"}, {"_id": "3", "_deleted": True}])
    assert node.entities("e") == [{"_id": "1", "kind": "y"}, {"_id": "3", "_deleted": True}]
    report = node.run()
    assert report.pipes["e"].reason == "computed on demand: its sink is http_endpoint"
    assert "e" not in node.datasets


@pytest.mark.parametrize("sink", ["null", "http_endpoint", "csv_endpoint", "rest", "sql"])
def test_no_sink_but_a_dataset_takes_anything(sink):
    node = node_of(embedded("p", {"_id": "1"}, sink={"type": sink, "system": "s"}))
    assert node.run().written == 0
    assert node.entities("p") == [{"_id": "1"}]


def test_stages():
    config = endpoint("e", "a", ["copy", "*"], ["add", "n", 1], add_namespaces=True)
    node = node_of(receiver("a", add_namespaces=False), config, namespaced=True)
    node.post("a", [{"_id": "1", "x:p": "~:y:z"}])

    def at(stage):
        return [transit.encode(e) for e in node.entities("e", stage)]

    assert at("source") == [{"_id": "1", "x:p": "~:y:z"}]
    assert at("before-transforms") == [{"_id": "e:1", "e:x:p": "~:y:z"}]
    assert at("after-transforms") == [{"_id": "e:1", "e:x:p": "~:y:z", "e:n": 1}]
    assert at("sink") == at(None) == [{"_id": "1", "p": "~:y:z", "n": 1}]
    with pytest.raises(UsageError, match="unknown stage"):
        at("nowhere")


def test_of_a_pipe_with_a_dataset_the_sink_stage_is_what_the_dataset_holds():
    node = node_of(receiver("a"), reader("p", "a", ["add", "n", 1]))
    node.post("a", [{"_id": "1"}])
    assert node.entities("p") == []
    assert node.entities("p", "after-transforms") == [{"_id": "1", "n": 1}]
    node.run()
    node.post("a", [{"_id": "1", "_deleted": True}])
    node.run()
    assert node.entities("p") == [{"_deleted": True, "_id": "1", "n": 1}]


def test_a_pipe_that_cannot_be_compiled_fails_alone():
    broken = [["copy", "*"], ["add", "n", ["uper", "x"]]]
    node = node_of(
        embedded("a", {"_id": "1"}),
        reader("p", "a", *broken),
        reader("q", "a"),
        reader(
            "r", "a", ["add", "n", ["count", ["hops", {"datasets": ["p x"], "where": [["eq", "_S._id", "x._id"]]}]]]
        ),
        endpoint("e", "a", *broken),
        reader("s", "p"),
    )
    report = node.run()
    assert {i: r.status.value for i, r in report.pipes.items()} == {
        "a": "ok",
        "p": "failed",
        "q": "ok",
        "r": "skipped",
        "e": "failed",
        "s": "ok",
    }
    assert report.pipes["r"].reason == "waits for p to be populated"
    assert {(d.code, d.pointer) for d in report.diagnostics()} == {("DF401", "/transform/rules/default/1/2/0")}
    for pipe_id in ("p", "e"):
        with pytest.raises(FindingsError):
            node.entities(pipe_id)


@pytest.mark.parametrize("source", [{}, {"type": 7}])
def test_a_source_without_a_type_fails_its_pipe(source):
    node = node_of({"_id": "p", "type": "pipe", "source": source})
    assert [d.code for d in node.run().diagnostics()] == ["DF202"]


def test_unknown_names_come_with_a_hint():
    node = node_of(embedded("customer-share"))
    with pytest.raises(UsageError, match='did you mean "customer-share"'):
        node.entities("customer-shrae")
    with pytest.raises(UsageError, match='did you mean "customer-share"'):
        node.dataset("customer-shrae")


def test_time_chance_and_secrets_come_from_outside():
    rule = [
        ["add", "now", ["now"]],
        ["add", "id", ["uuid"]],
        ["add", "s", ["encrypt", "$SECRET(key)", "x"]],
        ["add", "o", ["decrypt", "$SECRET(key)", "_T.s"]],
    ]
    config = embedded("a", {"_id": "1"}, transform={"type": "dtl", "rules": {"default": rule}})
    made = [node_of(config, clock=FixedClock(0), random=Randomness(1), secrets={"key": "a secret"}) for _ in range(2)]
    for node in made:
        report = node.run()
        assert report.ok, report.diagnostics()
    assert content(made[0], "a") == content(made[1], "a")
    assert content(made[0], "a")["1"]["now"] == "~t1970-01-01T00:00:00Z"
    assert content(made[0], "a")["1"]["o"] == "x"


def test_types_that_reach_outside_can_be_brought_along():
    def stub(step, pipe):
        return Action(step.pointer, lambda entity, context: ({**entity, "answer": step.config["operation"]},))

    node = node_of(
        embedded("a", {"_id": "1"}, transform={"type": "rest", "operation": "find"}), transform_makers={"rest": stub}
    )
    node.run()
    assert content(node, "a") == {"1": {"answer": "find"}}


def test_nothing_stored_is_changed_by_a_transform():
    nested = {"_id": "1", "p": {"q": [1, {"r": 2}]}, "l": [1], "$children": [{"_id": "c", "x": {"y": 1}}]}
    rule = (
        ["copy", "*"],
        ["merge-union", ["dict", "l", 2, "p", "z"]],
        ["create-child", {"_id": "d"}],
        ["add", "p2", "_S.p"],
    )
    node = node_of(receiver("a"), reader("p", "a", *rule), {**reader("c", "a"), "transform": {"type": "emit_children"}})
    node.post("a", [nested])
    before = transit.dumps(node.entities("a"))
    node.run()
    assert transit.dumps(node.entities("a")) == before


# --- the whole --------------------------------------------------------------------------------------------------------


def package():
    """Two systems, a global, a target with references, a log that feeds back, and lines with an aggregate."""
    log = {"batch_size": 1, "sink": {"set_initial_offset": "onload", "deletion_tracking": False}}
    origin = [
        "first",
        ["hops", {"datasets": ["share s"], "where": [["eq", ["concat", "new-", "_S.k"], "s.made"]], "return": "s._id"}],
    ]
    lines = ["hops", {"datasets": ["lines l"], "where": [["eq", "_S.k", "l.k"]], "return": "l.amount"}]
    known = [
        "first",
        ["hops", {"datasets": ["share s"], "where": [["eq", "_S._id", "s._id"]], "track-dependencies": False}],
    ]
    return node_of(
        receiver("a"),
        receiver("b"),
        receiver("lines"),
        reader("collect", "b", ["copy", "*"], ["add-if", "origin", origin]),
        merging("global", ["a a", "collect c"], equality_sets=[["a.k", "c.k"]]),
        reader(
            "transform",
            "global",
            ["copy", "*"],
            ["add", "lines", ["sorted", lines]],
        ),
        reader(
            "share",
            "transform",
            ["copy", ["list", "_id", "k"]],
            ["add", "_l", known],
            ["add", "_deleted", False],
            ["add", "made", ["coalesce", ["list", "_T._l.made", ["concat", "new-", "_S._id"]]]],
            **log,
        ),
        endpoint("e", "transform"),
        endpoint("log", "share"),
    )


POSTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "lines"]),
        st.integers(1, 4),
        st.fixed_dictionaries({"k": st.sampled_from(["x", "y", "z"]), "amount": st.integers(0, 3)}),
    ),
    unique_by=lambda post: post[:2],
    max_size=10,
)


def replayed(posts):
    node = package()
    for pipe_id, number, entity in posts:
        node.post(pipe_id, [{"_id": f"{pipe_id}{number}", **entity}])
    assert node.run().ok
    return node


@settings(max_examples=60, deadline=None)
@given(POSTS, st.randoms(use_true_random=False))
def test_a_second_run_writes_nothing_and_the_order_of_posts_does_not_matter(posts, random):
    node = replayed(posts)
    again = node.run()
    assert again.written == 0
    assert all(run.read == 0 for run in again.pipes.values())
    shuffled = list(posts)
    random.shuffle(shuffled)
    other = replayed(shuffled)
    for pipe_id in ("collect", "global", "transform", "share", "e", "log"):
        assert shown(other.entities(pipe_id)) == shown(node.entities(pipe_id))


@settings(max_examples=60, deadline=None)
@given(POSTS, st.integers(0, 10))
def test_running_in_between_gives_the_living_entities_of_one_run(posts, pause):
    node = package()
    for position, (pipe_id, number, entity) in enumerate(posts):
        if position == pause:
            node.run()
        node.post(pipe_id, [{"_id": f"{pipe_id}{number}", **entity}])
    node.run()
    whole = replayed(posts)
    for pipe_id in ("collect", "global", "transform"):
        alive = [{i: e for i, e in shown(n.entities(pipe_id)).items() if "_deleted" not in e} for n in (node, whole)]
        assert alive[0] == alive[1]
