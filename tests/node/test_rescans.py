"""configuration-pump.rst ("Rescans"), configuration-sources.rst (initial_since_value), configuration-pipes.rst; decision 0423."""

import pytest

from dataflow.dtl.values import Date, Datetime
from dataflow.node.runs import Status
from dataflow.node.sync import earlier
from dataflow.node.transforms.action import Action
from node.outside import Collector, Table, refusing, sender
from node.pipes import content, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")


def reads(pump, runs):
    """How many of 5 entities a pump reads in each of its runs."""
    node = node_of(receiver("a"), reader("p", "a", pump=pump))
    node.post("a", [{"_id": i} for i in "12345"])
    found = []
    for _ in range(runs):
        node.pump("p").begin()
        node.pump("p").run()
        found.append(node.pump("p").record.read)
    return found


@pytest.mark.parametrize(
    ("pump", "expected"),
    [
        ({}, [5, 0, 0, 0, 0, 0]),
        ({"rescan_run_count": 1}, [5] * 6),
        ({"rescan_run_count": 2}, [5, 5, 0, 5, 0, 5]),
        ({"rescan_run_count": 3}, [5, 0, 5, 0, 0, 5]),
        ({"partial_rescan_run_count": 1, "partial_rescan_delta": 2}, [5, 2, 2, 2, 2, 2]),
        ({"partial_rescan_run_count": 2, "partial_rescan_delta": 3}, [5, 3, 0, 3, 0, 3]),
        ({"partial_rescan_run_count": 2, "partial_rescan_delta": 100}, [5, 5, 0, 5, 0, 5]),
        # A full one goes first, and without a delta there is no partial one.
        ({"partial_rescan_run_count": 2, "partial_rescan_delta": 1, "rescan_run_count": 4}, [5, 1, 0, 5, 0, 1]),
        ({"partial_rescan_run_count": 2}, [5, 0, 0, 0, 0, 0]),
    ],
)
def test_which_runs_go_back(pump, expected):
    assert reads(pump, 6) == expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        (12637, 12537),
        (50, -1),
        (Datetime(1_524_844_000_000_000_000), Datetime(1_524_843_900_000_000_000)),
        (Date(86_400_000_000_000), Datetime(86_300_000_000_000)),
        ("2018-04-27", "2018-04-26T23:58:20Z"),
        ("2018-04-27T15:46:40Z", "2018-04-27T15:45:00Z"),
        ("2018-04-27T15:46:40.5Z", "2018-04-27T15:45:00.5Z"),
        ("cursor-7", "cursor-7"),
    ],
)
def test_a_marker_is_moved_back_by_as_many_or_by_seconds(marker, expected):
    assert earlier(marker, 100) == expected


def test_a_partial_rescan_ends_where_the_source_ends_and_deletes_nothing():
    node = node_of(receiver("a"), reader("p", "a", pump={"partial_rescan_run_count": 1, "partial_rescan_delta": 2}))
    node.post("a", [{"_id": i} for i in "123"])
    node.run()
    node.dataset("p").write({"_id": "own"})
    node.pump("p").run()
    assert (node.pump("p").last_seen, node.pump("p").pending()) == (2, False)
    assert content(node, "p") == {"1": {}, "2": {}, "3": {}, "own": {}}


def test_a_rescan_deletes_what_is_not_there_any_more():
    node = node_of(receiver("a"), reader("p", "a", pump={"rescan_run_count": 2}))
    node.post("a", [{"_id": "1"}])
    node.run()
    node.dataset("p").write({"_id": "own"})
    node.post("a", [{"_id": "2"}])
    node.run()
    assert content(node, "p")["own"] == {"_deleted": True}


