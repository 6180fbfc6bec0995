"""Whether the pipes carry what the mappings say: each row of a table, the ways it goes, held against the rules of the pipes.

What a way begins with is what comes in at the `-all` pipe of the member, what it ends with the `-transform` pipe of the other,
which says what a record shall look like. Lines are parts of the record they belong to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.errors import UsageError
from dataflow.lineage.graph import Lineage, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Names

    from dataflow.generate.mapping import Mapping, Member, Row

_VARIABLE = re.compile(r"\$ENV\(([^()]*)\)")
# Kind of rows that are compared for the report and never written.
_COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a row: from a property that comes in at a pipe to one that a pipe writes. `golden` is its dataset and path.

    `decides` says that the property need not be carried: the value of a reference is that of another record, which the property
    only leads to, and of several properties one may only tell which of the others counts.
    """

    row: Row
    source: tuple[str, str]
    target: tuple[str, str]
    golden: tuple[str, str]
    decides: bool
    file: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A way that leads nowhere; `reason` says where it ends."""

    way: Way
    reason: str


def ways(mappings: Names[str, Mapping], env: Names[str, object]) -> Iterator[Way]:
    """Every way of every row whose both sides name a property; variables without a value leave theirs out."""
    members = {member.name: member for mapping in mappings.values() for member in mapping.members.values()}
    for mapping in mappings.values():
        for row in mapping.rows:
            if row.kind == _COMPARED:
                continue
            webcrm, customerp = mapping.members[row.webcrm_member], mapping.members[row.customerp_member]
            # The number of a product on a line stands for the product.
            numbered = row.kind == "product-number" and customerp.parent is not None
            decides = row.to is not None or numbered or len(row.webcrm) > 1
            golden = (mapping.dataset, f"{mapping.dataset}:{row.golden}")
            for name in row.webcrm:
                crm, erp = _property(webcrm, name, env), _property(customerp, row.customerp or "", env)
                if crm is None or erp is None:
                    continue
                if row.way in ("both", "crm"):
                    yield Way(
                        row,
                        _at(members, webcrm, "all", crm),
                        _at(members, customerp, "transform", erp),
                        golden,
                        decides,
                        mapping.file,
                    )
                if row.way in ("both", "erp"):
                    yield Way(
                        row,
                        _at(members, customerp, "all", erp),
                        _at(members, webcrm, "transform", crm),
                        golden,
                        decides,
                        mapping.file,
                    )


def broken(lineage: Lineage, mappings: Names[str, Mapping]) -> Iterator[Broken]:
    """The ways that the rules do not go. Where they do not tell, nothing is said; nor of pipes that are not there."""
    pks = {member.pk for mapping in mappings.values() for member in mapping.members.values()}
    for way in ways(mappings, lineage.project.env):
        if way.source[0] not in lineage.project.pipes or way.target[0] not in lineage.project.pipes:
            continue
        if not lineage.is_made(*way.target):
            yield Broken(way, f'pipe "{way.target[0]}" does not write "{way.target[1]}"')
        elif not _goes(lineage, way, pks):
            yield Broken(way, _where(lineage, way))


def _goes(lineage: Lineage, way: Way, pks: set[str]) -> bool:
    if lineage.carries(way.source, way.target).verdict is not Verdict.NO:
        return True
    component, name = way.source
    if name.rpartition(".")[2] in pks:
        # The key of a record is its `_id` from the beginning.
        return lineage.carries((component, "_id"), way.target).verdict is not Verdict.NO
    return way.decides and lineage.affects(way.source, way.target).verdict is not Verdict.NO


def _where(lineage: Lineage, way: Way) -> str:
    target = f'"{way.target[1]}" of pipe "{way.target[0]}"'
    try:
        arrives = lineage.carries(way.source, way.golden).verdict is not Verdict.NO
    except UsageError:
        return f'"{way.source[1]}" of pipe "{way.source[0]}" is not carried into {target}'
    if arrives:
        return f'"{way.golden[1]}" is not carried into {target}'
    return (
        f'"{way.source[1]}" of pipe "{way.source[0]}" is not carried into "{way.golden[1]}", and so not into {target}'
    )


def _property(member: Member, name: str, env: Names[str, object]) -> str | None:
    found = _VARIABLE.fullmatch(name)
    value = env.get(found[1]) if found else name
    return value if type(value) is str and value else None


def _at(members: Names[str, Member], member: Member, part: str, name: str) -> tuple[str, str]:
    """A property of a record, or of the children in the record that they are a part of."""
    parent = None if member.parent is None else members.get(member.parent)
    if parent is None:
        return f"{member.name}-{part}", name
    return f"{parent.name}-{part}", f"{parent.children}.{name}"
