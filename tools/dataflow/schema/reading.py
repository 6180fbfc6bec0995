"""Schema files to shapes. Only the forms that occur in the files are understood; anything else is a ValueError."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dataflow.schema import files
from dataflow.schema.shapes import Need, Shape, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Conditional properties may bring along what is missing beside them.
_CONDITIONAL = "$conditional_properties"

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}

_KEYWORDS = frozenset(
    {
        *("$schema", "$id", "$defs", "$comment", "title", "description", "default", "deprecated", "$ref"),
        *("type", "const", "enum", "anyOf", "pattern", "minimum", "maximum", "minLength", "minItems", "maxItems"),
        *("items", "prefixItems", "properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
        *("required", "dependentRequired", "if", "then", "else", "allOf"),
    }
)


@cache
def noun(name: str) -> Shape:
    """The shape of a noun."""
    return _Reader(name).shape(files.read(name))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parts of one schema file."""

    file: str

    def value(self, node: Mapping[str, Any]) -> Value:
        found = Value()
        self.add(found, node)
        if not found.kinds:
            for name, kinds in _TYPES.items():
                found.allow(kinds, name)
        return found

    def add(self, found: Value, node: Mapping[str, Any]) -> None:
        """What a node says of a value; of nodes that exclude each other each has types of its own."""
        _understood(node)
        if "$ref" in node:
            self._refer(found, node["$ref"])
        kinds = node.get("type", [])
        for name in [kinds] if type(kinds) is str else kinds:
            # A string that has to fit a pattern is a variable, a secret or in transit form.
            if name == "string" and "pattern" in node:
                found.deferred = True
            else:
                found.allow(_TYPES[name], name)
        for branch in () if _is_need(node) else node.get("anyOf", ()):
            self.add(found, branch)
        for value in [node["const"]] if "const" in node else node.get("enum", ()):
            found.choice.append(value)
            found.allow((type(value),))
        found.least = node.get("minimum", found.least)
        found.most = node.get("maximum", found.most)
        if "items" in node:
            found.items = self.value(node["items"])
        if "prefixItems" in node:
            found.places = tuple(map(self.value, node["prefixItems"]))
        if "properties" in node or "additionalProperties" in node:
            found.shape = self.shape(node)
        if node.get("deprecated"):
            found.deprecated, found.instead = True, node.get("$comment")

    def _refer(self, found: Value, address: str) -> None:
        file, _, pointer = address.partition("#")
        name = file.removesuffix(".json") or self.file
        if not pointer:
            found.allow((dict,), "object")
            found.noun = name
            return
        node = files.read(name)
        for step in pointer.split("/")[1:]:
            node = node[step]
        _Reader(name).add(found, node)

    def shape(self, node: Mapping[str, Any]) -> Shape:
        _understood(node)
        more = node.get("additionalProperties")
        variants = dict(_variants(node))
        by = next(iter(variants.values()))[0] if variants else None

        def variant(name: str | None) -> Shape | None:
            if name not in variants:
                return None
            chosen = variants[name][1]
            if "$ref" in chosen:
                chosen = files.read(self.file)["$defs"][chosen["$ref"].rpartition("/")[2]]
            return self.shape(chosen)

        return Shape(
            {name: self.value(one) for name, one in node.get("properties", {}).items()},
            tuple(_needs(node)),
            self.value(more) if type(more) is dict else None,
            more is False or node.get("unevaluatedProperties") is False,
            by,
            variant,
            node.get("deprecated") is True,
            node.get("$comment"),
        )


def _variants(node: Mapping[str, Any]) -> Iterator[tuple[str | None, tuple[str, Mapping[str, Any]]]]:
    """Value of a property -> the property, and the node that counts with it; None for the one that counts without it."""
    for part in node.get("allOf", ()):
        by = ""
        for test in part.get("if", {}).get("anyOf", [part.get("if", {})]):
            if "properties" in test:
                ((by, one),) = test["properties"].items()
                yield one["const"], (by, part["then"])
            elif "not" in test:
                yield None, (by, part["then"])


def _needs(node: Mapping[str, Any], given: tuple[str, ...] = (), unless: tuple[str, ...] = ()) -> Iterator[Need]:
    _understood(node)
    for name in node.get("required", ()):
        yield Need(((name,),), given, unless)
    if _is_need(node):
        options = tuple(tuple(option["required"]) for option in node["anyOf"])
        yield Need(tuple(one for one in options if one != (_CONDITIONAL,)), given, (*unless, _CONDITIONAL))
    for name, others in node.get("dependentRequired", {}).items():
        for other in others:
            yield Need(((other,),), (*given, name), unless)
    condition = tuple(node.get("if", {}).get("required", ()))
    if condition:
        yield from _needs(node.get("then", {}), (*given, *condition), unless)
        yield from _needs(node.get("else", {}), given, (*unless, *condition))
    for part in node.get("allOf", ()):
        if not any(True for _ in _variants({"allOf": [part]})):
            yield from _needs(part, given, unless)


def _is_need(node: Mapping[str, Any]) -> bool:
    return "anyOf" in node and all(set(option) == {"required"} for option in node["anyOf"])


def _understood(node: Mapping[str, Any]) -> None:
    strange = node.keys() - _KEYWORDS
    if strange:
        raise ValueError(f"schemas of this package do not use {', '.join(sorted(strange))}")
