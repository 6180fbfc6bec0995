"""The RDF registry: prefixes, and rules that say which property gets which; used by the deprecated `uri-expand` alone.

Rules: hub/deprecations.rst ("uri-expand", "properties to CURIEs", "RDF registry").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dataflow.dtl.targets import wildcard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.dtl.values import Entity, Value

_BUILT_IN = {
    "_": "http://example.org/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "gs": "http://www.opengis.net/ont/geosparql#",
}


class Expansion:
    """One entry of the RDF registry: prefixes with those it includes, and the rules that give properties their prefix."""

    def __init__(self, registry: Mapping[str, Any], key: str) -> None:
        entry = registry[key]
        self._prefixes = {**_BUILT_IN, **_prefixes(registry, key, frozenset())}
        self._safe = entry.get("quote_safe_characters", "/")
        rules = entry.get("prefix_rules", {})
        properties = rules.get("properties", [])
        self._id = rules.get("id")
        self._rules = list(zip(properties[::2], properties[1::2], strict=True))

    def entity(self, entity: Entity) -> Entity:
        return self._dict(entity, [])

    def _value(self, value: Value, path: list[str]) -> Value:
        if type(value) is dict:
            return self._dict(value, path)
        return [self._value(v, path) for v in value] if type(value) is list else value

    def _dict(self, values: Entity, path: list[str]) -> Entity:
        expanded: Entity = {}
        for name, value in values.items():
            if name == "_id" and type(value) is str:
                expanded[name] = self._written(self._id, value)
            elif name[:1] in ("_", "$", "<"):
                expanded[name] = value
            else:
                below = [*path, name]
                prefix = next((p for p, pattern in self._rules if _fits(["**", *pattern], below)), None)
                expanded[self._written(prefix, name)] = self._value(value, below)
        return expanded

    def _written(self, prefix: str | None, name: str) -> str:
        """`<uri>`; without a rule, or with a prefix that nobody declared, the name as it is."""
        start = self._prefixes.get(prefix or "")
        return name if start is None else f"<{start}{quote(name, safe=self._safe)}>"


def _prefixes(registry: Mapping[str, Any], key: str, above: frozenset[str]) -> dict[str, str]:
    """The prefixes of an entry and of those it includes; its own win."""
    entry = registry.get(key, {})
    found: dict[str, str] = {}
    for included in entry.get("prefix_includes", []):
        if included not in above:
            found |= _prefixes(registry, included, above | {key})
    found.update(entry.get("prefixes", {}))
    return found


def _fits(pattern: list[str], path: list[str]) -> bool:
    """Whether a path from the root matches; `**` stands for any number of names, `*` for any part of one."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_fits(pattern[1:], path[start:]) for start in range(len(path) + 1))
    return bool(path) and wildcard(pattern[0]).fullmatch(path[0]) is not None and _fits(pattern[1:], path[1:])
