"""Chapter "Lists": making, taking, ordering and reducing lists.

A single value given to a function that goes over a list gives a single value, as everywhere (semantics: recorded for `distinct`,
`sorted`, `min`, `max`); only functions that make a list say so. Order and grouping follow `values.order_key` and `values.key`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds, transit
from dataflow.dtl.emitter import Code
from dataflow.dtl.functions.numbers import exact, finite
from dataflow.dtl.inline import Step
from dataflow.dtl.mapping import IGNORED, each, first, flat
from dataflow.dtl.paths import step
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import DECIMALS, NUMBERS, as_list, key, kind_name, order_key, true
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.inline import FastCall, Inline
    from dataflow.dtl.values import Value

    Function = Callable[[Value], Value]

lists = Chapter("Lists", "dtl-functions-lists.rst")

# More integers than this from one `range` is a mistake in the rule, and would fill the memory before anybody sees it.
_LONGEST = 10_000_000


# Making lists


def _fast_list(call: Any) -> str:
    return f"[{', '.join(call.arguments)}]"


@lists.expression(
    "list",
    "VALUES(value-expression{>=0})",
    fast=_fast_list,
    returns="list",
    examples=[Example(["list", "oak", None, ["list", 1]], ["oak", None, [1]]), Example(["list"], [])],
)
def list_(*values: Value) -> list[Value]:
    """A list of the arguments as they are, nulls and lists included."""
    return [*values]


def _fast_combine(call: Any) -> str | None:
    if len(call.arguments) > 1 or call.constant_of(0)[0]:
        return None
    value = call.arguments[0]
    return f"{value} if type({value}) is list else [] if {value} is None else [{value}]"


@lists.expression(
    "combine",
    "VALUES(value-expression{>=1})",
    fast=_fast_combine,
    returns="list",
    examples=[
        Example(["combine", "oak", None, ["list", "elm", "ash"]], ["oak", "elm", "ash"]),
        Example(["combine", "_S.tags"], [], source={}),
    ],
)
def combine(*values: Value) -> list[Value]:
    """One list of all arguments: elements of lists, single values, nothing of nulls. Lists inside lists stay."""
    return flat(*values)


@lists.expression(
    "flatten",
    "VALUES(value-expression{1})",
    examples=[
        Example(["flatten", ["list", ["list", 1, 2], 3, ["list", ["list", 4]]]], [1, 2, 3, [4]]),
        Example(["flatten", "oak"], "oak"),
    ],
)
def flatten(values: Value) -> Value:
    """The list with the lists in it replaced by their elements, one level deep."""
    return flat_once(values) if type(values) is list else values


def flat_once(values: list[Value]) -> list[Value]:
    """The elements of a list, and in the place of a list those of that list."""
    result: list[Value] = []
    for value in values:
        if type(value) is list:
            result += value
        else:
            result.append(value)
    return result


@lists.expression(
    "range",
    "START(integer-expression{1}) STOP(integer-expression{1}) STEP(integer-expression{0|1})",
    examples=[Example(["range", 2, 5], [2, 3, 4]), Example(["range", 9, 0, -3], [9, 6, 3])],
)
def range_(start: Value, stop: Value, step: Value) -> list[int] | None:
    """The integers from START up to but without STOP, STEP apart; null when one of the two is.

    It fails when STEP is 0, an argument is no integer, or they would be more than ten million.
    """
    if start is None or stop is None:
        return None
    distance = 1 if step is None else _demanded("STEP", step)
    if distance == 0:
        raise DtlError("STEP of range must not be 0")
    integers = range(_demanded("START", start), _demanded("STOP", stop), distance)
    # Indexing tells the length of any range; `len` refuses those that do not fit into 64 bits.
    if integers[_LONGEST:]:
        raise DtlError(f"range gives at most {_LONGEST:,} integers")
    return list(integers)


def _demanded(name: str, value: Value) -> int:
    number = _integer(value)
    if number is None:
        raise DtlError(f"{name} of range must be an integer, not {kind_name(value)}")
    return number


def _integer(value: Value) -> int | None:
    """What an integer expression gives: an integer, or the first of a list; None for anything else."""
    single = first(value)
    return single if type(single) is int else None


# Taking from lists


def _fast_first(call: FastCall) -> str | Code:
    same = call.choose(0, lambda code: code if code.alone else None)
    if same is not None:
        return same
    values = call.arguments[0]
    head = f"({values}[0] if {values} else None)"
    if call.kind_of(0) != "list":
        return f"{head} if type({values}) is list else {values}"
    held = call.codes[0].kinds
    return Code(head, kinds=held, single=held is not None and "list" not in held)


@lists.expression(
    "first",
    "VALUES(value-expression{1})",
    fast=_fast_first,
    borrows=True,
    examples=[
        Example(["first", ["list", "oak", "elm"]], "oak"),
        Example(["first", "oak"], "oak"),
        Example(["first", ["list"]], None),
    ],
)
def first_(values: Value) -> Value:
    """The first element of a list, null of an empty one; any other value itself."""
    return first(values)


@lists.expression(
    "last",
    "VALUES(value-expression{1})",
    fast="({0}[-1] if {0} else None) if type({0}) is list else {0}",
    borrows=True,
    examples=[Example(["last", ["list", "oak", "elm"]], "elm"), Example(["last", "oak"], "oak")],
)
def last(values: Value) -> Value:
    """The last element of a list, null of an empty one; any other value itself."""
    if type(values) is list:
        return values[-1] if values else None
    return values


@lists.expression(
    "nth",
    "INDEX(integer-expression{1}) VALUES(value-expression{1})",
    examples=[
        Example(["nth", 1, ["list", "oak", "elm"]], "elm"),
        Example(["nth", -1, ["list", "oak", "elm"]], "elm"),
        Example(["nth", 2, ["list", "oak", "elm"]], None),
        Example(["nth", 0, "oak"], "oak"),
    ],
)
def nth(index: Value, values: Value) -> Value:
    """The element at INDEX, counted from 0, or from the end when negative; null when there is none.

    A value that is no list is at index 0.
    """
    position = _integer(index)
    if position is None:
        return None
    if type(values) is not list:
        return values if position == 0 else None
    return values[position] if -len(values) <= position < len(values) else None


@lists.expression(
    "slice",
    "START(integer-expression{1}) END(integer-expression{0|1}) STRIDE(integer-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["slice", 1, ["list", "oak", "elm", "ash"]], ["elm", "ash"]),
        Example(["slice", 0, -1, 2, ["list", 1, 2, 3, 4]], [1, 3]),
    ],
)
def slice_(start: Value, end: Value, stride: Value, values: Value) -> list[Value] | None:
    """The elements from START up to but without END, every STRIDE-th of them; negative positions count from the end.

    A value that is no list is taken as a list of one. Null when START is no integer; it fails when STRIDE is 0.
    """
    position = _integer(start)
    if position is None:
        return None
    if _integer(stride) == 0:
        raise DtlError("STRIDE of slice must not be 0")
    return as_list(values)[position : _integer(end) : _integer(stride)]


@lists.expression(
    "insert",
    "INDEX(integer-expression{1}) VALUES(value-expression{1}) OBJECT(value-expression{1})",
    examples=[
        Example(["insert", 1, ["list", "oak", "ash"], "elm"], ["oak", "elm", "ash"]),
        Example(["insert", -1, ["list", "oak", "ash"], ["list", 1]], ["oak", [1], "ash"]),
    ],
)
def insert(index: Value, values: Value, value: Value) -> list[Value] | None:
    """The list with OBJECT, taken as one element, before INDEX; positions outside mean the nearest end.

    A value that is no list is taken as a list of one. Null when INDEX is no integer.
    """
    position = _integer(index)
    if position is None:
        return None
    result = [*as_list(values)]
    # Python's own insert refuses integers that do not fit into 64 bits.
    result.insert(max(-len(result), min(position, len(result))), value)
    return result


# Asking about lists


def _fast_count(call: FastCall) -> str:
    values = call.arguments[0]
    if call.kind_of(0) == "list":
        return f"len({values})"
    return f"len({values}) if type({values}) is list else 0 if {values} is None else 1"


@lists.expression(
    "count",
    "VALUES(value-expression{1})",
    fast=_fast_count,
    returns="integer",
    borrows=True,
    examples=[Example(["count", ["list", "oak", None]], 2), Example(["count", {"a": 1, "b": 2}], 1)],
)
def count(values: Value) -> int:
    """The number of elements: 0 for null, 1 for a single value."""
    return len(as_list(values))


@lists.expression(
    "is-empty",
    "VALUE(value-expression{1})",
    fast="{0} is None or (type({0}) is list and not {0})",
    returns="boolean",
    borrows=True,
    examples=[Example(["is-empty", "_S.tags"], True, source={}), Example(["is-empty", ""], False)],
)
def is_empty(values: Value) -> bool:
    """True for null and for a list without elements."""
    return not as_list(values)


@lists.expression(
    "is-not-empty",
    "VALUE(value-expression{1})",
    fast="{0} is not None and (type({0}) is not list or len({0}) > 0)",
    returns="boolean",
    borrows=True,
    examples=[Example(["is-not-empty", ["list", None]], True), Example(["is-not-empty", ["list"]], False)],
)
def is_not_empty(values: Value) -> bool:
    """The opposite of `is-empty`."""
    return bool(as_list(values))


@lists.expression(
    "is-list",
    "VALUES(value-expression{1})",
    fast="type({0}) is list",
    returns="boolean",
    examples=[Example(["is-list", ["list"]], True), Example(["is-list", "oak"], False)],
)
def is_list(values: Value) -> bool:
    """True for a list, an empty one too."""
    return type(values) is list


def _fast_in(call: Any) -> str | None:
    """A look-up in a set made once, when ITEMS is constant."""
    known, items = call.constant_of(1)
    if not known:
        return None
    value, within = call.arguments[0], call.bind(frozenset(key(item) for item in as_list(items)))
    return f"{value} in {within} if type({value}) is str else {call.slow}"


@lists.expression(
    "in",
    "VALUES(value-expression{1}) ITEMS(value-expression{1})",
    fast=_fast_in,
    returns="boolean",
    examples=[
        Example(["in", ["list", "oak", "ash"], ["list", "ash", "elm", "oak"]], True),
        Example(["in", "1", ["list", 1, 2]], False),
        Example(["in", None, ["list", None]], False),
    ],
)
def in_(values: Value, items: Value) -> bool:
    """True when there are VALUES and all of them are among ITEMS."""
    wanted = as_list(values)
    within = {key(item) for item in as_list(items)}
    return bool(wanted) and all(key(value) in within for value in wanted)


# Going over lists


def _loop(call: FastCall, write: Callable[[Inline, str], None]) -> Code:
    """A loop over the values, written out; `write` writes what is done with each, given the function and the result's name.

    A single value goes through the same loop, and comes out of the list again.
    """
    body, inline, values = call.body, call.inline(0), call.arguments[1]
    result: str = body.name("found")
    certain = call.kind_of(1) == "list"
    body.line(f"{result} = []")
    over = values if certain else f"({values} if type({values}) is list else () if {values} is None else ({values},))"
    body.line(f"for {inline.current} in {over}:")
    body.lines += ["    " + line for line in inline.lines]
    write(inline, result)
    if not certain:
        body.line(f"if type({values}) is not list:")
        body.line(f"    {result} = {result}[0] if {result} else None")
    return Code(result, "list" if certain else None)


def _fast_map(call: FastCall) -> Code:
    """A call of the function where the values are a single string, and a loop where they may be anything."""
    values = call.codes[1]
    strings = [values] if values.choice is None else [way for _, way in values.choice.ways]
    if all(code.kind == "string" for code in strings):
        function = call.separate(0, "string")
        if function is not None:
            result = function.result
            return call.where(
                1, "string", lambda text: Code(f"{function.name}({text})", result.kind, single=result.alone)
            )
    return _loop(call, lambda inline, result: call.body.line(f"    {result}.append({inline.code.text})"))


def _fast_filter(call: FastCall) -> Code:
    def write(inline: Inline, result: str) -> None:
        call.body.line(f"    if {inline.truth}:")
        call.body.line(f"        {result}.append({inline.current})")

    return _loop(call, write)


@lists.expression(
    "map",
    "FUNCTION(function-expression{1}) VALUES(value-expression{1})",
    fast=_fast_map,
    borrows=True,
    examples=[
        Example(["map", ["count", "_."], ["list", ["list", 1, 2], None, "oak"]], [2, 0, 1]),
        Example(["map", ["list", "_.", "_."], "oak"], ["oak", "oak"]),
    ],
)
def map_(function: Function, values: Value) -> Value:
    """What FUNCTION gives for each element, nulls included; for a single value what it gives for that, null for null."""
    if values is None:
        return None
    return [function(value) for value in values] if type(values) is list else function(values)


@lists.expression(
    "filter",
    "FUNCTION(function-expression{1}) VALUES(value-expression{1})",
    fast=_fast_filter,
    borrows=True,
    examples=[
        Example(["filter", ["gt", "_.age", 3], ["list", {"age": 2}, {"age": 9}]], [{"age": 9}]),
        Example(["filter", ["eq", "_.", "oak"], "elm"], None),
    ],
)
def filter_(function: Function, values: Value) -> Value:
    """The elements for which FUNCTION is true; a single value itself, or null when it is not."""
    return each(values, lambda value: value if true(function(value)) else IGNORED)


@lists.expression(
    "distinct",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["distinct", ["list", "oak", "elm", "oak"]], ["oak", "elm"]),
        Example(["distinct", "_.kind", ["list", {"kind": 1, "n": 1}, {"kind": 1, "n": 2}]], [{"kind": 1, "n": 1}]),
    ],
)
def distinct(function: Function | None, values: Value) -> Value:
    """The list without duplicates or, with FUNCTION, without elements for which it gives the same; the first one stays."""
    if type(values) is not list:
        return values
    found: dict[Any, Value] = {}
    for value in values:
        found.setdefault(key(value if function is None else function(value)), value)
    return list(found.values())


@lists.expression(
    "enumerate",
    "START(integer-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["enumerate", 7, ["list", "oak", "elm"]], [{"key": 7, "value": "oak"}, {"key": 8, "value": "elm"}]),
        Example(["enumerate", "oak"], {"key": 0, "value": "oak"}),
    ],
)
def enumerate_(start: Value, values: Value) -> Value:
    """Each element with its number, counted from START (0 when left out), as `{"key": number, "value": element}`."""
    number = 0 if start is None else _integer(start)
    if number is None or values is None:
        return None
    if type(values) is not list:
        return {"key": number, "value": values}
    return [{"key": position, "value": value} for position, value in enumerate(values, number)]


@lists.expression(
    "map-dict",
    "KEY_FUNCTION(function-expression{1}) VALUE_FUNCTION(function-expression{1}) VALUES(value-expression{1})",
    accepts=kinds.DICT,
    gives=kinds.DICT,
    examples=[
        Example(["map-dict", ["literal", "tree"], ["count", "_."], {"oak": ["a", "b"]}], {"tree": 2}),
        Example(["map-dict", "_.", "_.", ["list", {}, {"oak": 1}, "elm"]], [{"oak": 1}]),
    ],
)
def map_dict(key_function: Function, value_function: Function, values: Value) -> Value:
    """Each dict with KEY_FUNCTION applied to its keys and VALUE_FUNCTION to its values.

    A pair whose new key is not a string is left out, as are dicts without pairs and values that are no dicts.
    """

    def one(value: Value) -> Value:
        if type(value) is not dict:
            return IGNORED
        pairs = {
            name: value_function(content) for old, content in value.items() if type(name := key_function(old)) is str
        }
        return pairs or IGNORED

    return each(values, one)


@lists.expression(
    "map-values",
    "VALUE_FUNCTION(function-expression{1}) VALUES(value-expression{1})",
    returns="list",
    accepts=kinds.DICT,
    examples=[Example(["map-values", ["count", "_."], ["list", {"a": ["x"], "b": None}, 5, {"c": "y"}]], [1, 0, 1])],
)
def map_values(function: Function, values: Value) -> list[Value]:
    """What VALUE_FUNCTION gives for the values of all dicts, in one list; values that are no dicts are left out."""
    return [function(content) for value in as_list(values) if type(value) is dict for content in value.values()]


# Grouping


@lists.expression(
    "group",
    "KEY_FUNCTION(function-expression{1}) VALUE_FUNCTION(function-expression{1}) VALUES(value-expression{1})",
    returns="list",
    examples=[
        Example(
            [
                "group",
                "_.kind",
                "_.n",
                ["list", {"kind": "oak", "n": 1}, {"kind": "elm", "n": 2}, {"kind": "oak", "n": 3}],
            ],
            [["oak", [1, 3]], ["elm", [2]]],
        )
    ],
)
def group(key_function: Function, value_function: Function, values: Value) -> list[Value]:
    """Pairs of a group and the list of its values, in the order in which the groups first occur.

    KEY_FUNCTION gives the group an element belongs to, VALUE_FUNCTION what of the element goes into it.
    """
    groups: dict[Any, list[Value]] = {}
    for value in as_list(values):
        name = key_function(value)
        groups.setdefault(key(name), [name, []])[1].append(value_function(value))
    return list(groups.values())


@lists.expression(
    "group-by",
    "KEY_FUNCTION(function-expression{0|1}) STRING_FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    returns="dict",
    examples=[
        Example(["group-by", ["count", "_."], ["list", "oak", ["list", 1, 2]]], {"1": ["oak"], "2": [[1, 2]]}),
        Example(["group-by", "_.", ["list", "oak", "oak"]], {'"oak"': ["oak", "oak"]}),
        Example(["group-by", "_.", "_.", ["list", "oak", "oak"]], {"oak": ["oak", "oak"]}),
    ],
)
def group_by(key_function: Function | None, string_function: Function | None, values: Value) -> dict[str, list[Value]]:
    """A dict of lists: under each key the values for which KEY_FUNCTION gives it, or the values themselves without one.

    The keys are JSON in transit form, so a string keeps its quotes, unless STRING_FUNCTION makes strings of what KEY_FUNCTION
    gives; values of which it makes something else are left out.
    """
    groups: dict[str, list[Value]] = {}
    for value in as_list(values):
        found = value if key_function is None else key_function(value)
        name = transit.dumps(found, sort_keys=True) if string_function is None else string_function(found)
        if type(name) is str:
            groups.setdefault(name, []).append(value)
    return groups


# Ordering and reducing


def _fast_sorted(call: FastCall) -> Code | None:
    name, values = call.property_of(0), call.codes[-1]
    if name is None:
        return None
    return Code(
        f"{call.bind(sorted_by)}({values.text}, {name!r})",
        "list" if values.kind == "list" else None,
        kinds=values.kinds,
        single=values.alone,
    )


def sorted_by(values: Value, name: str) -> Value:
    """`sorted` by one property."""
    if type(values) is not list:
        return values
    try:
        keys = [value[name] for value in values]
    except (KeyError, TypeError):
        # An element without the property, or one that has none: nothing but a dict can be asked for one.
        keys = [step(value, name) for value in values]
    return _ordered(keys, values)


@lists.expression(
    "sorted",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    fast=_fast_sorted,
    examples=[
        Example(["sorted", ["list", "oak", 3, None, "elm", 1]], [None, 1, 3, "elm", "oak"]),
        Example(["sorted", "_.n", ["list", {"n": 2}, {"n": 1}]], [{"n": 1}, {"n": 2}]),
    ],
)
def sorted_(function: Function | None, values: Value) -> Value:
    """The list in ascending order, of the elements or of what FUNCTION gives for them; equals keep their order."""
    return _ordered(_keys(function, values), values) if type(values) is list else values


@lists.expression(
    "sorted-descending",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["sorted-descending", ["list", "elm", None, "oak"]], ["oak", "elm", None]),
        Example(["sorted-descending", "_.n", ["list", {"n": 1}, {"n": 2}]], [{"n": 2}, {"n": 1}]),
    ],
)
def sorted_descending(function: Function | None, values: Value) -> Value:
    """The list in descending order, of the elements or of what FUNCTION gives for them; equals keep their order."""
    return _ordered(_keys(function, values), values, descending=True) if type(values) is list else values


@lists.expression(
    "reversed",
    "VALUES(value-expression{1})",
    examples=[Example(["reversed", ["list", "oak", "elm"]], ["elm", "oak"]), Example(["reversed", "oak"], "oak")],
)
def reversed_(values: Value) -> Value:
    """The list from its last to its first element; any other value itself."""
    return values[::-1] if type(values) is list else values


@lists.expression(
    "max",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["max", ["list", 4, None, "elm"]], "elm"),
        Example(["max", "_.n", ["list", {"n": 1}, {"n": 2}]], {"n": 2}),
    ],
)
def max_(function: Function | None, values: Value) -> Value:
    """The greatest element, or the one for which FUNCTION gives the greatest, the first of equals; null of an empty list."""
    return max(values, key=_order(function), default=None) if type(values) is list else values


@lists.expression(
    "min",
    "FUNCTION(function-expression{0|1}) VALUES(value-expression{1})",
    examples=[
        Example(["min", ["list", "elm", 4, "ash"]], 4),
        Example(["min", "_.n", ["list", {"n": 2}, {"n": 1}]], {"n": 1}),
    ],
)
def min_(function: Function | None, values: Value) -> Value:
    """The least element, or the one for which FUNCTION gives the least, the first of equals; null of an empty list."""
    return min(values, key=_order(function), default=None) if type(values) is list else values


def _keys(function: Function | None, values: list[Value]) -> list[Value]:
    return values if function is None else [function(value) for value in values]


def _ordered(keys: list[Value], values: list[Value], *, descending: bool = False) -> list[Value]:
    """Sorted by key; keys that are all integers or all strings are their own order."""
    kind = type(keys[0]) if keys else int
    plain = kind is int or kind is str
    for key_ in keys:
        if type(key_) is not kind:
            plain = False
            break
    return ordered_by(keys if plain else [order_key(key_) for key_ in keys], values, descending=descending)


def ordered_by(keys: list[Any], values: list[Value], *, descending: bool = False) -> list[Value]:
    """The values in the order of their keys, equals in the order they had."""
    if keys is values:
        return sorted(values, reverse=descending)
    order = sorted(range(len(values)), key=keys.__getitem__, reverse=descending)
    return [values[index] for index in order]


def _order(function: Function | None) -> Callable[[Value], tuple[Any, ...]]:
    return order_key if function is None else lambda value: order_key(function(value))


def _fast_sum(call: FastCall) -> str | None:
    step_ = call.codes[0].made
    return f"{call.bind(sum_of)}({step_.owner}, {step_.name!r})" if type(step_) is Step else None


def sum_of(values: Value, name: str) -> Value:
    """`sum` of a path whose last step is a property of values."""
    total = 0
    if type(values) is list:
        try:
            for value in values:
                number = value[name]
                if type(number) is not int:
                    break
                total += number
            else:
                return total
        except (KeyError, TypeError):
            pass
    return sum_(step(values, name))


@lists.expression(
    "sum",
    "VALUES(value-expression{1})",
    fast=_fast_sum,
    borrows=True,
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[
        Example(["sum", ["list", 3, "oak", 4]], 7),
        Example(["sum", ["list", 1, "~f0.25"]], "~f1.25"),
        Example(["sum", None], 0),
    ],
)
def sum_(values: Value) -> Value:
    """The sum of the numbers among the values: a decimal if one of them is, else a float if one is; 0 of none.

    It is null when that is no finite number.
    """
    if type(values) is list and set(map(type, values)) == {int}:
        return sum(values)
    numbers: list[Any] = [value for value in as_list(values) if type(value) in NUMBERS]
    try:
        if any(type(number) is Decimal for number in numbers):
            return finite(reduce(DECIMALS.add, map(exact, numbers), Decimal(0)))
        return finite(sum(numbers))
    except ArithmeticError:
        return None
