"""Writing Python: a function body with indentation, temporaries, and the table of constants generated code refers to."""

from __future__ import annotations

import keyword
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dataflow.dtl.kinds import of as kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.dtl.kinds import Kinds


class _Unknown:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final[Any] = _Unknown()

# Longer expressions get a name of their own: readable, and far from the parser's limit on nesting.
_LONGEST = 300
# Python refuses to write out very long integers.
_LARGE = 10**300


class Code:
    """A Python expression; `kind` is the DTL type its value certainly has; `constant` its value when known now.

    `read` marks one that only reads a property, and gives the same until its owner is written to. `borrowed` gives the same list
    without making it one's own: for those who only look at it while they are at it. `kinds` are the kinds the value, or each
    element of a list, certainly is one of, nulls apart (`dtl.kinds`). `single` says that it is no list. `choice` is there when
    the value comes about in one of several ways, and `made` when a function has something to tell the function around it.
    """

    __slots__ = ("borrowed", "choice", "constant", "kind", "kinds", "made", "read", "single", "text")

    def __init__(
        self,
        text: str,
        kind: str | None = None,
        constant: Any = UNKNOWN,
        *,
        read: bool = False,
        borrowed: str | None = None,
        kinds: Kinds | None = None,
        single: bool = False,
        choice: Choice | None = None,
        made: Any = None,
    ) -> None:
        self.text = text
        self.kind = kind
        self.constant = constant
        self.read = read
        self.borrowed = borrowed
        self.kinds = kinds
        self.single = single
        self.choice = choice
        self.made = made

    @property
    def known(self) -> bool:
        return self.constant is not UNKNOWN

    @property
    def possible(self) -> Kinds | None:
        """The kinds it may be or hold; None when nothing is known of them."""
        if self.kinds is not None:
            return self.kinds
        if self.constant is not UNKNOWN:
            return kinds_of(self.constant)
        return None if self.kind is None or self.kind == "list" else frozenset((self.kind,))

    @property
    def atom(self) -> bool:
        return is_atom(self.text)

    @property
    def alone(self) -> bool:
        """Whether it is certainly no list."""
        return self.single or (self.kind is not None and self.kind != "list")


class Choice(NamedTuple):
    """A value that comes about in one of several ways, by what `base` is.

    `ways` are pairs of a test and the value where it holds, `null` the value, if it is a constant, where `base` is null, and
    `rest` the Python for all that is left. A call around it can go on inside each of them, so that `base` is tested once.
    """

    base: str
    ways: tuple[tuple[str, Code], ...]
    null: Any
    rest: str

    def text(self, constants: Constants) -> str:
        parts = [f"{code.text} if {test}" for test, code in self.ways]
        if self.null is not UNKNOWN:
            parts.append(f"{constants.literal(self.null)} if {self.base} is None")
        return f"({' else '.join([*parts, self.rest])})"


def is_atom(text: str) -> bool:
    """Whether a Python expression is a name or a short literal, which may be written more than once."""
    if text.isidentifier():
        return True
    quote = text[:1]
    if quote == "'" or quote == '"':
        return len(text) > 1 and text.find(quote, 1) == len(text) - 1 and "\\" not in text
    return text.isdigit() or (quote == "-" and text[1:].isdigit())


