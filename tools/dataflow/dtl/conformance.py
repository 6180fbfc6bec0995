"""Language-neutral cases: one JSON object a line with an expression, its surroundings and what must come out.

A case has `id`, `function`, `kind` ("expression" or "transform"), `expr`, and optionally `source`, `target`, `context`,
`expected`, `expected_kind`, `compare` and `confidence`. Data is in transit form, and `{"$string": "~r..."}` is the plain
string. Any engine can be held against the cases; the compiled one is used unless another is given.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from dataflow.clock import FixedClock, Randomness
from dataflow.diagnostics import Diagnostic
from dataflow.dtl import transit
from dataflow.dtl.context import Context, Table
from dataflow.dtl.likeness import COMPARISONS, is_of
from dataflow.dtl.namespaces import Namespaces
from dataflow.errors import DataflowError, FindingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from dataflow.dtl.values import Entity, Value


# What the cases about general pages give as their function.
PAGES = frozenset({"path-string", "evaluation", "join-rules", "ni-escape", "type-ordering", "transit-literal", "pipe"})


class Engine(Protocol):
    """Something that evaluates DTL; every method raises DataflowError for malformed or failing DTL."""

    def evaluate(
        self,
        expr: Any,
        *,
        source: Value,
        target: Value,
        context: Context,
        rules: dict[str, Any],
        namespaces: Namespaces,
    ) -> Value: ...

    def run(
        self,
        rules: dict[str, Any],
        source: Value,
        target: Entity,
        *,
        context: Context,
        namespaces: Namespaces,
        id_required: bool,
    ) -> tuple[Entity | None, list[Entity], str]:
        """The `default` rule as it stands: (target or None, created, "kept", "filtered" or "discarded")."""

    def transform(
        self, rules: dict[str, Any], source: Entity, *, context: Context, namespaces: Namespaces, id_required: bool
    ) -> list[Entity]:
        """What a dtl transform emits for one source entity."""


class Compiled:
    """The compiled engine."""

    def evaluate(
        self,
        expr: Any,
        *,
        source: Value,
        target: Value,
        context: Context,
        rules: dict[str, Any],
        namespaces: Namespaces,
    ) -> Value:
        from dataflow.dtl.expression import compile_expression

        return compile_expression(expr, namespaces=namespaces, rules=rules)(context, S=source, T=target)

    def run(
        self,
        rules: dict[str, Any],
        source: Value,
        target: Entity,
        *,
        context: Context,
        namespaces: Namespaces,
        id_required: bool,
    ) -> tuple[Entity | None, list[Entity], str]:
        from dataflow.dtl.transform import compile_rules

        outcome = compile_rules(rules, namespaces=namespaces, id_required=id_required).run(source, target, context)
        return outcome.target, outcome.created, outcome.state

    def transform(
        self, rules: dict[str, Any], source: Entity, *, context: Context, namespaces: Namespaces, id_required: bool
    ) -> list[Entity]:
        from dataflow.dtl.transform import compile_rules

        return list(compile_rules(rules, namespaces=namespaces, id_required=id_required)(source, context))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case: `ok` when it came out as expected, with the `result` in transit form or the `error`."""

    id: str
    confidence: str
    ok: bool
    result: Any = None
    error: str | None = None

    def line(self) -> dict[str, Any]:
        """The outcome as it is printed."""
        shown = {"result": self.result} if self.error is None else {"error": self.error}
        return {"id": self.id, "ok": self.ok, **shown}


