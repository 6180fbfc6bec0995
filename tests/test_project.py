from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow.dtl import Namespaces, Transform
from dataflow.errors import FindingsError, UsageError
from dataflow.project import Project, find_root, load_project, read_project
from package_files import EMBEDDED, dtl, pipe, write_file, write_package

if TYPE_CHECKING:
    from pathlib import Path

REST = {
    "_id": "crm",
    "type": "system:rest",
    "url_pattern": "http://x/%s",
    "operations": {"list": {"url": "a", "method": "GET"}},
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(project: Project) -> list[str]:
    return [f"{d.place} {d.code} {d.message}" for d in project.diagnostics]


# --- where a package is -----------------------------------------------------------------------------------------------


def test_the_root_is_found_from_any_folder_of_the_package(root: Path) -> None:
    write_package(root / "package", pipe("a"))
    (root / "package" / "tests" / "systems").mkdir(parents=True)
    assert find_root(root / "package" / "pipes") == root / "package"
    assert find_root(root / "package" / "tests" / "systems") == root / "package"


@pytest.mark.parametrize("file", ["node-metadata.conf.json", "systems/a.conf.json", "pipes/deep/a.conf.json"])
def test_what_makes_a_root(root: Path, file: str) -> None:
    write_file(root / file, {})
    assert find_root() == root


def test_no_package_and_no_folder(root: Path) -> None:
    with pytest.raises(UsageError, match="is not in a package: neither it nor a folder above it holds"):
        find_root()
    with pytest.raises(UsageError, match=r"^nowhere is not a folder$"):
        find_root(root / "nowhere")


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_pipes_and_systems_as_they_take_effect(root: Path) -> None:
    source = {
        "type": "conditional",
        "condition": "$ENV(env)",
        "alternatives": {"test": EMBEDDED, "prod": {"type": "rest", "system": "crm", "operation": "list"}},
    }
    rules = dtl(["add", "x", "$ENV(n)"])
    write_package(
        root,
        pipe("b", source, transform=[{"type": "chained", "transforms": [rules]}]),
        pipe("a", {"type": "dataset", "dataset": "b"}, sink={"type": "http_endpoint"}),
        REST,
        node_metadata="x",
        test_env={"env": "test", "n": 5},
    )
    metadata = {"_id": "node", "type": "metadata", "namespaced_identifiers": True}
    metadata["namespaces"] = {"default": {"ex": "http://example.org/"}}
    write_file(root / "node-metadata.conf.json", metadata)
    (root / "node-metadata.json").unlink()
    project = load_project(root)
    assert project.diagnostics == []
    assert list(project.pipes) == ["a", "b"]
    assert list(project.systems) == ["crm"]
    assert project.metadata == metadata
    assert set(project.documents) == {
        "node-metadata.conf.json",
        "pipes/a.conf.json",
        "pipes/b.conf.json",
        "systems/crm.conf.json",
        "test-env.json",
    }
    b = project.pipes["b"]
    assert b.original["source"] == source
    assert b.config == {
        "_id": "b",
        "type": "pipe",
        "source": EMBEDDED,
        "sink": {"type": "dataset", "dataset": "b"},
        "transform": [dtl(["add", "x", 5])],
        "pump": {},
        "namespaced_identifiers": True,
        "namespaces": {"identity": "b", "property": "b"},
        "add_namespaces": True,
        "remove_namespaces": False,
    }
    assert (b.kind, b.reads, b.writes, b.source_at) == ("input", (), "b", "/source/alternatives/test")
    assert [step.pointer for step in b.transforms] == ["/transform/0/transforms/0"]
    assert isinstance(b.transforms[0].compiled, Transform)
    assert b.namespaces == Namespaces("b", "b", enabled=True, prefixes={"ex": "http://example.org/"})
    a = project.pipes["a"]
    assert (a.kind, a.reads, a.writes) == ("endpoint", ("b",), None)


@pytest.mark.parametrize(
    ("source", "sink", "kind"),
    [
        (EMBEDDED, {"type": "http_endpoint"}, "input"),
        ({"type": "dataset", "dataset": "b"}, {"type": "csv_endpoint", "columns": []}, "endpoint"),
        ({"type": "merge", "datasets": ["b"]}, {"type": "dataset", "dataset": "a"}, "internal"),
        ({"type": "http_endpoint"}, {}, "internal"),
        ({"type": "dataset", "dataset": "b"}, {"type": "rest", "system": "crm"}, "output"),
        ({"type": "dataset", "dataset": "b"}, {"type": "null"}, "output"),
        ({"type": "dataset", "dataset": "b"}, {"type": "null", "dataset": "x"}, "internal"),
    ],
)
def test_kinds_of_pipes(root: Path, source: Any, sink: Any, kind: str) -> None:
    write_package(root, pipe("a", source, sink=sink), pipe("b"), REST)
    assert read_project(root).pipes["a"].kind == kind


def test_reads_hops_and_what_is_waited_for(root: Path) -> None:
    merge = {"type": "merge", "datasets": ["b one", "c two"], "initial_datasets": ["b"]}
    hop = ["hops", {"datasets": ["d x", "e y"], "where": [["eq", "_S.a", "x.a"], ["eq", "x.b", "y.b"]]}]
    nested = {"type": "dtl", "rules": {"default": [["add", "h", hop], ["add", "l", ["lookup-entity", "f", "x"]]]}}
    ids = "bcdefg"
    project = load_project(
        write_package(
            root, pipe("a", merge, transform=nested, exclude_completeness=["g"]), *(pipe(name) for name in ids)
        )
    )
    a = project.pipes["a"]
    assert (a.reads, a.hops) == (("b", "c"), ("d", "e", "f"))
    assert [(one.name, one.pointer) for one in a.datasets if one.kind == "hop"] == [
        ("d", "/transform/rules/default/0/2/1/datasets/0"),
        ("e", "/transform/rules/default/0/2/1/datasets/1"),
        ("f", "/transform/rules/default/1/2/1"),
    ]
    assert [one.name for one in a.datasets if one.kind == "completeness"] == ["b", "g"]


def test_a_template_hops_to_the_log_of_the_share(root: Path) -> None:
    given = {"rest_system": "s", "share_dataset": "log"}
    write_package(root, pipe("a", transform={"type": "template", "template": "t", "properties": given}))
    project = read_project(root)
    assert project.pipes["a"].hops == ("log",)
    assert 'pipes/a.conf.json:13:24 DF301 no pipe writes dataset "log"' in found(project)


def test_pipes_are_read_from_folders_below_and_other_files_are_not(root: Path) -> None:
    write_package(root, pipe("a"))
    write_file(root / "pipes" / "more" / "b.conf.json", pipe("b"))
    write_file(root / "pipes" / "notes.json", "not JSON")
    assert list(load_project(root).pipes) == ["a", "b"]


def test_the_profile_decides(root: Path) -> None:
    write_package(
        root, pipe("a", pump={"mode": "$ENV(mode)"}), test_env={"mode": "off"}, prod_env='\ufeff{"mode": "manual"}'
    )
    assert load_project(root).pipes["a"].pump == {"mode": "off"}
    assert load_project(root, "prod").pipes["a"].pump == {"mode": "manual"}
    with pytest.raises(UsageError, match=r'^no profile "dev": dev-env\.json is missing; there is prod, test$'):
        load_project(root, "dev")


def test_a_package_needs_no_variables(root: Path) -> None:
    assert load_project(write_package(root, pipe("a"))).env == {}


# --- what is wrong with it --------------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[list[Any], list[str]]] = {
    "an id that is not the file's name": (
        [("pipes/a.conf.json", pipe("b"))],
        ['pipes/a.conf.json:2:10 DF206 the file of pipe "b" is called a.conf.json'],
    ),
    "an id in capitals has its file in lower case": ([("pipes/abc.conf.json", pipe("Abc"))], []),
    "an id given twice": (
        [("pipes/a.conf.json", pipe("a")), ("pipes/more/a.conf.json", pipe("A"))],
        ['pipes/more/a.conf.json:2:10 DF207 pipe "a" is there already, in pipes/a.conf.json'],
    ),
    "a pipe and a system may share an id": (
        [("pipes/crm.conf.json", pipe("crm")), ("systems/crm.conf.json", REST)],
        [],
    ),
    "an id with a slash": (
        [("pipes/a.conf.json", pipe("a/b"))],
        ['pipes/a.conf.json:2:10 DF205 _id "a/b" has a slash in it'],
    ),
    "no id": (
        [("pipes/a.conf.json", {"type": "pipe", "source": EMBEDDED})],
        ['pipes/a.conf.json:1:1 DF202 the pipe needs an "_id"'],
    ),
    "no object": ([("pipes/a.conf.json", [])], ["pipes/a.conf.json:1:1 DF201 the file holds an array"]),
    "no source": (
        [("pipes/a.conf.json", {"_id": "a", "type": "pipe"})],
        ['pipes/a.conf.json:1:1 DF202 pipe needs "source"'],
    ),
    "a system among the pipes": (
        [("pipes/crm.conf.json", {**REST, "source": EMBEDDED})],
        [
            'pipes/crm.conf.json:3:11 DF204 the type of a pipe is not "system:rest"',
            'pipes/crm.conf.json:4:18 DF203 pipe has no property "url_pattern"',
            'pipes/crm.conf.json:5:17 DF203 pipe has no property "operations"',
        ],
    ),
    "types nobody knows": (
        [
            ("pipes/a.conf.json", pipe("a", {"type": "embeded"}, sink={"type": "nul"}, transform=[{"type": "dlt"}])),
            ("systems/crm.conf.json", {**REST, "type": "system:rst"}),
        ],
        [
            'systems/crm.conf.json:3:11 DF204 unknown system type "system:rst"',
            'pipes/a.conf.json:5:13 DF204 unknown source type "embeded"',
            'pipes/a.conf.json:8:13 DF204 unknown sink type "nul"',
            'pipes/a.conf.json:12:15 DF204 unknown transform type "dlt"',
        ],
    ),
    "wrong shapes": (
        [("pipes/a.conf.json", pipe("a", [], sink=1, transform="x", pump=None))],
        [
            'pipes/a.conf.json:4:13 DF201 "source" of a pipe is an array',
            'pipes/a.conf.json:5:11 DF201 "sink" of a pipe is an integer',
            'pipes/a.conf.json:6:16 DF201 "transform" of a pipe is a string',
            'pipes/a.conf.json:7:11 DF201 "pump" of a pipe is null',
        ],
    ),
    "a transform that is no object": (
        [("pipes/a.conf.json", pipe("a", transform=[1]))],
        ["pipes/a.conf.json:9:5 DF201 transform is an integer"],
    ),
    "datasets nobody writes": (
        [
            ("pipes/a.conf.json", pipe("a", {"type": "merge", "datasets": ["b x", "cc y", "system:config"]})),
            ("pipes/b.conf.json", pipe("b", {"type": "dataset", "dataset": "aa"})),
            ("pipes/ccc.conf.json", "{"),
        ],
        [
            "pipes/ccc.conf.json:1:2 DF102 the file ends in the middle",
            'pipes/a.conf.json:8:7 DF301 no pipe writes dataset "cc"',
            'pipes/b.conf.json:6:16 DF301 no pipe writes dataset "aa"',
        ],
    ),
    "what an unreadable pipe writes is taken on trust": (
        [("pipes/a.conf.json", pipe("a", {"type": "dataset", "dataset": "b"})), ("pipes/b.conf.json", "{")],
        ["pipes/b.conf.json:1:2 DF102 the file ends in the middle"],
    ),
    "a hop to a dataset nobody writes": (
        [
            (
                "pipes/a.conf.json",
                pipe(
                    "a", transform=dtl(["add", "x", ["hops", {"datasets": ["b x"], "where": [["eq", "_S.a", "x.a"]]}]])
                ),
            )
        ],
        ['pipes/a.conf.json:19:17 DF301 no pipe writes dataset "b"'],
    ),
    "a dead letter dataset is written": (
        [
            ("pipes/a.conf.json", pipe("a", pump={"dead_letter_dataset": "letters"})),
            ("pipes/b.conf.json", pipe("b", {"type": "dataset", "dataset": "letters"})),
        ],
        [],
    ),
    "a dataset written twice": (
        [("pipes/a.conf.json", pipe("a")), ("pipes/b.conf.json", pipe("b", sink={"dataset": "a"}))],
        ['pipes/b.conf.json:9:16 DF304 dataset "a" is written by pipe "a" too'],
    ),
    "systems and operations that are not there, in whatever alternative": (
        [
            ("systems/crm.conf.json", REST),
            (
                "pipes/a.conf.json",
                pipe(
                    "a",
                    {
                        "type": "conditional",
                        "condition": "test",
                        "alternatives": {
                            "test": EMBEDDED,
                            "prod": {"type": "rest", "system": "cmr", "operation": "list"},
                        },
                    },
                    transform=[
                        {"type": "rest", "system": "crm", "operation": "lst"},
                        {
                            "type": "rest",
                            "system": "crm",
                            "operation": "own",
                            "operations": {"own": {"url": "x", "method": "GET"}},
                        },
                    ],
                ),
            ),
        ],
        [
            'pipes/a.conf.json:14:19 DF302 there is no system "cmr"',
            'pipes/a.conf.json:23:20 DF205 system "crm" has no operation "lst"',
        ],
    ),
    "the variables of a system that is used": (
        [
            ("systems/crm.conf.json", {**REST, "url_pattern": "$ENV(crm-url)"}),
            ("systems/erp.conf.json", {**REST, "_id": "erp", "url_pattern": "$ENV(erp-url)"}),
            ("pipes/a.conf.json", pipe("a", sink={"type": "rest", "system": "crm", "operation": "list"})),
        ],
        ['systems/crm.conf.json:4:18 DF303 environment variable "crm-url" has no value'],
    ),
    "metadata": (
        [("node-metadata.conf.json", {"_id": "node", "type": "metadata", "namespaced_identifiers": "$ENV(x)", "y": 1})],
        [
            'node-metadata.conf.json:5:8 DF203 metadata has no property "y"',
            'node-metadata.conf.json:4:29 DF303 environment variable "x" has no value',
        ],
    ),
    "an environment that is no object": (
        [("test-env.json", []), ("pipes/a.conf.json", pipe("a"))],
        ["test-env.json:1:1 DF201 the file holds an array"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong(root: Path, name: str) -> None:
    files, expected = BROKEN[name]
    for path, content in files:
        write_file(root / path, content)
    assert found(read_project(root)) == expected


def test_what_does_not_take_effect_is_no_more_than_a_warning(root: Path) -> None:
    alternatives = {"test": {"type": "embedded", "entities": [{}]}, "prod": {"type": "sql", "system": 1, "tabel": "t"}}
    write_package(root, pipe("a", {"type": "conditional", "condition": "test", "alternatives": alternatives}))
    assert [(d.code, d.severity, d.pointer) for d in read_project(root).diagnostics] == [
        ("DF202", "warning", "/source/alternatives/prod"),
        ("DF201", "warning", "/source/alternatives/prod/system"),
        ("DF203", "warning", "/source/alternatives/prod/tabel"),
    ]


def test_a_byte_order_mark_is_a_warning_but_not_in_a_profile(root: Path) -> None:
    write_package(root, pipe("a"))
    path = root / "pipes" / "a.conf.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (root / "test-env.json").write_bytes(b"\xef\xbb\xbf{}")
    assert [(d.code, d.severity, d.place) for d in read_project(root).diagnostics] == [
        ("DF110", "warning", "pipes/a.conf.json:1:1"),
    ]


def test_dtl_is_located_in_the_file(root: Path) -> None:
    inner = {
        "type": "conditional",
        "condition": "a",
        "alternatives": {"a": dtl(["copy", "*"], ["add", "x", ["uper", "y"]])},
    }
    project = read_project(write_package(root, pipe("p", transform=[dtl(["copy", "*"]), inner])))
    (fault,) = project.diagnostics
    assert (fault.code, fault.place) == ("DF401", "pipes/p.conf.json:36:19")
    assert fault.pointer is not None
    assert fault.pointer.startswith("/transform/1/alternatives/a/rules/default/1/2")
    assert fault.hint == 'did you mean "upper"?'


def test_everything_wrong_is_raised_at_once_warnings_included(root: Path) -> None:
    write_package(root, pipe("a", {"type": "dataset", "dataset": "x"}, sinc={}), pipe("b", {"type": "datset"}))
    with pytest.raises(FindingsError) as raised:
        load_project(root)
    assert sorted(d.code for d in raised.value.diagnostics) == ["DF203", "DF204", "DF301"]


def test_warnings_do_not_stand_in_the_way(root: Path) -> None:
    project = load_project(write_package(root, pipe("a", sinc={})))
    assert [(d.code, d.hint) for d in project.warnings] == [("DF203", 'did you mean "sink"?')]
    assert project.errors == []


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "", "a", "dtl", "conditional", "$ENV(x)", "$ENV(y) z", "~", "hops"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "_id",
                    "dataset",
                    "datasets",
                    "condition",
                    "alternatives",
                    "transforms",
                    "rules",
                    "default",
                    "system",
                    "operation",
                    "operations",
                    "identity",
                    "$conditional_properties",
                    "a/b",
                    "properties",
                    "dead_letter_dataset",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)
_PARTS = st.dictionaries(
    st.sampled_from(
        [
            "_id",
            "type",
            "source",
            "sink",
            "transform",
            "pump",
            "namespaces",
            "namespaced_identifiers",
            "operations",
            "$conditional_properties",
            "exclude_completeness",
            "metadata",
            "add_namespaces",
        ]
    ),
    _VALUES,
)


@given(_PARTS, _PARTS, _PARTS, st.dictionaries(st.just("x"), _VALUES))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=60
)
def test_whatever_is_in_the_files_there_are_findings_and_no_crash(
    tmp_path: Path, one: Any, two: Any, metadata: Any, env: Any
) -> None:
    write_file(tmp_path / "pipes" / "a.conf.json", {"_id": "a", "type": "pipe", **one})
    write_file(tmp_path / "systems" / "s.conf.json", {"_id": "s", **two})
    write_file(tmp_path / "node-metadata.conf.json", metadata)
    write_file(tmp_path / "test-env.json", env)
    project = read_project(tmp_path)
    for made in project.pipes.values():
        assert made.kind in ("input", "endpoint", "internal", "output")
        assert isinstance(made.reads, tuple)
        assert made.namespaces.identity == made.config["namespaces"]["identity"]
