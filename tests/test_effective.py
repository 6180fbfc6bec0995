from __future__ import annotations

import json
from typing import Any

import pytest

from dataflow.effective import (
    Part,
    Resolver,
    every_part,
    global_defaults,
    namespace_defaults,
    with_default_sink,
)
from dataflow.source import parse_json

ENV = {"env": "test", "on": True, "n": 2, "list": [1, {"a": 2}], "text": "x", "none": None}


def resolver(value: Any, **env: Any) -> Resolver:
    return Resolver(parse_json(json.dumps(value)), {**ENV, **env})


def conditional(condition: str = "$ENV(env)", **alternatives: Any) -> dict[str, Any]:
    return {"type": "conditional", "condition": condition, "alternatives": alternatives}


@pytest.mark.parametrize(
    ("written", "effective"),
    [
        ("$ENV(on)", True),
        ("$ENV(n)", 2),
        ("$ENV(list)", [1, {"a": 2}]),
        ("$ENV(none)", None),
        ("http://$ENV(text):$ENV(n)/$ENV(on)", "http://x:2/true"),
        ("$ENV(n)$ENV(n)", "22"),
        ("$SECRET(text)", "$SECRET(text)"),
        ("$ENV(text) $SECRET(text)", "x $SECRET(text)"),
        ({"$ENV(n)": ["$ENV(n)"]}, {"$ENV(n)": [2]}),
        ("$ENV(gone)", "$ENV(gone)"),
        ("$ENV(gone)/$ENV(n)", "$ENV(gone)/2"),
    ],
)
def test_variables(written: Any, effective: Any) -> None:
    filled = resolver({"v": written}).filled()["v"]
    assert filled == effective
    assert type(filled) is type(effective)


def test_what_a_variable_holds_is_not_shared() -> None:
    filled = resolver(["$ENV(list)", "$ENV(list)"]).filled()
    filled[0][1]["a"] = 3
    assert filled[1] == [1, {"a": 2}]
    assert ENV["list"] == [1, {"a": 2}]


def test_a_condition_chooses_an_alternative_in_turn() -> None:
    source = conditional(test=conditional("$ENV(on)", true={"type": "empty"}), prod={"type": "rest"})
    work = resolver({"source": source})
    chosen = work.chosen("source", Part(work.filled()["source"], "/source"))
    assert chosen == Part({"type": "empty"}, "/source/alternatives/test/alternatives/true")
    assert work.faults == []


def test_an_alternative_that_is_missing() -> None:
    work = resolver({"source": conditional(tests={"type": "empty"}, prod={"type": "rest"})})
    chosen = work.chosen("source", Part(work.filled()["source"], "/source"))
    assert chosen.config["type"] == "conditional"
    (fault,) = work.faults
    assert (fault.code, fault.pointer, fault.message) == (
        "DF205",
        "/source/alternatives",
        'there is no alternative "test" of this source',
    )
    assert (fault.expected, fault.hint) == ('"tests", "prod"', 'did you mean "tests"?')


def test_a_condition_that_is_no_variable_is_what_is_wrong() -> None:
    source = {"type": "conditional", "condition": "test", "alternatives": {"prod": {"type": "rest"}}}
    work = resolver({"source": source})
    work.chosen("source", Part(work.filled()["source"], "/source"))
    assert [fault.pointer for fault in work.faults] == ["/source/condition"]


def test_a_variable_may_stand_for_all_of_a_source() -> None:
    whole = {"type": "conditional", "condition": "test", "alternatives": {"prod": {"type": "rest"}}}
    work = resolver({"source": "$ENV(source)"}, source=whole)
    work.chosen("source", Part(work.filled()["source"], "/source"))
    assert [fault.pointer for fault in work.faults] == ["/source/condition"]


def test_transforms_are_laid_out_flat_with_their_places() -> None:
    a, b, c, d = ({"type": "dtl", "n": name} for name in "abcd")
    chain = {"type": "chained", "transforms": [b, conditional(prod=a, test=[c, conditional(test=d)])]}
    work = resolver({"transform": [a, chain]})
    steps = list(work.steps(Part(work.filled()["transform"], "/transform")))
    inner = "/transform/1/transforms/1/alternatives/test"
    assert steps == [
        Part(a, "/transform/0"),
        Part(b, "/transform/1/transforms/0"),
        Part(c, f"{inner}/0"),
        Part(d, f"{inner}/1/alternatives/test"),
    ]


def test_one_transform_may_stand_alone() -> None:
    assert list(resolver({}).steps(Part({"type": "dtl"}, "/transform"))) == [Part({"type": "dtl"}, "/transform")]


def test_a_variable_without_value_matters_only_where_it_takes_effect() -> None:
    written = {
        "source": conditional(prod={"url": "$ENV(prod-url)"}, test={"url": "$ENV(tests)/$ENV(text)"}),
        "sink": conditional("$ENV(envv)", test={"url": "$ENV(other)"}),
    }
    work = resolver(written, test=1)
    filled = work.filled()
    work.chosen("source", Part(filled["source"], "/source"))
    work.chosen("sink", Part(filled["sink"], "/sink"))
    assert work.faults == []
    found = [(d.code, d.pointer, d.message, d.hint) for d in work.unresolved()]
    message = 'environment variable "{}" has no value'
    assert found == [
        ("DF303", "/source/alternatives/test/url", message.format("tests"), 'did you mean "test"?'),
        ("DF303", "/sink/condition", message.format("envv"), 'did you mean "env"?'),
    ]


