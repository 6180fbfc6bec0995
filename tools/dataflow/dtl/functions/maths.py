"""Chapter "Math". Symbols work on the first value of each side; named functions map over a list and take the operand first.

The result has the most precise type of its operands: decimal, then float, then integer; integers divided, or raised to a
negative power, give decimals. What has no finite real result is null (hub/dtl/dtl-functions-math.rst; changelog 2016-10-04).
"""

from __future__ import annotations

import math as standard
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds
from dataflow.dtl.functions.numbers import exact, finite
from dataflow.dtl.mapping import IGNORED, each, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.dtl.values import DECIMALS, NUMBERS
from dataflow.errors import DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Value

    Operation = Callable[[Any, Any], Any]

maths = Chapter("Math", "dtl-functions-math.rst")

# An integer power beyond this many bits cannot be stored by far, and takes long to be written.
_LARGEST_POWER = 100_000


def _number(value: Value) -> Any:
    """The first value when it is a number, else None."""
    number = first(value)
    return number if type(number) in NUMBERS else None


def _calculate(operation: Operation, left: Any, right: Any) -> Value:
    try:
        if type(left) is not type(right) and (type(left) is Decimal or type(right) is Decimal):
            left, right = exact(left), exact(right)
        return finite(operation(left, right))
    except ArithmeticError:
        return None


def _symbol(operation: Operation, value1: Value, value2: Value) -> Value:
    left, right = _number(value1), _number(value2)
    return None if left is None or right is None else _calculate(operation, left, right)


def _map(operation: Operation, operand: Value, values: Value) -> Value:
    """`operation(value, operand)` for every number; null when the operand is no number."""
    right = _number(operand)
    if right is None:
        return None
    return each(values, lambda left: _calculate(operation, left, right) if type(left) in NUMBERS else IGNORED)


def _add(left: Any, right: Any) -> Any:
    return DECIMALS.add(left, right) if type(left) is Decimal else left + right


def _subtract(left: Any, right: Any) -> Any:
    return DECIMALS.subtract(left, right) if type(left) is Decimal else left - right


def _multiply(left: Any, right: Any) -> Any:
    return DECIMALS.multiply(left, right) if type(left) is Decimal else left * right


def _divide(left: Any, right: Any) -> Any:
    return (
        left / right if type(left) is float or type(right) is float else DECIMALS.divide(Decimal(left), Decimal(right))
    )


def _modulo(left: Any, right: Any) -> Any:
    if type(left) is not Decimal:
        return left % right
    remainder = DECIMALS.remainder(left, right)
    # Decimal's remainder has the sign of the dividend; the sign of the divisor is the rule for every kind of number here.
    return DECIMALS.add(remainder, right) if remainder and (remainder < 0) != (right < 0) else remainder


def _power(base: Any, exponent: Any) -> Any:
    if type(base) is float or type(exponent) is float:
        return base**exponent
    if exponent == 0:
        return type(base)(1)
    if type(base) is int and exponent > 0:
        if abs(base) > 1 and base.bit_length() * exponent > _LARGEST_POWER:
            raise DtlError(f"an integer raised to the power of {exponent} is too large")
        return base**exponent
    return DECIMALS.power(Decimal(base), Decimal(exponent))


def _fast(operator: str) -> str:
    return f"{{0}} {operator} {{1}} if type({{0}}) is int and type({{1}}) is int else {{slow}}"


def _fast_map(operator: str) -> str:
    return f"{{1}} {operator} {{0}} if type({{0}}) is int and type({{1}}) is int else {{slow}}"


@maths.expression(
    "+",
    "VALUE1(value-expression{1}) VALUE2(value-expression{1})",
    fast=_fast("+"),
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[
        Example(["+", 2, 0.5], 2.5),
        Example(["+", "~f0.10", 0.2], "~f0.30"),
        Example(["+", ["list", 2, 9], 1], 3),
        Example(["+", "2", 1], None),
    ],
)
def plus_symbol(value1: Value, value2: Value) -> Value:
    """VALUE1 + VALUE2."""
    return _symbol(_add, value1, value2)


@maths.expression(
    "-",
    "VALUE1(value-expression{1}) VALUE2(value-expression{1})",
    fast=_fast("-"),
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["-", 3, 10], -7), Example(["-", None, 10], None)],
)
def minus_symbol(value1: Value, value2: Value) -> Value:
    """VALUE1 - VALUE2."""
    return _symbol(_subtract, value1, value2)


@maths.expression(
    "*",
    "VALUE(value-expression{1}) MULTIPLIER(value-expression{1})",
    fast=_fast("*"),
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["*", 99999999999, 99999999999], 9999999999800000000001), Example(["*", "~f1.5", 2], "~f3.0")],
)
def multiply_symbol(value: Value, multiplier: Value) -> Value:
    """VALUE * MULTIPLIER."""
    return _symbol(_multiply, value, multiplier)


