"""sesam-py 2.11, `run`; configuration-pump.rst; node-semantics, section 5.8."""

import pytest

from dataflow.errors import FindingsError
from dataflow.node.runs import Status
from node.pipes import content, embedded, node_of, reader, receiver

pytestmark = pytest.mark.usefixtures("every_store")

ONLOAD = {"sink": {"set_initial_offset": "onload"}}


def hop(dataset, where, **more):
    return ["hops", {"datasets": [f"{dataset} x"], "where": [where], **more}]


def circle(step):
    """ "p" reads "q", which reads "p": a number goes round and `step` makes the next one of it."""
    number = ["first", hop("q", ["eq", "_S._id", "x._id"], **{"return": "x.n"})]
    return node_of(
        embedded("start", {"_id": "1", "n": 0}),
        reader("p", "start", ["add", "n", ["coalesce", ["list", number, "_S.n"]]]),
        reader("q", "p", ["add", "n", step], **ONLOAD),
    )


def test_a_circle_runs_until_it_rests():
    node = circle(["min", ["list", 5, ["+", 1, "_S.n"]]])
    report = node.run()
    assert content(node, "q") == {"1": {"n": 5}}
    assert content(node, "p") == {"1": {"n": 5}}
    assert report.pipes["q"].written == 5
    assert node.run().written == 0


def test_a_circle_that_never_rests_is_a_finding_that_names_it():
    node = circle(["+", 1, "_S.n"])
    with pytest.raises(FindingsError) as caught:
        node.run(max_passes=7)
    (fault,) = caught.value.diagnostics
    assert fault.code == "DF703"
    assert fault.message.startswith("after 7 passes there is still something to do for p")


def test_the_merge_of_a_circle_that_is_never_populated_still_has_its_entities():
    # A merge that reads what a pipe makes of it: reading waits for nobody.
    source = {
        "type": "merge",
        "version": 2,
        "datasets": ["register r", "loop l"],
        "identity": "first",
        "equality": [["eq", "r._id", "l.of"]],
    }
    node = node_of(
        embedded("register", {"_id": "1", "name": "x"}),
        {"_id": "global", "type": "pipe", "source": source},
        reader(
            "loop",
            "global",
            ["add", "_id", ["concat", "l-", "_S._id"]],
            ["add", "of", "_S._id"],
        ),
    )
    assert node.run().ok
    assert not node.dataset("global").populated
    assert content(node, "global")["1"] == {"$ids": ["~:1", "~:l-1"], "name": "x", "of": "1"}
    assert node.run().written == 0


def test_mode_off_never_runs_and_mode_manual_does():
    node = node_of(
        embedded("off", {"_id": "1"}, pump={"mode": "off"}), embedded("manual", {"_id": "1"}, pump={"mode": "manual"})
    )
    report = node.run()
    assert (report.pipes["off"].status, report.pipes["off"].reason) == (Status.SKIPPED, "pump.mode is off")
    assert report.pipes["manual"].status is Status.OK


def test_a_failing_pipe_stops_no_other_and_is_not_tried_for_ever():
    bad = {"type": "dtl", "rules": {"default": [["fail!", "no"]]}}
    node = node_of(
        embedded("bad", {"_id": "1"}, transform=bad), reader("after", "bad"), embedded("other", {"_id": "1"})
    )
    report = node.run()
    assert {i: r.status.value for i, r in report.pipes.items()} == {"bad": "failed", "after": "ok", "other": "ok"}
    assert report.pipes["bad"].runs == 1


def test_a_pipe_that_waits_in_the_first_pass_runs_when_it_can():
    # Both hop to each other; only "b" may be entered while it is empty.
    node = node_of(
        receiver("s"),
        reader("a", "s", ["add", "n", ["count", hop("b", ["eq", "_S._id", "x._id"])]]),
        reader("b", "s", ["add", "n", ["count", hop("a", ["eq", "_S._id", "x._id"])]], **ONLOAD),
    )
    node.post("s", [{"_id": "1"}])
    assert node.run().ok
    assert (content(node, "a"), content(node, "b")) == ({"1": {"n": 1}}, {"1": {"n": 1}})


def test_the_report_as_json():
    node = node_of(embedded("bad", {"_id": "1"}, transform={"type": "dtl", "rules": {"default": [["fail!", "no"]]}}))
    found = node.run().as_json()
    (run,) = found["pipes"]
    assert (found["written"], run["pipe"], run["status"], run["reason"], run["entity"]) == (
        0,
        "bad",
        "failed",
        "no",
        "1",
    )
    assert run["pointer"].startswith("/transform")
