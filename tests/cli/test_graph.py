from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataflow.cli import main
from package_files import EMBEDDED, dtl, pipe, write_package


def dataset(name: str) -> dict[str, Any]:
    return {"type": "dataset", "dataset": name}


def hop(name: str) -> dict[str, Any]:
    return dtl(["add", "x", ["hops", {"datasets": [f"{name} d"], "where": [["eq", "_S._id", "d._id"]]}]])


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Persons both ways; orders one way, their lines looked up by the orders' target."""
    monkeypatch.chdir(tmp_path)
    systems = [
        {"_id": name, "type": "system:rest", "url_pattern": "x", "operations": {"o": {"url": "x", "method": "GET"}}}
        for name in ("crm", "erp")
    ]

    def rest(system: str, **more: Any) -> dict[str, Any]:
        return {"type": "rest", "system": system, "operation": "o", **more}

    def collected(stem: str) -> list[dict[str, Any]]:
        live = {"type": "conditional", "condition": "test", "alternatives": {"test": EMBEDDED, "prod": rest(stem[:3])}}
        return [pipe(f"{stem}-all", live), pipe(f"{stem}-enrich", dataset(f"{stem}-all"), transform=hop(f"{stem}-all"))]

    def target(stem: str, source: str, *more: Any) -> list[dict[str, Any]]:
        writes = rest(stem[:3], side_effects=True)
        return [
            pipe(f"{stem}-transform", dataset(source), transform=list(more)),
            pipe(f"{stem}-share", dataset(f"{stem}-transform"), transform=[rest(stem[:3]), writes]),
            pipe(f"{stem}-share-endpoint", dataset(f"{stem}-share"), sink={"type": "http_endpoint"}),
        ]

    return write_package(
        tmp_path,
        *systems,
        *(made for stem in ("crm-person", "erp-contact", "crm-order", "crm-line") for made in collected(stem)),
        pipe("global-person", {"type": "merge", "datasets": ["crm-person-enrich a", "erp-contact-enrich b"]}),
        pipe("global-order", dataset("crm-order-enrich")),
        pipe("global-line", dataset("crm-line-enrich")),
        *target("crm-person", "global-person"),
        *target("erp-contact", "global-person"),
        *target("erp-order", "global-order", hop("global-line"), hop("global-person"), hop("mocks")),
        pipe("mocks"),
    )


FLOWS = """\
flowchart LR
  from_crm[("crm")]
  from_erp[("erp")]
  collected_crm_line["crm-line"]
  collected_crm_order["crm-order"]
  collected_crm_person["crm-person"]
  collected_erp_contact["erp-contact"]
  global_global_line{{"global-line"}}
  global_global_order{{"global-order"}}
  global_global_person{{"global-person"}}
  target_crm_person["crm-person"]
  target_erp_contact["erp-contact"]
  target_erp_order["erp-order"]
  to_crm[("crm")]
  to_erp[("erp")]
  collected_crm_line --> global_global_line
  collected_crm_order --> global_global_order
  collected_crm_person --> global_global_person
  collected_erp_contact --> global_global_person
  from_crm --> collected_crm_line
  from_crm --> collected_crm_order
  from_crm --> collected_crm_person
  from_erp --> collected_erp_contact
  global_global_line -.-> target_erp_order
  global_global_order --> target_erp_order
  global_global_person --> target_crm_person
  global_global_person --> target_erp_contact
  target_crm_person --> to_crm
  target_erp_contact --> to_erp
  target_erp_order --> to_erp
"""


GLANCE = """\
flowchart LR
  subgraph crm
    datatype_crm_line["line"]
    datatype_crm_order["order"]
    datatype_crm_person["person"]
  end
  subgraph erp
    datatype_erp_contact["contact"]
    datatype_erp_order["order"]
  end
  global_global_line{{"global-line"}}
  global_global_order{{"global-order"}}
  global_global_person{{"global-person"}}
  datatype_crm_line --> global_global_line
  datatype_crm_order --> global_global_order
  datatype_crm_person <--> global_global_person
  global_global_line -.-> datatype_erp_order
  global_global_order --> datatype_erp_order
  global_global_person <--> datatype_erp_contact
"""


