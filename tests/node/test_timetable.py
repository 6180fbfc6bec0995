"""configuration-pump.rst, scheduling-and-signalling.rst; decision 0426. Pumps of a node that stays up run when they are due."""

import threading

import pytest

from dataflow.clock import Clock, FixedClock, Randomness
from dataflow.node.bundle import document_of
from dataflow.node.live import LiveNode
from dataflow.node.sequence import Push
from node.outside import Collector
from node.pipes import embedded, reader, receiver


def metadata(**defaults):
    return {"_id": "node", "type": "metadata", "global_defaults": defaults}


@pytest.fixture
def make():
    def live(*components, **options):
        made = LiveNode(**{"clock": FixedClock(), "random": Randomness(1), **options})
        made.timetable.run_due()
        configure(made, *components)
        return made

    return live


def configure(live, *components):
    live.change(lambda old: old.with_documents(map(document_of, components)))
    live.timetable.run_due()


def post(live, dataset, *ids):
    live.receive(dataset, [{"_id": i} for i in ids], Push())


def runs(live, pipe_id):
    return live.state.node.pump(pipe_id).record.runs


def after(live, seconds):
    """Let time pass, and run what is due then; how long it takes until more is."""
    live.clock.advance(seconds)
    return live.timetable.run_due()


INTERVAL = {"schedule_interval": 10}
NULL = {"type": "null"}


def test_a_pump_runs_after_its_interval_and_then_again_and_again(make):
    live = make(receiver("a"), reader("p", "a", pump=INTERVAL))
    assert (runs(live, "p"), live.timetable.run_due()) == (0, 10.0)
    assert (after(live, 9), runs(live, "p")) == (1.0, 0)
    assert (after(live, 1), runs(live, "p")) == (10.0, 1)
    # However late somebody looks, it is one run, and the next one comes an interval later.
    assert (after(live, 35), runs(live, "p")) == (10.0, 2)


def test_the_next_run_is_counted_from_the_end_of_the_one_before(make):
    live = make(receiver("a"), reader("p", "a", ["copy", "*"], ["sleep!", 7], pump=INTERVAL))
    post(live, "a", "1")
    assert (after(live, 10), runs(live, "p")) == (10.0, 1)


def test_a_pump_runs_at_the_moments_of_its_cron_expression(make):
    live = make(receiver("a"), reader("p", "a", pump={"cron_expression": "30 * * * *"}))
    assert live.timetable.next_run("p") == live.clock.now_ns() + 1800 * 1_000_000_000
    after(live, 1799)
    assert runs(live, "p") == 0
    after(live, 1)
    assert runs(live, "p") == 1
    after(live, 3599)
    assert runs(live, "p") == 1
    after(live, 1)
    assert runs(live, "p") == 2


@pytest.mark.parametrize("mode", ["manual", "off"])
def test_a_pump_that_is_not_scheduled_does_not_run(make, mode):
    live = make(receiver("a"), reader("p", "a", pump={**INTERVAL, "mode": mode}))
    post(live, "a", "1")
    after(live, 1000)
    assert (runs(live, "p"), live.timetable.next_run("p")) == (0, None)


def test_a_pump_that_is_disabled_waits_until_it_is_enabled(make):
    live = make(receiver("a"), reader("p", "a", pump=INTERVAL), reader("q", "a"))
    live.enable("p", enabled=False)
    live.enable("q", enabled=False, comment="broken again")
    post(live, "a", "1")
    after(live, 1000)
    assert (runs(live, "p"), runs(live, "q")) == (0, 0)
    live.enable("p", enabled=True)
    live.enable("q", enabled=True)
    live.timetable.run_due()
    assert (runs(live, "p"), runs(live, "q")) == (1, 1)
    log = live.state.node.dataset("system:pump_execution:q")
    assert [(e["event_type"], e.get("comment")) for e in log.since(history=True)][:2] == [
        ("pump-disabled", "broken again"),
        ("pump-enabled", None),
    ]


def test_a_change_runs_through_all_internal_pipes_at_once(make):
    live = make(receiver("a"), reader("p", "a"), reader("q", "p"), reader("r", "q", pump=INTERVAL), reader("s", "r"))
    post(live, "a", "1")
    live.timetable.run_due()
    assert [e["_id"] for e in live.state.node.entities("q")] == ["1"]
    # A pipe with a short interval of its own is not signalled, and those behind it see nothing before it has run.
    assert (runs(live, "r"), runs(live, "s")) == (0, 0)
    after(live, 10)
    assert [e["_id"] for e in live.state.node.entities("s")] == ["1"]
    assert runs(live, "p") == 1


def test_signals_can_be_switched_off_for_all(make):
    live = make(metadata(use_signalling_internally=False), receiver("a"), reader("p", "a"))
    post(live, "a", "1")
    live.timetable.run_due()
    assert runs(live, "p") == 0
    after(live, 32)
    assert runs(live, "p") == 1


def test_pipes_that_feed_each_other_come_to_rest(make):
    first, second = reader("p", "a"), reader("q", "p")
    first["source"] = {"type": "union_datasets", "datasets": ["a", "q"], "prefix_ids": False}
    live = make(receiver("a"), first, second)
    post(live, "a", "1")
    assert live.timetable.run_due() > 0
    assert [e["_id"] for e in live.state.node.entities("q")] == ["1"]


def test_a_pump_that_has_to_wait_runs_when_it_can(make):
    found = ["hops", {"datasets": ["b x"], "where": [["eq", "_S._id", "x._id"]]}]
    waiting = reader("p", "a", ["add", "n", ["count", found]])
    later = reader("b", "z", sink={"set_initial_offset": "always"}, pump={"schedule_interval": 20})
    live = make(receiver("a"), receiver("z"), later, waiting)
    post(live, "a", "1")
    assert live.timetable.run_due() == 20
    assert runs(live, "p") == 0
    after(live, 20)
    assert (runs(live, "b"), runs(live, "p")) == (1, 1)


