"""DTL expressions that several stages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.kinds import reference

if TYPE_CHECKING:
    from dataflow.generate.mapping import Link, Mapping, Member

Expr = Any

# A record's own claim, as the split hands it on.
MINE = "_S.sesam:mine"


def hop(dataset: str, alias: str, *where: Expr, returns: Expr | None = None, tracked: bool = True) -> Expr:
    """`hops` to one dataset. Untracked where following the change would repeat a call or run in circles."""
    spec: dict[str, Any] = {"datasets": [f"{dataset} {alias}"], "where": list(where)}
    if returns is not None:
        spec["return"] = returns
    if not tracked:
        spec["track-dependencies"] = False
    return ["hops", spec]


def target_id(mappings: dict[str, Mapping], golden: Expr, to: str, system: str) -> Expr:
    """The id, in `system`, of the record that a reference points to; null until that record is linked there."""
    mapping = mapping_of(mappings, to)
    member = next(m for m in mapping.side(system) if system == "customerp" or m.name == to)
    ids = ["flatten", hop(mapping.dataset, "g", ["eq", golden, "g.$ids"], returns="g.$ids")]
    return ["integer", ["ni-id", ["first", ids_in(member.name, ids)]]]


def ids_in(namespace: str, ids: Expr) -> Expr:
    """Those of some ids that belong to a namespace."""
    return ["filter", ["eq", ["ni-ns", "_."], namespace], ids]


def mapping_of(mappings: dict[str, Mapping], member: str) -> Mapping:
    return next(m for m in mappings.values() if member in m.members)


def counterpart(mappings: dict[str, Mapping], member: str) -> Member:
    """The Customerp member of the concept a webCRM member belongs to."""
    return next(mapping_of(mappings, member).side("customerp"))


def link_ni(property_: str, link: Link) -> Expr:
    """The webCRM record an external id names."""
    path = f"_S.{property_}"
    if link.prefix:
        return ["if", ["matches", f"{link.prefix}*", path], ["ni", link.to, ["substring", len(link.prefix), path]]]
    return ["ni", link.to, path]


def same_system(mappings: dict[str, Mapping], to: str, property_: str) -> Expr:
    """A reference in Customerp, as the identifier of the Customerp record."""
    return reference(counterpart(mappings, to).name, f"_S.{property_}")


def born_in(system: str, mapping: Mapping) -> Expr:
    """Whether a record without an id of `system` once had one: it was made from one, or it still names one."""
    marks: list[Expr] = ["_S.sesam:claims.origin"]
    if system == "webcrm":
        marks += [f"_S.{m.name}:external-ni" for m in mapping.side("customerp")]
    return ["intersects", ["list", *[m.name for m in mapping.side(system)]], ["ni-ns", ["combine", *marks]]]
