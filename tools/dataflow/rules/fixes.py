"""Fixes: what can be put right without asking anybody, because a node does the same before and after.

That is the form of files, the names of properties that have been renamed, and settings whose value is not in question. Whoever
adds one here answers for that: a fix for a finding that may be meant as it is would be worse than the finding.

A file that is changed is written in its canonical form. What cannot be read exactly is left alone.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.canonical import config_text
from dataflow.errors import FindingsError
from dataflow.formatting import formattable, formatted
from dataflow.project import METADATA
from dataflow.source import read_json, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dataflow.diagnostics import Diagnostic
    from dataflow.project import Project
    from dataflow.rules.selection import Selection


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file as it is, and as it would be; `done` are the ids of the findings that are gone then."""

    path: Path
    before: str
    after: str
    done: tuple[str, ...]


def fixes(project: Project, findings: Iterable[Diagnostic], chosen: Selection) -> list[Fixed]:
    """The files that would change, in order. Nothing is written."""
    by_file: dict[str | None, list[Diagnostic]] = {}
    for finding in findings:
        if finding.code in _FIXES:
            by_file.setdefault(finding.file, []).append(finding)
    found = []
    for path in formattable(project.root):
        fixed = _fixed(project, path, by_file.get(shown(path), []), form=chosen.allows("DF107"))
        if fixed is not None:
            found.append(fixed)
    return found


def _fixed(project: Project, path: Path, findings: list[Diagnostic], *, form: bool) -> Fixed | None:
    if not form and not findings:
        return None
    try:
        file = formatted(project.root, path)
        value = copy.deepcopy(read_json(path).value)
    except FindingsError:
        return None
    if _exact(file.before) != _exact(file.after):
        return None
    done = [one.code for one in findings if _FIXES[one.code](_Place(project, path, value, one))]
    if not done and not (form and file.changed):
        return None
    after = config_text(value) if done else file.after
    return Fixed(path, file.before, after, (*(["DF107"] if file.changed else []), *done))


def _exact(text: str) -> Any:
    """The value of a JSON text with all digits of its numbers."""
    return json.loads(text.removeprefix("\ufeff"), parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a finding is: `value` is the component, which may be changed."""

    project: Project
    path: Path
    value: Any
    finding: Diagnostic

    @property
    def pointer(self) -> str:
        return self.finding.pointer or ""

    @property
    def here(self) -> Any:
        return self._at(self.pointer)

    @property
    def owner(self) -> Any:
        return self._at(self.pointer.rpartition("/")[0])

    @property
    def name(self) -> str:
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")

    def _at(self, pointer: str) -> Any:
        value = self.value
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if type(value) is list else value[key]
        return value

    def renamed(self, name: str) -> bool:
        owner = self.owner
        if name in owner:
            return False
        owner[name] = owner.pop(self.name)
        return True


def _type_of_the_file(place: _Place) -> bool:
    """What a file in pipes/ is, and the metadata, goes without saying."""
    if place.pointer != "" or type(place.value) is not dict or "type" in place.value:
        return False
    noun = "metadata" if place.path.name == METADATA else place.path.relative_to(place.project.root).parts[0]
    if noun == "systems":
        return False
    place.value["type"] = noun.removesuffix("s")
    return True


def _hyphens(place: _Place) -> bool:
    """Names had hyphens once; since 2021-03 they have underscores. Rules: hub/changelog.rst."""
    name = place.name.replace("-", "_")
    # The hint names what is known at this very place.
    return name != place.name and f'"{name}"' in (place.finding.hint or "") and place.renamed(name)


def _base_url(place: _Place) -> bool:
    """A base that ends with a slash is a pattern, as long as no address that is joined to it goes its own way."""
    address = place.here if place.pointer == "/base_url" else None
    if type(address) is not str or not address.endswith("/") or "%s" in address:
        return False
    name = place.value.get("_id")
    addresses = [one.get("url") for one in _objects(place.value.get("operations")) if "url" in one]
    for pipe in place.project.pipes.values():
        addresses += [one["url"] for one in _objects(pipe.original) if one.get("system") == name and "url" in one]
    if not all(type(one) is str and one and one[0] not in "/?#.${" and ":" not in one for one in addresses):
        return False
    return place.renamed("url_pattern")


def _objects(value: Any) -> list[dict[str, Any]]:
    """Every object in a value."""
    found = [value] if type(value) is dict else []
    inner = value.values() if type(value) is dict else value if type(value) is list else ()
    return [*found, *(one for part in inner for one in _objects(part))]


def _equality_sets(place: _Place) -> bool:
    """Comparisons of two properties, each a set of its own. Rules: hub/documentation/.../configuration-sources-merge.rst."""
    rules = place.here
    plain = type(rules) is list and all(
        type(rule) is list and len(rule) == 3 and rule[0] == "eq" and type(rule[1]) is type(rule[2]) is str
        for rule in rules
    )
    if not plain or "equality_sets" in place.owner:
        return False
    owner = place.owner
    owner["equality_sets"] = [rule[1:] for rule in owner.pop("equality")]
    return True


def _no_side_effects(place: _Place) -> bool:
    place.here["side_effects"] = False
    return True


# Id of a finding -> what puts it right in the component, and says whether it did.
_FIXES: dict[str, Callable[[_Place], bool]] = {
    "DF202": _type_of_the_file,
    "DF203": _hyphens,
    "DF208": _base_url,
    "DF812": _equality_sets,
    "DF813": _no_side_effects,
}
