from __future__ import annotations

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
        ("transform", {"type": "dtl", "rules": {}, "trigger_on": {"key": "a", "value": "b"}}),
        ("transform", {"type": "emit_children"}),
        ("transform", {"type": "chained", "transforms": [{"type": "emit_children"}]}),
        ("sink", {"type": "dataset", "indexes": "$ids"}),
        ("pump", {"schedule_interval": 1.5, "mode": "off"}),
        (
            "pump",
            {"write_retry_delay": "~f0.1", "schedule_interval": "$ENV(interval)", "max_read_retries": "$SECRET(n)"},
        ),
        ("system", {"_id": "s", "type": "system:rest", "url_pattern": "x", "operations": {}, "headers": {"a": "b"}}),
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


def test_what_may_be_left_out_when_something_else_is_there() -> None:
    assert found("source", {"type": "sql", "system": "s"}) == [
        ("DF202", "/x", 'source "sql" needs "table" or "query"'),
    ]
    assert found("source", {"type": "sql", "system": "s", "query": "q"}) == []
    assert found("transform", {"type": "json_schema", "schema_url": "u"}) == [
        ("DF202", "/x", 'transform "json_schema" needs "system" beside "schema_url"'),
    ]
    auth = {"get_token_operation": "t", "expires_in_expression": "e", "get_refresh_token_operation": "r"}
    system = {"_id": "s", "type": "system:rest", "url_pattern": "u", "custom_auth": auth}
    assert found("system", system) == [
        (
            "DF202",
            "/x/custom_auth",
            '"custom_auth" of a system needs "refresh_token_expires_at_expression" or "refresh_token_expires_in_expression" '
            'beside "get_refresh_token_operation"',
        ),
    ]


def test_conditional_properties_may_bring_what_is_needed() -> None:
    condition = {"condition": "x", "alternatives": {}}
    assert found("system", {"_id": "s", "type": "system:url", "$conditional_properties": condition}) == []
    assert found("sink", {"type": "sql", "$conditional_properties": condition}) == []


def test_everything_inside_a_pipe_is_checked() -> None:
    pipe = {
        "_id": "p",
        "type": "pipe",
        "source": {
            "type": "conditional",
            "condition": "c",
            "alternatives": {"a": {"type": "empty"}, "b": {"type": "emtpy"}},
        },
        "transform": [{"type": "chained", "transforms": [{"type": "dtl", "rules": []}, 1]}],
        "pump": {"batch_retries": "3"},
        "sink": {"set_initial_offset": "on-load"},
        "permissions": [["allow", ["group:All"], ["read_data"]], ["permit", [], []]],
    }
    assert [finding[:2] for finding in found("pipe", pipe)] == [
        ("DF204", "/x/source/alternatives/b/type"),
        ("DF201", "/x/transform/0/transforms/0/rules"),
        ("DF201", "/x/transform/0/transforms/1"),
        ("DF201", "/x/pump/batch_retries"),
        ("DF205", "/x/sink/set_initial_offset"),
        ("DF205", "/x/permissions/1/0"),
    ]


def test_objects_inside_are_closed_as_well() -> None:
    pipe = {
        "_id": "p",
        "type": "pipe",
        "source": {"type": "empty"},
        "compaction": {"keep_version": 1},
        "metadata": {"a": 1},
    }
    assert found("pipe", pipe) == [
        ("DF203", "/x/compaction/keep_version", '"compaction" of a pipe has no property "keep_version"'),
    ]
    template = {"type": "template", "template": "transform-share-rest", "properties": {"share_datset": "x"}}
    assert [finding[2] for finding in found("transform", template)][-1] == (
        '"properties" of a transform has no property "share_datset"'
    )
    assert found("transform", {**template, "template": {"own": "body"}}) == []


def test_operations_are_named() -> None:
    system = {
        "_id": "s",
        "type": "system:rest",
        "url_pattern": "u",
        "operations": {"get": {"url": 1, "method": "get"}, "put": 2},
    }
    assert found("system", system) == [
        ("DF201", "/x/operations/get/url", '"url" of an operation is an integer'),
        ("DF205", "/x/operations/get/method", '"get" is not a value of "method"'),
        ("DF201", "/x/operations/put", '"put" of a system is an integer'),
    ]


@pytest.mark.parametrize(
    ("noun", "component", "finding", "hint"),
    [
        (
            "system",
            {"_id": "s", "type": "system:url", "base_url": "http://x/"},
            ("DF208", "/x/base_url", '"base_url" of a system is deprecated'),
            "use url_pattern",
        ),
        ("transform", {"type": "lower_keys"}, ("DF208", "/x/type", 'transform "lower_keys" is deprecated'), "use DTL"),
    ],
)
def test_what_is_deprecated_is_a_warning(
    noun: str, component: dict[str, Any], finding: tuple[str, str, str], hint: str
) -> None:
    assert found(noun, component) == [finding]
    (warning,) = schema.check(noun, component, parse_json("{}"), "")
    assert (warning.severity, warning.hint) == (Severity.WARNING, hint)


@pytest.mark.parametrize(
    ("pump", "expected"),
    [
        ({"rescan_run_count": 0}, "at least 1"),
        ({"rescan_run_count": 1.0}, None),
        ({"rescan_run_count": 1.5}, "an integer"),
    ],
)
def test_limits_and_whole_numbers(pump: dict[str, Any], expected: str | None) -> None:
    assert [one.expected for one in schema.check("pump", pump, parse_json("{}"))] == (
        [] if expected is None else [expected]
    )
