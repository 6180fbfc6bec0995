"""configuration-sinks.rst, configuration-pipes.rst ("Batching"); node-semantics, section 4.2. Pumps for sinks outside."""

import pytest

from dataflow.node.runs import Status
from node.outside import Collector, Table, refusing, sender
from node.pipes import endpoint, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")


def outgoing(*configs, collector=None, **options):
    """A node with a receiver "a" and a sink outside."""
    collector = collector or Collector()
    node = node_of(receiver("a"), *configs, sink_makers=collector.makers, **options)
    return node, collector


def test_entities_go_out_in_batches_and_only_what_is_new_the_next_time():
    node, out = outgoing(sender("p", "a", batch_size=2))
    node.post("a", [{"_id": i} for i in "12345"])
    report = node.run(outputs=True)
    assert [[e["_id"] for e in batch] for batch in out.batches] == [["1", "2"], ["3", "4"], ["5"]]
    assert out.calls == ["full", "end"]
    assert (report.pipes["p"].read, report.pipes["p"].written, report.pipes["p"].status) == (5, 5, Status.OK)
    node.post("a", [{"_id": "2", "n": 1}])
    node.run(outputs=True)
    assert (out.batches[3:], out.calls[2:]) == ([[{"_id": "2", "n": 1}]], ["incremental", "end"])
    assert node.run(outputs=True).pipes["p"].reason == "nothing has changed"


def test_nothing_goes_out_unless_outputs_are_run_and_there_are_makers():
    node, out = outgoing(sender("p", "a"))
    node.post("a", [{"_id": "1"}])
    assert node.run().pipes["p"].reason == "computed on demand: its sink is json"
    assert out.calls == []
    assert [e["_id"] for e in node.entities("p")] == ["1"]
    node = node_of(receiver("a"), sender("p", "a"))
    node.post("a", [{"_id": "1"}])
    assert node.run(outputs=True).pipes["p"].reason == "computed on demand: its sink is json"
    assert node.pump("p") is None


def test_endpoints_have_no_pump_whatever_makers_there_are():
    node, _ = outgoing(endpoint("p", "a"))
    node.post("a", [{"_id": "1"}])
    assert node.run(outputs=True).pipes["p"].status is Status.SKIPPED
    assert node.pump("p") is None


def test_filtered_entities_stay_and_deleted_ones_go_out():
    rule = ["copy", "*"], ["filter", ["neq", "_S.n", 2]]
    node, out = outgoing(sender("p", "a", *rule))
    node.post("a", [{"_id": "1", "n": 1}, {"_id": "2", "n": 2}, {"_id": "3", "_deleted": True}])
    report = node.run(outputs=True)
    assert out.batches == [[{"_id": "1", "n": 1}, {"_id": "3", "_deleted": True}]]
    assert report.pipes["p"].written == 2


def test_a_batch_of_which_nothing_is_left_is_not_offered():
    node, out = outgoing(sender("p", "a", ["filter"]))
    node.post("a", [{"_id": "1"}])
    node.run(outputs=True)
    assert (out.attempts, out.calls) == ([], ["full", "end"])


def test_entities_lose_their_namespaces_where_the_sink_wants_that():
    collector = Collector()
    node = node_of(receiver("a"), sender("p", "a"), namespaced=True, sink_makers=collector.makers)
    node.post("a", [{"_id": "1", "n": 1}])
    node.run(outputs=True)
    assert collector.batches == [[{"_id": "1", "n": 1}]]


@pytest.mark.parametrize(
    ("properties", "sizes"),
    [
        ({"kind": "json"}, [100, 20]),
        ({"kind": "rest"}, [1] * 120),
        ({"kind": "rest", "batch_size": 60}, [60, 60]),
        ({"kind": "json", "sink": {"batch_size": 50}}, [50, 50, 20]),
        ({"kind": "json", "batch_size": 90, "sink": {"batch_size": 50}}, [50, 40, 30]),
    ],
)
def test_the_size_of_batches(properties, sizes):
    node, out = outgoing(sender("p", "a", **properties))
    node.post("a", [{"_id": str(n)} for n in range(120)])
    node.run(outputs=True)
    assert [len(batch) for batch in out.batches] == sizes


