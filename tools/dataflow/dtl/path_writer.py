"""Paths written as Python: the variable, then one step per element; what they read is noted on the way.

Rules: hub/dtl/paths.rst; DTL semantics, sections 2 and 3; node-semantics, sections 6.3 and 6.5.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds, paths
from dataflow.dtl.emitter import Code
from dataflow.dtl.inline import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl.compiler import Compiler
    from dataflow.dtl.place import Place


class PathWriter:
    """Writes the paths of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._finders: dict[str, paths.Finder] = {}
        self._layouts = paths.Layouts()

    def path(self, head: str, rest: str, place: Place) -> Code:
        """A path: the variable, then one step per element."""
        elements = paths.split(rest)
        if elements is None:
            return self._compiler.fault(
                "DF408", "a quote in the path is not closed", place, hint="write a quote inside as ''"
            )
        if rest == "":
            elements = []
        if "" in elements:
            return self._compiler.fault(
                "DF408", "the path has an empty element", place, hint="remove the doubled or trailing dot"
            )
        start = self._variable(head, place)
        if start is None:
            return self._compiler.fault("DF410", '"_" has no value here', place, hint="use _S for the source entity")
        self._note_read(head, elements, place)
        if head in ("_T", "_P", "_R") and (not elements or (head != "_T" and elements[-1] in ("_T", "_P"))):
            # A target is still being made: what is taken of it whole must not change, nor hold itself, afterwards.
            return Code(f"snapshot({self.steps(start, elements, place).text})")
        if head == "_" and not elements:
            return Code(start, place.scope.kind)
        whole = head == "_T" or (head == "_S" and place.scope.entity)
        return self.steps(start, elements, place, entity=whole or head in place.scope.aliases, head=head)

    def _variable(self, head: str, place: Place) -> str | None:
        scope = place.scope
        if head in scope.aliases:
            return scope.aliases[head]
        if head == "_":
            return scope.current
        if head == "_S":
            return scope.source
        if head == "_R":
            return self.root(place)
        return {"_T": "T", "_P": "P", "_B": "ctx.parameters"}[head]

    def root(self, place: Place) -> str:
        """The outermost context, made on demand; rules that hops apply are given it."""
        return "R" if place.body.looped else place.body.once("R", 'R if R is not None else {"_S": S, "_T": T}')

    def _note_read(self, head: str, elements: list[str], place: Place) -> None:
        facts = self._compiler.facts.of(place.scope.rule)
        if head == "_S" and place.scope.own:
            facts.reads |= self.named(elements[:1])
        elif head in ("_P", "_R") and head not in place.scope.aliases:
            # Each `_P` on the way leads one rule further out.
            rest = list(itertools.dropwhile(lambda element: element == "_P", elements))
            if not rest:
                facts.outer.add(None)
            elif rest[0] == "_S":
                facts.outer |= self.named(rest[1:2])

    def named(self, elements: Sequence[str]) -> set[str | None]:
        """What reading a root property counts as in `Facts.reads`; without an element it is any."""
        if not elements:
            return {None}
        if not self._compiler.namespaces.enabled:
            return {elements[0]}
        name = paths.exact(elements[0], self._compiler.namespaces)
        if elements[0] == "$ids":
            return {"$ids", "_id"}
        return {elements[0] if name is None else name if ":" in name or name[:1] == "_" else f"::{name}"}

    def steps(self, start: str, elements: Sequence[str], place: Place, *, entity: bool = False, head: str = "") -> Code:
        """Follow path elements from a Python expression; `entity` says that it is certainly a dict."""
        code = Code(start, "dict" if entity else None)
        for index, element in enumerate(elements):
            dynamic = index == 0 and (head == "_S" or head in place.scope.aliases)
            if element == "$ids" and self._compiler.namespaces.enabled and dynamic:
                code = Code(f"ids({code.text}, {self._compiler.constants.bind(self._compiler.namespaces)})")
                continue
            name, made = paths.exact(element, self._compiler.namespaces), None
            if name is None and index == 0 and start == "S" and not place.body.looped:
                layouts = self._compiler.constants.bind(self._layouts, "layouts")
                text = f"{place.body.once('layout', f'{layouts}(S)')}[{element!r}](S)"
            elif name is None:
                finder = self._compiler.constants.bind(self._finder(element), "find")
                text = f"{finder}({code.text})"
            elif code.kind == "dict":
                text = f"{code.text}.get({name!r})"
            elif code.kind == "list":
                text = f"step({code.text}, {name!r})"
                made = Step(code.text, name)
            else:
                owner = place.body.atom(code)
                text = f"({owner.text}.get({name!r}) if {_is_dict(owner)} else {_step(owner, name)})"
                made = Step(owner.text, name)
            code = place.body.known(text) or Code(text, read=True, made=made)
        return code

    def property_of(self, node: Any) -> str | None:
        """The property an expression reads of `_`, when that is all it does."""
        elements = paths.split(node[2:]) if type(node) is str and node.startswith("_.") else None
        if elements is None or len(elements) != 1 or not elements[0]:
            return None
        return paths.exact(elements[0], self._compiler.namespaces)

    def _finder(self, element: str) -> paths.Finder:
        """One finder per element, so that all paths share what it has learnt of the shapes it met."""
        return self._finders.setdefault(element, paths.Finder(element))


def _is_dict(code: Code) -> str:
    """A test whether a value is a dict, which it mostly is."""
    return f"{code.text} is not None" if code.single and code.kinds == kinds.DICT else f"type({code.text}) is dict"


def _step(code: Code, name: str) -> str:
    return "None" if code.single and code.kinds == kinds.DICT else f"step({code.text}, {name!r})"
