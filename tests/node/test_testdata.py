"""sesam-py 2.11, `upload` (test data)."""

from dataflow.dtl import transit
from dataflow.node.node import Node
from dataflow.node.testdata import load_testdata
from dataflow.project import load_project
from package_files import pipe, write_file, write_package

FAILING = {"type": "dtl", "rules": {"default": [["copy", "*"], ["if", ["eq", "_S.bad", True], ["fail!", "no"]]]}}
RECEIVER = {"type": "http_endpoint"}


def loaded(root, **files):
    write_package(root, pipe("a", RECEIVER, transform=FAILING), pipe("b", RECEIVER), pipe("c"))
    for name, content in files.items():
        write_file(root / "testdata" / f"{name}.json", content)
    node = Node.from_project(load_project(root))
    return node, load_testdata(node, root)


def test_files_are_posted_to_the_receivers_they_are_named_after(tmp_path):
    node, found = loaded(
        tmp_path, a=[{"_id": "1", "n": 1.50, "i": 2.0, "big": 12345678901234567890123}], b={"_id": "2", "d": "~f1.10"}
    )
    assert found == []
    assert transit.encode(node.entities("a")) == [{"_id": "1", "n": "~f1.5", "i": 2, "big": 12345678901234567890123}]
    assert transit.encode(node.entities("b")) == [{"_id": "2", "d": "~f1.10"}]


def test_digits_of_decimals_are_kept(tmp_path):
    node, _ = loaded(tmp_path, a='[{"_id": "1", "n": 1.50}]')
    assert transit.encode(node.entities("a")) == [{"_id": "1", "n": "~f1.50"}]


def test_files_lie_at_any_depth_and_null_is_skipped(tmp_path):
    node, found = loaded(tmp_path, **{"deep/er/a": [{"_id": "1"}], "b": None})
    assert found == []
    assert len(node.entities("a")) == 1


def test_a_file_without_a_receiver_is_a_finding(tmp_path):
    _, found = loaded(tmp_path, c=[{"_id": "1"}], x=[])
    assert [(d.code, d.message) for d in found] == [
        ("DF305", 'there is no receiver "c"'),
        ("DF305", 'there is no receiver "x"'),
    ]
    assert found[0].file.endswith("testdata/c.json")


def test_files_that_hold_no_entities_are_findings_with_a_place(tmp_path):
    node, found = loaded(tmp_path, a='[{"_id": "1"},\n 7, {"_id": "2", "t": "~tno"}]', b="[")
    assert [(d.code, d.pointer, d.line) for d in found] == [("DF201", "/1", 2), ("DF201", "/2", 2), ("DF102", None, 1)]
    assert node.entities("a") == []


def test_an_entity_that_breaks_its_pipe_is_told_by_the_run(tmp_path):
    node, found = loaded(tmp_path, a=[{"_id": "1"}, {"_id": "2", "bad": True}, {"_id": "3"}], b=[{"_id": "4"}])
    assert found == []
    assert len(node.entities("a")) == 1
    assert len(node.entities("b")) == 1
    (finding,) = node.run().diagnostics()
    assert (finding.code, finding.message) == ("DF701", 'a: entity "2": no')
    assert finding.file.endswith("pipes/a.conf.json")
