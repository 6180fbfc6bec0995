"""DTL, the platform's transformation language, usable alone: `from dataflow.dtl import compile_rules`."""

from dataflow.dtl.compiler import Namespaces, Transform, compile_expression, compile_rules
from dataflow.dtl.context import Context

__all__ = ["Context", "Namespaces", "Transform", "compile_expression", "compile_rules"]
