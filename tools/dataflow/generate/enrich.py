"""`-enrich`: namespaces, references, match keys and, per property, the claim that decides whose value counts.

`sesam:claims` of a record is one object: `id` (its own identifier), `origin` (who made it), `links` (the records of webCRM it
names), `based-on` (the raw values we may have to write) and, per golden property it may decide, `v` (normal form) and `k`
(since when; the greater wins).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.generate.expressions import counterpart, hop, link_ni, same_system
from dataflow.generate.fields import decided, written
from dataflow.generate.kinds import KINDS, NOTHING, code, country, decimal, email, reference, vat

if TYPE_CHECKING:
    from dataflow.generate.mapping import Mapping, Match, Member, Row

# The time of what we wrote ourselves: before any edit, so that an edit made while we wrote is not undone.
ECHO = "0"
_KEYS = {"vat": vat, "email": email, "code": code}
# k is text of a fixed width: the time in UTC, then the member's rank, which settles an exact tie.
STAMP = "%Y-%m-%dT%H:%M:%S.%f"


def enrich_pipe(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> dict[str, Any]:
    name = member.name
    rule: list[Any] = []
    if member.leave_out:
        rule += [
            ["comment", "The vendor's own record stands in every tenant and is nobody's customer."],
            ["filter", ["neq", ["string", f"_S.{member.leave_out}"], "$ENV(webcrm-own-organisation)"]],
        ]
    identity = ["concat", f"{name}:", "_S._id"]
    before = ["first", hop(f"{name}-enrich", "b", ["eq", identity, "b._id"], tracked=False)]
    rule.append(["add", "_before", before])
    if member.parent:
        rule += [
            ["comment", "Of a removed line little is left but its id: keep what we knew of it."],
            ["if", ["eq", "_S.$removed", True], [["merge", "_T._before"], ["add", f"{name}:removed", True]]],
        ]
    rule += [
        [
            "comment",
            "What we wrote ourselves, when it comes back, is no edit.",
        ],
        ["add", "_wrote", _wrote(member, identity)],
        ["add", "_id", identity],
        ["add", "_deleted", "_S._deleted"],
        ["add", "$ids", ["list", ["ni", name, "_S._id"]]],
        ["add", "rdf:type", ["ni", member.system, member.type]],
    ]
    rest = _facts(mappings, mapping, member)
    rule += [["if", ["neq", "_S.$removed", True], rest]] if member.parent else rest
    return {
        "_id": f"{name}-enrich",
        "type": "pipe",
        "description": f"Each {member.type} of {member.system} with its namespace, match keys and claims.",
        "source": {"type": "dataset", "dataset": f"{name}-collect", "include_previous_versions": True},
        "transform": {
            "type": "dtl",
            "rules": {
                "default": rule,
                "claims": _claims(mapping, member),
                "claim": _CLAIM,
                "based-on": _based_on(mapping, member),
            },
        },
        "sink": {"type": "dataset", "dataset": f"{name}-enrich", "set_initial_offset": "onload"},
        "batch_size": 1,
        "namespaced_identifiers": True,
        "namespaces": {"identity": name, "property": name},
    }


def _facts(mappings: dict[str, Mapping], mapping: Mapping, member: Member) -> list[Any]:
    name = member.name
    rule: list[Any] = []
    if member.country:
        rule.append(["add", "_country", country(f"_S.{member.country}", member)])
    stamp = ["concat", ["datetime-format", STAMP, "_S.$last-modified"], f" {member.rank}"]
    rule.append(["add", "_stamp", stamp])
    now: list[Any] = []
    for row in decided(mapping, member):
        now += [row.golden, _read(row, member)]
    for match in mapping.match:
        keyed = next((row for row in mapping.rows_of(member) if row.golden == match.row), None)
        if keyed:
            now += [match.key, _KEYS[match.kind](f"_S.{keyed.properties(member.system)[0]}")]
    rule += [
        ["add", "_shown", ["dict", *now]],
        ["comment", "What a system shows for nothing is nothing."],
        ["add", "_now", ["map-dict", "_.", ["if", ["not", NOTHING], "_."], "_T._shown"]],
        ["add", "sesam:claims", ["apply", "claims", "_S."]],
    ]
    if member.links:
        links = ["combine", *[link_ni(key, link) for key, link in member.links.items()]]
        rule.append(["add-if", f"{name}:external-ni", ["is-not-empty", "_."], links])
    for match in mapping.match:
        rule += _key(mappings, mapping, member, match)
    for row in mapping.rows_of(member):
        if row.kind == "parent" and row.to:
            rule.append(["add", f"{name}:{row.golden}", reference(row.to, f"_S.{row.webcrm[0]}")])
        elif row.kind == "reference" and row.on_insert and row.to and member.system == "customerp":
            rule.append(["add-if", f"{name}:{row.golden}", same_system(mappings, row.to, str(row.customerp))])
        elif row.kind == "compared" and member.system == "webcrm":
            rule.append(["add-if", f"{name}:{row.golden}", decimal(f"_S.{row.webcrm[0]}", member)])
    found_by = mapping.found_by()
    if found_by is not None and name in (found_by.webcrm_member, found_by.customerp_member):
        prop = found_by.properties(member.system)[0]
        rule.append(["add-if", f"{name}:{found_by.golden}", ["not", NOTHING], code(f"_S.{prop}")])
    if member.parent:
        parent_row = next(row for row in mapping.rows if row.kind == "parent")
        rule.append(["add", f"{name}:{parent_row.golden}", ["ni", member.parent, "_S.parent-id"]])
    if member.became:
        rule.append(["add-if", f"{name}:became", "_S.$became"])
    return rule


def _read(row: Row, member: Member) -> Any:
    path = f"_S.{row.properties(member.system)[0]}"
    if row.kind == "reference" and row.to:
        return reference(row.to, path)
    read = KINDS[row.kind].read
    assert read is not None  # every other kind that is claimed can be read
    return read(path, member)


def _claims(mapping: Mapping, member: Member) -> list[Any]:
    rule: list[Any] = [
        ["add", "::id", ["first", "_P._T.$ids"]],
        ["add-if", "::origin", "_S.$origin"],
        ["add", "::based-on", ["apply", "based-on", "_S."]],
    ]
    if member.links:
        links: list[Any] = []
        for key, link in member.links.items():
            links += [key, link_ni(key, link)]
        rule.append(["add", "::links", ["dict", *links]])
    for row in decided(mapping, member):
        known = [
            "dict",
            *("now", f"_P._T._now.{row.golden}"),
            *("before", f"_P._T._before.sesam:claims.{row.golden}"),
            *("echo", _echo(row, member)),
        ]
        rule.append(["add-if", f"::{row.golden}", ["is-not-null", "_.k"], ["apply", "claim", known]])
    return rule


def _wrote(member: Member, identity: Any) -> Any:
    """What we wrote to this record and have not seen since; of a line, its part of what we wrote to the order."""
    if member.parent:
        lines = hop(
            f"{member.parent}-share",
            "s",
            ["eq", "_S.parent-id", "s.$target"],
            returns=["coalesce-args", "s.$written.Lines", ["if", "s.$success", "s.payload.Lines"]],
            tracked=False,
        )
        new = hop(
            f"{member.parent}-share",
            "s",
            ["eq", "_S.parent-id", "s.$generated_id"],
            returns=["coalesce-args", "s.$written.Lines", ["if", "s.$success", "s.payload.Lines"]],
            tracked=False,
        )
        link = next(iter(member.links))
        mine = ["and", ["is-not-null", f"_.{link}"], ["eq", f"_.{link}", f"_S.{link}"]]
        return ["first", ["filter", mine, ["flatten", ["combine", lines, new]]]]
    name = f"{member.name}-share"
    return [
        "first",
        [
            "combine",
            hop(
                name,
                "s",
                ["eq", identity, "s._id"],
                returns=["coalesce-args", "s.$written", ["if", "s.$success", "s.payload"]],
                tracked=False,
            ),
            hop(
                name,
                "s",
                ["eq", "_S._id", "s.$generated_id"],
                returns=["coalesce-args", "s.$written", ["if", "s.$success", "s.payload"]],
                tracked=False,
            ),
        ],
    ]


def _echo(row: Row, member: Member) -> Any:
    """Whether a value is the one we wrote."""
    parts: list[Any] = []
    for prop in row.properties(member.system):
        parts += [["has-key", prop, "_P._T._wrote"], ["eq", f"_S.{prop}", f"_P._T._wrote.{prop}"]]
    return ["and", *parts]


_CLAIM: list[Any] = [
    [
        "comment",
        "A claim is as old as its value. What never had a value claims nothing; what was cleared does.",
    ],
    [
        "if",
        ["or", ["is-not-null", "_S.now"], ["is-not-null", "_S.before"]],
        [
            ["add", "::v", "_S.now"],
            [
                "add",
                "::k",
                ["case", ["eq", "_S.now", "_S.before.v"], "_S.before.k", "_S.echo", ECHO, "_R._T._stamp"],
            ],
        ],
    ],
]


def _based_on(mapping: Mapping, member: Member) -> list[Any]:
    return [["copy", ["list", *written(mapping, member)]]]


def _key(mappings: dict[str, Mapping], mapping: Mapping, member: Member, match: Match) -> list[Any]:
    """A match key; null matches nothing."""
    row = next((r for r in mapping.rows_of(member) if r.golden == match.row), None)
    if row is None:
        return []
    name, path = member.name, f"_S.{row.properties(member.system)[0]}"
    if match.kind == "email":
        return [
            ["comment", "Where customers share an e-mail address it says nothing about who somebody is."],
            [
                "add",
                "_customers",
                [
                    "if",
                    ["is-not-null", f"_T._now.{match.row}"],
                    ["distinct", ["combine", *_customers_with(mappings, mapping, path)]],
                ],
            ],
            [
                "if",
                ["gt", ["count", "_T._customers"], 1],
                ["add", f"{name}:email-shared", True],
                ["add-if", f"{name}:{match.key}", f"_T._now.{match.key}"],
            ],
        ]
    return [["add-if", f"{name}:{match.key}", f"_T._now.{match.key}"]]


def _customers_with(mappings: dict[str, Mapping], mapping: Mapping, address: str) -> list[Any]:
    """The organisations, of either system, where somebody has an e-mail address."""
    hops = []
    match = next(m for m in mapping.match if m.kind == "email")
    for row in mapping.rows:
        if row.golden != match.within or not row.to:
            continue
        emails = next(r for r in mapping.rows if r.golden == match.row and r.flow == row.flow)
        for system, refers_to in (("webcrm", row.to), ("customerp", counterpart(mappings, row.to).name)):
            person, link, organisation = emails.properties(system)[0], row.properties(system)[0], "global-organisation"
            hops.append(
                [
                    "hops",
                    {
                        "datasets": [f"{row.member(system)}-collect p", f"{organisation} g"],
                        "where": [
                            ["eq", ["lower", ["strip", address]], ["lower", ["strip", f"p.{person}"]]],
                            ["eq", ["ni", refers_to, ["string", f"p.{link}"]], "g.$ids"],
                        ],
                        "return": "g._id",
                    },
                ]
            )
    return hops
