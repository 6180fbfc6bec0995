"""configuration-pump.rst, scheduling-and-signalling.rst, configuration-metadata.rst; decision 0426. When a pump is due."""

import pytest

from dataflow.clock import Randomness
from dataflow.node.schedule import NANO, Schedule
from node.pipes import embedded, pipe, reader

MIDNIGHT = 1_732_406_400 * NANO


def schedule(config, **defaults):
    return Schedule.of(pipe(config), {"global_defaults": defaults})


def wait(one, start=MIDNIGHT):
    """Seconds until a pump is due that ran last at midnight."""
    due = one.after(start, Randomness(1))
    return None if due is None else (due - start) / NANO


@pytest.mark.parametrize(
    ("config", "least", "most"),
    [
        (reader("p", "a"), 28.5, 31.5),
        (reader("p", "a", sink={"type": "json"}), 855, 945),
        (embedded("p", {"_id": "1"}), 855, 945),
        ({"_id": "p", "type": "pipe", "source": {"type": "merge", "datasets": ["a x"]}}, 855, 945),
        (reader("p", "a", pump={"schedule_interval": 12.5}), 12.5, 12.5),
        (reader("p", "a", pump={"schedule_interval": "~f0.5"}), 0.5, 0.5),
        (reader("p", "a", pump={"schedule_interval": 10, "cron_expression": "15 0 * * ?"}), 900, 900),
    ],
)
def test_intervals(config, least, most):
    made = schedule(config)
    waits = {round(wait(made), 3)}
    assert all(least <= one <= most for one in waits)
    spread = {made.after(0, Randomness(seed)) for seed in range(20)}
    assert (len(spread) > 1) is (least != most)


def test_a_cron_expression_that_is_over_is_never_due():
    assert wait(schedule(reader("p", "a", pump={"cron_expression": "0 0 * * ? 2020"}))) is None


@pytest.mark.parametrize(
    ("pump", "lasting"),
    [
        ({}, False),
        ({"schedule_interval": 3600}, False),
        ({"schedule_interval": 3601}, True),
        ({"cron_expression": "* * * * *"}, True),
    ],
)
def test_which_moments_are_made_up_for(pump, lasting):
    assert schedule(reader("p", "a", pump=pump)).lasting is lasting


def source(**properties):
    return {"source": {"type": "dataset", "dataset": "a", **properties}}


@pytest.mark.parametrize(
    ("config", "defaults", "signals"),
    [
        (reader("p", "a"), {}, True),
        (reader("p", "a"), {"use_signalling_internally": True}, True),
        (reader("p", "a"), {"use_signalling_internally": False}, False),
        (reader("p", "a", **source(supports_signalling=True)), {"use_signalling_internally": False}, True),
        (reader("p", "a", **source(supports_signalling=False)), {}, False),
        # A schedule of its own, that is more than a backup, takes the place of signals; unless the pipe says both.
        (reader("p", "a", pump={"schedule_interval": 3599}), {}, False),
        (reader("p", "a", pump={"schedule_interval": 3600}), {}, True),
        (reader("p", "a", pump={"cron_expression": "0 0 * * *"}), {}, False),
        (reader("p", "a", pump={"cron_expression": "0 0 * * *"}, **source(supports_signalling=True)), {}, True),
        # Only pipes between datasets by themselves; others on request.
        (reader("p", "a", sink={"type": "json"}), {}, False),
        (reader("p", "a", sink={"type": "json"}, **source(supports_signalling=True)), {}, True),
        (embedded("p", {"_id": "1"}), {}, False),
        ({"_id": "p", "type": "pipe", "source": {"type": "json", "supports_signalling": True}}, {}, False),
        ({"_id": "p", "type": "pipe", "source": {"type": "merge", "datasets": ["a x"]}}, {}, True),
        ({"_id": "p", "type": "pipe", "source": {"type": "union_datasets", "datasets": ["a"]}}, {}, True),
    ],
)
def test_which_pipes_are_signalled(config, defaults, signals):
    assert schedule(config, **defaults).signals is signals


def test_startup_may_be_asked_for_and_the_metadata_may_ask_for_all():
    assert not schedule(reader("p", "a")).at_startup
    assert schedule(reader("p", "a", pump={"run_at_startup": True})).at_startup
    metadata = {"global_defaults": {"run_at_startup_if_not_populated": True}}
    assert Schedule.of(pipe(reader("p", "a"), metadata=metadata), metadata).at_startup_if_not_populated
    own = reader("p", "a", pump={"run_at_startup_if_not_populated": False})
    assert not Schedule.of(pipe(own, metadata=metadata), metadata).at_startup_if_not_populated


@pytest.mark.parametrize("pump", [{}, {"mode": "manual"}, {"mode": "off"}])
def test_the_mode(pump):
    assert schedule(reader("p", "a", pump=pump)).mode == pump.get("mode", "scheduled")