class Constants:
    """Objects that generated code uses by name: constants, general functions, bound specialisations."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self._known: dict[int, str] = {}
        self._made: dict[tuple[Any, ...], Any] = {}

    def made(self, make: Callable[..., Any], *constants: Any) -> str:
        """A name for what `make` makes of constants, which is made once."""
        key = (make, *constants)
        if key not in self._made:
            self._made[key] = make(*constants)
        return self.bind(self._made[key], make.__name__)

    def bind(self, value: Any, stem: str = "K") -> str:
        """A name under which `value` is available in the generated code."""
        name = self._known.get(id(value))
        if name is None:
            name = f"{stem}{len(self.names)}"
            self.names[name] = value
            self._known[id(value)] = name
        return name

    def function(self, name: str, call: Any) -> str:
        """The name of a general function: `datetime-format` becomes `datetime_format_`."""
        identifier = _IDENTIFIERS.get(name) or re.sub(r"\W", "_", name)
        identifier = identifier if keyword.iskeyword(identifier) else identifier + "_"
        identifier = identifier + "_" if keyword.iskeyword(identifier) else identifier
        if self.names.setdefault(identifier, call) is not call:
            return self.bind(call, identifier)
        return identifier

    def literal(self, value: Any) -> str:
        """Source text of a constant: itself where Python has the same literal, a bound name otherwise."""
        small = type(value) is int and abs(value) < _LARGE
        if value is None or small or type(value) in (bool, str):
            return repr(value)
        return self.bind(value)


_IDENTIFIERS = {"+": "add", "-": "subtract", "*": "times", "/": "quotient", "%": "modulo", "^": "power"}


class Body:
    """The lines of one Python function; a `looped` one does the same for each of several entities."""

    def __init__(self, constants: Constants, *, looped: bool = False) -> None:
        self.constants = constants
        self.looped = looped
        self.lines: list[str] = []
        self.prologue: dict[str, str] = {}
        self._indent = 1
        self._count = 0
        # Reads that have a name already, per region of code: what is read in a branch is not known after it.
        self._known: list[dict[str, Code]] = [{}]

    def line(self, text: str) -> None:
        self.lines.append("    " * self._indent + text)

    def name(self, stem: str = "v") -> str:
        """A fresh local name."""
        self._count += 1
        return f"{stem}{self._count}"

    def once(self, name: str, value: str) -> str:
        """A local set at the start of the function, however often it is asked for."""
        self.prologue.setdefault(name, value)
        return name

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """An indented block; an empty one is `pass`."""
        self.line(header)
        start = len(self.lines)
        self._indent += 1
        self._known.append({})
        try:
            yield
        finally:
            self._known.pop()
            if len(self.lines) == start:
                self.line("pass")
            self._indent -= 1

    @contextmanager
    def aside(self) -> Iterator[list[str]]:
        """Lines written inside go to the yielded list instead, at the present indentation."""
        kept, self.lines = self.lines, []
        self._known.append({})
        try:
            yield self.lines
        finally:
            self._known.pop()
            self.lines = kept

    def known(self, read: str) -> Code | None:
        """The name that holds what the Python expression `read` would read again, if there is one."""
        for names in reversed(self._known):
            if read in names:
                return names[read]
        return None

    def remember(self, read: str, code: Code) -> None:
        """From here on, in this region, the name `code` holds what `read` would read."""
        self._known[-1][read] = code

    def forget_target(self, name: str | None = None) -> None:
        """The target was written to: reads of that property, or of any, may give something else from now on."""
        exact = None if name is None else f"T.get({name!r})"
        for names in self._known:
            for read in [r for r in names if r[-3:] == "(T)" or (r[:6] == "T.get(" if exact is None else r == exact)]:
                del names[read]

    def assign(self, code: Code) -> Code:
        """The same value under a name."""
        name = Code(self.name(), code.kind, code.constant, kinds=code.kinds, single=code.single)
        self.line(f"{name.text} = {code.text}")
        if code.read:
            self.remember(code.text, name)
        return name

    def atom(self, code: Code) -> Code:
        """The same value as a name or a short literal, so that it can be written more than once."""
        return code if code.atom else self.assign(code)

    def short(self, code: Code) -> Code:
        return code if len(code.text) <= _LONGEST else self.assign(code)

    def text(self, header: str) -> str:
        """The function as source."""
        prologue = [f"    {name} = {value}" for name, value in self.prologue.items()]
        return "\n".join([header, *prologue, *(self.lines or ["    pass"])])