@pytest.mark.usefixtures("root")
def test_the_stages_of_the_flows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--detail", "stages"]) == 0
    assert capsys.readouterr() == (FLOWS, "")


@pytest.mark.usefixtures("root")
def test_the_flows_at_a_glance(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph"]) == 0
    assert capsys.readouterr() == (GLANCE, "")


def test_the_readme_shows_the_flows_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[2]
    assert main(["graph", "--dir", str(root)]) == 0
    assert f"```mermaid\n{capsys.readouterr().out}```" in (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("root")
def test_every_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--detail", "pipes", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert sum(node["kind"] == "pipe" for node in printed["nodes"]) == 8 + 3 + 9 + 1
    assert not [node for node in printed["nodes"] if node["kind"] == "dataset"]
    edges = [(edge["from"], edge["to"], edge["kind"]) for edge in printed["edges"]]
    assert ("pipe:crm-line-all", "pipe:crm-line-enrich", "flow") in edges
    assert ("pipe:crm-line-all", "pipe:crm-line-enrich", "hop") not in edges
    assert ("pipe:mocks", "pipe:erp-order-transform", "hop") in edges
    assert ("pipe:erp-order-share", "system:erp", "flow") in edges
    assert ("system:erp", "pipe:erp-order-share", "flow") in edges


@pytest.mark.usefixtures("root")
def test_what_is_around_one_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--detail", "neighbours", "erp-order-transform", "--format", "dot"]) == 0
    assert capsys.readouterr().out == (
        """\
digraph dataflow {
  rankdir=LR
  node [shape=box]
  "pipe:erp-order-share" [label="erp-order-share"]
  "pipe:erp-order-transform" [label="erp-order-transform"]
  "pipe:global-line" [label="global-line"]
  "pipe:global-order" [label="global-order"]
  "pipe:global-person" [label="global-person"]
  "pipe:mocks" [label="mocks"]
  "pipe:erp-order-transform" -> "pipe:erp-order-share"
  "pipe:global-line" -> "pipe:erp-order-transform" [style=dashed]
  "pipe:global-order" -> "pipe:erp-order-transform"
  "pipe:global-person" -> "pipe:erp-order-transform" [style=dashed]
  "pipe:mocks" -> "pipe:erp-order-transform" [style=dashed]
}
"""
    )


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--detail", "neighbours"], "--detail neighbours and PIPE go together"),
        (["erp-order-share"], "--detail neighbours and PIPE go together"),
        (
            ["--detail", "neighbours", "erp-order-shares"],
            'there is no pipe "erp-order-shares"; did you mean "erp-order-share"?',
        ),
        (["--detail", "neighbours", "x"], 'there is no pipe "x"; there are 21 of them'),
    ],
)
def test_what_cannot_be_drawn(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["graph", *arguments]) == 2
    assert capsys.readouterr() == ("", f"dataflow: {message}\n")


def test_a_broken_package_is_reported_not_drawn(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(root, pipe("lost", dataset("nothing")))
    assert main(["graph"]) == 1
    assert capsys.readouterr() == (
        "",
        'pipes/lost.conf.json:6:16: error DF301: no pipe writes dataset "nothing"\n  at /source/dataset\n',
    )


def test_pipes_whose_names_say_nothing_are_drawn_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_package(tmp_path, pipe("a"), pipe("b", dataset("a")), pipe("c", dataset("b")))
    assert main(["graph"]) == 0
    assert capsys.readouterr().out == (
        'flowchart LR\n  pipe_a["a"]\n  pipe_b["b"]\n  pipe_c["c"]\n  pipe_a --> pipe_b\n  pipe_b --> pipe_c\n'
    )
