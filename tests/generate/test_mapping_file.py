"""Faults of a mapping are named with file, line, column and pointer, all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dataflow.errors import FindingsError
from dataflow.generate.mapping_file import read_mapping, read_mappings

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.diagnostics import Diagnostic

GOOD = """\
concept: thing
tie: webcrm
members:
  webcrm-thing: {type: thing, pk: ThingId, updated: ThingUpdatedAt, insert: never}
  customerp-thing: {type: thing, pk: Id, updated: UpdatedAt, insert: always, links: {ExternalId: {to: webcrm-thing}}}
match:
  code-key: {row: code, as: code}
flows:
  - title: Things to Things
    webcrm: webcrm-thing
    customerp: customerp-thing
    rows:
      - {golden: code, webcrm: ThingCode, customerp: Code, type: string, way: both, as: text}
      - {golden: external-id, webcrm: ThingId, customerp: ExternalId, type: string, way: crm, as: link}
"""


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are shown relative to where one stands."""
    name = "package" if "package" in request.fixturenames else "tmp_path"
    monkeypatch.chdir(request.getfixturevalue(name))


def faults(tmp_path: Path, text: str) -> list[Diagnostic]:
    path = tmp_path / "thing.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FindingsError) as caught:
        read_mapping(path)
    return caught.value.diagnostics


def test_good_mapping_has_rows_with_their_flow_and_line(tmp_path: Path) -> None:
    (tmp_path / "thing.yaml").write_text(GOOD, "utf-8")
    mapping = read_mapping(tmp_path / "thing.yaml")
    row = mapping.rows[0]
    assert (row.golden, row.webcrm, row.customerp, row.way, row.flow) == (
        "code",
        ("ThingCode",),
        "Code",
        "both",
        "Things to Things",
    )
    assert (row.line, row.pointer) == (13, "/flows/0/rows/0")
    assert mapping.members["webcrm-thing"].rank > mapping.members["customerp-thing"].rank


@pytest.mark.parametrize(
    ("old", "new", "at", "pointer", "said"),
    [
        ("way: both", "way: booth", "booth", "/flows/0/rows/0/way", 'unknown value "booth"'),
        ("as: text", "as: texd", "texd", "/flows/0/rows/0/as", 'unknown value "texd"'),
        ("golden: code, ", "goldn: cod, ", "cod,", "/flows/0/rows/0/goldn", 'unknown key "goldn"'),
        ("type: string, way: both", "type: txt, way: both", "txt", "/flows/0/rows/0/type", 'unknown value "txt"'),
        ("row: code,", "row: cod,", "cod,", "/match/code-key/row", 'unknown golden "cod"'),
        (
            "customerp: customerp-thing\n",
            "customerp: erp-thing\n",
            "erp-thing\n",
            "/flows/0/customerp",
            "unknown member",
        ),
        (
            "golden: external-id, webcrm: T",
            "golden: code, webcrm: T",
            "code, webcrm: ThingId",
            "/flows/0/rows/1/golden",
            "twice",
        ),
        ("webcrm: ThingCode", 'webcrm: "-"', "both", "/flows/0/rows/0/way", "needs a property on both sides"),
        ("as: text", "as: reference", "{golden: code", "/flows/0/rows/0", "does not say to which"),
        ("customerp: ExternalId", "customerp: Externalid", "Externalid", "/flows/0/rows/1/customerp", "unknown link"),
        ("insert: never", "insert: perhaps", "perhaps", "/members/webcrm-thing/insert", 'unknown value "perhaps"'),
        ("tie: webcrm", "tie: [webcrm]", "[webcrm]", "/tie", "is no text"),
        (
            "  webcrm-thing: {",
            "  crm-thing: {",
            "{type: thing, pk: ThingId",
            "/members/crm-thing",
            "belongs to no system",
        ),
    ],
)
def test_fault_is_named_at_its_place(tmp_path: Path, old: str, new: str, at: str, pointer: str, said: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    before = text[: text.index(at)]
    place = f"thing.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    fault = next(d for d in faults(tmp_path, text) if d.pointer == pointer)
    assert (fault.code, fault.place) == ("DF501", place)
    assert said in fault.message


def test_every_fault_is_reported_and_a_close_name_is_suggested(tmp_path: Path) -> None:
    found = faults(tmp_path, GOOD.replace("way: both", "way: bot").replace("insert: never", "insert: nevr"))
    assert [d.hint for d in found] == ['did you mean "never"?', 'did you mean "both"?']


def test_yaml_fault_has_its_place(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "concept: thing\ntie: [webcrm\nflows: 1\n")
    assert (fault.code, fault.line) == ("DF104", 3)


def test_missing_keys_are_named(tmp_path: Path) -> None:
    found = faults(tmp_path, "concept: thing\ntie: webcrm\nflows: []\n")
    assert '"members" is missing' in [d.message for d in found]


def test_faults_of_all_mappings_come_together(package: Path) -> None:
    folder = package / "pipes/mappings"
    for name in ("order", "person"):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace("way: both", "way: bith", 1), "utf-8")
    with pytest.raises(FindingsError) as caught:
        read_mappings(folder)
    assert [d.file for d in caught.value.diagnostics] == ["pipes/mappings/order.yaml", "pipes/mappings/person.yaml"]
