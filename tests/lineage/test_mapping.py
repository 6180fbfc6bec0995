"""The mappings of the package against its pipes, as they are and with one thing taken out."""

import json
import shutil
from pathlib import Path

import pytest

from dataflow.generate.mapping_file import read_mappings
from dataflow.lineage import of
from dataflow.lineage.mapping import broken, ways
from dataflow.memory import Memory
from dataflow.project import read_project
from dataflow.rules import Selection, validate

ROOT = Path(__file__).parents[2]
ONLY = Selection(select=("DF504",))


@pytest.fixture(scope="module")
def mappings():
    return read_mappings(ROOT / "pipes" / "mappings")


@pytest.fixture
def package(tmp_path):
    for name in ("pipes", "systems"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("node-metadata.conf.json", "test-env.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def without(node, taken):
    """A JSON value without the lists in it that `taken` is true of."""
    if isinstance(node, list):
        return [without(inner, taken) for inner in node if not (isinstance(inner, list) and taken(inner))]
    if isinstance(node, dict):
        return {key: without(inner, taken) for key, inner in node.items()}
    return node


def sabotaged(package, pipe, taken):
    path = package / "pipes" / f"{pipe}.conf.json"
    before = json.loads(path.read_text("utf-8"))
    after = without(before, taken)
    assert after != before
    path.write_text(json.dumps(after), "utf-8")


def test_every_row_of_the_package_is_carried(mappings):
    project = read_project(ROOT)
    assert len(list(ways(mappings, project.env))) > 80
    assert list(broken(of(project), mappings)) == []


@pytest.mark.parametrize(
    ("pipe", "taken", "said"),
    [
        (
            "customerp-customer-transform",
            lambda node: node[:2] == ["add", "City"],
            'row "city" is not carried: pipe "customerp-customer-transform" does not write "City"',
        ),
        (
            "global-organisation",
            lambda node: node[:2] == ["add-if", "global-organisation:website"],
            'row "website" is not carried: "OrganisationWww" of pipe "webcrm-organisation-all" is not carried into '
            '"global-organisation:website", and so not into "Website" of pipe "customerp-customer-transform"',
        ),
        (
            "webcrm-person-enrich",
            lambda node: node[:2] == ["add-if", "::first-name"],
            '"PersonFirstName" of pipe "webcrm-person-all" is not carried into "global-person:first-name"',
        ),
        (
            "customerp-order-transform",
            lambda node: node[:2] == ["add", "Quantity"],
            'pipe "customerp-order-transform" does not write "Lines.Quantity"',
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_property_that_is_taken_out_of_a_pipe_is_named(package, pipe, taken, said):
    sabotaged(package, pipe, taken)
    found = validate(read_project(package), ONLY).findings
    assert any(said in one.message for one in found), [one.message for one in found]
    assert {one.file.rpartition("pipes/")[2] for one in found} <= {
        f"mappings/{name}.yaml" for name in ("organisation", "person", "orderline")
    }


def test_what_is_remembered_is_said_again_and_nothing_else(package):
    memory = Memory(None)
    assert validate(read_project(package, memory=memory), ONLY).findings == []
    sabotaged(package, "customerp-customer-transform", lambda node: node[:2] == ["add", "City"])
    first = validate(read_project(package, memory=memory), ONLY).findings
    assert [one.code for one in first] == ["DF504", "DF504"] or [one.code for one in first] == ["DF504"]
    assert validate(read_project(package, memory=memory), ONLY).findings == first
