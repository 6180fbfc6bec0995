"""hub/features/completeness-feature.rst, configuration-sources-dataset.rst, dtl-functions-misc.rst; decision 0425."""

import pytest

from dataflow.dtl.values import Datetime
from dataflow.errors import FindingsError
from node.outside import Table
from node.pipes import content, embedded, node_of, pipe, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")

SECOND = 1_000_000_000


def post(node, dataset, *ids, at=None, after=0):
    """Post entities some seconds later; `at` is what the sender says about completeness, in seconds from the start."""
    node.clock.advance(after)
    node.post(dataset, [{"_id": i} for i in ids], completeness=None if at is None else START + at * SECOND)


START = 1_732_406_400 * SECOND


def of(node, dataset):
    """Completeness in seconds from the start."""
    moment = node.dataset(dataset).completeness
    return None if moment is None else (moment - START) // SECOND


def complete(pipe_id, dataset, completeness=True, **properties):
    source = {"type": "dataset", "dataset": dataset, "completeness": completeness}
    return reader(pipe_id, dataset, source=source, **properties)


def test_entities_younger_than_the_completeness_of_their_dataset_are_held_back():
    node = node_of(receiver("a"), complete("p", "a"))
    post(node, "a", "1", at=0)
    post(node, "a", "2", at=0, after=10)
    node.run()
    assert (list(content(node, "p")), node.pump("p").last_seen, node.dataset("p").populated) == (["1"], 0, False)
    assert node.pump("p").backlog() == (0, {})
    post(node, "a", "3", at=10, after=10)
    node.run()
    assert (list(content(node, "p")), node.dataset("p").populated) == (["1", "2"], False)
    post(node, "a", at=20)
    node.run()
    assert (list(content(node, "p")), node.dataset("p").populated) == (["1", "2", "3"], True)


def test_an_entity_that_changed_meanwhile_waits_for_its_latest_version():
    node = node_of(receiver("a"), complete("p", "a"))
    post(node, "a", "1", "2", at=0)
    node.clock.advance(5)
    node.post("a", [{"_id": "1", "n": 1}], completeness=START)
    node.run()
    assert list(content(node, "p")) == ["2"]


def test_without_any_completeness_nothing_is_handed_on():
    node = node_of(reader("a", "nobody"), complete("p", "a"))
    node.dataset("a").write({"_id": "1"})
    node.run()
    assert content(node, "p") == {}


def test_an_upstream_dataset_may_decide_by_what_the_source_has_heard_of_it():
    node = node_of(
        receiver("a"),
        receiver("b"),
        reader(
            "m", "a", ["copy", "*"], ["add", "n", ["hops", {"datasets": ["b x"], "where": [["eq", "_S._id", "x._id"]]}]]
        ),
        complete("p", "m", ["b"]),
        complete("q", "m", ["a", "b"]),
        complete("r", "m", ["nobody"]),
        complete("s", "m", ["b", "nobody"]),
    )
    post(node, "b", "x", at=7)
    post(node, "a", "1", at=3, after=5)
    node.run()
    # At 5 seconds "b" was complete up to 7, and "a" up to 3.
    assert [list(content(node, i)) for i in "pqrs"] == [["1"], [], [], []]
    post(node, "a", at=9, after=5)
    node.run()
    assert [list(content(node, i)) for i in "pqrs"] == [["1"], ["1"], [], []]


def test_an_expression_may_decide():
    wanted = {"expression": ["datetime-plus", "day", -7, ["now"]]}
    node = node_of(receiver("a"), complete("p", "a", wanted), complete("q", "a", {"expression": "soon"}))
    post(node, "a", "1")
    post(node, "a", "2", after=4 * 86_400)
    node.run()
    assert content(node, "p") == {}
    node.clock.advance(4 * 86_400)
    node.run()
    assert list(content(node, "p")) == ["1"]
    node.clock.advance(4 * 86_400)
    node.run()
    assert (list(content(node, "p")), content(node, "q")) == (["1", "2"], {})


def test_an_expression_that_cannot_be_read_is_found_at_its_place():
    broken = complete("p", "a", {"expression": ["nonsense"]})
    node = node_of(receiver("a"), broken)
    with pytest.raises(FindingsError) as caught:
        node.pipe("p")
    assert caught.value.diagnostics[0].pointer == "/source/completeness/expression/0"
    assert pipe(broken).id == "p"


def test_a_full_run_deletes_what_is_held_back_as_the_documentation_warns():
    node = node_of(receiver("a"), complete("p", "a"))
    post(node, "a", "1", at=0)
    node.run()
    node.clock.advance(5)
    node.post("a", [{"_id": "1", "n": 1}], completeness=START)
    node.pump("p").run(rescan=True)
    assert content(node, "p") == {"1": {"_deleted": True}}


