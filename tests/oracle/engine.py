"""The oracle as an engine for the conformance runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle import interpreter

if TYPE_CHECKING:
    from dataflow.dtl.context import Context
    from dataflow.dtl.namespaces import Namespaces


class Oracle:
    """`dataflow.dtl.conformance.Engine` by tree walking."""

    def evaluate(
        self, expr: Any, *, source: Any, target: Any, context: Context, rules: dict[str, Any], namespaces: Namespaces
    ) -> Any:
        return interpreter.evaluate(
            expr, source=source, target=target, context=context, rules=rules, namespaces=namespaces
        )

    def run(
        self,
        rules: dict[str, Any],
        source: Any,
        target: dict[str, Any],
        *,
        context: Context,
        namespaces: Namespaces,
        id_required: bool,
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]], str]:
        return interpreter.run(rules, source, target, context=context, namespaces=namespaces, id_required=id_required)

    def transform(
        self,
        rules: dict[str, Any],
        source: dict[str, Any],
        *,
        context: Context,
        namespaces: Namespaces,
        id_required: bool,
    ) -> list[dict[str, Any]]:
        return interpreter.transform(rules, source, context=context, namespaces=namespaces, id_required=id_required)
