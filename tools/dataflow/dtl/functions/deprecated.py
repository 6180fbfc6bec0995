"""Chapter "Deprecated": functions that existing packages may still call. Rules: hub/deprecations.rst, hub/rdf-support.rst."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote

from dataflow.dtl import kinds
from dataflow.dtl.mapping import IGNORED, each, each_of
from dataflow.dtl.rdf import Expansion
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import NI, URI, as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dataflow.dtl.context import Context
    from dataflow.dtl.namespaces import Namespaces
    from dataflow.dtl.values import Entity, Value

deprecated = Chapter("Deprecated", "../deprecations.rst")

_REFERENCE = re.compile(r"sesam:([^/]+)/(.+)", re.DOTALL)
_URL = re.compile(r"https?:", re.IGNORECASE)


@deprecated.expression(
    "curie",
    "PREFIX(string{1}) VALUES(value-expression{1})",
    deprecated="use `ni`",
    accepts=kinds.STRING,
    gives=kinds.URI,
    examples=[Example(["curie", "tree", ["list", "elm", 5]], ["~rtree:elm"])],
)
def curie(prefix: Value, values: Value) -> Value:
    """URIs `PREFIX:value` of strings; other values are ignored."""
    return each_of(str, values, lambda value: URI.of(f"{prefix}:{value}")) if type(prefix) is str else None


@deprecated.expression(
    "reference",
    "DATASET_ID(string{1}) ENTITY_IDS(value-expression{1})",
    deprecated="use `hops` or `lookup-entity`",
    accepts=kinds.STRING,
    gives=kinds.URI,
    examples=[
        Example(["reference", "trees", ["list", "elm", "a/b", 5]], ["~rsesam:trees/elm", "~rsesam:trees/a%2Fb"]),
    ],
)
def reference(dataset: Value, ids: Value) -> Value:
    """URIs by which `lookup` finds the entities with these ids in the dataset; the parts are percent-encoded."""
    if type(dataset) is not str:
        return None
    start = f"sesam:{quote(dataset, safe='')}/"
    return each_of(str, ids, lambda value: URI.of(start + quote(value, safe="")))


def _target(value: Value) -> tuple[str | None, str] | None:
    """(dataset or None for a relative reference, entity id) of a string or URI."""
    text = value.name if type(value) is URI else value
    if type(text) is not str:
        return None
    match = _REFERENCE.fullmatch(text)
    return (unquote(match[1]), unquote(match[2])) if match else (None, text)


@deprecated.expression(
    "lookup",
    "DATASET_IDS(value-expression{0|1}) ENTITY_REFERENCES(value-expression{1})",
    context=True,
    flags={"datasets"},
    deprecated="use `hops` or `lookup-entity`",
    examples=[
        Example(
            ["lookup", "~rsesam:trees/elm"],
            {"_id": "elm", "height": 30, "_dataset": "trees"},
            datasets={"trees": [{"_id": "elm", "height": 30}]},
        ),
        Example(
            ["lookup", ["list", "trees", "bushes"], ["list", "elm", "elder"]],
            [{"_id": "elm", "_dataset": "trees"}, {"_id": "elder", "_dataset": "bushes"}],
            datasets={"trees": [{"_id": "elm"}], "bushes": [{"_id": "elder"}]},
        ),
        Example(["lookup", "trees", "oak"], None, datasets={"trees": [{"_id": "elm"}]}),
    ],
)
def lookup(ctx: Context, datasets: Value, references: Value) -> Value:
    """The entities that references like those of `reference` name, each with the dataset it is from in `_dataset`.

    Other strings are ids in DATASET_IDS, without them in the current dataset. One reference that can lead to one dataset
    only gives one entity or null; what is not found is left out of a list.
    """
    found = [entity for value in as_list(references) for entity in _found(ctx, datasets, value)]
    target = _target(references)
    if type(references) is list or (target is not None and target[0] is None and type(datasets) is list):
        return found
    return found[0] if found else None


def _found(ctx: Context, datasets: Value, value: Value) -> Iterator[Entity]:
    target = _target(value)
    if target is None:
        return
    places = [target[0]] if target[0] is not None else as_list(ctx.current_dataset if datasets is None else datasets)
    for place in places:
        entity = ctx.dataset(place).latest(target[1]) if type(place) is str else None
        if entity is not None:
            yield {**entity, "_dataset": place}


@deprecated.expression(
    "uri-expand",
    "FUNCTION(function-expression{0|1}) ENTITIES(value-expression{1})",
    context=True,
    deprecated="RDF support has been withdrawn",
    accepts=kinds.DICT,
    gives=kinds.DICT,
    examples=[
        Example(["uri-expand", {"_id": "elm", "height": 30}], None),
        Example(["uri-expand", ["list", {"_id": "elm", "_dataset": "unregistered"}]], []),
    ],
)
def uri_expand(ctx: Context, function: Callable[[Value], Value] | None, entities: Value) -> Value:
    """Entities with `_id` and property names written as URIs, by the entry of the RDF registry that FUNCTION or `_dataset` names.

    Entities for which there is no entry are ignored.
    """
    # The context hands on the whole registry: entries by their key.
    registry = cast("Mapping[str, Any]", ctx.prefixes)

    def one(entity: Value) -> Value:
        if type(entity) is not dict:
            return IGNORED
        key = entity.get("_dataset") if function is None else function(entity)
        if type(key) is not str or key not in registry:
            return IGNORED
        return Expansion(registry, key).entity(entity)

    return each(entities, one)


@deprecated.expression(
    "ni-collapse",
    "VALUES(value-expression{1})",
    flags={"namespaces"},
    deprecated="since 2025-12-22; use `ni`",
    accepts=kinds.STRING | kinds.URI,
    gives=kinds.NI,
    examples=[Example(["ni-collapse", ["list", "http://trees.example/elm", "elm", 5]], ["~:http://trees.example/elm"])],
)
def ni_collapse(namespaces: Namespaces, values: Value) -> Value:
    """NIs of http and https URLs, with the declared namespace that stands for the longest part of them.

    Without one the NI is the whole URL; other values are ignored.
    """

    def one(value: Value) -> Value:
        url = value.name if type(value) is URI else value
        if type(url) is not str or not _URL.match(url):
            return IGNORED
        matching = [(p, ns) for ns, p in namespaces.prefixes.items() if url.startswith(p)]
        prefix, namespace = max(matching, key=lambda match: len(match[0]), default=("", None))
        return NI.of(url if namespace is None else f"{namespace}:{url[len(prefix) :]}")

    return each(values, one)


@deprecated.expression(
    "ni-expand",
    "VALUES(value-expression{1})",
    flags={"namespaces"},
    deprecated="since 2025-12-22",
    accepts=kinds.NI,
    gives=kinds.STRING,
    examples=[
        Example(
            ["ni-expand", ["list", "~:http://trees.example/elm", "~:tree:elm", "tree:elm"]],
            ["http://trees.example/elm", "tree:elm"],
        )
    ],
)
def ni_expand(namespaces: Namespaces, values: Value) -> Value:
    """NIs as strings, a declared namespace replaced by what it stands for; other values are ignored."""

    def one(value: Value) -> Value:
        if type(value) is not NI:
            return IGNORED
        declared = [ns for ns in namespaces.prefixes if value.name.startswith(ns + ":")]
        if not declared:
            return value.name
        namespace = max(declared, key=len)
        return namespaces.prefixes[namespace] + value.name[len(namespace) + 1 :]

    return each(values, one)