def test_initial_completeness_only_wants_it_to_be_there():
    source = {"type": "dataset", "dataset": "a", "initial_completeness": ["b"]}
    node = node_of(receiver("a"), reader("b", "nobody"), reader("p", "a", source=source))
    post(node, "a", "1")
    report = node.run()
    assert report.pipes["p"].reason == "waits for b to be complete (initial_completeness)"
    node.dataset("b").completeness = 1
    node.run()
    assert list(content(node, "p")) == ["1"]


# --- how it gets on ---------------------------------------------------------------------------------------------------


def test_pipes_that_read_what_is_outside_are_complete_up_to_when_they_started():
    table = Table(rows=[{"_id": "1", "_updated": 1}])
    slow = {"type": "dtl", "rules": {"default": [["copy", "*"], ["sleep!", 30]]}}
    source = {"type": "sql", "system": "s"}
    node = node_of(
        {"_id": "a", "type": "pipe", "source": source, "transform": slow},
        embedded("b", {"_id": "1"}),
        source_makers={"sql": table},
    )
    node.run()
    assert (of(node, "a"), of(node, "b")) == (0, 30)
    node.clock.advance(100)
    node.run()
    assert (of(node, "a"), of(node, "b")) == (130, 30)


def test_a_failed_run_leaves_completeness_as_it_is():
    table = Table(rows=[{"_id": "1", "_updated": 1}])
    node = node_of({"_id": "a", "type": "pipe", "source": {"type": "sql"}}, source_makers={"sql": table})
    node.run()
    node.clock.advance(10)
    table.rows.append({"_id": "2", "_updated": 2})
    table.faults = ["2"]
    node.run()
    assert of(node, "a") == 0


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, 0),
        ({"exclude_completeness": ["a"]}, 10),
        ({"include_completeness": ["b"]}, 10),
        ({"include_completeness": ["a", "b"], "exclude_completeness": ["a"]}, 10),
        # With everything left out the pipe starts anew.
        ({"exclude_completeness": ["a", "b"]}, 25),
    ],
)
def test_a_dataset_is_as_complete_as_the_least_complete_that_counts(properties, expected):
    found = ["hops", {"datasets": ["b x"], "where": [["eq", "_S._id", "x._id"]]}]
    node = node_of(receiver("a"), receiver("b"), reader("p", "a", ["add", "n", found], **properties), reader("q", "p"))
    post(node, "a", "1")
    post(node, "b", "1", after=10)
    node.clock.advance(15)
    node.run()
    assert (of(node, "p"), of(node, "q")) == (expected, expected)


def test_nobody_knows_how_complete_a_dataset_is_that_is_made_of_one_of_which_nobody_knows():
    found = ["hops", {"datasets": ["b x"], "where": [["eq", "_S._id", "x._id"]]}]
    unknown = reader("b", "nobody", sink={"set_initial_offset": "onload"})
    node = node_of(receiver("a"), unknown, reader("p", "a", ["add", "n", found]))
    post(node, "a", "1")
    node.run()
    assert (of(node, "a"), of(node, "b"), of(node, "p")) == (0, None, None)


def test_what_a_dataset_has_heard_of_others_can_be_asked_for_in_dtl():
    asked = [
        ["add", name, ["completeness", via, dataset]]
        for name, via, dataset in [
            ("own", "p", "p"),
            ("far", "q", "a"),
            ("near", "a", "a"),
            ("none", "a", "q"),
            ("nobody", "q", "nobody"),
        ]
    ]
    node = node_of(receiver("a"), reader("p", "a"), reader("q", "p"), receiver("z"), reader("r", "z", *asked))
    post(node, "a", "1", at=3)
    node.run()
    post(node, "a", at=8)
    post(node, "z", "1")
    # "q" has not run since, so it has heard nothing of the later moment.
    node.pump("r").run()
    (entity,) = node.dataset("r").since()
    moments = {name: Datetime(START + 3 * SECOND) for name in ("own", "far")} | {"near": Datetime(START + 8 * SECOND)}
    assert {n: entity[n] for n in ("own", "far", "near", "none", "nobody")} == {**moments, "none": None, "nobody": None}


def test_of_two_ways_the_one_that_knows_less_counts():
    node = node_of(
        receiver("a"),
        reader("left", "a"),
        reader("right", "a"),
        {"_id": "both", "type": "pipe", "source": {"type": "union_datasets", "datasets": ["left", "right"]}},
        receiver("z"),
        reader("r", "z", ["add", "far", ["completeness", "both", "a"]]),
    )
    post(node, "a", "1", at=3)
    node.run()
    post(node, "a", "2", at=9)
    post(node, "z", "1")
    for pump in ("left", "both", "r"):
        node.pump(pump).run()
        node.pump(pump).settle()
    (entity,) = node.dataset("r").since()
    assert entity["far"] == Datetime(START + 3 * SECOND)


def test_it_outlives_the_node(every_store):
    store = every_store()
    pipes = receiver("a"), reader("p", "a"), complete("q", "p", ["a"])
    node = node_of(*pipes, store=store)
    post(node, "a", "1", at=3)
    node.run()
    node = node_of(*pipes, store=store)
    assert node.surroundings("q").completeness("p", "a") == Datetime(START + 3 * SECOND)
