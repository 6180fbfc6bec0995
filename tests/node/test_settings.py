"""Decision 0429: a node that has a folder is the same node when it starts again, however it ended."""

import contextlib
import json
import stat

import pytest

from dataflow.clock import FixedClock
from dataflow.errors import UsageError
from dataflow.node.bundle import document_of
from dataflow.node.live import LiveNode
from dataflow.node.sequence import Push
from dataflow.node.settings import FILE
from dataflow.node.store.sqlite import SqliteStore
from node.pipes import reader, receiver

BIG = 12345678901234567890123
CRON = {"cron_expression": "0 3 * * *"}
DAY = 86_400


@contextlib.contextmanager
def opened(folder, clock=None):
    live = LiveNode(clock=clock or FixedClock(), folder=folder)
    yield live
    # As after a kill: nothing that is not committed is there.
    live.store.database.rollback()
    live.close()


def configure(live, *components, env=None):
    live.change(lambda old: old.with_documents(map(document_of, components)).with_env(env or {}))


def dump(folder, name):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith(name)}


def test_components_variables_secrets_switches_and_data_are_there_again(tmp_path):
    pipe = {**reader("p", "a"), "metadata": {"n": BIG, "f": 1.50, "x": "ø"}, "batch_size": "$ENV(size)"}
    metadata = {"_id": "node", "type": "metadata", "namespaced_identifiers": False}
    with opened(tmp_path) as live:
        configure(live, metadata, receiver("a"), pipe, env={"size": 7, "n": BIG})
        live.set_secrets(lambda secrets: secrets.put({"key": "node's"}))
        live.set_secrets(lambda secrets: secrets.put({"key": "own"}, "s"))
        live.enable("p", enabled=False)
        live.receive("a", [{"_id": "1", "n": BIG}], Push())
        before = live.configuration
        with live.using() as node:
            assert node.run().pipes["p"].written == 1
    with opened(tmp_path) as live:
        assert live.configuration.components == before.components
        assert [(d.file, d.text) for d in live.configuration.documents] == [(d.file, d.text) for d in before.documents]
        assert live.configuration.env == {"size": 7, "n": BIG}
        assert (live.secrets_of("t"), live.secrets_of("s")) == ({"key": "node's"}, {"key": "own"})
        assert live.disabled == {"p"}
        with live.using() as node:
            assert [one["n"] for one in node.entities("p")] == [BIG]
            # What is done is done.
            assert node.run().pipes["p"].runs == 0


def test_every_change_lasts_from_the_moment_it_is_answered(tmp_path):
    with opened(tmp_path) as live:
        configure(live, receiver("a"), receiver("b"), reader("p", "a"))
        live.receive("a", [{"_id": "1"}], Push())
    with opened(tmp_path) as live:
        configure(live, receiver("a"))
    with opened(tmp_path) as live:
        assert [one["_id"] for one in live.configuration.components] == ["a"]
        assert [one["_id"] for one in live.state.node.entities("a")] == ["1"]
        live.set_env({"n": 1})
    with opened(tmp_path) as live:
        assert live.configuration.env == {"n": 1}
        live.delete_datasets()
    with opened(tmp_path) as live:
        assert live.state.node.entities("a") == []
        live.set_secrets(lambda secrets: secrets.put({"key": "x"}))
        live.enable("a", enabled=False)
        live.reset()
    with opened(tmp_path) as live:
        assert (live.configuration.components, live.configuration.env) == ([], None)
        assert (live.secrets.names(), live.disabled) == ([], frozenset())


def test_secrets_are_in_a_file_of_their_own_that_only_its_owner_reads(tmp_path):
    with opened(tmp_path) as live:
        configure(live, receiver("a"))
        live.set_secrets(lambda secrets: secrets.put({"key": "hush-hush"}, "s"))
        mode = stat.S_IMODE((tmp_path / FILE).stat().st_mode)
        assert mode == 0o600
        assert b"hush-hush" in dump(tmp_path, FILE)[FILE]
        assert not any(b"hush-hush" in content for content in dump(tmp_path, "node.sqlite").values())
        assert "hush-hush" not in json.dumps(live.store.state("/configuration"))


def test_half_a_file_of_settings_is_not_taken_for_none(tmp_path):
    (tmp_path / FILE).write_text('{"secrets": ')
    with pytest.raises(UsageError, match=r"settings\.json cannot be read"):
        LiveNode(folder=tmp_path)


def test_what_a_death_left_beside_it_is_in_nobodys_way(tmp_path):
    (tmp_path / FILE).with_suffix(".new").write_text('{"sec')
    with opened(tmp_path) as live:
        live.enable("a", enabled=False)
    with opened(tmp_path) as live:
        assert live.disabled == {"a"}


class Dying(Exception):
    """Stands for the death of a process."""


def runs_and_due(live, pipe_id):
    """How many runs the log of a pump tells of, and how many entities they took, and when it is due next."""
    with live.using() as node:
        log = node.dataset(f"system:pump_execution:{pipe_id}")
        ended = [one for one in log.since(history=True) if one.get("event_type") == "pump-completed"]
    return len(ended), live.store.state(f"{pipe_id}/schedule")


@pytest.mark.parametrize("commits", range(1, 6))
def test_whenever_it_dies_a_run_that_is_finished_is_not_due_again_and_one_that_is_not_is(
    tmp_path, monkeypatch, commits
):
    clock = FixedClock()
    pipes = [receiver("a"), {**reader("p", "a", pump=CRON), "batch_size": 1, "checkpoint_interval": 1}]
    with opened(tmp_path, clock) as live:
        configure(live, *pipes)
        live.timetable.run_due()
        live.receive("a", [{"_id": str(n)} for n in range(3)], Push())
        _, first = runs_and_due(live, "p")
        clock.advance(DAY)
        commit, left = SqliteStore.commit, commits

        def dying(store):
            nonlocal left
            commit(store)
            left -= 1
            if left == 0:
                raise Dying

        monkeypatch.setattr(SqliteStore, "commit", dying)
        with contextlib.suppress(Dying):
            live.timetable.run_due()
        monkeypatch.setattr(SqliteStore, "commit", commit)
    with opened(tmp_path, clock) as live:
        finished, then = runs_and_due(live, "p")
        done = then["due"] != first["due"]
        assert live.state.node.datasets["p"].populated is done
        assert finished == done
        live.timetable.run_due()
        again, later = runs_and_due(live, "p")
        assert (later == then) is done
        # Where only the end of a run is missing, what makes up for it is one that finds nothing to do, which no log tells of.
        assert again == (commits != 3)
        assert live.state.node.datasets["p"].populated
        assert [one["_id"] for one in live.state.node.entities("p")] == ["0", "1", "2"]
        assert live.state.node.datasets["p"].offset == 2


def test_a_node_that_is_started_often_does_not_put_a_run_off(tmp_path):
    clock = FixedClock()
    with opened(tmp_path, clock) as live:
        configure(live, receiver("a"), reader("p", "a", pump={"schedule_interval": 2 * 3600}))
        live.receive("a", [{"_id": "1"}], Push())
        due = live.timetable.next_run("p")
    for _ in range(3):
        clock.advance(1800)
        with opened(tmp_path, clock) as live:
            assert live.timetable.next_run("p") == due
