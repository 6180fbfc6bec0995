"""`-transform`: the state a record of the target shall have, inspectable before anything is sent.

Beside the target's own properties an entity carries `$based_on` (the values the decision rests on), `$origin` (of a candidate),
`$discard` (why it is held back), `$report` (what a human should know) and `$drift` (one-way properties that differ on the
receiving side and are put back).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.collect import breaker
from dataflow.generate.expressions import MINE, ids_in, target_id
from dataflow.generate.fields import fields, references, written
from dataflow.generate.kinds import KINDS
from dataflow.generate.lines import line_rules, lines_of
from dataflow.generate.remarks import deletes, held_back, reports

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member, Row

WRITABLE_STATUSES = ["Draft", "Confirmed", "Cancelled"]


def transform_pipe(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> dict[str, Any]:
    name = member.name
    identified: list[Any] = [["add", member.pk, ["integer", ["ni-id", ["ni", "_S._id"]]]]]
    if member.insert != "never":
        identified.append(["add", "$origin", ["first", "_S.$ids"]])
    alive: list[Any] = [
        ["add", "_in", ["distinct", ["ni-ns", "_S.$ids"]]],
        ["add", "_own", ["is-not-null", MINE]],
        ["if", "_T._own", *identified],
    ]
    alive += [
        ["add", f"_{row.golden}", target_id(mappings, mapping.path(row), str(row.to), member.system)]
        for row in references(mapping, member)
    ]
    alive += [["add", prop, desired(mapping, member, prop, rows)] for prop, rows in fields(mapping, member).items()]
    rules: dict[str, Any] = {}
    if member.children:
        alive += lines_of(mappings, member)
        rules |= line_rules(mappings, member)
    alive += _insert_only(mappings, mapping, member)
    alive += [
        ["add-if", "$based_on", f"{MINE}.based-on"],
        ["add", "$based_on_properties", ["list", *written(mapping, member)]],
        *deletes(mapping, member),
        *held_back(mappings, mapping, member),
        *reports(mappings, mapping, member),
    ]
    rule: list[Any] = [
        ["copy", ["list", "_id", "$ids", "$replaced"]],
        ["add", "_deleted", "_S._deleted"],
        ["comment", f"A deleted {member.type} has no state any more."],
        ["if", ["neq", "_S._deleted", True], alive],
    ]
    return {
        "_id": f"{name}-transform",
        "type": "pipe",
        "description": f"What each {member.type} of {member.system} shall look like.",
        "source": {"type": "dataset", "dataset": f"{name}-transform-split"},
        "transform": {"type": "dtl", "rules": {"default": rule, **rules}},
        "sink": breaker(f"{name}-transform"),
        "namespaced_identifiers": False,
    }


def desired(mapping: Mapping, member: Member, prop: str, rows: list[Row]) -> Any:
    """The value a property shall have.

    Where the record's own claim already says what counts, its raw value stays: what is the same is not rewritten in another form.
    """
    row, raw = rows[0], f"{MINE}.based-on.{prop}"
    value = _written(mapping, member, prop, rows)
    nothing = KINDS[row.kind].nothing(member.system)
    if nothing is not None and row.kind != "status":
        value = ["coalesce-args", value, nothing]
    if row.owner:
        return ["if", _applies(mapping, row), value, raw]
    agrees: list[Any] = [["eq", f"{MINE}.{r.golden}.v", mapping.path(r)] for r in rows]
    if row.once:
        agrees = [["is-not-null", f"{MINE}.{row.golden}.v"]]
    if row.kind == "status" and member.system == "customerp":
        closed = ["not", ["in", raw, ["list", *WRITABLE_STATUSES]]]
        agrees = [["or", *agrees, ["and", ["is-not-null", raw], closed]]]
    kept = ["if", agrees[0] if len(agrees) == 1 else ["and", *agrees], raw, value]
    if row.kind == "last-name" and member.system == "webcrm":
        # Mandatory there, so a new record needs it too.
        return ["coalesce-args", kept, nothing]
    return kept


def _written(mapping: Mapping, member: Member, prop: str, rows: list[Row]) -> Any:
    goldens = [mapping.path(row) for row in rows]
    kind = rows[0].kind
    if len(rows) > 1 and kind == "first-line":
        # Without a first line the others stay where they are, or webCRM would have the second one for the first.
        first = ["coalesce-args", goldens[0], ["if", ["is-not-null", goldens[1]], ""]]
        return ["replace", "\n", "\r\n", ["join", "\n", ["list", first, *goldens[1:]]]]
    if len(rows) > 1 and kind == "first-words":
        return ["join", " ", ["list", *goldens]]
    if kind == "reference":
        return f"_T._{rows[0].golden}"
    if kind == "link":
        link = member.links[prop]
        own = f"{MINE}.links.{prop}"
        number = ["ni-id", ["first", ids_in(link.to, "_S.$ids")]]
        return ["if", ["in", own, "_S.$ids"], f"{MINE}.based-on.{prop}", ["concat", link.prefix, number]]
    if kind == "contact-type":
        return ["if", ["in", "webcrm-user", "_T._in"], "internal", "customer"]
    return KINDS[kind].write(goldens[0], prop, member)


def _applies(mapping: Mapping, row: Row) -> Any:
    """Whether the record has a counterpart that owns a one-way property; without one the property is left alone."""
    if row.owner == "customerp":
        return ["in", row.customerp_member, "_T._in"]
    owners = mapping.owners(row)
    if len(owners) == 1:
        return ["in", owners[0], "_T._in"]
    return ["intersects", ["list", *owners], "_T._in"]


def _insert_only(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> list[Any]:
    """What can be given to a new record of webCRM and never be changed again."""
    rule: list[Any] = []
    if member.system == "webcrm" and member.insert != "never":
        for row in mapping.rows_of(member):
            born = mapping.members[row.customerp_member]
            if row.on_insert and row.to:
                parent = target_id(mappings, f"_S.{born.name}:{row.golden}", row.to, "webcrm")
                rule.append(["if", ["not", "_T._own"], ["add", row.webcrm[0], parent]])
            elif row.kind == "parent" and row.to:
                parent = target_id(mappings, mapping.path(row), row.to, "webcrm")
                rule.append(["if", ["not", "_T._own"], ["add", row.webcrm[0], parent]])
    return rule