def load(path: Path) -> list[dict[str, Any]]:
    """The cases of a file; FindingsError when it cannot be read or a line is not a case."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FindingsError([Diagnostic("DF101", f"cannot read: {error}", file=str(path))]) from error
    cases: list[dict[str, Any]] = []
    faults: list[Diagnostic] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except ValueError as error:
            column = error.colno if isinstance(error, json.JSONDecodeError) else 1
            faults.append(Diagnostic("DF102", f"not valid JSON: {error}", file=str(path), line=number, column=column))
            continue
        lacking = _lacking(case)
        if lacking is None:
            cases.append(case)
        else:
            expected = 'an object with "id", "kind" and "expr"'
            faults.append(Diagnostic("DF202", lacking, file=str(path), line=number, column=1, expected=expected))
    if faults:
        raise FindingsError(faults)
    return cases


def _lacking(case: Any) -> str | None:
    if type(case) is not dict:
        return "a case is an object"
    missing = [name for name in ("id", "kind", "expr") if name not in case]
    if missing:
        return f"case without {', '.join(missing)}"
    return None if case["kind"] in ("expression", "transform") else f'unknown kind of case "{case["kind"]}"'


def run_case(case: dict[str, Any], engine: Engine | None = None) -> Outcome:
    """Run one case; whatever goes wrong in it becomes its outcome."""
    confidence = case.get("confidence", "high")
    expected_kind = case.get("expected_kind")
    try:
        context = _context(case.get("context") or {})
        found, shown = _run(case, expected_kind, context, engine or Compiled())
        expected = decode(case.get("expected"))
    except DataflowError as error:
        return Outcome(case["id"], confidence, expected_kind == "error", error=str(error))
    except Exception as error:
        # A crash is a fault of the engine, never what a case expects, and must not take the other cases with it.
        return Outcome(case["id"], confidence, ok=False, error=f"internal error: {type(error).__name__}: {error}")
    if expected_kind is None:
        ok = True
    elif expected_kind == "type":
        ok = is_of(case["expected"], found, context.clock.now_ns())
    else:
        ok = expected_kind != "error" and COMPARISONS[case.get("compare", "exact")](expected, found)
    return Outcome(case["id"], confidence, ok, result=transit.encode(shown))


def implemented(case: dict[str, Any], known: Collection[str]) -> bool:
    """Whether the case is about something there is: pseudo functions name a page of the reference, not a function."""
    function = case.get("function", "")
    return function in known or function.startswith("variable:") or function in PAGES or not function


def summary(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """confidence -> (as expected, all), most confident first."""
    total: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for outcome in outcomes:
        total[outcome.confidence] += 1
        good[outcome.confidence] += outcome.ok
    order = {"high": 0, "medium": 1, "low": 2}
    return {level: (good[level], total[level]) for level in sorted(total, key=lambda level: order.get(level, 3))}


def decode(value: Any) -> Value:
    """Transit form to values, with `{"$string": text}` standing for a string that looks like a transit one."""
    if type(value) is dict:
        if value.keys() == {"$string"}:
            return value["$string"]
        return {name: decode(one) for name, one in value.items()}
    return [decode(one) for one in value] if type(value) is list else transit.decode(value)


def _run(case: dict[str, Any], expected_kind: str | None, context: Context, engine: Engine) -> tuple[Value, Value]:
    """(what to compare, what to show)."""
    settings = case.get("context") or {}
    source, target = (decode(case[name]) if case.get(name) is not None else {} for name in ("source", "target"))
    rules: dict[str, Any] = settings.get("rules") or {}
    namespaces = _namespaces(settings)
    if case["kind"] == "expression":
        value = engine.evaluate(
            case["expr"], source=source, target=target, context=context, rules=rules, namespaces=namespaces
        )
        return value, value
    rules = {**rules, "default": case["expr"]}
    id_required = settings.get("id_required", True)
    if expected_kind == "entities":
        entities = engine.transform(rules, source, context=context, namespaces=namespaces, id_required=id_required)
        kept = [e for one in entities for e in _sunk(one, settings.get("sink"))]
        return kept, kept
    found, _, state = engine.run(rules, source, target, context=context, namespaces=namespaces, id_required=id_required)
    if state == "filtered":
        found = {"_filtered": True}
    return found, found


def _sunk(entity: Entity, sink: str | None) -> list[Entity]:
    """What a sink makes of an entity: a dataset drops temporaries, the others know nothing of filtered entities."""
    if sink == "dataset":
        kept = ("_id", "_deleted", "_filtered")
        return [{name: value for name, value in entity.items() if name in kept or not name.startswith("_")}]
    return [] if sink == "other" and entity.get("_filtered") is True else [entity]


def _namespaces(settings: dict[str, Any]) -> Namespaces:
    given, pipe_id = settings.get("namespaces") or {}, settings.get("pipe_id", "")
    return Namespaces(
        identity=given.get("identity", pipe_id),
        property=given.get("property", pipe_id),
        enabled=settings.get("namespaced_identifiers", False),
        prefixes=given.get("default") or {},
    )


def _context(settings: dict[str, Any]) -> Context:
    completeness = decode(settings.get("completeness") or {})
    before = decode(settings.get("previous"))
    from_dataset = settings.get("source_type") == "dataset"
    return Context(
        datasets={name: Table(decode(entities)) for name, entities in (settings.get("datasets") or {}).items()},
        parameters=decode(settings.get("_B") or {}),
        secrets=settings.get("secrets"),
        clock=FixedClock(),
        random=Randomness(0),
        previous=(lambda _: before) if from_dataset else None,
        completeness=lambda via, dataset: completeness.get(via, {}).get(dataset),
        prefixes=settings.get("rdf"),
        current_dataset=settings.get("current_dataset"),
    )
