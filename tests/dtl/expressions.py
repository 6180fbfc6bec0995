"""Evaluating one expression in a test, and comparing exactly: as transit JSON, in which 1, 1.0, true and "~f1" all differ."""

import json

from dataflow.dtl import Context, compile_expression, transit


def text_of(expression, source=None, *, namespaces=None, **context):
    """The value of an expression as transit JSON; `source` is in transit form too."""
    compiled = compile_expression(expression, namespaces=namespaces)
    return transit.dumps(compiled(Context(**context), S=transit.decode(source or {})), sort_keys=True)


def text(expected):
    return json.dumps(expected, ensure_ascii=False, sort_keys=True)
