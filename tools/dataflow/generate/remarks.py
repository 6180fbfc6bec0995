"""What a `-transform` says beside the state: that a record follows its deleted maker, waits, or is worth a human's look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.expressions import MINE, born_in, hop, mapping_of
from dataflow.generate.fields import fields, references

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member


def deletes(mapping: Mapping, member: Member) -> list[Any]:
    """A record whose maker was deleted follows it only where that is switched on."""
    others = [m.name for m in mapping.members.values() if m.system != member.system]
    marks: list[Any] = [f"{MINE}.origin", *[f"{MINE}.links.{prop}" for prop in member.links]]
    orphan: list[Any] = [
        "and",
        "_T._own",
        ["not", ["intersects", ["list", *others], "_T._in"]],
        ["intersects", ["list", *others], ["ni-ns", ["combine", *marks]]],
    ]
    if mapping.members[member.name].system == "webcrm" and any(m.parent for m in mapping.members.values()):
        removed = next(m for m in mapping.members.values() if m.parent)
        orphan = ["and", "_T._own", ["eq", f"_S.{removed.name}:removed", True]]
    if mapping.deletes == "never":
        return [["add", "_orphan", orphan]]
    return [
        ["add", "_orphan", orphan],
        ["if", ["and", "_T._orphan", ["eq", "$ENV(propagate-deletes)", True]], ["add", "_deleted", True]],
    ]


def held_back(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> list[Any]:
    reasons: list[Any] = []
    if member.system == "customerp":
        for row in references(mapping, member):
            unresolved: list[Any] = ["and", ["is-not-null", mapping.path(row)], ["is-null", f"_T._{row.golden}"]]
            if mapping.concept == "person":
                unresolved.append(["not", ["in", "webcrm-user", "_T._in"]])
            if row.to:
                unresolved += _not_left_out(mapping_of(mappings, row.to).members[row.to], mapping.path(row))
            reasons.append(["if", unresolved, ["concat", "waits for ", ["string", mapping.path(row)]]])
        for match in mapping.match:
            path = f"{mapping.dataset}:{match.key}"
            earlier = [
                "first",
                hop(
                    mapping.dataset, "e", ["eq", f"_S.{path}", f"e.{path}"], ["lt", "e._id", "_S._id"], returns="e._id"
                ),
            ]
            reasons.append(
                [
                    "if",
                    ["not", "_T._own"],
                    ["map", ["concat", "waits for ", "_.", f", which has the same {match.key}"], ["combine", earlier]],
                ]
            )
        found_by = mapping.found_by()
        if found_by is not None:
            theirs, ours = (f"{m}:{found_by.golden}" for m in (found_by.webcrm_member, found_by.customerp_member))
            same = hop(f"{found_by.customerp_member}-enrich", "n", ["eq", f"_S.{theirs}", f"n.{ours}"], returns="n._id")
            # Made by us, perhaps, and the answer was lost: the share of webCRM finds it and links it. To make it again would
            # be to make it twice.
            text = ["concat", f"waits to be linked: its {found_by.golden} is that of ", "_."]
            reasons.append(["if", ["not", "_T._own"], ["map", text, same]])
        resurrected = ["and", ["not", "_T._own"], born_in("customerp", mapping)]
        reasons.append(["if", resurrected, "deleted in Customerp: not made again"])
        if member.children:
            reasons.append("_T._line-waits")
    elif member.insert == "switch":
        born: list[Any] = [
            "case",
            "_T._own",
            None,
            born_in("webcrm", mapping),
            "deleted in webCRM: not made again",
            ["neq", "$ENV(create-in-webcrm)", True],
            "born in Customerp: create-in-webcrm is off",
        ]
        reasons.append(born)
        for row in mapping.rows_of(member):
            if (row.on_insert or row.kind == "parent") and row.to:
                source = mapping.path(row) if row.kind == "parent" else f"_S.{row.customerp_member}:{row.golden}"
                unresolved = ["and", ["not", "_T._own"], ["is-null", f"_T.{row.webcrm[0]}"]]
                whom = ["coalesce-args", ["string", ["first", source]], "a counterpart of what it belongs to"]
                reasons.append(["if", unresolved, ["concat", "waits for ", whom]])
    if member.became:
        reasons.append(
            ["if", ["is-not-null", f"_S.{member.name}:became"], ["concat", "has become a ", f"_S.{member.name}:became"]]
        )
    if not reasons:
        return []
    return [
        ["add", "_reasons", ["filter", ["is-not-null", "_."], ["combine", *reasons]]],
        ["add-if", "$discard", ["join", "; ", "_T._reasons"]],
    ]


def _not_left_out(to: Member, reference: str) -> list[Any]:
    """For the vendor's own people, who are nobody's contacts, nothing waits; whoever refers to them refers to nobody."""
    if not to.leave_out or to.pk == to.leave_out:
        return []
    vendor = ["eq", ["string", f"v.{to.leave_out}"], "$ENV(webcrm-own-organisation)"]
    return [["is-empty", hop(f"{to.name}-collect", "v", ["eq", ["ni-id", reference], "v._id"], vendor)]]


def reports(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> list[Any]:
    notes: list[Any] = []
    other = "webCRM" if member.system == "customerp" else "Customerp"
    notes.append(["if", "_T._orphan", f"its counterpart in {other} has been deleted"])
    if any(m.kind == "email" for m in mapping.match):
        shared = ["in", True, ["combine", *[f"_S.{name}:email-shared" for name in mapping.members]]]
        others = ["list", *[m.name for m in mapping.members.values() if m.system != member.system]]
        alone = ["not", ["intersects", others, "_T._in"]]
        candidate = ["not", "_T._own"]
        notes.append(
            [
                "if",
                ["and", shared, ["or", candidate, alone]],
                "its e-mail is in use at more than one customer and matches nobody",
            ]
        )
    for row in mapping.rows_of(member):
        if row.kind == "reference" and row.on_insert and member.system == "customerp":
            raw = f"{MINE}.based-on.{row.customerp}"
            moved = [
                "and",
                "_T._own",
                ["is-not-null", raw],
                ["is-not-null", f"_T._{row.golden}"],
                ["neq", raw, f"_T._{row.golden}"],
            ]
            notes.append(["if", moved, "moved to another customer in Customerp, which webCRM cannot follow"])
        if row.kind == "compared" and member.system == "webcrm" and row.webcrm:
            mine = f"_S.{member.name}:{row.golden}"
            differs = ["and", ["is-not-null", mapping.path(row)], ["neq", mapping.path(row), mine]]
            text = [
                "concat",
                f"{row.customerp} ",
                ["string", mapping.path(row)],
                f" differs from {row.webcrm[0]} ",
                ["string", mine],
            ]
            notes.append(["if", differs, text])
        if row.kind == "parent" and member.system == "webcrm" and row.to:
            orders = hop(mapping_of(mappings, row.to).dataset, "g", ["eq", mapping.path(row), "g.$ids"])
            notes.append(
                ["if", ["is-empty", orders], ["concat", "waits for ", ["string", ["first", mapping.path(row)]]]]
            )
    if member.children:
        notes.append("_T._line-notes")
    drift: list[Any] = []
    for prop, rows in fields(mapping, member).items():
        if rows[0].owner:
            raw = f"{MINE}.based-on.{prop}"
            drift.append(["if", ["and", ["is-not-null", raw], ["neq", raw, ""], ["neq", raw, f"_T.{prop}"]], prop])
    rule: list[Any] = []
    if notes:
        rule.append(
            ["add-if", "$report", ["is-not-empty", "_."], ["filter", ["is-not-null", "_."], ["combine", *notes]]]
        )
    if drift:
        rule.append(["add-if", "$drift", ["is-not-empty", "_."], ["filter", ["is-not-null", "_."], ["list", *drift]]])
    return rule
