"""Chapter "Namespaced identifiers": `namespace:id`, in which the last colon separates."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from dataflow.dtl import kinds
from dataflow.dtl.emitter import Code
from dataflow.dtl.mapping import IGNORED, each, each_of, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import NI, URI
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from dataflow.dtl.inline import FastCall
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Value

identifiers = Chapter("Namespaced identifiers", "dtl-functions-namespaced-identifiers.rst")

# The namespace every node has declared.
_EXAMPLE = ("_", "http://example.org/")


def collapse(namespaces: Namespaces, uri: str) -> NI:
    """The NI of a URI: what precedes its last `/` or `#` is the prefix, for which a namespace stands.

    A prefix that is not declared gets the next free namespace `<pipe>-<number>`, which is added to the declared ones.
    """
    cut = max(uri.rfind("/"), uri.rfind("#"))
    cut = uri.rfind(":") if cut < 0 else cut
    prefix, name = uri[: cut + 1], uri[cut + 1 :]
    for namespace, declared in (*namespaces.prefixes.items(), _EXAMPLE):
        if declared == prefix:
            return NI.of(f"{namespace}:{name}")
    if not isinstance(namespaces.prefixes, MutableMapping):
        raise DtlError(f'no namespace is declared for the URI prefix "{prefix}"')
    number = 1
    while f"{namespaces.identity}-{number}" in namespaces.prefixes:
        number += 1
    generated = f"{namespaces.identity}-{number}"
    namespaces.prefixes[generated] = prefix
    return NI.of(f"{generated}:{name}")


@identifiers.expression(
    "is-ni",
    "VALUES(value-expression{1})",
    returns="boolean",
    examples=[
        Example(["is-ni", "~:tree:elm"], True),
        Example(["is-ni", "tree:elm"], False),
        Example(["is-ni", ["list", "elm", "~:tree:elm"]], False),
    ],
)
def is_ni(values: Value) -> bool:
    """True when the value, or the first of a list, is a namespaced identifier."""
    return type(first(values)) is NI


def _fast_ni(call: FastCall) -> Code | None:
    known, namespace = call.constant_of(0)
    if len(call.codes) != 2 or not known or type(namespace) is not str:
        return None
    tag = repr(f"~:{namespace}:")
    return call.where(1, "string", lambda text: Code(f"NI({tag} + {text})", "namespaced identifier"))


@identifiers.expression(
    "ni",
    "NAMESPACE(string{0|1}) VALUES(value-expression{1})",
    fast=_fast_ni,
    flags={"namespaces"},
    accepts=kinds.STRING | kinds.URI | kinds.NI,
    gives=kinds.NI,
    examples=[
        Example(["ni", "tree", ["list", "elm", "a:b", 5]], ["~:tree:elm", "~:tree:a:b"]),
        Example(["ni", "tree:elm"], "~:tree:elm"),
        Example(["ni", "~rhttp://example.org/elm"], "~:_:elm"),
        Example(["ni", "tree", "~rhttp://example.org/elm"], None),
    ],
)
def ni(namespaces: Namespaces, namespace: Value, values: Value) -> Value:
    """Namespaced identifiers of strings, in NAMESPACE or taken as they are; without NAMESPACE also of URIs, whose prefix
    becomes a namespace. Nothing is escaped; other values are ignored.
    """
    if namespace is not None:
        if type(namespace) is not str:
            return None
        return each_of(str, values, lambda value: NI.of(f"{namespace}:{value}"))

    def one(value: Value) -> Value:
        if type(value) is NI:
            return value
        if type(value) is URI:
            return collapse(namespaces, value.name)
        return NI.of(value) if type(value) is str else IGNORED

    return each(values, one)


def _parts(value: Value) -> tuple[str, str] | None:
    if type(value) is NI:
        value = value.name
    elif type(value) is not str:
        return None
    namespace, _, name = value.rpartition(":")
    return namespace, name


@identifiers.expression(
    "ni-id",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.NI,
    gives=kinds.STRING,
    examples=[
        Example(["ni-id", "~:tree:elm"], "elm"),
        Example(["ni-id", ["list", "a:b:c", "elm", 5]], ["c", "elm"]),
    ],
)
def ni_id(values: Value) -> Value:
    """What follows the last colon of NIs and strings, or all of it without a colon; other values are ignored."""
    return each(values, lambda value: IGNORED if (parts := _parts(value)) is None else parts[1])


@identifiers.expression(
    "ni-ns",
    "VALUES(value-expression{1})",
    accepts=kinds.STRING | kinds.NI,
    gives=kinds.STRING,
    examples=[
        Example(["ni-ns", "~:tree:elm"], "tree"),
        Example(["ni-ns", ["list", "a:b:c", "elm", 5]], ["a:b", ""]),
    ],
)
def ni_ns(values: Value) -> Value:
    """What precedes the last colon of NIs and strings, or the empty string without a colon; other values are ignored."""
    return each(values, lambda value: IGNORED if (parts := _parts(value)) is None else parts[0])
