"""Kinds: how a property's value becomes its normal form in an `-enrich` pipe, and how that is written in a `-transform`.

Two values are the same when their normal forms are, so each kind has one normal form that both systems are brought to. The
normal form of "nothing" is null; what a system shows instead is in `NOTHING` and taken out in one place for all kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.generate.classification import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.generate.mapping import Member

Expr = Any

NULL_DAY = "0001-01-01"
NULL_DATE = f"{NULL_DAY}T00:00:00+00:00"

# What webCRM shows where there is nothing: an empty text, 0, the null date, a drop-down's placeholder such as "-- choose --"
# (webCRM's API, values). Customerp shows null, but 0 there is as much nothing as it is in webCRM.
NOTHING: Expr = ["or", ["in", "_.", ["list", "", 0, NULL_DAY]], ["matches", "--*--", "_."]]


def text(path: Expr) -> Expr:
    return ["strip", path]


def _memo(path: Expr) -> Expr:
    return text(["replace", "\r\n", "\n", path])


# Digits behind the point that Customerp keeps (customerp.openapi.yaml, "Decimals").
DIGITS = 4


def decimal(path: Expr, member: Member) -> Expr:
    """webCRM's numbers are binary: 32.99 may come as 32.989999999999995, which an ERP that counts in decimals cannot keep."""
    exact = ["decimal", path]
    if member.system == "customerp":
        return exact
    rounded = ["round", DIGITS, exact]
    return ["if", ["eq", exact, rounded], exact, rounded]


def _last_name(path: Expr) -> Expr:
    return ["if", ["neq", text(path), "-"], text(path)]


def email(path: Expr) -> Expr:
    return ["lower", text(path)]


def code(path: Expr) -> Expr:
    return ["upper", text(path)]


def vat(path: Expr) -> Expr:
    """The bare number: blanks, dots, the country prefix and Norway's register mark do not count."""
    bare = ["replace", {" ": "", ".": "", "-": "", "MVA": ""}, ["upper", path]]
    prefixed = ["or", *[["matches", f"{country}*", "_."] for country in COUNTRIES]]
    return ["first", ["map", ["if", prefixed, ["substring", 2, "_."], "_."], ["list", bare]]]


def _phone(path: Expr, member: Member) -> Expr:
    """E.164. The region is the record's own country where it has one; DTL takes only a constant there, hence the cases."""
    parsed: Expr = ["phonenumber-parse", "$ENV(default-country)", path]
    if member.country:
        cases: list[Expr] = []
        for country in COUNTRIES:
            cases += [country, ["phonenumber-parse", country, path]]
        parsed = ["case-eq", "_T._country", *cases, parsed]
    plus = ["first", ["map", ["concat", "+", "_."], ["combine", ["phonenumber-format", "e164", parsed]]]]
    return ["coalesce-args", plus, text(path)]


def lines(path: Expr) -> Expr:
    """A first line that is empty is a line too."""
    return ["split", "\n", ["replace", "\r\n", "\n", path]]


def _further_lines(path: Expr, member: Member) -> Expr:
    if member.system == "customerp":
        return _memo(path)
    return text(["join", "\n", ["strip", ["slice", 1, lines(path)]]])


def _words(path: Expr) -> Expr:
    return ["filter", ["neq", "_.", ""], ["split", " ", text(path)]]


def day(path: Expr) -> Expr:
    return ["substring", 0, 10, path]


def classified(table: str, path: Expr, member: Member, *fallback: Expr) -> Expr:
    """The code of a reference table's row, found by what a system calls it; unknown names stand for themselves."""
    found = [
        "first",
        [
            "hops",
            {
                "datasets": ["global-classification k"],
                "where": [["eq", ["concat", f"{table}|", ["lower", text(path)]], f"k.{member.system}-names"]],
                "return": "k.code",
            },
        ],
    ]
    return ["coalesce-args", found, *fallback, text(path)]


