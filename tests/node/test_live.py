"""A node that stays up: what it reaches, and what is left of its data when something is changed (decisions 0401 and 0427)."""

import pytest

from dataflow.clock import FixedClock
from dataflow.node import outer
from dataflow.node.bundle import document_of
from dataflow.node.live import LiveNode
from dataflow.node.outer import Makers
from dataflow.node.sequence import Push
from node.outside import Collector
from node.pipes import reader, receiver

SYSTEM = {"_id": "s", "type": "system:url", "base_url": "http://127.0.0.1/$SECRET(path)"}
SENDING = reader("p", "a", sink={"type": "json", "system": "s", "url": "things"})


class Addressed(Collector):
    """Notes with every batch where it would go; made by a kind, as those that reach outside for real are."""

    def __init__(self):
        super().__init__()
        self.made = 0
        self.to = []

    def kind(self, reach):
        def make(pipe):
            self.made += 1
            self.reach = reach
            return self

        return Makers(sinks={"json": make})

    def write(self, batch):
        self.to.append(self.reach.filled("s", self.reach.system("s").config["base_url"]))
        super().write(batch)


@pytest.fixture
def out(monkeypatch):
    made = Addressed()
    monkeypatch.setattr(outer, "KINDS", (made.kind,))
    return made


def live_of(**options):
    live = LiveNode(clock=FixedClock(), **options)
    configure(live, SYSTEM, receiver("a"), SENDING)
    live.secrets.put({"path": "own"}, "s")
    return live


def configure(live, *components):
    live.change(lambda old: old.with_documents(map(document_of, components)))


def post(live, *ids):
    live.receive("a", [{"_id": i} for i in ids], Push())


def run(live):
    pump = live.state.node.pump("p")
    pump.run()
    return pump.record


def test_nothing_is_reached_unless_that_is_wanted(out):
    live = live_of()
    assert (out.made, live.state.node.pump("p")) == (0, None)
    live = live_of(reach=True)
    post(live, "1")
    run(live)
    assert (out.ids, out.to) == (["1"], ["http://127.0.0.1/own"])


def test_running_all_pipes_leaves_those_alone_that_reach_outside(out):
    live = live_of(reach=True)
    post(live, "1")
    live.state.node.run()
    assert out.ids == []


def test_a_secret_counts_from_the_moment_it_is_changed(out):
    live = live_of(reach=True)
    post(live, "1")
    run(live)
    live.set_secrets(lambda secrets: secrets.put({"path": "new"}, "s"))
    post(live, "2")
    run(live)
    live.secrets.remove("path", "s")
    live.secrets.put({"path": "of the node"})
    post(live, "3")
    run(live)
    assert (out.ids, out.to) == (["1", "2", "3"], [f"http://127.0.0.1/{i}" for i in ("own", "new", "of the node")])
    live.secrets.remove("path")
    post(live, "4")
    assert run(live).reason == 'system "s" lacks the secret path'


def test_what_went_outside_is_not_sent_again_because_something_was_changed(out):
    live = live_of(reach=True)
    post(live, "1")
    run(live)
    configure(live, SYSTEM, receiver("a"), receiver("b"), SENDING)
    live.set_env({"x": 1})
    run(live)
    assert out.ids == ["1"]
    # Emptying the datasets is a new beginning for everything, and so is another pipe of the same id.
    live.delete_datasets()
    post(live, "1")
    run(live)
    assert out.ids == ["1", "1"]
    configure(live, SYSTEM, receiver("a"))
    configure(live, SYSTEM, receiver("a"), SENDING)
    run(live)
    assert out.ids == ["1", "1", "1"]


def test_without_reach_every_pipe_runs_from_the_start_after_a_change():
    live = LiveNode(clock=FixedClock())
    configure(live, receiver("a"), reader("p", "a"))
    post(live, "1")
    assert run(live).read == 1
    configure(live, receiver("a"), reader("p", "a", ["copy", "*"], ["add", "n", 1]))
    assert run(live).read == 1
    assert live.state.node.entities("p") == [{"_id": "1", "n": 1}]


def test_a_dataset_keeps_its_content_when_another_pipe_takes_it_over(every_store):
    live = LiveNode(clock=FixedClock(), store=every_store())
    configure(live, receiver("a"), reader("p", "a", sink={"type": "dataset", "dataset": "d"}))
    post(live, "1")
    run(live)
    configure(live, receiver("a"), reader("q", "a", sink={"type": "dataset", "dataset": "d"}))
    assert [e["_id"] for e in live.state.node.entities("q")] == ["1"]
    configure(live, receiver("a"))
    configure(live, receiver("a"), reader("q", "a", sink={"type": "dataset", "dataset": "d"}))
    assert live.state.node.entities("q") == []


def test_a_pipe_that_gets_another_dataset_runs_from_the_start_whatever_goes_on(every_store):
    live = LiveNode(clock=FixedClock(), store=every_store(), sink_makers={})
    configure(live, receiver("a"), reader("p", "a"))
    post(live, "1")
    run(live)
    configure(live, receiver("a"), reader("p", "a", sink={"type": "dataset", "dataset": "d"}))
    run(live)
    assert [e["_id"] for e in live.state.node.entities("p")] == ["1"]


def test_a_reset_forgets_everything_about_the_pipes_too():
    live = LiveNode(clock=FixedClock())
    configure(live, receiver("a"), reader("p", "a"))
    post(live, "1")
    run(live)
    live.reset()
    configure(live, receiver("a"), reader("p", "a"))
    assert list(live.state.node.dataset("system:pump_execution:p").since()) == []
    assert run(live).read == 0
