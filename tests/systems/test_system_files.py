"""What is written in systems/*.conf.json is documented, complete and free of secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY.parent / "shared" / "reference" / "config-properties.json"

# Where a property list of documented-properties.json comes from: page and section of the platform's documentation.
SECTIONS = {
    "system": [
        ("systems/configuration-systems.rst", "Systems > Properties"),
        ("systems/configuration-systems-url.rst", "URL system > Properties"),
        ("systems/configuration-systems-rest.rst", "REST system > Properties"),
    ],
    "operation": [("systems/configuration-systems-rest.rst", "REST system > Operation properties")],
    "custom_auth": [
        ("systems/configuration-systems-rest.rst", "REST system > Custom authentication (experimental)"),
    ],
}
# Members of a token response, listed on the same page as the properties of custom_auth.
TOKEN_MEMBERS = {"expires_at", "expiry_date", "refresh_token_expires_at", "refresh_token_expiry_date"}

SENSITIVE = re.compile(r"authcode|secret|password|jwt_token|access_token|refresh_token|api_?key", re.IGNORECASE)
SECRET = re.compile(r"\$SECRET\([a-z0-9-]+\)")
LOOKS_LIKE_A_SECRET = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9+/_=-]{40,}|://[^/@\s]+:[^/@\s]+@|-----BEGIN",
    re.IGNORECASE,
)


def strings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each string inside `value` with the keys that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)
    elif isinstance(value, str):
        yield path, value


@pytest.fixture
def documented(datadir: Path) -> Any:
    return json.loads((datadir / "documented-properties.json").read_text("utf-8"))


def test_the_package_has_its_two_systems(systems: dict[str, Any]) -> None:
    assert {name: system["_id"] for name, system in systems.items()} == {"customerp": "customerp", "webcrm": "webcrm"}
    assert {system["type"] for system in systems.values()} == {"system:rest"}


@pytest.mark.parametrize("name", ["webcrm", "customerp"])
def test_every_property_is_documented(name: str, systems: dict[str, Any], documented: dict[str, list[str]]) -> None:
    system = systems[name]
    assert set(system) <= {"type", *documented["system"]}
    for operation, properties in system["operations"].items():
        assert set(properties) <= set(documented["operation"]), operation
        assert {"url", "method"} <= set(properties), operation
    assert set(system.get("custom_auth", {})) <= set(documented["custom_auth"])
    assert set(system.get("oauth2", {})) <= set(documented["oauth2"])
    for status, retries in system["retry_strategy"].items():
        assert re.fullmatch(r"default|\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", status)
        assert set(retries) <= set(documented["retry_strategy"]), status


@pytest.mark.parametrize("section", SECTIONS)
def test_the_list_of_documented_properties_is_right(section: str, documented: dict[str, list[str]]) -> None:
    if not REFERENCE.exists():
        pytest.skip("the extract of the platform's documentation is not beside this repository")
    rows = json.loads(REFERENCE.read_text("utf-8"))
    current = {
        row["property"].removesuffix(" (experimental)")
        for row in rows
        if (row["page"], row["section"]) in SECTIONS[section] and not row["deprecated"] and "<" not in row["property"]
    }
    assert set(documented[section]) == current - TOKEN_MEMBERS


@pytest.mark.parametrize("name", ["webcrm", "customerp"])
def test_production_settings(name: str, systems: dict[str, Any]) -> None:
    system = systems[name]
    assert system["verify_ssl"] is True
    assert system["url_pattern"] == f"$ENV({name}-base-url)/%s"
    assert system["rate_limiting_retries"] * system["rate_limiting_delay"] > 60, "a limit per minute is outlived"
    assert system["retry_strategy"]["429"]["read_retry_delay"] == system["rate_limiting_delay"]


@pytest.mark.parametrize("name", ["webcrm", "customerp"])
def test_no_secret_is_in_the_open(name: str, systems: dict[str, Any]) -> None:
    secrets = 0
    for path, text in strings(systems[name]):
        assert not LOOKS_LIKE_A_SECRET.search(text), path
        if path and SENSITIVE.search(path[-1]):
            assert SECRET.fullmatch(text), path
            secrets += 1
        else:
            assert "$SECRET" not in text or SECRET.fullmatch(text), path
    assert secrets, "without a secret nobody gets in"


@pytest.mark.parametrize("file", sorted(REPOSITORY.glob("*-env.json")), ids=lambda file: file.name)
def test_every_variable_has_a_value(file: Path, systems: dict[str, Any]) -> None:
    used = {name for _, text in strings(systems) for name in re.findall(r"\$ENV\(([^)]+)\)", text)}
    assert used <= set(json.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("file", sorted((REPOSITORY / "pipes").glob("*.conf.json")), ids=lambda file: file.name)
def test_pipes_call_operations_that_exist(file: Path, systems: dict[str, Any]) -> None:
    def calls(value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            if value.get("type") == "rest":
                yield value["system"], value["operation"]
            for inner in value.values():
                yield from calls(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from calls(inner)

    pipe = json.loads(file.read_text("utf-8"))
    assert [call for call in calls(pipe) if call[1] not in systems[call[0]]["operations"]] == []
    assert not any("$SECRET" in text for _, text in strings(pipe)), "secrets belong to systems"


def test_every_datatype_has_the_operations_its_mapping_asks_for(
    mappings: list[dict[str, Any]], systems: dict[str, Any]
) -> None:
    asked: dict[str, set[str]] = {"webcrm": set(), "customerp": set()}
    for mapping in mappings:
        for member, facts in mapping["members"].items():
            if "parent" in facts:
                continue
            stages = {"list", "verify", "lookup", "update"}
            stages |= {"insert"} if facts["insert"] != "never" else set()
            stages |= {"delete"} if facts.get("delete") else set()
            stages |= {"find"} if "find" in facts or "find-alike" in facts else set()
            system = asked[member.partition("-")[0]]
            system |= {f"{facts['type']}-{stage}" for stage in stages}
            system |= {f"{facts['became']}-verify"} if "became" in facts else set()
    assert asked["customerp"] == set(systems["customerp"]["operations"])
    queries = {"organisation-query-list", "person-query-list", "opportunity-query-list"}
    assert asked["webcrm"] | queries | {"fetch-access-token"} == set(systems["webcrm"]["operations"])