def named(table: str, golden: str, system: str) -> Expr:
    """What a system calls a code of a reference table."""
    found = [
        "first",
        [
            "hops",
            {
                "datasets": ["global-classification k"],
                "where": [["eq", ["concat", f"{table}|", golden], "k._id"]],
                "return": f"k.{system}",
            },
        ],
    ]
    return ["coalesce-args", found, golden]


def country(path: Expr, member: Member) -> Expr:
    beside = [f"{path}Data.CodeISO"] if member.system == "webcrm" else []
    return classified("country", path, member, *beside)


def _status(path: Expr, member: Member) -> Expr:
    if member.system == "customerp":
        return classified("order-status", path, member)
    return [
        "case",
        ["gt", day("_S.OpportunityLostDate"), NULL_DAY],
        "lost",
        ["eq", "_S.OpportunityWinYesNo", True],
        "won",
        "open",
    ]


def reference(namespace: str, path: Expr) -> Expr:
    """A reference to a record of the same system; 0 refers to nothing."""
    return ["if", ["neq", path, 0], ["ni", namespace, ["string", path]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`read(path, member)` gives the normal form; `write(golden, property, member)` the value for a system, golden being a path.

    `empty` is what each system shows for nothing. `needs_to`: the row must name the member it refers to.
    """

    read: Callable[[Expr, Member], Expr] | None
    write: Callable[[str, str, Member], Expr] = lambda golden, _property, _member: golden
    empty: tuple[Any, Any] = ("", None)
    needs_to: bool = False
    claimed: bool = True

    def nothing(self, system: str) -> Any:
        return self.empty[0 if system == "webcrm" else 1]


def _write_date(golden: str, _property: str, member: Member) -> Expr:
    if member.system == "customerp":
        return golden
    return ["if", ["is-not-null", golden], ["concat", golden, "T00:00:00+00:00"]]


def _write_status(golden: str, property_: str, member: Member) -> Expr:
    if member.system == "customerp":
        return named("order-status", golden, "customerp")
    if property_ == "OpportunityWinYesNo":
        return ["eq", golden, "won"]
    return ["if", ["eq", golden, "lost"], ["concat", f"{golden}-date", "T00:00:00+00:00"], NULL_DATE]


def _table(name: str) -> Callable[[str, str, Member], Expr]:
    return lambda golden, _property, member: named(name, golden, member.system)


KINDS: dict[str, Kind] = {
    "text": Kind(lambda p, _m: text(p)),
    "memo": Kind(lambda p, _m: _memo(p)),
    "last-name": Kind(lambda p, _m: _last_name(p), empty=("-", None)),
    "email": Kind(lambda p, _m: email(p)),
    "vat": Kind(lambda p, _m: vat(p)),
    "phone": Kind(_phone),
    "first-line": Kind(lambda p, m: text(p) if m.system == "customerp" else text(["first", lines(p)])),
    "further-lines": Kind(_further_lines),
    "first-words": Kind(
        lambda p, m: text(p) if m.system == "customerp" else ["join", " ", ["slice", 0, -1, _words(p)]]
    ),
    "last-word": Kind(lambda p, m: text(p) if m.system == "customerp" else ["last", _words(p)]),
    "country": Kind(lambda _p, _m: "_T._country", _table("country")),
    "currency": Kind(lambda p, m: classified("currency", p, m), _table("currency")),
    "vat-code": Kind(lambda p, m: classified("vat-code", p, m), _table("vat-code")),
    "status": Kind(_status, _write_status),
    "decimal": Kind(decimal, empty=(0, 0)),
    "integer": Kind(lambda p, _m: ["integer", p], empty=(0, 0)),
    "date": Kind(lambda p, _m: day(p), _write_date, empty=(NULL_DATE, None)),
    "active": Kind(lambda p, _m: ["if", ["is-not-null", p], ["eq", p, "Active"]]),
    "compared": Kind(decimal),
    "product-number": Kind(lambda p, _m: code(p)),
    "reference": Kind(None, needs_to=True),
    "parent": Kind(None, needs_to=True, claimed=False),
    "link": Kind(None, claimed=False),
    "contact-type": Kind(None, claimed=False),
}
