"""The lines of an order, as its `-transform` writes them: head and lines are two concepts, but one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.expressions import hop, ids_in
from dataflow.generate.kinds import DIGITS, KINDS

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Member, Row

OWN = "_T._own"


def _of(mappings: dict[str, Mapping], parent: Member) -> tuple[Mapping, Member]:
    return next((m, member) for m in mappings.values() for member in m.members.values() if member.parent == parent.name)


def lines_of(mappings: dict[str, Mapping], member: Member) -> list[Any]:
    """The transforms that gather an order's lines, with what they wait for and what is worth telling."""
    lines, _ = _of(mappings, member)
    parent = next(row for row in lines.rows if row.kind == "parent")
    belongs = ["eq", "_S.$ids", f"l.{lines.dataset}:{parent.golden}"]
    gathered = ["apply-hops", "line", {"datasets": [f"{lines.dataset} l"], "where": [belongs]}]
    return [
        ["comment", "Hops come in the order of ids; lines with the same number keep that order."],
        ["add", "_lines", ["sorted", "_.LineNumber", gathered]],
        [
            "comment",
            "What is to be made in webCRM may have been made there, and the answer was lost: a line that is just like it waits.",
        ],
        ["add", "_unmade", ["if", ["eq", "$ENV(create-in-webcrm)", True], "_T._lines.unmade"]],
        ["add", "_lines", ["filter", ["not", ["in", "_.new", "_T._unmade"]], "_T._lines"]],
        ["add", str(member.children), ["apply", "written-line", ["filter", ["is-null", "_.left-out"], "_T._lines"]]],
        ["add", "_line-waits", ["filter", ["is-not-null", "_."], "_T._lines.waits"]],
        ["add", "_line-notes", ["filter", ["is-not-null", "_."], "_T._lines.note"]],
    ]


def line_rules(mappings: dict[str, Mapping], member: Member) -> dict[str, Any]:
    lines, line = _of(mappings, member)
    webcrm = next(lines.side("webcrm"))
    claim = ["first", ["filter", ["eq", ["ni-ns", "_.id"], line.name], ["combine", "_S.sesam:claims"]]]
    number = ["ni-id", ["first", ids_in(webcrm.name, "_S.$ids")]]
    from_webcrm = ["in", webcrm.name, ["ni-ns", "_S.$ids"]]
    removed = ["eq", f"_S.{line.name}:removed", True]
    known = ["is-not-null", f"_S.{line.name}:external-ni"]
    rule: list[Any] = [
        ["add", "_own", claim],
        ["add-if", line.pk, ["integer", ["last", ["split", "-", ["ni-id", f"{OWN}.id"]]]]],
    ]
    for row in lines.rows_of(line):
        prop = str(row.customerp)
        raw = f"{OWN}.based-on.{prop}"
        if row.kind == "link":
            rule.append(["add", prop, ["if", from_webcrm, number, raw]])
        elif row.kind == "product-number":
            rule += _product(mappings, lines, row, from_webcrm, raw)
        elif row.kind != "compared":
            value: Any = lines.path(row)
            nothing = KINDS[row.kind].nothing("customerp")
            if nothing is not None:
                value = ["coalesce-args", value, nothing]
            rule.append(["add", prop, ["if", ["eq", f"{OWN}.{row.golden}.v", lines.path(row)], raw, value]])
    rule += [
        [
            "add-if",
            "left-out",
            [
                "case",
                removed,
                "removed in Customerp",
                ["and", known, ["not", from_webcrm]],
                "deleted in webCRM",
            ],
        ],
        [
            "add-if",
            "note",
            [
                "case",
                ["and", removed, from_webcrm],
                ["concat", "line ", number, " was removed in Customerp and is not put back"],
                ["and", ["not", known], ["not", from_webcrm]],
                ["concat", "line ", ["string", f"_T.{line.pk}"], " was added in Customerp and is kept"],
            ],
        ],
        ["add", "_like", ["json-transit", ["dict", *_likeness(lines, line)]]],
        ["add-if", "unmade", ["if", ["and", ["not", known], ["not", from_webcrm], ["not", removed]], "_T._like"]],
        ["add-if", "new", ["if", ["and", from_webcrm, ["is-null", "_T._own"]], "_T._like"]],
        ["remove", ["list", "_own", "_like"]],
    ]
    return {"line": rule, "written-line": [["copy", "*", ["list", "left-out", "waits", "note", "new", "unmade"]]]}


def _likeness(lines: Mapping, line: Member) -> list[Any]:
    """What both sides decide of a line, by name, so that what is equal is also written the same."""
    told: list[Any] = []
    for row in lines.rows_of(line):
        if row.owner is None:
            value: Any = lines.path(row)
            if row.kind == "decimal":
                value = ["round", DIGITS, ["decimal", ["coalesce-args", value, 0]]]
            told += [row.golden, value]
    return told


def _product(mappings: dict[str, Mapping], lines: Mapping, row: Row, from_webcrm: Any, raw: str) -> list[Any]:
    products = mappings["product"]
    key = f"{products.dataset}:{products.match[0].key}"
    customerp = next(products.side("customerp"))
    ids = ["flatten", hop(products.dataset, "p", ["eq", lines.path(row), f"p.{key}"], returns="p.$ids")]
    found = ["integer", ["ni-id", ["first", ids_in(customerp.name, ids)]]]
    prop = str(row.customerp)
    waiting = ["and", from_webcrm, ["is-not-null", lines.path(row)], ["is-null", f"_T.{prop}"]]
    return [
        ["add", prop, ["if", from_webcrm, found, raw]],
        ["add-if", "waits", ["if", waiting, ["concat", "waits for product ", lines.path(row)]]],
    ]
