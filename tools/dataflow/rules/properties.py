"""The rule about paths that lead to nothing: properties read that nothing before can have set.

What an entity may hold is only known where every step on its way says so; with one `copy "*"` of something unknown,
one `merge` or one system outside, it may hold anything, and nothing is said.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, did_you_mean
from dataflow.rules.expressions import Call, aliases
from dataflow.rules.rule import Family, Found, dtl, pipe
from dataflow.rules.texts import strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dataflow.pipe import Pipe
    from dataflow.rules.package import Package

family = Family("dtl")

# The names of properties, without namespaces; None stands for any there may be.
Names = frozenset[str] | None

_PATH = re.compile(r"^([A-Za-z_]\w*)\.((?:[^.\\]|\\.)+)")
_ANYTHING = frozenset({"merge", "merge-union", "create", "create-child"})
_ADDING = frozenset({"add", "add-if", "default", "make-ni"})


@family.rule(
    "DF423",
    page="dtl/paths.rst",
    bad=pipe("erp-order", transform=dtl(["add", "number", "_S._id"], ["add", "title", ["concat", "Order ", "_T.no"]])),
    good=pipe("erp-order", transform=dtl(["add", "no", "_S._id"], ["add", "title", ["concat", "Order ", "_T.no"]])),
)
def into_nothing(package: Package) -> Iterator[Found]:
    """A path to a property that nothing before sets: of the target, of an entity that another transform or pipe has
    made, or of one that is found by hops. It gives null, always.
    """
    known = _Known(package)
    for one in package.pipes:
        yield from _of_targets(package, one)
        yield from _of_sources(package, one, known)
        yield from _of_hops(package, one, known)


def _of_targets(package: Package, one: Pipe) -> Iterator[Found]:
    """Which other pipes there are does not matter."""
    if '"_T.' not in one.document.text and "\\u" not in one.document.text:
        return
    yield from _remembered(package, one, f"targets {one.digest}", partial(_in_targets, package, one))


def _remembered(package: Package, one: Pipe, key: str, look: Callable[[], Iterable[Found]]) -> Iterator[Found]:
    def findings() -> list[Diagnostic]:
        return [Diagnostic("DF423", miss.message, pointer=miss.pointer, hint=miss.hint) for miss in look()]

    for miss in package.remembered(findings, key):
        yield Found(one.document, miss.pointer or "", miss.message, miss.hint)


def _in_targets(package: Package, one: Pipe) -> Iterator[Found]:
    for calls in package.rules(one).values():
        names = _written([call.node for call in calls])
        if names is not None:
            yield from _misses(one, calls, {"_T": names})


def _of_sources(package: Package, one: Pipe, known: _Known) -> Iterator[Found]:
    """Of the default rule alone: which entity a rule is applied to is another question."""
    for number, step in enumerate(one.transforms):
        if step.config.get("type") != "dtl":
            continue
        names = known.before(one, number)
        if names is not None and not _all_known(one.document.text, "_S", names):
            key = f"source {number} {one.digest} {sorted(names)}"
            yield from _remembered(package, one, key, partial(_in_source, package, one, number, names))


def _in_source(package: Package, one: Pipe, number: int, names: frozenset[str]) -> Iterator[Found]:
    yield from _misses(one, package.rules(one).get((number, "default"), []), {"_S": names})


def _of_hops(package: Package, one: Pipe, known: _Known) -> Iterator[Found]:
    text = one.document.text
    sets = {name: names for name in one.hops if (names := known.dataset(name)) is not None}
    heads = (
        (names, alias) for name, names in sets.items() for alias in re.findall(rf'"{re.escape(name)} +(\w+)"', text)
    )
    if not all(_all_known(text, alias, names) for names, alias in heads):
        key = f"hops {one.digest} {sorted((name, sorted(names)) for name, names in sets.items())}"
        yield from _remembered(package, one, key, partial(_in_hops, package, one, sets))


def _in_hops(package: Package, one: Pipe, sets: dict[str, frozenset[str]]) -> Iterator[Found]:
    for call in package.calls(one, "hops", "apply-hops"):
        for index, spec in enumerate(call.arguments):
            if type(spec) is not dict:
                continue
            given = {alias: sets[name] for alias, name in aliases(spec).items() if name in sets}
            for key in ("where", "return") if given else ():
                yield from _misses_in(one, strings(spec.get(key), f"{call.at(index)}/{key}"), given)


def _all_known(text: str, head: str, names: frozenset[str]) -> bool:
    """Whether a glance at the text of a pipe shows that no path with this head leads to nothing."""
    found = {_local(name) for name in re.findall(rf'"{head}\.((?:[^".\\]|\\.)+)', text)}
    return "\\u" not in text and all(name in names or name[:1] in ("_", "$") for name in found)


def _misses(one: Pipe, calls: Iterable[Call], given: dict[str, frozenset[str]]) -> Iterator[Found]:
    for call in calls:
        texts = ((call.at(number), argument) for number, argument in enumerate(call.arguments) if type(argument) is str)
        yield from _misses_in(one, texts, given)


def _misses_in(one: Pipe, texts: Iterable[tuple[str, str]], given: dict[str, frozenset[str]]) -> Iterator[Found]:
    for pointer, text in texts:
        path = _PATH.match(text)
        if path is None or path[1] not in given:
            continue
        name, names = _local(path[2]), given[path[1]]
        if name not in names and name[:1] not in ("_", "$") and not {"*", "[", "\\"} & set(name):
            hint = did_you_mean(name, names)
            yield Found(one.document, pointer, f'nothing sets "{name}", so "{text}" is always null', hint)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _written(calls: Iterable[list[Any]]) -> Names:
    """The properties that the transforms of one rule may set, apart from what they copy from the source."""
    found: set[str] = set()
    for name, *arguments in calls:
        if name in _ANYTHING:
            return None
        names: list[Any] = []
        if name in _ADDING:
            names = arguments[:1]
        elif name == "rename":
            names = arguments[1:2]
        elif name == "copy":
            names = _listed(arguments[0]) if arguments else []
        for one in names:
            if type(one) is not str or "*" in one or "?" in one:
                return None
            found.add(_local(one))
    return frozenset(found)


def _listed(names: Any) -> list[Any]:
    return names[1:] if type(names) is list and names[:1] == ["list"] else [names]


class _Known:
    """What entities may hold, worked out once for each pipe."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._made: dict[str, Names] = {}

    def dataset(self, name: str) -> Names:
        """What the entities of a dataset may hold."""
        writer = self._package.writer(name, alone=True)
        if writer is None:
            return None
        if writer.id not in self._made:
            # Until it is known; pipes may feed each other in a circle.
            self._made[writer.id] = None
            self._made[writer.id] = self.before(writer, len(writer.transforms))
        return self._made[writer.id]

    def before(self, one: Pipe, number: int) -> Names:
        """What entities of a pipe may hold before its transform of that number."""
        names = self._source(one)
        for step in one.transforms[:number]:
            if step.config.get("type") != "dtl" or step.config.get("trigger_on") is not None:
                return None
            rules = step.config.get("rules")
            body = rules.get("default") if type(rules) is dict else None
            if names is None and type(body) is list and ["copy", "*"] in body:
                return None
            facts = self._package.fact(partial(_effect, body), f"effect {one.digest} {step.pointer}")
            names = _after(names, *facts)
        return names

    def _source(self, one: Pipe) -> Names:
        source = one.source
        if one.source_at != "/source":
            # Another profile has another source.
            return None
        if source.get("type") == "dataset" and type(source.get("dataset")) is str:
            return self.dataset(source["dataset"])
        if source.get("type") == "merge" and source.get("strategy") != "list":
            return _united(self.dataset(name) for name in one.reads)
        if source.get("type") == "embedded" and type(source.get("entities")) is list:
            entities = source["entities"]
            if entities and all(type(entity) is dict for entity in entities):
                return frozenset(_local(key) for entity in entities for key in entity)
        return None


def _nodes(node: Any) -> Iterator[list[Any]]:
    """The calls in a rule as they are written, without their places."""
    inner = node.values() if type(node) is dict else node if type(node) is list else ()
    if type(node) is list and node and type(node[0]) is str:
        if node[0] in ("literal", "comment"):
            return
        yield node
    for one in inner:
        if type(one) in (list, dict):
            yield from _nodes(one)


def _effect(body: Any) -> tuple[bool, list[str] | None]:
    """Whether a rule copies everything, and what else it may set; None for anything."""
    calls = list(_nodes(body))
    others = [call for call in calls if call[:2] != ["copy", "*"]]
    written = _written(others)
    return len(others) < len(calls), None if written is None else sorted(written)


def _after(names: Names, copies: bool, written: list[str] | None) -> Names:
    """What the default rule makes of entities that hold these."""
    if written is None or (copies and names is None):
        return None
    return frozenset(written) | names if copies and names is not None else frozenset(written)


def _united(parts: Iterable[Names]) -> Names:
    found: set[str] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return frozenset(found)
