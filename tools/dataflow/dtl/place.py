"""Where the compiler is: the place it writes to, and the call it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataflow.dtl.emitter import Body
    from dataflow.dtl.registry import Function
    from dataflow.dtl.scope import Scope


class Place(NamedTuple):
    """Where code is being written: the scope, the function body, and the JSON pointer of the expression."""

    scope: Scope
    body: Body
    pointer: str

    def at(self, *keys: str | int) -> Place:
        pointer = self.pointer
        for k in keys:
            pointer += f"/{k}" if type(k) is int else "/" + str(k).replace("~", "~0").replace("/", "~1")
        return Place(self.scope, self.body, pointer)

    def within(self, scope: Scope) -> Place:
        return Place(scope, self.body, self.pointer)


class Call(NamedTuple):
    """One call being compiled: the raw arguments, and their places."""

    function: Function
    arguments: list[Any]
    place: Place

    def place_of(self, index: int) -> Place:
        scope, body, pointer = self.place
        return Place(scope, body, f"{pointer}/{index + 1}")
