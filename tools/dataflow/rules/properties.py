"""The rule about paths that lead to nothing: properties read that nothing before can have set.

What an entity may hold is only known where every step on its way says so; with one `copy "*"` of something unknown,
one `merge` or one system outside, it may hold anything, and nothing is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.rules.expressions import Call, aliases
from dataflow.rules.rule import Family, Found, dtl, pipe
from dataflow.rules.texts import strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    for calls in package.rules(one).values():
        names = _written(calls)
        if names is not None:
            yield from _misses(one, calls, {"_T": names})


def _of_sources(package: Package, one: Pipe, known: _Known) -> Iterator[Found]:
    """Of the default rule alone: which entity a rule is applied to is another question."""
    for number, step in enumerate(one.transforms):
        if step.config.get("type") != "dtl":
            continue
        names = known.before(one, number)
        if names is not None:
            calls = package.rules(one).get((number, "default"), [])
            yield from _misses(one, calls, {"_S": names})


def _of_hops(package: Package, one: Pipe, known: _Known) -> Iterator[Found]:
    for call in package.calls(one, "hops", "apply-hops"):
        for index, spec in enumerate(call.arguments):
            if type(spec) is not dict:
                continue
            datasets = {alias: known.dataset(name) for alias, name in aliases(spec).items()}
            given = {alias: names for alias, names in datasets.items() if names is not None}
            for key in ("where", "return") if given else ():
                yield from _misses_in(one, strings(spec.get(key), f"{call.at(index)}/{key}"), given)


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


def _written(calls: Iterable[Call]) -> Names:
    """The properties that the transforms of one rule may set, apart from what they copy from the source."""
    found: set[str] = set()
    for call in calls:
        if call.name in _ANYTHING:
            return None
        names: list[Any] = []
        if call.name in _ADDING:
            names = call.arguments[:1]
        elif call.name == "rename":
            names = call.arguments[1:2]
        elif call.name == "copy":
            names = _listed(call.arguments[0]) if call.arguments else []
        for name in names:
            if type(name) is not str or "*" in name or "?" in name:
                return None
            found.add(_local(name))
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
        for index, step in enumerate(one.transforms[:number]):
            if step.config.get("type") != "dtl" or step.config.get("trigger_on") is not None:
                return None
            names = _after(names, self._package.rules(one).get((index, "default"), []))
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


def _after(names: Names, calls: list[Call]) -> Names:
    """What the default rule makes of entities that hold these."""
    copies = [call for call in calls if call.name == "copy" and call.arguments and call.arguments[0] == "*"]
    written = _written(call for call in calls if call not in copies)
    if written is None or (copies and names is None):
        return None
    return written | names if copies and names is not None else written


def _united(parts: Iterable[Names]) -> Names:
    found: set[str] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return frozenset(found)
