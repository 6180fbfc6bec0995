"""Chapter "JSON": values to JSON texts and back, with and without transit tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from dataflow.dtl import kinds, transit
from dataflow.dtl.casts import cast
from dataflow.dtl.mapping import IGNORED, each
from dataflow.dtl.plain import json_text
from dataflow.dtl.registry import Chapter, Example

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

jsons = Chapter("JSON", "dtl-functions-json.rst")


@jsons.expression(
    "json",
    "VALUES(value-expression{1})",
    gives=kinds.STRING,
    examples=[
        Example(["json", {"tree": "elm", "age": 7}], '{"age": 7, "tree": "elm"}'),
        Example(["json", ["list", "elm", None, ["list", 1, 2]]], ['"elm"', "null", "[1, 2]"]),
        Example(["json", "~:tree:elm"], '"tree:elm"'),
        Example(["json", "~f1.50"], "1.50"),
    ],
)
def to_json(values: Value) -> Value:
    """The JSON text of every value, null included, without transit tags and with sorted keys."""
    return each(values, json_text)


@jsons.expression(
    "json-transit",
    "VALUES(value-expression{1})",
    gives=kinds.STRING,
    examples=[
        Example(["json-transit", {"tree": "~:tree:elm", "age": 7}], '{"age": 7, "tree": "~:tree:elm"}'),
        Example(["json-transit", ["list", "~f1.50", None]], ['"~f1.50"', "null"]),
    ],
)
def to_json_transit(values: Value) -> Value:
    """The JSON text of every value, null included, with transit tags and sorted keys."""
    return each(values, lambda value: transit.dumps(value, sort_keys=True))


@jsons.expression(
    "json-parse",
    "FUNCTION(default-value-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING,
    examples=[
        Example(["json-parse", '{"age": [7, 7.5]}'], {"age": [7, 7.5]}),
        Example(["json-parse", ["list", "null", "elm", 7, '"elm"']], [None, "elm"]),
        Example(["json-parse", ["upper", "_."], ["list", "elm", "7"]], ["ELM", 7]),
        Example(["is-ni", ["json-parse", '"~:tree:elm"']], False),
    ],
)
def json_parse(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """The values that JSON texts stand for; what is not a valid text is left out or replaced by FUNCTION."""
    return cast(default, values, _parsed)


@jsons.expression(
    "json-transit-parse",
    "FUNCTION(default-value-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.STRING,
    examples=[
        Example(["json-transit-parse", '["~:tree:elm", "~f1.50"]'], ["~:tree:elm", "~f1.50"]),
        Example(["json-transit-parse", "bad", ["list", "elm", '"~uelm"', "7"]], ["bad", "bad", 7]),
    ],
)
def json_transit_parse(default: Callable[[Value], Value] | None, values: Value) -> Value:
    """The values that JSON texts with transit tags stand for; what is not valid is left out or replaced by FUNCTION."""
    return cast(default, values, _decoded)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _parsed(value: Value) -> Value:
    if type(value) is not str:
        return IGNORED
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return IGNORED


def _decoded(value: Value) -> Value:
    parsed = _parsed(value)
    try:
        return parsed if parsed is IGNORED else transit.decode(parsed)
    except transit.TransitError:
        return IGNORED
