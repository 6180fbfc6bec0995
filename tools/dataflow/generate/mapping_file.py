"""Reading a mapping: `pipes/mappings/<concept>.yaml` to the objects of `mapping`, with every fault at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.generate.classification import FILE as CLASSIFICATION
from dataflow.generate.kinds import KINDS
from dataflow.generate.mapping import NOTHING, SYSTEMS, TYPES, WAYS, Flow, Link, Mapping, Match, Member, Row
from dataflow.generate.reading import Reader
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def read_mappings(folder: Path) -> dict[str, Mapping]:
    """Every mapping of `folder`, by concept.

    Raises `FindingsError` with one DF501 (or DF101, DF104) per fault.
    """
    diagnostics = []
    mappings: dict[str, Mapping] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == CLASSIFICATION:
            continue
        try:
            mapping = read_mapping(path)
        except FindingsError as error:
            diagnostics += error.diagnostics
        else:
            mappings[mapping.concept] = mapping
    if diagnostics:
        raise FindingsError(diagnostics)
    return mappings


def read_mapping(path: Path) -> Mapping:
    """One mapping; raises `FindingsError` with every fault found in it."""
    reader = Reader(read_yaml(path))
    top = reader.mapping("", required=("concept", "tie", "members", "flows"), optional=("deletes", "match"))
    mapping = Mapping(
        concept=reader.text("/concept"),
        file=reader.file,
        tie=reader.one_of("/tie", SYSTEMS),
        deletes=reader.one_of("/deletes", ("switch", "never")) if "deletes" in top else "switch",
        members=_members(reader),
        match=tuple(_matches(reader)) if "match" in top else (),
        flows=tuple(_flows(reader)),
    )
    _check(reader, mapping)
    reader.finish()
    return mapping


_MEMBER_KEYS = ("type", "pk", "updated", "insert")
_MEMBER_OPTIONS = (
    "insert-unless",
    "leave-out",
    "country",
    "children",
    "parent",
    "find",
    "find-alike",
    "became",
    "delete",
    "secrets",
    "links",
)


def _members(reader: Reader) -> dict[str, Member]:
    names = list(reader.mapping("/members"))
    tie = reader.text("/tie")
    by_rank = sorted(names, key=lambda name: not name.startswith(f"{tie}-"))
    members = {}
    for name in names:
        at = f"/members/{name}"
        given = reader.mapping(at, required=_MEMBER_KEYS, optional=_MEMBER_OPTIONS)
        if name.split("-", 1)[0] not in SYSTEMS:
            reader.fault(at, f'member "{name}" belongs to no system', expected="webcrm-<type> or customerp-<type>")
        links = {}
        for key in reader.mapping(f"{at}/links") if "links" in given else ():
            link = reader.mapping(f"{at}/links/{key}", required=("to",), optional=("prefix",))
            links[key] = Link(str(link.get("to")), str(link.get("prefix", "")))
        members[name] = Member(
            name=name,
            type=reader.text(f"{at}/type"),
            pk=reader.text(f"{at}/pk"),
            updated=reader.text(f"{at}/updated"),
            insert=reader.one_of(f"{at}/insert", ("always", "switch", "never")),
            rank=len(names) - by_rank.index(name),
            alias=name.replace("-", "_"),
            insert_unless=given.get("insert-unless"),
            leave_out=given.get("leave-out"),
            country=given.get("country"),
            children=given.get("children"),
            parent=given.get("parent"),
            find_alike=bool(given.get("find-alike", False)),
            find=_properties(reader, f"{at}/find") if "find" in given else (),
            became=given.get("became"),
            delete=bool(given.get("delete", False)),
            secrets=tuple(reader.texts(f"{at}/secrets")) if "secrets" in given else (),
            links=links,
        )
    return members


def _matches(reader: Reader) -> Iterator[Match]:
    for key in reader.mapping("/match"):
        at = f"/match/{key}"
        given = reader.mapping(at, required=("row", "as"), optional=("within",))
        yield Match(
            key, reader.text(f"{at}/row"), reader.one_of(f"{at}/as", ("vat", "email", "code")), given.get("within")
        )


_ROW_KEYS = ("golden", "webcrm", "customerp", "type", "way", "as")
_ROW_OPTIONS = ("to", "once", "on-insert", "note")


def _flows(reader: Reader) -> Iterator[Flow]:
    for number in range(len(reader.sequence("/flows"))):
        at = f"/flows/{number}"
        reader.mapping(at, required=("title", "webcrm", "customerp", "rows"))
        title, webcrm, customerp = (reader.text(f"{at}/{key}") for key in ("title", "webcrm", "customerp"))
        rows = []
        for index in range(len(reader.sequence(f"{at}/rows"))):
            here = f"{at}/rows/{index}"
            given = reader.mapping(here, required=_ROW_KEYS, optional=_ROW_OPTIONS)
            kind = reader.one_of(f"{here}/as", tuple(KINDS))
            if kind in KINDS and KINDS[kind].needs_to and "to" not in given:
                reader.fault(
                    here,
                    f'"{kind}" refers to another record, and the row does not say to which',
                    expected="to: <member>",
                )
            rows.append(
                Row(
                    golden=reader.text(f"{here}/golden"),
                    webcrm=_properties(reader, f"{here}/webcrm"),
                    customerp=next(iter(_properties(reader, f"{here}/customerp")), None),
                    type=reader.one_of(f"{here}/type", TYPES),
                    way=reader.one_of(f"{here}/way", WAYS),
                    kind=kind,
                    flow=title,
                    webcrm_member=webcrm,
                    customerp_member=customerp,
                    to=given.get("to"),
                    once=bool(given.get("once", False)),
                    on_insert=bool(given.get("on-insert", False)),
                    note=str(given.get("note", "")),
                    pointer=here,
                    line=reader.line(here),
                )
            )
        yield Flow(title, webcrm, customerp, tuple(rows))


def _properties(reader: Reader, at: str) -> tuple[str, ...]:
    if isinstance(reader.value(at), list):
        return tuple(reader.texts(at))
    name = reader.text(at)
    return () if name == NOTHING else (name,)


def _check(reader: Reader, mapping: Mapping) -> None:
    """Faults that only show when the parts are seen together."""
    for number, flow in enumerate(mapping.flows):
        for system in SYSTEMS:
            name = getattr(flow, system)
            if name not in mapping.members or mapping.members[name].system != system:
                reader.unknown(f"/flows/{number}/{system}", "member", name, _of(mapping.members.values(), system))
        seen: set[str] = set()
        for row in flow.rows:
            if row.golden in seen:
                reader.fault(
                    f"{row.pointer}/golden",
                    f'golden "{row.golden}" stands twice in this flow',
                    expected="one row per golden",
                )
            seen.add(row.golden)
            if not row.webcrm and not row.customerp:
                reader.fault(row.pointer, "the row names no property on either side", expected="webcrm or customerp")
            if row.way == "both" and not (row.webcrm and row.customerp):
                reader.fault(
                    f"{row.pointer}/way", "a two-way row needs a property on both sides", expected="way: crm or erp"
                )
            customerp = mapping.members.get(row.customerp_member)
            if row.kind == "link" and customerp and row.customerp not in customerp.links:
                reader.unknown(f"{row.pointer}/customerp", "link", str(row.customerp), list(customerp.links))
    goldens = {row.golden for row in mapping.rows}
    for match in mapping.match:
        if match.row not in goldens:
            reader.unknown(f"/match/{match.key}/row", "golden", match.row, sorted(goldens))


def _of(members: Iterable[Member], system: str) -> list[str]:
    return [m.name for m in members if m.system == system]
