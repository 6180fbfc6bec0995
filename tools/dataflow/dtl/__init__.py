"""DTL, the platform's transformation language, usable alone: `from dataflow.dtl import compile_rules`."""

from dataflow.dtl.context import Context
from dataflow.dtl.expression import Expression, compile_expression
from dataflow.dtl.namespaces import Namespaces
from dataflow.dtl.transform import Transform, compile_rules

__all__ = ["Context", "Expression", "Namespaces", "Transform", "compile_expression", "compile_rules"]
