"""What is known about a place in a component: what to say of it, what may stand there, where it is made and who names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.dtl import registry
from dataflow.references import systems_used
from dataflow.report import functions
from dataflow.schema import files, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataflow.lsp.cursor import Cursor
    from dataflow.project import Project

_NAMED = frozenset(
    {"completeness", "initial_completeness", "initial_datasets", "exclude_completeness", "include_completeness"}
)
_SYSTEM_KEYS = frozenset({"system", "rest_system"})
_NOUNS = {"source": "source", "sink": "sink", "transform": "transform", "pump": "pump"}


class Name(NamedTuple):
    """What a string names: `kind` is "function", "rule", "dataset", "system" or "property"; `noun` is what has the property."""

    kind: str
    id: str
    noun: str = ""


class Spot(NamedTuple):
    """A place in a file, by JSON pointer."""

    path: Path
    pointer: str


def named(cursor: Cursor, noun: str) -> Name | None:
    """What the string at a cursor names, in a component that is a `noun`."""
    last = cursor.path[-1] if cursor.path else None
    if cursor.is_key:
        return None if cursor.in_rules else Name("property", cursor.text, _noun(cursor, noun))
    if "datasets" in cursor.path or any(key in _NAMED for key in cursor.path) or last in ("dataset", "share_dataset"):
        words = cursor.text.split()
        return Name("dataset", words[0] if words else "")
    if last in _SYSTEM_KEYS:
        return Name("system", cursor.text)
    if not cursor.in_rules or type(last) is not int:
        return None
    if last == 0:
        return Name("function", cursor.text)
    head = cursor.heads[-1] if cursor.heads else None
    if last == 1 and head in ("apply", "apply-hops"):
        return Name("rule", cursor.text)
    return Name("dataset", cursor.text) if last == 1 and head == "lookup-entity" else None


def _noun(cursor: Cursor, noun: str) -> str:
    return next((_NOUNS[key] for key in cursor.path if key in _NOUNS), noun) if noun == "pipe" else noun


def described(name: Name, cursor: Cursor, project: Project) -> str | None:
    """A text about what a string names, in Markdown."""
    if name.kind == "function":
        found = functions.named(name.id)
        return f"```text\n{functions.details(found)}\n```" if found else None
    if name.kind == "property":
        text = _documented(name, cursor)
        return f"**{name.id}** ({name.noun})\n\n{text}" if text else None
    if name.kind == "dataset":
        writers = [pipe.id for pipe in project.pipes.values() if pipe.writes == name.id]
        return f"dataset **{name.id}**\n\nwritten by {', '.join(writers) or 'no pipe'}" if name.id else None
    if name.kind == "system" and name.id in project.systems:
        config = project.systems[name.id].config
        return f"system **{name.id}** ({config.get('type')})\n\n{config.get('description', '')}".rstrip()
    return None


def _documented(name: Name, cursor: Cursor) -> str | None:
    schema = files.read(name.noun)
    kind = cursor.types[-1] if cursor.types else None
    for part in (schema.get("$defs", {}).get(kind, {}), schema, *schema.get("$defs", {}).values()):
        found = part.get("properties", {}).get(name.id) if type(part) is dict else None
        if type(found) is dict and found.get("description"):
            return str(found["description"])
    return None


def candidates(cursor: Cursor, noun: str, project: Project, rules: list[str]) -> list[tuple[str, str]]:
    """What may stand at a cursor, each with its kind."""
    name = named(cursor, noun)
    if name is None:
        return []
    if name.kind == "function":
        # Directly in a rule, or in the branch of a condition, transforms stand; elsewhere expressions.
        kinds = {kind for _, kind in registry.REGISTRY}
        return [(known, f"DTL {kind}") for kind in sorted(kinds) for known in sorted(registry.names(kind))]
    if name.kind == "rule":
        return [(rule, "rule") for rule in rules]
    if name.kind == "dataset":
        return [(dataset, "dataset") for dataset in sorted({p.writes for p in project.pipes.values() if p.writes})]
    if name.kind == "system":
        return [(system, "system") for system in sorted(project.systems)]
    shape = reading.noun(name.noun).of({"type": next(iter(cursor.types[-1:]), None)})
    return [(known, f"property of {name.noun}") for known in sorted(shape.known)]


def definitions(name: Name, path: Path, cursor: Cursor, project: Project) -> Iterator[Spot]:
    """Where what a string names is made: the pipe that writes a dataset, the system, the rule."""
    if name.kind == "dataset":
        for pipe in project.pipes.values():
            if pipe.writes == name.id and pipe.document.path is not None:
                at = (
                    f"{pipe.sink_at}/dataset" if "dataset" in pipe.document.text and "sink" in pipe.original else "/_id"
                )
                yield Spot(pipe.document.path, at)
    elif name.kind == "system":
        system = project.systems.get(name.id)
        if system is not None and system.document.path is not None:
            yield Spot(system.document.path, "/_id")
    elif name.kind == "rule":
        yield Spot(path, f"{_rules_at(cursor)}/{name.id}")


def references(name: Name, path: Path, cursor: Cursor, project: Project) -> Iterator[Spot]:
    """Every place in the package that names it."""
    for pipe in project.pipes.values():
        file = pipe.document.path
        if file is None:
            continue
        if name.kind == "dataset":
            yield from (Spot(file, one.pointer) for one in pipe.datasets if one.name == name.id)
        elif name.kind == "system":
            yield from (Spot(file, one.pointer) for one, _ in systems_used(pipe.original) if one.name == name.id)
        elif name.kind == "rule" and file == path:
            at = _rules_at(cursor)
            yield from (Spot(file, f"{at}{pointer}") for pointer in _applied(_value(pipe.original, at), name.id, ""))


def _rules_at(cursor: Cursor) -> str:
    keys = cursor.path[: cursor.path.index("rules") + 1] if "rules" in cursor.path else ()
    return "".join(f"/{key}" for key in keys)


def _value(value: Any, pointer: str) -> Any:
    for key in pointer.split("/")[1:]:
        value = value[int(key)] if type(value) is list else value.get(key) if type(value) is dict else None
    return value


def _applied(node: Any, rule: str, pointer: str) -> Iterator[str]:
    if type(node) is list and node[:1] in (["apply"], ["apply-hops"]) and node[1:2] == [rule]:
        yield f"{pointer}/1"
    pairs = enumerate(node) if type(node) is list else node.items() if type(node) is dict else ()
    for key, inner in pairs:
        yield from _applied(inner, rule, f"{pointer}/{key}")


def rules_around(value: Any, cursor: Cursor) -> list[str]:
    """The names of the rules that a place in a component is among."""
    rules = _value(value, _rules_at(cursor))
    return sorted(rules) if type(rules) is dict else []
