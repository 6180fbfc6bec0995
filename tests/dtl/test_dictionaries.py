"""Dictionaries: pairs that do not count, order, single dicts against lists, namespaces of keys."""

import pytest

from dataflow.dtl import Context, Namespaces, compile_expression
from dataflow.dtl.functions import dictionaries
from dataflow.errors import DtlError, FindingsError


def result(expression, **source):
    return compile_expression(expression, namespaces=Namespaces("ids", "props"))(Context(), S=source)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["dict"], {}),
        (["dict", "_S.none"], {}),
        (["dict", "_S.d"], {}),
        (["dict", ["items", "_S.d"]], {"b": 1, "a": [2, 3]}),
        (["dict", ["tuples", "k", ["list", 1, 2]]], {"k": 2}),
        (["dict", ["list", ["list", 1, 2], ["list", None, 2], ["list", "k", None]]], {"k": None}),
        (["dict", ["list", "ab", ["list", "k"], ["list", "k", 1, 2]]], {}),
        (["dict", "_S.none", 1, "k", "_S.none"], {"k": None}),
        (["dict", "k", 1, "_S.name", 2], {"k": 2}),
        (["dict", "k", ["list", "_S.name"], "l", "_S.d"], {"k": ["k"], "l": {"b": 1, "a": [2, 3]}}),
        (["has-key", "a", "_S.d"], True),
        (["has-key", "z", "_S.d"], False),
        (["has-key", "_S.none", "_S.d"], False),
        (["has-key", "_S.list", "_S.d"], False),
        (["has-key", "a", ["list"]], None),
        (["has-key", "a", ["list", "_S.d", "a"]], True),
        (["is-dict", "_S.none"], False),
        (["is-dict", ["list"]], False),
        (["items", "_S.none"], []),
        (["items", "_S.name"], []),
        (["items", {}], []),
        (["keys", {"only": 1}], ["only"]),
        (["values", {"only": [1]}], [[1]]),
        (["keys", "_S.none"], []),
        (["key-values", {}], []),
        (["key-values", "_S.none"], None),
        (["key-values", "_S.name"], None),
        (["key-values", ["list", "k", 1]], []),
        (["key-values", ["list", {"k": 1}]], [{"key": "k", "value": 1}]),
        (["key-values", {"k": None}], {"key": "k", "value": None}),
    ],
)
def test_dicts(expression, expected):
    got = result(expression, none=None, name="k", d={"b": 1, "a": [2, 3]}, list=["a"])
    assert got == expected
    assert type(got) is type(expected)


def test_pairs_keep_their_order():
    assert result(["keys", "_S."], z=1, a=2, m=3) == ["z", "a", "m"]
    assert list(result(["dict", "z", 1, "a", 2, "z", 3])) == ["z", "a"]


def test_keys_and_values_must_come_in_pairs():
    with pytest.raises(DtlError):
        dictionaries.dict_("k", 1, "l")


def test_constant_keys_make_a_dict_display():
    assert "{'k': v" in compile_expression(["dict", "k", "_S.n"]).code.replace('"', "'")
    assert result(["dict", "_S.k", "_S.n"], k="x", n=1) == {"x": 1}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("erp", {"_id": "erp:7", "_x": {"n": 1}, "$y": [{"n": 1}], "erp:n": {"_id": "erp:8", "erp:n": [1]}}),
        ({}, {"_id": "ids:7", "_x": {"n": 1}, "$y": [{"n": 1}], "props:n": {"_id": "ids:8", "props:n": [1]}}),
        (
            {"property_namespace": None},
            {"_id": "ids:7", "_x": {"n": 1}, "$y": [{"n": 1}], "n": {"_id": "ids:8", "n": [1]}},
        ),
        (
            {"identity_namespace": None, "recursive": False},
            {"_id": "7", "_x": {"n": 1}, "$y": [{"n": 1}], "props:n": {"_id": "8", "n": [1]}},
        ),
        (
            {"property_namespace": "p", "skip_underscore": False},
            {"p:_id": "ids:7", "p:_x": {"p:n": 1}, "$y": [{"n": 1}], "p:n": {"p:_id": "ids:8", "p:n": [1]}},
        ),
        (
            {"property_namespace": "p", "skip_dollar": False},
            {"_id": "ids:7", "_x": {"n": 1}, "p:$y": [{"p:n": 1}], "p:n": {"_id": "ids:8", "p:n": [1]}},
        ),
    ],
)
def test_apply_ns_settings(config, expected):
    entity = {"_id": "7", "_x": {"n": 1}, "$y": [{"n": 1}], "n": {"_id": "8", "n": [1]}}
    assert result(["apply-ns", config, "_S.e"], e=entity) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # only the namespace that is added counts as being there already, as when a node adds namespaces to a source
        ({"rdf:type": 1, "erp:n": 2}, {"erp:rdf:type": 1, "erp:n": 2}),
        ({"_id": "crm:7"}, {"_id": "erp:crm:7"}),
        ({"_id": "erp:7"}, {"_id": "erp:7"}),
        ({"_id": 7}, {"_id": 7}),
        ({"_id": ["7"]}, {"_id": ["7"]}),
        ([{"n": 1}, "oak", None, [{"n": 2}]], [{"erp:n": 1}, "oak", None, [{"erp:n": 2}]]),
        ("oak", "oak"),
        (None, None),
    ],
)
def test_apply_ns_values(value, expected):
    assert result(["apply-ns", "erp", "_S.v"], v=value) == expected


def test_apply_ns_needs_a_namespace():
    with pytest.raises((DtlError, FindingsError)):
        result(["apply-ns", 5, "_S.v"], v={})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"erp:n": {"crm:m": [{"a:b:c": 1}]}}, {"n": {"m": [{"c": 1}]}}),
        ({"erp:n": 1, "n": 2}, {"n": 2}),
        ({"n": 1, "erp:n": 2}, {"n": 2}),
        ({"_id": "erp:7", "$ids": ["erp:7"]}, {"_id": "erp:7", "$ids": ["erp:7"]}),
        ([{"erp:n": 1}, "erp:n"], [{"n": 1}, "erp:n"]),
        ("erp:n", "erp:n"),
        (None, None),
    ],
)
def test_strip_ns(value, expected):
    assert result(["strip-ns", "_S.v"], v=value) == expected


def test_strip_ns_leaves_its_argument_alone():
    value = {"erp:n": [{"erp:m": 1}]}
    result(["strip-ns", "_S.v"], v=value)
    result(["apply-ns", "x", "_S.v"], v=value)
    assert value == {"erp:n": [{"erp:m": 1}]}
