"""The compiled engine and the oracle give the same value for random DTL, or both refuse it."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow.clock import FixedClock, Randomness
from dataflow.diagnostics import Severity
from dataflow.dtl import Context, Namespaces, compile_expression, compile_rules
from dataflow.dtl.context import Table
from dataflow.dtl.likeness import exact
from dataflow.dtl.transit import decode, encode
from dataflow.errors import DataflowError, DtlError, FindingsError
from oracle import interpreter, strategies

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = "refused"
# The compiler refuses a constant argument of the wrong type, and a call that fails on constants, even where it would not be
# reached; the oracle only meets what is evaluated.
FORESEEN = "foreseen"
FORESEEN_CODES = {"DF407", "DF411"}
# A longer search: DATAFLOW_EXAMPLES=20000 pytest tests/dtl/test_oracle_agreement.py
SLOW = settings(
    max_examples=int(os.environ.get("DATAFLOW_EXAMPLES", "200")), deadline=None, suppress_health_check=list(HealthCheck)
)
NAMESPACES = st.sampled_from([Namespaces("i", "p"), Namespaces("i", "p", enabled=True)])


def result_of(run: Callable[[], Any]) -> Any:
    """The value, or REFUSED for an error that belongs to DTL; anything else is a fault and goes on."""
    try:
        return run()
    except FindingsError as error:
        errors = {d.code for d in error.diagnostics if d.severity is Severity.ERROR}
        return FORESEEN if errors <= FORESEEN_CODES else REFUSED
    except DtlError as error:
        cause = error.__cause__
        if cause is not None and not isinstance(cause, (DataflowError, RecursionError)):
            raise cause from None
        return REFUSED
    except DataflowError:
        return REFUSED


def alike(a: Any, b: Any) -> bool:
    """Same type and value; NaN is itself. `a` is the compiled engine's."""
    return a is FORESEEN or exact(a, b) or repr(a) == repr(b)


def context(datasets: dict[str, Any] | None = None) -> Context:
    tables = {name: Table(decode(entities)) for name, entities in (datasets or {}).items()}
    return Context(datasets=tables, clock=FixedClock(), random=Randomness(0), previous=lambda entity: {"a": 1})


@given(strategies.expressions(), strategies.entities, strategies.entities, NAMESPACES)
@SLOW
def test_expressions_agree(expression: Any, source: Any, target: Any, namespaces: Namespaces) -> None:
    source, target = decode(source), decode(target)

    compiled = result_of(lambda: compile_expression(expression, namespaces=namespaces)(context(), S=source, T=target))
    walked = result_of(
        lambda: interpreter.evaluate(
            expression, source=source, target=target, context=context(), rules={}, namespaces=namespaces
        )
    )

    assert alike(compiled, walked), f"{expression}\ncompiled {encode(compiled)!r}\noracle   {encode(walked)!r}"


@given(strategies.rules(), strategies.entities, NAMESPACES, st.booleans())
@SLOW
def test_rules_agree(rules: Any, source: Any, namespaces: Namespaces, id_required: bool) -> None:
    source = {"_id": "e1", **decode(source)}
    before = repr(source)

    compiled = result_of(
        lambda: list(compile_rules(rules, namespaces=namespaces, id_required=id_required)(source, context()))
    )
    walked = result_of(
        lambda: interpreter.transform(rules, source, context=context(), namespaces=namespaces, id_required=id_required)
    )

    assert alike(compiled, walked), f"{rules}\ncompiled {encode(compiled)!r}\noracle   {encode(walked)!r}"
    assert repr(source) == before


@st.composite
def hops(draw: st.DrawFn) -> list[Any]:
    first = [draw(strategies.hops_specs(last=False))] if draw(st.integers(0, 3)) == 0 else []
    return ["hops", *first, draw(strategies.hops_specs())]


@given(hops(), strategies.stored, strategies.datasets, NAMESPACES)
@SLOW
def test_hops_agree(expression: Any, source: Any, datasets: Any, namespaces: Namespaces) -> None:
    """Joins find what nested loops find; only with several aliases or sources is the order left open."""
    source = decode(source)

    compiled = result_of(
        lambda: compile_expression(expression, namespaces=namespaces)(context(datasets), S=source, T={})
    )
    walked = result_of(
        lambda: interpreter.evaluate(
            expression, source=source, target={}, context=context(datasets), rules={}, namespaces=namespaces
        )
    )

    ordered = len(expression) == 2 and len(expression[1]["datasets"]) == 1
    same = alike(compiled, walked) if ordered else bag(compiled) == bag(walked)
    assert same, f"{expression}\ncompiled {encode(compiled)!r}\noracle   {encode(walked)!r}"


def bag(values: Any) -> Any:
    return Counter(map(repr, values)) if type(values) is list else values
