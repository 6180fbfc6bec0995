"""The pipes in `pipes/` are those the mappings give, and every row of the flows is carried by them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dataflow.canonical import config_text
from dataflow.cli import main
from dataflow.generate.mapping_file import read_mappings
from dataflow.generate.package import check_pipes, generated_pipes, write_pipes

ROOT = Path(__file__).parents[2]


def test_pipes_agree_with_their_mappings(root: Path) -> None:
    assert check_pipes(root) == []


def test_edited_pipe_is_named_with_line_and_pointer(package: Path) -> None:
    path = package / "pipes/customerp-customer-transform.conf.json"
    path.write_text(path.read_text("utf-8").replace('["add", "City",', '["add", "Town",'), "utf-8")
    before = path.read_text("utf-8")
    (finding,) = check_pipes(package)
    assert finding.code == "DF502"
    assert finding.file == "pipes/customerp-customer-transform.conf.json"
    assert "customerp-customer-transform" in finding.message
    assert finding.pointer is not None
    assert finding.pointer.startswith("/transform/rules/default/")
    assert before.splitlines()[(finding.line or 0) - 1].strip().startswith('["add", "Town",')
    assert finding.expected == '["add", "City",'
    assert path.read_text("utf-8") == before


def test_missing_and_stale_pipes_are_named(package: Path) -> None:
    (package / "pipes/global-order.conf.json").rename(package / "pipes/global-orders.conf.json")
    found = {(d.code, d.file) for d in check_pipes(package)}
    assert found == {("DF502", "pipes/global-order.conf.json"), ("DF503", "pipes/global-orders.conf.json")}


def test_changed_mapping_shows_in_every_pipe_it_feeds(package: Path) -> None:
    path = package / "pipes/mappings/organisation.yaml"
    path.write_text(path.read_text("utf-8").replace("customerp: City", "customerp: Town"), "utf-8")
    assert {d.file for d in check_pipes(package)} == {
        "pipes/customerp-customer-enrich.conf.json",
        "pipes/customerp-customer-share.conf.json",
        "pipes/customerp-customer-transform.conf.json",
    }
    assert len(write_pipes(package)) == 3
    assert check_pipes(package) == []
    assert write_pipes(package) == []


def test_check_command_exits_with_1_and_names_the_pipe(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = package / "pipes/webcrm-user-share.conf.json"
    path.write_text(path.read_text("utf-8").replace('"batch_size": 1', '"batch_size": 100'), "utf-8")
    assert main(["generate", "--check", "--dir", str(package)]) == 1
    assert "webcrm-user-share" in capsys.readouterr().err
    assert main(["generate", "--dir", str(package)]) == 0
    assert main(["generate", "--check", "--dir", str(package)]) == 0


def test_malformed_mapping_stops_generation(package: Path) -> None:
    path = package / "pipes/mappings/product.yaml"
    path.write_text(path.read_text("utf-8").replace("as: vat-code", "as: vatcode"), "utf-8")
    before = {p.name: p.read_text("utf-8") for p in (package / "pipes").glob("*.json")}
    assert main(["generate", "--dir", str(package)]) == 1
    assert {p.name: p.read_text("utf-8") for p in (package / "pipes").glob("*.json")} == before


@pytest.fixture(scope="module")
def pipes() -> dict[str, dict[str, Any]]:
    return generated_pipes(ROOT)


def test_ids_follow_the_naming_rules(pipes: dict[str, dict[str, Any]]) -> None:
    for pipe_id, pipe in pipes.items():
        assert re.fullmatch(r"[a-z0-9-]{1,62}", pipe_id)
        assert pipe["namespaced_identifiers"] in (True, False), pipe_id
        assert json.loads(config_text(pipe)) == pipe


def test_shares_keep_what_makes_an_insert_happen_once(pipes: dict[str, dict[str, Any]]) -> None:
    shares = {i: p for i, p in pipes.items() if i.endswith("-share")}
    assert len(shares) == 10
    for pipe_id, pipe in shares.items():
        assert pipe["batch_size"] == 1
        assert pipe["sink"]["deletion_tracking"] is False
        assert pipe["sink"]["set_initial_offset"] == "onload"
        assert pipe["pump"]["mode"] == "$ENV(share-pump-mode)"
        collect = pipes[pipe_id.replace("-share", "-collect")]
        assert collect["exclude_completeness"] == [pipe_id]
        tracked = re.findall(r'\{"datasets": \["[^"]*-share \w"\][^{}]*\}', json.dumps(pipe))
        assert tracked
        assert all('"track-dependencies": false' in spec for spec in tracked)


def test_every_call_of_the_test_profile_is_a_stub(pipes: dict[str, dict[str, Any]]) -> None:
    def chosen(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("type") == "conditional":
                return chosen(value["alternatives"]["test"])
            return {key: chosen(child) for key, child in value.items()}
        return [chosen(child) for child in value] if isinstance(value, list) else value

    for pipe_id, pipe in pipes.items():
        assert '"type": "rest"' not in json.dumps(chosen(pipe)), pipe_id


def test_operations_exist_in_their_systems(root: Path, pipes: dict[str, dict[str, Any]]) -> None:
    def calls(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("type") == "rest":
                yield value["system"], value["operation"]
            for child in value.values():
                yield from calls(child)
        elif isinstance(value, list):
            for child in value:
                yield from calls(child)

    systems = {s: json.loads((root / f"systems/{s}.conf.json").read_text("utf-8")) for s in ("webcrm", "customerp")}
    used = {call for pipe in pipes.values() for call in calls(pipe)}
    assert used
    assert {call for call in used if call[1] not in systems[call[0]]["operations"]} == set()


# --- every row of the flows, in each direction it may go

ROWS = [(mapping, row) for mapping in read_mappings(ROOT / "pipes/mappings").values() for row in mapping.rows]
IDS = [f"{row.flow}: {row.golden}" for _, row in ROWS]


def added(rules: dict[str, Any]) -> set[str]:
    found = set(re.findall(r'\["add(?:-if)?", "([^"]+)"', json.dumps(rules)))
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize(("mapping", "row"), ROWS, ids=IDS)
def test_row_reaches_the_transform_of_each_side_it_goes_to(
    mapping: Any, row: Any, pipes: dict[str, dict[str, Any]]
) -> None:
    towards_customerp = row.way in ("both", "crm") and row.customerp
    towards_webcrm = row.way in ("both", "erp") and row.kind != "compared"
    if towards_customerp:
        target = mapping.members[row.customerp_member].parent or row.customerp_member
        assert row.customerp in added(pipes[f"{target}-transform"]["transform"]["rules"])
    if towards_webcrm:
        assert set(row.webcrm) <= added(pipes[f"{row.webcrm_member}-transform"]["transform"]["rules"])
    one_way_back = row.way == "crm" and row.webcrm and not row.on_insert and row.kind not in ("parent", "link")
    if one_way_back:
        assert not set(row.webcrm) & added(pipes[f"{row.webcrm_member}-transform"]["transform"]["rules"])


def test_tables_of_flows_md_are_complete(root: Path) -> None:
    """The counts of the decision record: a row lost here would be a property that silently stops travelling."""
    counts: dict[str, int] = {}
    for _, row in ROWS:
        counts[row.flow] = counts.get(row.flow, 0) + 1
    assert counts == {
        "Webcrm Organisations to Customerp Customer": 13,
        "Webcrm Persons to Customerp Contact": 9,
        "Webcrm Users to Customerp Contact": 8,
        "Webcrm Products to Customerp Product": 8,
        "Webcrm Opportunities to Customerp Order": 13,
        "Webcrm Quotationline to Customerp Order": 11,
    }