@maths.expression(
    "/",
    "DIVIDEND(numeric-expression{1}) DIVISOR(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["/", 7, 2], "~f3.5"), Example(["/", 7.0, 2], 3.5), Example(["/", 7, 0], None)],
)
def divide_symbol(dividend: Value, divisor: Value) -> Value:
    """DIVIDEND / DIVISOR; null when the divisor is zero."""
    return _symbol(_divide, dividend, divisor)


@maths.expression(
    "%",
    "DIVIDEND(numeric-expression{1}) DIVISOR(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["%", 17, 5], 2), Example(["%", -17, 5], 3), Example(["%", "~f7.5", 2], "~f1.5")],
)
def modulo_symbol(dividend: Value, divisor: Value) -> Value:
    """The remainder of DIVIDEND / DIVISOR, which has the divisor's sign; null when the divisor is zero."""
    return _symbol(_modulo, dividend, divisor)


@maths.expression(
    "^",
    "VALUE(value-expression{1}) EXPONENT(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[
        Example(["^", 7, 25], 1341068619663964900807),
        Example(["^", 2, -2], "~f0.25"),
        Example(["^", -8, 0.5], None),
    ],
)
def power_symbol(value: Value, exponent: Value) -> Value:
    """VALUE raised to EXPONENT; null when the result is not a real number."""
    return _symbol(_power, value, exponent)


@maths.expression(
    "plus",
    "INCREMENT(numeric-expression{1}) VALUES(value-expression{1})",
    fast=_fast_map("+"),
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["plus", 5, ["list", 1, "x", 2.5]], [6, 7.5]), Example(["plus", 5, None], None)],
)
def plus(increment: Value, values: Value) -> Value:
    """Numbers incremented by INCREMENT; other values are ignored."""
    return _map(_add, increment, values)


@maths.expression(
    "minus",
    "DECREMENT(numeric-expression{1}) VALUES(value-expression{1})",
    fast=_fast_map("-"),
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["minus", 5, 1], -4), Example(["minus", 0.5, ["list", 1, None]], [0.5])],
)
def minus(decrement: Value, values: Value) -> Value:
    """Numbers decremented by DECREMENT; other values are ignored."""
    return _map(_subtract, decrement, values)


@maths.expression(
    "multiply",
    "MULTIPLIER(numeric-expression{1}) VALUES(value-expression{1})",
    fast=_fast_map("*"),
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["multiply", "~f0.25", ["list", 4, "x"]], ["~f1.00"]), Example(["multiply", "x", 4], None)],
)
def multiply(multiplier: Value, values: Value) -> Value:
    """Numbers multiplied by MULTIPLIER; other values are ignored."""
    return _map(_multiply, multiplier, values)


@maths.expression(
    "divide",
    "DIVISOR(numeric-expression{1}) DIVIDENDS(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[
        Example(["divide", 4, ["list", 10, "x", 1.0]], ["~f2.5", 0.25]),
        Example(["divide", 0, ["list", 4]], [None]),
    ],
)
def divide(divisor: Value, dividends: Value) -> Value:
    """Numbers divided by DIVISOR, null for each when it is zero; other values are ignored."""
    return _map(_divide, divisor, dividends)


@maths.expression(
    "mod",
    "DIVISOR(numeric-expression{1}) VALUES(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["mod", 4, ["list", 10, "x", -1]], [2, 3]), Example(["mod", 0, 10], None)],
)
def mod(divisor: Value, values: Value) -> Value:
    """The remainders of numbers divided by DIVISOR, null for each when it is zero; other values are ignored."""
    return _map(_modulo, divisor, values)


@maths.expression(
    "pow",
    "EXPONENT(numeric-expression{1}) VALUES(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["pow", 3, ["list", 2, 0.5, "x"]], [8, 0.125]), Example(["pow", -1, 0], None)],
)
def power(exponent: Value, values: Value) -> Value:
    """Numbers raised to EXPONENT; other values are ignored."""
    return _map(_power, exponent, values)


@maths.expression(
    "abs",
    "VALUE(numeric-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["abs", ["list", -3, 2.5, "~f-1.50", "x"]], [3, 2.5, "~f1.50"])],
)
def absolute(values: Value) -> Value:
    """Numbers without their sign, of the same type; other values are ignored."""
    return each(values, _absolute)


def _absolute(value: Value) -> Value:
    if type(value) is Decimal:
        return value.copy_abs()
    return abs(value) if type(value) in NUMBERS else IGNORED


