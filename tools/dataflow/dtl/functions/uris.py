"""Chapter "URIs"."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from dataflow.dtl import kinds
from dataflow.dtl.mapping import IGNORED, each, each_of, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import URI

if TYPE_CHECKING:
    from dataflow.dtl.values import Value

uris = Chapter("URIs", "dtl-functions-uris.rst")


@uris.expression(
    "is-uri",
    "VALUES(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["is-uri", "~rurn:tree:1"], True),
        Example(["is-uri", "urn:tree:1"], False),
        Example(["is-uri", ["list", "~rurn:tree:1", 5]], True),
    ],
)
def is_uri(values: Value) -> bool:
    """True when the value, or the first of a list, is a URI."""
    return type(first(values)) is URI


@uris.expression(
    "uri",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.URI,
    gives=kinds.URI,
    examples=[
        Example(["uri", "urn:tree:1"], "~rurn:tree:1"),
        Example(["uri", ["list", "urn:tree:1", 5, "~rurn:tree:2"]], ["~rurn:tree:1", "~rurn:tree:2"]),
    ],
)
def uri(values: Value) -> Value:
    """The URIs that strings name, taken as they are; URIs stay what they are, other values are ignored."""
    return each(values, _uri)


def _uri(value: Value) -> Value:
    if type(value) is URI:
        return value
    return URI.of(value) if type(value) is str else IGNORED


@uris.expression(
    "url-quote",
    "SAFE_CHARS(string{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["url-quote", "a/b c"], "a%2Fb%20c"),
        Example(["url-quote", "/", ["list", "a/b c", 5, "ø"]], ["a/b%20c", "%C3%B8"]),
    ],
)
def url_quote(safe: Value, values: Value) -> Value:
    """Strings with everything percent-encoded but letters, digits, `_.-~` and the ASCII characters in SAFE_CHARS.

    Other values are ignored; null when SAFE_CHARS is not a string.
    """
    kept = "" if safe is None else safe
    if type(kept) is not str:
        return None
    return each_of(str, values, lambda value: quote(value, safe=kept, errors="replace"))


@uris.expression(
    "url-unquote",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["url-unquote", "a%2Fb%20c+d"], "a/b c+d"),
        Example(["url-unquote", ["list", "%C3%B8", None]], ["ø"]),
    ],
)
def url_unquote(values: Value) -> Value:
    """Strings with percent-encoded UTF-8 decoded; other values are ignored."""
    return each_of(str, values, unquote)
