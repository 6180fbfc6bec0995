"""Chapter "Strings". What is not a string is ignored, NIs and URIs included; nothing is converted but by `string`.

A separator, width, index or pattern that turns out not to be of its type while a rule runs makes the result null, as
documented for `ljust` and `rjust`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds, plain
from dataflow.dtl.emitter import Choice, Code
from dataflow.dtl.mapping import IGNORED, each, each_of, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.targets import wildcard
from dataflow.dtl.values import as_list
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.inline import FastCall
    from dataflow.dtl.values import Value

strings = Chapter("Strings", "dtl-functions-strings.rst")

_STRIP = "CHARACTERS(string{0|1}) VALUES(value-expression{1})"
# Nobody fills strings with more, and it would fill the memory.
_WIDEST = 10_000_000
_JUST = "WIDTH(integer-expression{1}) FILL_CHARACTER(character-expression{1}) VALUES(value-expression{1})"


def _on_string(template: str) -> Callable[[FastCall], Code]:
    """The inline form of a function of one argument: what it makes of a string."""
    return lambda call: call.where(0, "string", lambda text: Code(template.format(text), "string"))


def _fast_justify(method: str) -> Callable[[FastCall], Code | None]:
    def fast(call: FastCall) -> Code | None:
        (_, width), (_, fill) = call.constant_of(0), call.constant_of(1)
        if type(width) is not int or type(fill) is not str or len(fill) != 1 or width > _WIDEST:
            return None
        return call.where(2, "string", lambda text: Code(f"{text}.{method}({width}, {fill!r})", "string"))

    return fast


def _fast_join(call: FastCall) -> str | None:
    known, separator = call.constant_of(0)
    if not known or type(separator) is not str or call.kind_of(1) != "list":
        return None
    parts = call.body.name()
    call.body.line(f"{parts} = [text for text in {call.arguments[1]} if type(text) is str]")
    return f"{separator!r}.join({parts}) if {parts} else None"


def _fast_concat(call: FastCall) -> str | Code | None:
    """A plain addition when every argument is a string; long concatenations gain nothing from it."""
    if len(call.codes) > 8:
        return None
    uncertain = [index for index in range(len(call.codes)) if call.kind_of(index) != "string"]
    if len(uncertain) == 1 and len(call.codes) > 1:
        [index] = uncertain

        def total(text: str) -> Code:
            parts = [text if i == index else code.text for i, code in enumerate(call.codes)]
            return Code(f"({' + '.join(parts)})", "string")

        return call.where(index, "string", total)
    total_of = " + ".join(call.arguments)
    tests = " and ".join(f"type({call.arguments[index]}) is str" for index in uncertain)
    return f"{total_of} if {tests} else {call.slow}" if uncertain else total_of


@strings.expression(
    "concat",
    "VALUES(value-expression{>0})",
    returns="string",
    fast=_fast_concat,
    accepts=kinds.STRING,
    examples=[
        Example(["concat", "_S.first", " ", "_S.last"], "Kari Moe", source={"first": "Kari", "last": "Moe"}),
        Example(["concat", "a", ["list", "b", 5, "c"], None, "~:tree:elm"], "abc"),
        Example(["concat", 5], ""),
    ],
)
def concat(*values: Value) -> str:
    """One string of all strings, also those in lists; without any it is the empty string."""
    parts: list[str] = []
    for value in values:
        if type(value) is str:
            parts.append(value)
        elif type(value) is list:
            parts += [element for element in value if type(element) is str]
    return "".join(parts)


@strings.expression(
    "is-string",
    "VALUES(value-expression{1})",
    returns="boolean",
    fast="type({0}) is str if type({0}) is not list else {slow}",
    examples=[
        Example(["is-string", ""], True),
        Example(["is-string", "~:tree:elm"], False),
        Example(["is-string", ["list", 5, "elm"]], False),
    ],
)
def is_string(values: Value) -> bool:
    """True when the value, or the first of a list, is a string."""
    return type(first(values)) is str


@strings.expression(
    "join",
    "SEPARATOR(string{1}) VALUES(value-expression{1})",
    fast=_fast_join,
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["join", ", ", ["list", "oak", None, "elm", 5]], "oak, elm"),
        Example(["join", ", ", "oak"], "oak"),
        Example(["join", ", ", ["list", 5]], None),
    ],
)
def join(separator: Value, values: Value) -> Value:
    """One string of all strings with SEPARATOR between them; null when there are none."""
    parts = [value for value in as_list(values) if type(value) is str]
    return separator.join(parts) if parts and type(separator) is str else None


@strings.expression(
    "length",
    "VALUES(value-expression{1})",
    fast=lambda call: call.where(0, "string", lambda text: Code(f"len({text})", "integer")),
    accepts=kinds.STRING,
    gives=kinds.INTEGER,
    examples=[Example(["length", ["list", "", "ask", 5]], [0, 3]), Example(["length", "blåbær"], 6)],
)
def length(values: Value) -> Value:
    """The number of characters of strings."""
    return each_of(str, values, len)


def _justified(width: Value, fill: Value, values: Value, justify: Callable[[str, int, str], str]) -> Value:
    columns, character = first(width), first(fill)
    if type(columns) is not int or type(character) is not str or len(character) != 1:
        return None
    if columns > _WIDEST:
        raise DtlError(f"a string is filled to at most {_WIDEST:,} characters")
    return each_of(str, values, lambda value: justify(value, columns, character))


@strings.expression(
    "ljust",
    _JUST,
    fast=_fast_justify("ljust"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["ljust", 4, ".", ["list", "ab", "abcde"]], ["ab..", "abcde"]),
        Example(["ljust", 4, "..", "ab"], None),
    ],
)
def ljust(width: Value, fill: Value, values: Value) -> Value:
    """Strings filled on the right to at least WIDTH characters; null unless the fill is one character."""
    return _justified(width, fill, values, str.ljust)


@strings.expression(
    "rjust",
    _JUST,
    fast=_fast_justify("rjust"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["rjust", 4, "0", ["list", "12", "12345", 7]], ["0012", "12345"]),
        Example(["rjust", "_S.width", "0", "7"], "007", source={"width": 3}),
    ],
)
def rjust(width: Value, fill: Value, values: Value) -> Value:
    """Strings filled on the left to at least WIDTH characters; null unless the fill is one character."""
    return _justified(width, fill, values, str.rjust)


@strings.expression(
    "lower",
    "VALUES(value-expression{1})",
    fast=_on_string("{}.lower()"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[Example(["lower", "ASK Ø"], "ask ø"), Example(["lower", ["list", "ASK", 5]], ["ask"])],
)
def lower(values: Value) -> Value:
    """Strings in lower case."""
    return each_of(str, values, str.lower)


@strings.expression(
    "upper",
    "VALUES(value-expression{1})",
    fast=_on_string("{}.upper()"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[Example(["upper", "ask ø"], "ASK Ø"), Example(["upper", None], None)],
)
def upper(values: Value) -> Value:
    """Strings in upper case."""
    return each_of(str, values, str.upper)


def _fast_strip(method: str) -> Callable[[FastCall], Code | None]:
    def fast(call: FastCall) -> Code | None:
        last = len(call.codes) - 1
        known, characters = call.constant_of(0)
        if last and not (known and type(characters) is str):
            return None
        given = repr(characters) if last else ""
        return call.where(last, "string", lambda text: Code(f"{text}.{method}({given})", "string"))

    return fast


def _stripped(characters: Value, values: Value, strip: Callable[[str, str | None], str]) -> Value:
    if characters is not None and type(characters) is not str:
        return None
    return each_of(str, values, lambda value: strip(value, characters))


@strings.expression(
    "strip",
    _STRIP,
    fast=_fast_strip("strip"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["strip", "\t elm\n"], "elm"),
        Example(["strip", "-.", ["list", ".-elm-.-", "e.l", 5]], ["elm", "e.l"]),
    ],
)
def strip(characters: Value, values: Value) -> Value:
    """Strings without the characters in CHARACTERS (whitespace by default) at both ends."""
    return _stripped(characters, values, str.strip)


@strings.expression(
    "lstrip",
    _STRIP,
    fast=_fast_strip("lstrip"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[Example(["lstrip", " elm "], "elm "), Example(["lstrip", "0", "00120"], "120")],
)
def lstrip(characters: Value, values: Value) -> Value:
    """Strings without the characters in CHARACTERS (whitespace by default) at the start."""
    return _stripped(characters, values, str.lstrip)


@strings.expression(
    "rstrip",
    _STRIP,
    fast=_fast_strip("rstrip"),
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[Example(["rstrip", " elm "], " elm"), Example(["rstrip", "/", "a/b//"], "a/b")],
)
def rstrip(characters: Value, values: Value) -> Value:
    """Strings without the characters in CHARACTERS (whitespace by default) at the end."""
    return _stripped(characters, values, str.rstrip)


def _fast_matches(call: FastCall) -> Code | None:
    known, pattern = call.constant_of(0)
    if not known or type(pattern) is not str:
        return None
    text = pattern.strip("*")
    if text and not set("*?") & set(text) and not pattern.endswith("**") and not pattern.startswith("**"):
        # What most patterns are: a prefix, a suffix, a part, or the whole text.
        test = {
            (False, False): f"({{}} == {_braced(text)})",
            (False, True): f"{{}}.startswith({_braced(text)})",
            (True, False): f"{{}}.endswith({_braced(text)})",
            (True, True): f"({_braced(text)} in {{}})",
        }[pattern.startswith("*"), pattern.endswith("*")]
    else:
        test = f"({call.bind(wildcard(pattern).fullmatch)}({{}}) is not None)"
    return call.where(1, "string", lambda value: Code(test.format(value), "boolean"))


def _braced(text: str) -> str:
    """A text as a literal in a template."""
    return repr(text).replace("{", "{{").replace("}", "}}")


@strings.expression(
    "matches",
    "PATTERN(wildcard-string{1}) VALUES(value-expression{1})",
    returns="boolean",
    fast=_fast_matches,
    accepts=kinds.STRING,
    examples=[
        Example(["matches", "*-??", ["list", "elm-01", "oak-22"]], True),
        Example(["matches", "elm*", ["list", "elm", 5]], False),
        Example(["matches", "[ab]", "a"], False),
        Example(["matches", "*", None], False),
    ],
)
def matches(pattern: Value, values: Value) -> bool:
    """True when there are values and all of them are strings that match; `*` is any text and `?` any one character."""
    wanted, found = first(pattern), as_list(values)
    if not found or type(wanted) is not str:
        return False
    test = wildcard(wanted).fullmatch
    return all(type(value) is str and test(value) is not None for value in found)


def _independent(table: dict[Any, Any]) -> bool:
    """Whether replacing one key after the other is the same as all at once: single characters, none put in by another."""
    texts = all(type(new) is str and len(old) == 1 for old, new in table.items())
    return texts and len(table) < 8 and not any(old in new for old in table for new in table.values())


def _fast_replace(call: FastCall) -> Code | None:
    known, table = call.constant_of(0)
    if len(call.codes) == 2 and known and type(table) is dict and table and _independent(table):
        changes = list(table.items())
    else:
        (_, old), (_, new) = call.constant_of(0), call.constant_of(1)
        if len(call.codes) != 3 or type(old) is not str or type(new) is not str or not old:
            return None
        changes = [(old, new)]
    chain = "".join(f".replace({old!r}, {new!r})" for old, new in changes)
    return call.where(len(call.codes) - 1, "string", lambda text: Code(text + chain, "string"))


@strings.expression(
    "replace",
    "REPLACEMENTS(dict{1}) VALUES(value-expression{1})",
    "OLD_STRING(string{1}) NEW_STRING(string{1}) VALUES(value-expression{1})",
    fast=_fast_replace,
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["replace", "-", "", ["list", "a-b-c", 5]], ["abc"]),
        Example(["replace", {"elm": "oak", "oak": "elm"}, "elm, oak"], "oak, elm"),
        Example(["replace", {"a": "1", "ab": "2"}, "abba"], "2b1"),
        Example(["replace", "", "x", "abc"], "abc"),
    ],
)
def replace(*arguments: Value) -> Value:
    """Strings with every OLD_STRING, or every key of REPLACEMENTS, replaced literally.

    Several replacements are made in one pass, the longest key first, so that none changes what another has put in.
    An empty OLD_STRING or key replaces nothing.
    """
    *change, values = arguments
    replacements = first(change[0]) if len(change) == 1 else None
    if len(change) == 2:
        old, new = change
        if type(old) is not str or type(new) is not str:
            return None
        return each_of(str, values, lambda value: value.replace(old, new) if old else value)
    if type(replacements) is not dict:
        return None
    table = {k: v for k, v in replacements.items() if k and type(v) is str}
    if not table:
        return each_of(str, values, str)
    pattern = _alternatives(frozenset(table))
    return each_of(str, values, lambda value: pattern.sub(lambda match: table[match[0]], value))


@lru_cache(maxsize=512)
def _alternatives(keys: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(keys, key=lambda k: (-len(k), k)))))


def _fast_split(call: FastCall) -> Code | None:
    known, separator = call.constant_of(0)
    if len(call.codes) != 2 or not known or type(separator) is not str or not separator:
        return None
    return call.where(1, "string", lambda text: Code(f"{text}.split({separator!r})", "list", kinds=kinds.STRING))


@strings.expression(
    "split",
    "SEPARATOR(string{0|1}) VALUES(value-expression{1})",
    returns="list",
    fast=_fast_split,
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["split", ", ", ["list", "elm, oak", 5, "ash"]], ["elm", "oak", "ash"]),
        Example(["split", "", "elm"], ["e", "l", "m"]),
        Example(["split", " elm  oak "], ["elm", "oak"]),
        Example(["split", ",", None], []),
    ],
)
def split(separator: Value, values: Value) -> list[Value]:
    """All parts of all strings in one list; an empty SEPARATOR gives the characters, and without one whitespace separates."""
    if separator is not None and type(separator) is not str:
        return []
    found = [value for value in as_list(values) if type(value) is str]
    if separator == "":
        return [character for value in found for character in value]
    return [part for value in found for part in value.split(separator)]


def _fast_string(call: FastCall) -> Code:
    unchanged = call.choose(0, lambda code: code if code.kind == "string" else None)
    if unchanged is not None:
        return unchanged
    value = call.arguments[0]
    # The general function writes integers of any length, which Python's own `str` refuses to do.
    small = f"type({value}) is int and -(10**18) < {value} < 10**18"
    ways = ((small, Code(f"str({value})", "string")), (f"type({value}) is str", Code(value, "string")))
    choice = Choice(value, ways, None, call.slow)
    return Code(choice.text(call.constants), kinds=call.gives, choice=choice)


@strings.expression(
    "string",
    "VALUES(value-expression{1})",
    fast=_fast_string,
    gives=kinds.STRING,
    examples=[
        Example(["string", ["list", 5, 2.5, True, None, "~:tree:elm"]], ["5", "2.5", "true", "tree:elm"]),
        Example(["string", "~f1E+3"], "1000"),
        Example(["string", {"b": "~t2024-02-01T10:00:00Z", "a": [1]}], '{"a": [1], "b": "2024-02-01T10:00:00Z"}'),
        Example(["string", "~bw7g="], "ø"),
    ],
)
def string(values: Value) -> Value:
    """Every value as a string, without its type's tag; dicts and lists as JSON. Nulls, and bytes not in UTF-8, are ignored."""
    return each(values, lambda value: plain.text(value) if value is not None else IGNORED)


def _fast_substring(call: FastCall) -> Code | None:
    last = len(call.codes) - 1
    if any(type(call.constant_of(index)[1]) is not int for index in range(last)):
        return None
    bounds = ":".join(str(call.constant_of(index)[1]) for index in range(last)) + ("" if last == 2 else ":")
    return call.where(last, "string", lambda text: Code(f"{text}[{bounds}]", "string"))


@strings.expression(
    "substring",
    "START_INDEX(integer{1}) END_INDEX(integer{0|1}) VALUES(value-expression{1})",
    fast=_fast_substring,
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[
        Example(["substring", 1, 3, "birch"], "ir"),
        Example(["substring", -2, ["list", "birch", 5, "a"]], ["ch", "a"]),
        Example(["substring", 3, 1, "birch"], ""),
    ],
)
def substring(start: Value, end: Value, values: Value) -> Value:
    """The part of strings from START_INDEX up to END_INDEX; negative indexes count from the end."""
    if type(start) is not int or (end is not None and type(end) is not int):
        return None
    return each_of(str, values, lambda value: value[start:end])
