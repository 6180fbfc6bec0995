"""Namespaced identifiers: the last colon separates; URIs collapse into declared or generated namespaces."""

from types import MappingProxyType

import pytest

from dataflow.dtl.namespaces import Namespaces
from dataflow.errors import DtlError
from dtl.expressions import text, text_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["ni", "elm"], "~:elm"),
        (["ni", ""], "~:"),
        (["ni", "~:tree:elm"], "~:tree:elm"),
        (["ni", ["list", "a:b", 5, None, "~bZmly"]], ["~:a:b"]),
        (["ni", "a:b", "c"], "~:a:b:c"),
        (["ni", "a", ["list", "~:b:c", "~rurn:b", 5]], []),
        (["ni", "_S.number", "b"], None),
        (["ni-id", ["list", "a:b:c", "~:a:b", "~:a", ":", "", "~rurn:b", 5]], ["c", "b", "a", "", ""]),
        (["ni-ns", ["list", "a:b:c", "~:a:b", "~:a", ":", "", "~rurn:b", 5]], ["a:b", "a", "", "", ""]),
        (["ni-id", None], None),
        (["is-ni", ["list", "~:a:b", 5]], True),
        (["is-ni", "a:b"], False),
        (["is-ni", None], False),
    ],
)
def test_identifiers(expression, expected):
    assert text_of(expression, {"number": 5}) == text(expected)


def test_a_uri_collapses_into_the_namespace_declared_for_its_prefix():
    namespaces = Namespaces(
        identity="p", prefixes={"tree": "http://t.example/trees/", "part": "http://t.example/parts#"}
    )
    uris = [
        "list",
        "~rhttp://t.example/trees/elm",
        "~rhttp://t.example/parts#leaf",
        "~rhttp://example.org/x",
        "~rhttp://t.example/trees/",
    ]
    assert text_of(["ni", uris], namespaces=namespaces) == text(["~:tree:elm", "~:part:leaf", "~:_:x", "~:tree:"])


def test_prefixes_that_nobody_declared_are_numbered_and_remembered():
    namespaces = Namespaces(identity="p", prefixes={"p-1": "http://taken.example/"})
    uris = ["list", "~rhttp://a.example/1", "~rurn:b:2", "~rhttp://a.example/3", "~rhttp://a.example/deeper/4"]
    assert text_of(["ni", uris], namespaces=namespaces) == text(["~:p-2:1", "~:p-3:2", "~:p-2:3", "~:p-4:4"])
    assert text_of(["ni", "~rurn:b:5"], namespaces=namespaces) == text("~:p-3:5")


def test_a_namespace_that_cannot_be_added_is_an_error():
    with pytest.raises(DtlError, match="no namespace is declared"):
        text_of(["ni", "~rhttp://a.example/1"], namespaces=Namespaces(identity="p", prefixes=MappingProxyType({})))