def test_a_rescan_that_breaks_off_is_made_up_for():
    rule = ["copy", "*"], ["if", ["eq", "_S.bad", True], ["fail!", "no"]]
    node = node_of(receiver("a"), reader("p", "a", *rule))
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    node.run()
    node.dataset("p").write({"_id": "own"})
    node.post("a", [{"_id": "2", "bad": True}])
    node.pump("p").run(rescan=True)
    assert (node.pump("p").record.status, content(node, "p")["own"]) == (Status.FAILED, {})
    node.post("a", [{"_id": "2", "bad": False}])
    node.run()
    assert content(node, "p")["own"] == {"_deleted": True}


def test_a_rescan_sends_everything_to_a_sink_outside_once_more():
    out = Collector()
    node = node_of(receiver("a"), sender("p", "a", batch_size=1), sink_makers=out.makers)
    node.post("a", [{"_id": "1"}, {"_id": "2"}])
    node.pump("p").run()
    out.refuses = refusing("2")
    node.pump("p").run(rescan=True)
    out.refuses = lambda batch: None
    node.pump("p").run()
    assert (out.ids, out.calls) == (
        ["1", "2", "1", "2"],
        ["full", "end", "full", "abort", "incremental", "end"],
    )


@pytest.mark.parametrize("value", [1, "1", '"1"'])
def test_a_dataset_is_read_from_the_initial_since_value_on(value):
    source = {"type": "dataset", "dataset": "a", "initial_since_value": value}
    node = node_of(receiver("a"), reader("p", "a", source=source))
    node.post("a", [{"_id": i} for i in "1234"])
    node.run()
    assert (list(content(node, "p")), node.pump("p").last_seen) == (["3", "4"], 3)
    node.post("a", [{"_id": "1", "n": 1}])
    node.run()
    node.pump("p").rewind()
    assert node.run().pipes["p"].read == 3
    assert list(content(node, "p")) == ["3", "4", "1"]


def test_a_source_outside_begins_with_its_initial_value_and_so_does_every_rescan():
    table = Table(rows=[{"_id": str(n), "_updated": n} for n in range(1, 6)])
    source = {"type": "sql", "initial_since_value": 3}
    node = node_of({"_id": "p", "type": "pipe", "source": source}, source_makers={"sql": table})
    node.run()
    node.pump("p").run()
    node.pump("p").run(rescan=True)
    # What it gives is never everything, so nothing is deleted for being missing.
    node.dataset("p").write({"_id": "own"})
    node.pump("p").run(rescan=True)
    assert table.asked == [3, 5, 3, 3]
    assert content(node, "p") == {"4": {}, "5": {}, "own": {}}


def test_what_comes_before_the_initial_value_is_not_run_for_a_change_of_what_is_hopped_to():
    found = ["count", ["hops", {"datasets": ["b x"], "where": [["eq", "_S._id", "x._id"]]}]]
    source = {"type": "dataset", "dataset": "a", "initial_since_value": 1}
    pipe = {**reader("p", "a", ["copy", "*"], ["add", "n", found]), "source": source}
    node = node_of(receiver("a"), receiver("b"), pipe)
    node.post("b", [{"_id": "1"}])
    node.post("a", [{"_id": i} for i in "123"])
    assert node.run().pipes["p"].read == 1
    assert content(node, "p") == {"3": {"n": 0}}


@pytest.mark.parametrize(
    ("properties", "kept"),
    [
        ({"batch_size": 2, "checkpoint_interval": 1}, 3),
        ({"batch_size": 1, "checkpoint_interval": 3}, 2),
        ({"batch_size": 1}, 4),
        ({"batch_size": 2}, None),
        ({}, None),
    ],
)
def test_how_often_the_offset_is_saved_during_a_run(every_store, properties, kept):
    class Dead(BaseException):
        """The process ends here."""

    def dies(batch):
        if batch[0]["_id"] == "6":
            raise Dead
        return

    store, out = every_store(), Collector(dies)
    pipes = receiver("a"), sender("p", "a", kind="json", sink={"batch_size": 1}, **properties)
    node = node_of(*pipes, store=store, sink_makers=out.makers)
    node.post("a", [{"_id": str(n)} for n in range(1, 10)])
    with pytest.raises(Dead):
        node.pump("p").run()
    state = store.state("p") or {}
    assert state.get("marker") == kept