def test_a_sink_that_cannot_begin_or_end_fails_the_run():
    collector = Collector()
    node, _ = outgoing(sender("p", "a"), collector=collector)
    node.post("a", [{"_id": "1"}])

    collector.breaks = "begin"
    assert node.run(outputs=True).pipes["p"].reason == "no begin"
    assert (collector.ids, collector.calls) == ([], ["abort"])
    collector.breaks = "end"
    assert node.run(outputs=True).pipes["p"].reason == "no end"
    assert (collector.ids, collector.calls[1:]) == (["1"], ["full", "abort"])
    collector.breaks = None
    node.run(outputs=True)
    # What was handed over in a full sync that never came to its end is handed over again.
    assert (collector.ids, collector.calls[3:]) == (["1", "1"], ["full", "end"])
    node.post("a", [{"_id": "2"}])
    collector.breaks = "end"
    node.run(outputs=True)
    collector.breaks = None
    node.run(outputs=True)
    # Of an incremental one everything was taken.
    assert (collector.ids, collector.calls[5:]) == (["1", "1", "2"], ["incremental", "abort", "incremental", "end"])


def test_a_failed_run_goes_on_where_it_broke_off():
    node, out = outgoing(sender("p", "a", batch_size=1), collector=Collector(refusing("3")))
    node.post("a", [{"_id": i} for i in "1234"])
    report = node.run(outputs=True)
    assert (report.pipes["p"].status, report.pipes["p"].reason) == (Status.FAILED, "no")
    assert (out.ids, out.calls) == (["1", "2"], ["full", "abort"])
    out.refuses = lambda batch: None
    node.run(outputs=True)
    assert (out.ids, out.calls[2:]) == (["1", "2", "3", "4"], ["incremental", "end"])


def test_a_pump_that_only_reads_what_is_outside_asks_once_in_every_run_of_the_node():
    table = Table(rows=[{"_id": "1", "_updated": "2024-01-01"}, {"_id": "2", "_updated": "2024-01-02"}])
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "sql", "system": "s", "table": "t"}}
    node = node_of(pipe, reader("q", "p"), source_makers={"sql": table})
    assert node.run().pipes["q"].written == 2
    assert table.asked == [None]
    table.rows.append({"_id": "3", "_updated": "2024-01-03"})
    node.run()
    assert table.asked == [None, "2024-01-02"]
    assert sorted(e["_id"] for e in node.entities("q")) == ["1", "2", "3"]
    assert node.pump("p").last_seen == "2024-01-03"


def test_a_source_that_is_not_in_order_goes_on_from_its_highest_marker_once_all_of_it_is_read():
    table = Table("max", [{"_id": "1", "_updated": 5}, {"_id": "2", "_updated": 3}, {"_id": "3", "_updated": 4}])
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "sql"}, "sink": {"type": "json"}, "batch_size": 1}
    out = Collector(refusing("3"))
    node = node_of(pipe, source_makers={"sql": table}, sink_makers=out.makers)
    node.run(outputs=True)
    assert node.pump("p").last_seen is None
    out.refuses = lambda batch: None
    node.run(outputs=True)
    assert (table.asked, node.pump("p").last_seen) == ([None, None], 5)


def test_a_source_that_cannot_go_on_is_read_as_a_whole_every_time():
    table = Table("none", [{"_id": "1"}])
    pipe = {"_id": "p", "type": "pipe", "source": {"type": "csv"}, "sink": {"type": "json"}}
    out = Collector()
    node = node_of(pipe, source_makers={"csv": table}, sink_makers=out.makers)
    node.run(outputs=True)
    node.run(outputs=True)
    assert (out.ids, out.calls) == (["1", "1"], ["full", "end", "full", "end"])


def test_a_null_sink_is_pumped_without_makers_and_takes_everything():
    pipe = reader("p", "a", sink={"type": "null"})
    node = node_of(receiver("a"), pipe)
    node.post("a", [{"_id": "1"}])
    assert node.run().pipes["p"].reason == "computed on demand: its sink is null"
    report = node.run(outputs=True)
    assert (report.pipes["p"].status, report.pipes["p"].written) == (Status.OK, 1)
    assert node.run(outputs=True).pipes["p"].reason == "nothing has changed"


def test_how_far_a_pump_has_come_outlives_its_node(every_store):
    store, out = every_store(), Collector()
    node = node_of(receiver("a"), sender("p", "a"), store=store, sink_makers=out.makers)
    node.post("a", [{"_id": "1"}])
    node.run(outputs=True)
    node = node_of(receiver("a"), sender("p", "a"), store=store, sink_makers=out.makers)
    node.post("a", [{"_id": "2"}])
    node.run(outputs=True)
    assert out.ids == ["1", "2"]
