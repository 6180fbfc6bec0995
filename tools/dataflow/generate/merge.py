"""`global-<concept>`: one entity per real thing, with every id in `$ids` and, per property, the value that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.fields import decided

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping


def global_pipe(mapping: Mapping) -> dict[str, Any]:
    name = mapping.dataset
    rule: list[Any] = [["copy", "*"], ["comment", "Golden: the value of the newest claim, property by property."]]
    rows = {row.golden: row for member in mapping.members.values() for row in decided(mapping, member)}
    for golden, row in rows.items():
        claims: list[Any] = ["combine", f"_S.sesam:claims.{golden}"]
        if row.once:
            # What is set once cannot be cleared: where that is tried, it is put back.
            claims = ["filter", ["is-not-null", "_.v"], claims]
        newest = ["last", ["sorted", "_.k", claims]]
        rule.append(["add-if", f"{name}:{golden}", ["path", "v", newest]])
        if row.kind == "status":
            rule.append(["add-if", f"{name}:{golden}-date", ["substring", 0, 10, ["path", "k", newest]]])
    for row in mapping.rows:
        if row.kind == "parent":
            refers = [f"_S.{member}:{row.golden}" for member in mapping.members]
            rule.append(["add", f"{name}:{row.golden}", ["distinct", ["combine", *refers]]])
    for match in mapping.match:
        keys = [f"_S.{member}:{match.key}" for member in mapping.members]
        rule.append(["add-if", f"{name}:{match.key}", ["is-not-empty", "_."], ["distinct", ["combine", *keys]]])
    return {
        "_id": name,
        "type": "pipe",
        "description": f"Every {mapping.concept} once, whoever knows of it.",
        "source": {
            "type": "merge",
            "version": 2,
            "datasets": [f"{m.name}-enrich {m.alias}" for m in mapping.members.values()],
            "equality_sets": list(_equality_sets(mapping)),
            "identity": "first",
            "strategy": "compact",
            "max_merged": 100,
        },
        "transform": {"type": "dtl", "rules": {"default": rule}},
        "sink": {"type": "dataset", "dataset": name, "indexes": "$ids"},
        "namespaced_identifiers": True,
        "namespaces": {"identity": name, "property": name},
    }


def _equality_sets(mapping: Mapping) -> Any:
    """Pairs, not longer sets: a set of three joins its first and last expression only by way of the middle one."""
    for customerp in mapping.side("customerp"):
        for webcrm in mapping.side("webcrm"):
            if customerp.insert != "never":
                yield [f"{webcrm.alias}.$ids", f"{customerp.alias}.sesam:claims.origin"]
            if webcrm.insert != "never":
                yield [f"{customerp.alias}.$ids", f"{webcrm.alias}.sesam:claims.origin"]
            yield [f"{webcrm.alias}.$ids", f"{customerp.alias}.{customerp.name}:external-ni"]
    members = list(mapping.members.values())
    for match in mapping.match:
        for i, one in enumerate(members):
            for other in members[i + 1 :]:
                yield [f"{one.alias}.{one.name}:{match.key}", f"{other.alias}.{other.name}:{match.key}"]