def test_conditional_properties_replace_their_neighbours_but_not_in_transforms_and_entities() -> None:
    block = {"condition": "test", "alternatives": {"test": {"a": 1, "b": {"c": 2}}, "prod": {"a": "$ENV(gone)"}}}
    kept = [{"$conditional_properties": block}]
    written = {
        "$conditional_properties": block,
        "a": 0,
        "b": 0,
        "pump": {"x": 1, "$conditional_properties": block},
        "transform": kept,
        "source": {"entities": kept},
    }
    work = resolver(written)
    filled = work.filled()
    assert (filled["a"], filled["b"]) == (1, {"c": 2})
    assert filled["pump"] == {"x": 1, "a": 1, "b": {"c": 2}}
    # The conditions of these are text like any other, and so are the variables in them.
    assert filled["transform"] == kept
    assert filled["source"]["entities"] == kept
    assert [d.pointer for d in work.unresolved()] == [
        "/transform/0/$conditional_properties/alternatives/prod/a",
        "/source/entities/0/$conditional_properties/alternatives/prod/a",
    ]


def test_every_part_names_what_does_not_take_effect_too() -> None:
    transform = [conditional(prod={"type": "rest"}, test={"type": "chained", "transforms": [{"type": "dtl"}]}), "odd"]
    parts = [(part.pointer, part.config) for part in every_part(Part(transform, "/transform"))]
    assert parts == [
        ("/transform/0/alternatives/prod", {"type": "rest"}),
        ("/transform/0/alternatives/test/transforms/0", {"type": "dtl"}),
        ("/transform/1", "odd"),
    ]


@pytest.mark.parametrize(
    ("written", "effective"),
    [
        ({}, {"type": "dataset", "dataset": "p"}),
        ({"indexes": "$ids"}, {"type": "dataset", "dataset": "p", "indexes": "$ids"}),
        ({"type": "dataset"}, {"type": "dataset", "dataset": "p"}),
        ({"dataset": "q"}, {"type": "dataset", "dataset": "q"}),
        ({"type": "null"}, {"type": "null"}),
        ("odd", "odd"),
    ],
)
def test_default_sink(written: Any, effective: Any) -> None:
    assert with_default_sink(written, "p") == effective


@pytest.mark.parametrize(
    ("given", "metadata", "expected"),
    [
        ({}, {}, (False, False, False)),
        ({}, {"namespaced_identifiers": True}, (True, True, True)),
        ({"namespaced_identifiers": True}, {}, (True, True, True)),
        ({"namespaced_identifiers": False}, {"namespaced_identifiers": True}, (False, False, False)),
        ({"add_namespaces": False}, {"namespaced_identifiers": True}, (True, False, True)),
        ({"remove_namespaces": True}, {}, (False, False, True)),
        ({"source": {"type": "dataset"}}, {"namespaced_identifiers": True}, (True, False, True)),
        ({"source": {"type": "rest"}}, {"namespaced_identifiers": True}, (True, False, True)),
        ({"sink": {"type": "dataset"}}, {"namespaced_identifiers": True}, (True, True, False)),
        ({"sink": {"type": "xml_endpoint"}}, {"namespaced_identifiers": True}, (True, True, False)),
    ],
)
def test_namespace_defaults(given: dict[str, Any], metadata: dict[str, Any], expected: tuple[bool, ...]) -> None:
    config = {"_id": "p", "source": {"type": "embedded"}, "sink": {"type": "http_endpoint"}, **given}
    found = namespace_defaults(config, metadata)
    assert (found["namespaced_identifiers"], found["add_namespaces"], found["remove_namespaces"]) == expected


def test_namespaces_are_the_pipes_id_unless_given() -> None:
    config = {"_id": "p", "source": {}, "sink": {}, "namespaces": {"identity": "i"}}
    assert namespace_defaults(config, {})["namespaces"] == {"identity": "i", "property": "p"}


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("dataset", {"if_source_empty": "fail", "require_populated_input": True}),
        ("merge", {"if_source_empty": "fail", "require_populated_input": True}),
        ("embedded", {"if_source_empty": "fail"}),
        ("sql", {"if_source_empty": "fail"}),
    ],
)
def test_the_metadata_has_defaults_for_sources_and_pumps(kind: str, source: dict[str, Any]) -> None:
    given = {"if_source_empty": "fail", "require_populated_input": True, "run_at_startup_if_not_populated": True}
    config = {"source": {"type": kind}, "pump": {"mode": "manual"}}
    assert global_defaults(config, {"global_defaults": given}) == {
        "source": {"type": kind, **source},
        "pump": {"mode": "manual", "run_at_startup_if_not_populated": True},
    }
    own = {
        "source": {"type": kind, "if_source_empty": "accept", "require_populated_input": False},
        "pump": {"run_at_startup_if_not_populated": False},
    }
    assert global_defaults(own, {"global_defaults": given}) == own
    for nothing in ({}, {"global_defaults": None}, {"global_defaults": {}}):
        assert global_defaults(config, nothing) == config