def _round(mode: str, digits: Value, values: Value) -> Value:
    """Every number rounded; without digits to an integer, else an integer or decimal to a decimal and a float to a float."""
    places = 0 if digits is None else finite(_number(digits))
    if places is None or places != int(places):
        return None

    def one(value: Value) -> Value:
        if type(value) not in NUMBERS:
            return IGNORED
        try:
            number = exact(value)
        except ArithmeticError:
            return None
        if places == 0:
            return int(number.to_integral_value(rounding=mode))
        rounded = _quantized(number, int(places), mode)
        return float(rounded) if type(value) is float else rounded

    return each(values, one)


def _quantized(number: Decimal, places: int, mode: str) -> Decimal:
    """Rounded to `places` digits after the point; unchanged when there are so many that nothing needs rounding."""
    width = Context(prec=max(DECIMALS.prec, len(number.as_tuple().digits) + 1), Emin=DECIMALS.Emin, Emax=DECIMALS.Emax)
    try:
        rounded = number.quantize(Decimal((0, (1,), -places)), rounding=mode, context=width)
    except ArithmeticError:
        return number
    return rounded if rounded else rounded.copy_abs()


@maths.expression(
    "ceil",
    "DIGITS(numeric-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["ceil", ["list", 1.01, -1.99, 3, "x"]], [2, -1, 3]), Example(["ceil", 1, "~f1.01"], "~f1.1")],
)
def ceil(digits: Value, values: Value) -> Value:
    """Numbers rounded up, to an integer or to DIGITS digits after the point; other values are ignored."""
    return _round(ROUND_CEILING, digits, values)


@maths.expression(
    "floor",
    "DIGITS(numeric-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["floor", ["list", 1.99, -1.01, 3]], [1, -2, 3]), Example(["floor", 2, 1.239], 1.23)],
)
def floor(digits: Value, values: Value) -> Value:
    """Numbers rounded down, to an integer or to DIGITS digits after the point; other values are ignored."""
    return _round(ROUND_FLOOR, digits, values)


@maths.expression(
    "round",
    "DIGITS(numeric-expression{0|1}) VALUES(value-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[
        Example(["round", ["list", 0.5, 1.5, -2.5]], [0, 2, -2]),
        Example(["round", 2, ["list", 1.005, "~f1.005"]], [1.0, "~f1.00"]),
        Example(["round", -2, 1250], "~f1200"),
    ],
)
def half_even(digits: Value, values: Value) -> Value:
    """Numbers rounded to the nearest, halves to the even neighbour, judged by their shortest decimal form."""
    return _round(ROUND_HALF_EVEN, digits, values)


def _real(function: Callable[[float], float], values: Value) -> Value:
    def one(value: Value) -> Value:
        if type(value) not in NUMBERS:
            return IGNORED
        try:
            return finite(function(float(value)))
        except (ArithmeticError, ValueError):
            return None

    return each(values, one)


@maths.expression("cos", "VALUE(numeric-expression{1})", examples=[Example(["cos", ["list", 0, "x"]], [1.0])])
def cos(values: Value) -> Value:
    """The cosine of numbers in radians, as floats."""
    return _real(standard.cos, values)


@maths.expression("sin", "VALUE(numeric-expression{1})", examples=[Example(["sin", "~f0"], 0.0)])
def sin(values: Value) -> Value:
    """The sine of numbers in radians, as floats."""
    return _real(standard.sin, values)


@maths.expression(
    "tan",
    "VALUE(numeric-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["tan", 0], 0.0), Example(["tan", ["list", 1.5707963267948966]], [None])],
)
def tan(values: Value) -> Value:
    """The tangent of numbers in radians, as floats; null where it is infinite."""
    return _real(_tangent, values)


def _tangent(angle: float) -> float:
    # The closest a float comes to a multiple of a quarter turn leaves a cosine of about 6e-17.
    return standard.tan(angle) if abs(standard.cos(angle)) > 1e-15 else standard.inf


@maths.expression(
    "sqrt",
    "VALUE(numeric-expression{1})",
    accepts=kinds.NUMBER,
    gives=kinds.NUMBER,
    examples=[Example(["sqrt", ["list", 6.25, -1, "x"]], [2.5, None]), Example(["sqrt", "~f2.25"], "~f1.5")],
)
def sqrt(values: Value) -> Value:
    """The square root of numbers, null for negative ones: a decimal of a decimal, otherwise a float."""
    return each(values, _root)


def _root(value: Value) -> Value:
    try:
        if type(value) is Decimal:
            return DECIMALS.sqrt(value)
        return standard.sqrt(value) if type(value) in NUMBERS else IGNORED
    except (ArithmeticError, ValueError):
        return None
