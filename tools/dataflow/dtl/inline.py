"""Inline forms: what the call of an ordinary function becomes in generated code when its arguments are what they mostly are.

An inline form tests exactly what a value is (`type(v) is str`), and leaves everything else to the general function. Calls within
calls share one test: the inner one is a `Choice`, and the outer one goes on in each of its ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.dtl.emitter import UNKNOWN, Choice, Code
from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.emitter import Body, Constants
    from dataflow.dtl.kinds import Kinds
    from dataflow.dtl.place import Place
    from dataflow.dtl.registry import Function, Plan
    from dataflow.dtl.values import Value

_PYTHON = {"string": "str", "integer": "int", "datetime": "Datetime"}


class Inline(NamedTuple):
    """A function expression that has not been made a function: the name of `_`, the lines it needs, its value."""

    current: str
    lines: list[str]
    code: Code
    truth: str


class Separate(NamedTuple):
    """A function expression as a function of its own in the generated code: its name, and what is known of its result."""

    name: str
    result: Code


class Step(NamedTuple):
    """What the last step of a path is made of: the Python of its owner, which is no entity for certain, and a property's name."""

    owner: str
    name: str


class FastCall:
    """A call as an inline form sees it; a form gives the call's code, as text or `Code`, or None when it has none for this call.

    `codes` are the arguments, function expressions apart: those are `nodes`, by position.
    """

    def __init__(
        self,
        compiler: Compiler,
        function: Function,
        codes: list[Code],
        place: Place,
        *,
        plan: Plan | None = None,
        nodes: dict[int, tuple[Any, Place]] | None = None,
        gives: Kinds | None = None,
    ) -> None:
        self.codes = codes
        self.nodes = nodes or {}
        self.gives = gives
        self._compiler = compiler
        self._function = function
        self._plan = plan
        self._place = place
        self._functions: dict[int, str] = {}

    @property
    def body(self) -> Body:
        return self._place.body

    @property
    def constants(self) -> Constants:
        return self._compiler.constants

    @property
    def arguments(self) -> list[str]:
        """Names of the arguments, or literals, which may be written more than once."""
        for index, code in enumerate(self.codes):
            if not code.atom:
                self.codes[index] = self.body.assign(code)
        return [code.text for code in self.codes]

    def constant_of(self, index: int) -> tuple[bool, Any]:
        code = self.codes[index]
        return code.known, code.constant if code.known else None

    def kind_of(self, index: int) -> str | None:
        return self.codes[index].kind

    def bind(self, value: Any) -> str:
        return self.constants.bind(value, getattr(value, "__name__", "K"))

    def bind_once(self, make: Callable[..., Any], *constants: Any) -> str:
        """The name of what `make` makes of constants, the same for the same ones."""
        return self.constants.made(make, *constants)

    @property
    def slow(self) -> str:
        """The call of the general function."""
        return self._general(self.codes)

    def _general(self, codes: list[Code]) -> str:
        for index, node in self.nodes.items():
            if index not in self._functions:
                self._functions[index] = self._compiler.callables.function(*node)
        codes = [Code(self._functions[i]) if i in self.nodes else code for i, code in enumerate(codes)]
        return self._compiler.calls.general(self._function, codes, self._plan)

    def property_of(self, index: int) -> str | None:
        """The property a function expression reads of `_`, when that is all it does."""
        return self._compiler.paths.property_of(self.nodes[index][0]) if index in self.nodes else None

    def inline(self, index: int) -> Inline:
        """The function expression at `index`, to be written into a loop."""
        return self._compiler.callables.inline(*self.nodes[index])

    def separate(self, index: int, kind: str) -> Separate | None:
        """The function expression at `index` as a function for values of a kind, if it depends on nothing else."""
        found = self._compiler.callables.separate(*self.nodes[index], kind)
        general = None if found is None else self._compiler.callables.separate(*self.nodes[index], None)
        if general is not None:
            self._functions[index] = general.name
        return found

    def where(self, index: int, kind: str, write: Callable[[str], Code]) -> Code:
        """`write` of argument `index` where that is of a kind, elsewhere the general call. The others are constants or names.

        `write` is given a Python expression that can be followed by a dot, to be written once, and gives another such.
        """

        def written(code: Code) -> Code | None:
            return write(code.text) if code.kind == kind else None

        chosen = self.choose(index, written)
        if chosen is None:
            base = self.body.atom(self.codes[index]).text
            test = f"type({base}) is {_PYTHON[kind]}"
            self.codes[index] = Code(base, choice=Choice(base, ((test, Code(base, kind)),), None, base))
            chosen = self.choose(index, written)
        assert chosen is not None
        return chosen

    def choose(self, index: int, write: Callable[[Code], Code | None]) -> Code | None:
        """The call with `write` of argument `index`, or of each way to it; None where it gives None for one of them."""
        code = self.codes[index]
        direct = write(code)
        if direct is not None or code.choice is None:
            return direct
        for other, beside in enumerate(self.codes):
            if other != index and not beside.known and other not in self.nodes:
                self.codes[other] = self.body.atom(beside)
        ways: list[tuple[str, Code]] = []
        for test, way in code.choice.ways:
            written = write(way)
            if written is None:
                return None
            ways.append((test, written))
        rest = self._general([*self.codes[:index], Code(code.choice.rest), *self.codes[index + 1 :]])
        choice = Choice(code.choice.base, tuple(ways), self._of_null(index, code.choice.null), rest)
        return Code(choice.text(self.constants), self._function.returns, kinds=self.gives, choice=choice)

    def _of_null(self, index: int, null: Any) -> Any:
        """What the call gives where argument `index` is `null`, if that can be known now."""
        if null is UNKNOWN:
            return UNKNOWN
        constants = [_unreached if i in self.nodes else code.constant for i, code in enumerate(self.codes)]
        constants[index] = null
        if UNKNOWN in constants:
            return UNKNOWN
        return self._compiler.calls.folded(self._function, [Code("", constant=c) for c in constants], self._plan)


def _unreached(value: Value) -> Value:
    """Stands for a function expression where it should not be evaluated."""
    raise DataflowError(value)
