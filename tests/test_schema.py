from __future__ import annotations

import json
from typing import Any

import pytest

from dataflow import schema
from dataflow.diagnostics import Severity
from dataflow.source import parse_json


def found(noun: str, component: Any) -> list[tuple[str, str | None, str]]:
    return [(d.code, d.pointer, d.message) for d in schema.check(noun, component, parse_json("{}"), "/x")]


@pytest.mark.parametrize(
    ("noun", "component"),
    [
        ("source", {"type": "dataset", "dataset": "a", "comment": ["b", "c"], "supports_since": True}),
        ("source", {"type": "merge", "datasets": ["a b"], "identity": "first", "version": 2}),
        ("source", {"type": "rest", "system": "s", "operation": "o", "trace": {"log_request_headers": True}}),
        ("transform", {"type": "dtl", "rules": {}, "trigger_on": {"key": "a"}}),
        ("transform", {"type": "emit_children"}),
        ("transform", {"type": "lower_keys", "anything": 1}),
        ("sink", {"type": "dataset", "indexes": "$ids"}),
        ("pump", {"schedule_interval": 1.5, "mode": "off"}),
        (
            "pump",
            {"write_retry_delay": "~f0.1", "schedule_interval": "$ENV(interval)", "max_read_retries": "$SECRET(n)"},
        ),
        ("system", {"_id": "s", "type": "system:rest", "url_pattern": "x", "operations": {}, "custom_auth": {}}),
        ("system", {"_id": "s", "type": "system:rest", "$conditional_properties": {}}),
        ("metadata", {"_id": "node", "type": "metadata", "global_defaults": {}}),
    ],
)
def test_what_is_documented_is_fine(noun: str, component: dict[str, Any]) -> None:
    assert found(noun, component) == []


@pytest.mark.parametrize(
    ("noun", "component", "finding"),
    [
        ("source", None, ("DF201", "/x", "source is null")),
        ("source", [], ("DF201", "/x", "source is an array")),
        ("source", {}, ("DF202", "/x", 'source needs "type"')),
        ("source", {"type": "datset"}, ("DF204", "/x/type", 'unknown source type "datset"')),
        ("source", {"type": ["dataset"]}, ("DF204", "/x/type", 'unknown source type ["dataset"]')),
        ("source", {"type": "dataset"}, ("DF202", "/x", 'source "dataset" needs "dataset"')),
        ("transform", {"type": "dtl"}, ("DF202", "/x", 'transform "dtl" needs "rules"')),
        ("transform", {"type": "dtl", "rules": []}, ("DF201", "/x/rules", '"rules" of a transform is an array')),
        ("pump", {"mode": "on"}, ("DF205", "/x/mode", '"on" is not a value of "mode"')),
        ("pump", {"run_at_startup": 1}, ("DF201", "/x/run_at_startup", '"run_at_startup" of a pump is an integer')),
        (
            "pump",
            {"rescan_run_count": True},
            ("DF201", "/x/rescan_run_count", '"rescan_run_count" of a pump is a boolean'),
        ),
        (
            "pump",
            {"schedule_intervall": 1},
            ("DF203", "/x/schedule_intervall", 'pump has no property "schedule_intervall"'),
        ),
    ],
)
def test_what_is_not(noun: str, component: Any, finding: tuple[str, str, str]) -> None:
    assert found(noun, component) == [finding]


def test_a_property_nobody_documents_is_a_warning_with_a_hint() -> None:
    (finding,) = schema.check("pump", {"schedule_intervall": 1}, parse_json("{}"), "")
    assert (finding.severity, finding.hint) == (Severity.WARNING, 'did you mean "schedule_interval"?')


def test_expected_is_said_in_words() -> None:
    component = {"type": "dataset", "dataset": 1, "completeness": "x", "subset": None}
    findings = schema.check("source", component, parse_json("{}"), "")
    assert [d.expected for d in findings] == ["a string", "a boolean or an object or an array", "an array"]


def test_the_table_says_only_things_that_are_understood() -> None:
    table = schema._components()
    assert set(table) == set(schema.NOUNS)
    for noun, types in table.items():
        for name, entry in types.items():
            common = types["*"]["properties"]
            assert set(entry) <= {"properties", "required"}, (noun, name)
            assert set(entry.get("required", ())) <= {*entry["properties"], *common}, (noun, name)
            for kinds in entry["properties"].values():
                assert type(kinds) is list or set(kinds.split("|")) <= schema._TYPES.keys(), (noun, name, kinds)


def test_the_table_is_in_canonical_format() -> None:
    from importlib import resources

    from dataflow.canonical import config_text

    text = resources.files("dataflow.schema").joinpath("components.json").read_text("utf-8")
    assert config_text(json.loads(text)) == text
