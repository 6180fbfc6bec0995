"""The Python that rules have become: made of all of them, loaded, and what it may call.

Rules: tools/docs/decisions/0001-dtl-becomes-python.md.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.dtl import applying, joins, paths, targets
from dataflow.dtl.values import NI, Datetime, key, same, true
from dataflow.errors import FindingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl.compiler import Compiler

# What generated code may call without asking: names must not clash with those of `Constants.function`, which end in `_`.
_RUNTIME: dict[str, Any] = {
    "DISCARDED": targets.DISCARDED,
    "Datetime": Datetime,
    "NI": NI,
    "Stop": targets.Stop,
    "FILTERED": targets.FILTERED,
    "apply": applying.apply,
    "copy": targets.copy,
    "create_child": targets.create_child,
    "created": targets.created,
    "add": targets.add,
    "default": targets.default,
    "distinct": joins.distinct,
    "fail": applying.fail,
    "gather": joins.gather,
    "gather_all": joins.gather_all,
    "ids": paths.ids,
    "is_changed": applying.is_changed,
    "key": key,
    "keys": joins.keys,
    "make_ni": targets.make_ni,
    "matching": applying.matching,
    "merge": targets.merge,
    "merge_union": targets.merge_union,
    "overlap": joins.overlap,
    "pick": paths.pick,
    "recurse": joins.recurse,
    "remove": targets.remove,
    "rename": targets.rename,
    "same": same,
    "set_id": targets.set_id,
    "sleep": applying.sleep,
    "snapshot": applying.snapshot,
    "spread": applying.spread,
    "step": paths.step,
    "trip": applying.trip,
    "true": true,
}


def generate(compiler: Compiler, names: Sequence[str]) -> str:
    """The source of all rules; diagnostics are in the compiler."""
    for name in names:
        compiler.compile_rule(name)
    return "\n\n\n".join(compiler.functions) + "\n"


def load(source: str, compiler: Compiler, label: str) -> dict[str, Any]:
    """The namespace of the compiled source; FindingsError when Python finds it nested too deeply."""
    namespace = {**_RUNTIME, **compiler.constants.names}
    try:
        with warnings.catch_warnings():
            # Python wonders at literals in tests such as `None is not None`, which constants in rules lead to.
            warnings.simplefilter("ignore", SyntaxWarning)
            code = compile(source, f"<dtl {label}>", "exec", dont_inherit=True, optimize=1)
        exec(code, namespace)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise too_deep() from error
    for local, (name, dataset, identity, keys) in compiler.indexes.items():
        namespace[local] = (name, dataset, identity, namespace[keys])
    return namespace


def too_deep() -> FindingsError:
    """What to raise where Python does not get to the bottom of rules."""
    return FindingsError([Diagnostic("DF408", "expressions are nested too deeply to be compiled", pointer="")])


def check(compiler: Compiler) -> list[Diagnostic]:
    """Raise everything found when there is an error in it, or return the warnings, each once."""
    # Conditions of hops are written in several places.
    found = list(dict.fromkeys(compiler.diagnostics))
    if any(d.severity is Severity.ERROR for d in found):
        raise FindingsError(found)
    return found