@pytest.mark.parametrize(
    ("sink", "rescan", "kept"),
    [
        ({}, False, 6),
        ({}, True, 3),
        ({"deletion_tracking": False}, True, 1),
        ({"circuit_breaker_threshold_count": 9}, False, 3),
    ],
)
def test_nothing_is_saved_while_the_run_may_still_be_undone_or_deletes_at_its_end(every_store, sink, rescan, kept):
    class Dead(BaseException):
        """The process ends here."""

    def dying(step, pipe):
        def act(entity, context):
            if entity.get("n") == fatal:
                raise Dead
            return [entity]

        return Action(step.pointer, act, effects=True)

    store, fatal = every_store(), None
    pipe = {**reader("p", "a", sink=sink, batch_size=1), "transform": [{"type": "rest"}]}
    node = node_of(receiver("a"), pipe, store=store, transform_makers={"rest": dying})
    node.post("a", [{"_id": str(n), "n": n} for n in range(4)])
    node.run()
    fatal = 2 if rescan else 7
    node.post("a", [] if rescan else [{"_id": str(n), "n": n} for n in range(4, 9)])
    with pytest.raises(Dead):
        node.pump("p").run(rescan=rescan)
    assert store.state("p")["marker"] == kept


@pytest.mark.parametrize(
    ("effects", "properties", "kept"),
    [
        (lambda n: False, {}, 99),
        (lambda n: n in (30, 120), {}, 120),
        (lambda n: n == 30, {}, 99),
        (lambda n: False, {"checkpoint_interval": 1}, 149),
        (lambda n: False, {"checkpoint_interval": 40}, 119),
    ],
)
def test_what_stays_within_the_node_is_saved_less_often(every_store, effects, properties, kept):
    class Dead(BaseException):
        """The process ends here."""

    def dying(step, pipe):
        def act(entity, context):
            if entity["n"] == 150:
                raise Dead
            return [entity]

        return Action(step.pointer, act, effects=True, concerns=lambda entity, context: effects(entity["n"]))

    store = every_store()
    pipe = {**reader("p", "a", batch_size=1, **properties), "transform": [{"type": "rest"}]}
    node = node_of(receiver("a"), pipe, store=store, transform_makers={"rest": dying})
    node.post("a", [{"_id": str(n), "n": n} for n in range(200)])
    with pytest.raises(Dead):
        node.pump("p").run()
    assert store.state("p")["marker"] == kept


def test_a_pump_can_skip_what_there_is():
    node = node_of(receiver("a"), reader("p", "a"))
    node.post("a", [{"_id": "1"}])
    node.pump("p").skip()
    assert node.run().pipes["p"].reason == "nothing has changed"
    node.post("a", [{"_id": "2"}])
    node.run()
    assert list(content(node, "p")) == ["2"]


# --- an empty source --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("defaults", "own", "fails"),
    [
        ({}, None, False),
        ({}, "fail", True),
        ({"if_source_empty": "fail"}, None, True),
        ({"if_source_empty": "fail"}, "accept", False),
    ],
)
def test_an_empty_source_fails_where_the_pipe_or_the_metadata_says_so(defaults, own, fails):
    source = {"type": "embedded", "entities": [], **({} if own is None else {"if_source_empty": own})}
    node = node_of({"_id": "p", "type": "pipe", "source": source}, defaults=defaults)
    node.dataset("p").write({"_id": "own"})
    assert node.run().pipes["p"].status is (Status.FAILED if fails else Status.OK)
    assert content(node, "p") == {"own": {} if fails else {"_deleted": True}}


def test_the_metadata_may_want_populated_input():
    node = node_of(receiver("a"), reader("b", "nobody"), reader("p", "b"), defaults={"require_populated_input": True})
    assert node.run().pipes["p"].reason == "waits for b to be populated (require_populated_input)"
    assert "require_populated_input" not in node.pipe("a").source