def test_a_pump_whose_breaker_has_tripped_does_not_run(make):
    live = make(receiver("a"), reader("p", "a", sink={"circuit_breaker_threshold_count": 0}))
    post(live, "a", "1")
    live.timetable.run_due()
    post(live, "a", "2")
    live.timetable.run_due()
    post(live, "a", "3")
    live.timetable.run_due()
    assert runs(live, "p") == 2
    live.state.node.pump("p").decide(commit=True)
    live.timetable.run_due()
    assert runs(live, "p") == 3


def test_a_failing_pump_is_run_again_at_its_next_moment(make):
    live = make(receiver("a"), reader("p", "a", ["fail!", "no"]))
    post(live, "a", "1")
    assert live.timetable.run_due() > 0
    assert runs(live, "p") == 1
    after(live, 40)
    assert runs(live, "p") == 2


def test_a_rescan_has_moments_of_its_own(make):
    live = make(
        receiver("a"), reader("p", "a", pump={"schedule_interval": 7200, "rescan_cron_expression": "0 * * * *"})
    )
    post(live, "a", "1", "2")
    live.timetable.run_due()
    assert live.state.node.pump("p").record.read == 2
    live.state.node.dataset("p").write({"_id": "stale"})
    after(live, 3600)
    assert live.state.node.pump("p").record.read == 4
    assert live.state.node.dataset("p").latest("stale") is None


@pytest.mark.parametrize(
    ("pump", "started"),
    [
        ({}, False),
        ({"run_at_startup": True}, True),
        ({"run_at_startup_if_not_populated": True}, True),
        ({"run_at_startup": True, "mode": "manual"}, False),
    ],
)
def test_what_runs_at_startup(make, pump, started):
    live = make(receiver("a"), embedded("p", {"_id": "1"}, pump={"schedule_interval": 500, **pump}))
    assert runs(live, "p") == int(started)
    # A pipe that comes later has missed it.
    configure(live, receiver("a"), embedded("q", {"_id": "1"}, pump={"schedule_interval": 500, **pump}))
    assert runs(live, "q") == 0
    live.clock.advance(1)
    live.restart()
    live.timetable.run_due()
    assert runs(live, "q") == int(started)


def test_at_startup_a_populated_dataset_needs_no_run(make):
    live = make(embedded("p", {"_id": "1"}, pump={"schedule_interval": 500, "run_at_startup_if_not_populated": True}))
    assert live.state.node.dataset("p").populated
    live.restart()
    live.timetable.run_due()
    assert runs(live, "p") == 1


def test_a_change_of_the_configuration_leaves_other_schedules_alone(make):
    live = make(receiver("a"), reader("p", "a", pump=INTERVAL), reader("q", "a", pump=INTERVAL))
    after(live, 6)
    configure(live, receiver("a"), reader("p", "a", pump=INTERVAL), reader("q", "a", pump={"schedule_interval": 20}))
    after(live, 4)
    assert (runs(live, "p"), runs(live, "q")) == (1, 0)
    after(live, 16)
    assert runs(live, "q") == 1


def test_a_moment_that_was_missed_is_made_up_for(make):
    cron = reader("p", "a", pump={"cron_expression": "0 3 * * *"})
    short = reader("q", "a", pump={"schedule_interval": 3000})
    live = make(receiver("a"), cron, short)
    after(live, 4 * 3600)
    assert (runs(live, "p"), runs(live, "q")) == (1, 1)
    # Two days later another node takes over what this one has kept.
    live.clock.advance(2 * 86_400)
    heir = LiveNode(clock=live.clock, store=live.store)
    heir.timetable.run_due()
    assert (runs(heir, "p"), runs(heir, "q")) == (1, 0)


def test_sinks_outside_are_pumped_when_they_are_due(make):
    out = Collector()
    live = make(receiver("a"), reader("p", "a", sink=NULL, pump=INTERVAL), sink_makers={"null": out})
    post(live, "a", "1")
    after(live, 10)
    assert out.ids == ["1"]


def test_of_pumps_that_are_due_the_longest_waiting_goes_first(make):
    out = Collector()
    order = []
    out.refuses = lambda batch: order.append(batch[0]["_id"])
    live = make(
        embedded("p", {"_id": "p"}, sink=NULL, pump={"schedule_interval": 20}),
        embedded("q", {"_id": "q"}, sink=NULL, pump={"schedule_interval": 10}),
        embedded("r", {"_id": "r"}, sink=NULL, pump={"schedule_interval": 20}),
        sink_makers={"null": out},
    )
    after(live, 25)
    assert order == ["q", "p", "r"]


def test_a_ticker_keeps_to_the_timetable_until_it_is_stopped():
    done = threading.Event()

    class Noticing(Collector):
        def end(self):
            super().end()
            done.set()

    out = Noticing()
    live = LiveNode(clock=Clock(), sink_makers={"null": out})
    source = {"type": "dataset", "dataset": "a", "supports_signalling": True}
    pipe = reader("p", "a", source=source, sink=NULL, pump={"schedule_interval": 7200})
    live.start_schedules()
    try:
        # Whatever changes wakes the schedules, so that nobody waits for the next moment.
        live.change(lambda old: old.with_documents(map(document_of, [receiver("a"), pipe])))
        post(live, "a", "1")
        assert done.wait(20)
    finally:
        live.stop()
    assert (out.ids, live.has_schedules) == (["1"], False)
