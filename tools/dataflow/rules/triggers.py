"""The rule about steps that wait for a value which never comes.

Which values a property can have is known when every transform that sets it sets constants; with one expression of another
kind it may have any, and nothing is said.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.rules.rule import Family, Files, Found, dtl, pipe, system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.pipe import Pipe
    from dataflow.rules.package import Package

family = Family("dtl", alone=True)

# The texts that a property may have; None for any value.
Values = frozenset[str] | None

_SETTING = frozenset({"add", "default"})
_CHANGING = frozenset({"add-if", "rename", "merge", "merge-union", "create", "create-child", "copy", "make-ni"})
_NOTHING: frozenset[str] = frozenset()


def _sends(value: str) -> Files:
    decided = ["add", "_trigger", ["if", ["is-null", "_S.no"], "insert", "update"]]
    step = {"type": "rest", "system": "erp", "operation": "insert", "trigger_on": {"key": "_trigger", "value": value}}
    order = pipe("erp-order", transform=[dtl(["copy", "*"], decided), step])
    return order | system("erp", "system:rest", operations={"insert": {"url": "orders", "method": "POST"}})


@family.rule(
    "DF426",
    page="documentation/service-configuration/pipes/configuration-transforms-rest.rst",
    bad=_sends("inserts"),
    good=_sends("insert"),
)
def never_triggered(package: Package) -> Iterator[Found]:
    """A transform that is only for entities with a certain value of a property (`trigger_on`), while the transforms before it
    give that property other values alone: it is passed over, always.
    """
    for one in package.pipes:
        for number, step in enumerate(one.transforms):
            trigger = step.config.get("trigger_on")
            if type(trigger) is not dict or type(trigger.get("value")) is not str or "$" in trigger["value"]:
                continue
            key = trigger.get("key", "_trigger")
            values = _values(package, one, number, key) if type(key) is str else None
            if values and not fnmatch.filter(values, trigger["value"]):
                message = f'no transform before this one gives "{key}" the value "{trigger["value"]}"'
                expected = ", ".join(f'"{value}"' for value in sorted(values))
                at = f"{step.pointer}/trigger_on/value"
                yield Found(one.document, at, message, did_you_mean(trigger["value"], values), expected)


def _values(package: Package, one: Pipe, number: int, key: str) -> Values:
    """What the transforms before the one of that number may set a property to."""
    for step in one.transforms[:number]:
        # What a system answers is put into a property, or in the place of the whole entity.
        outside = step.config.get("type") != "dtl"
        if outside and (key in step.config.values() or step.config.get("replace_entity", False) is not False):
            return None
    found = _NOTHING
    for call in package.calls(one, *_SETTING, *_CHANGING):
        if call.step >= number:
            continue
        if call.name not in _SETTING:
            named = call.arguments[1:2] if call.name == "rename" else call.arguments[:1]
            if key in named:
                return None
        elif call.arguments[:1] == [key] and len(call.arguments) == 2:
            values = _constants(call.arguments[1])
            if values is None:
                return None
            found |= values
    return found


def _constants(node: Any) -> Values:
    """The texts that an expression may give; values of other kinds are none."""
    if type(node) is str:
        return None if "." in node or node.startswith(("~", "_")) or "$" in node else frozenset({node})
    if type(node) is not list:
        return _NOTHING if type(node) in (int, float, bool, type(None)) else None
    if not node:
        return _NOTHING
    name, arguments = node[0], node[1:]
    if name == "if":
        branches = arguments[1:]
    elif name in ("case", "case-eq"):
        pairs = arguments[1:] if name == "case-eq" else arguments
        branches = [*pairs[1::2], *(pairs[-1:] if len(pairs) % 2 else [])]
    else:
        return None
    found = _NOTHING
    for branch in branches:
        values = _constants(branch)
        if values is None:
            return None
        found |= values
    return found
