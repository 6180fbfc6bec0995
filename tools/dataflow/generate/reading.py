"""YAML with positions, and a reader that collects every fault of a file instead of stopping at the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from dataflow.diagnostics import Diagnostic, did_you_mean
from dataflow.errors import FindingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass
class Document:
    """A parsed YAML file: plain values and, by JSON pointer, the line and column each of them starts at."""

    file: str
    value: Any
    places: dict[str, tuple[int, int]]


def read_yaml(path: Path, *, root: Path) -> Document:
    """Parse one file. Raises `FindingsError` with DF101, DF104 or DF105."""
    file = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise FindingsError([Diagnostic("DF101", f"cannot be read: {error.strerror}", file=file)]) from None
    except UnicodeDecodeError as error:
        raise FindingsError([Diagnostic("DF105", f"not UTF-8 at byte {error.start}", file=file)]) from None
    except yaml.MarkedYAMLError as error:
        line, column = (error.problem_mark.line + 1, error.problem_mark.column + 1) if error.problem_mark else (1, 1)
        said = str(error.problem or error.context)
        raise FindingsError([Diagnostic("DF104", said, file=file, line=line, column=column)]) from None
    places: dict[str, tuple[int, int]] = {}
    return Document(file, _value(node, "", places) if node else {}, places)


def _value(node: yaml.Node, pointer: str, places: dict[str, tuple[int, int]]) -> Any:
    places[pointer] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(child, f"{pointer}/{key.value}", places) for key, child in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, f"{pointer}/{i}", places) for i, child in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node)


@dataclass
class Reader:
    """Reads values by JSON pointer; a fault is noted, a stand-in returned, and `finish` raises when there were any."""

    document: Document
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def file(self) -> str:
        return self.document.file

    def line(self, pointer: str) -> int:
        return self.document.places.get(pointer, (0, 0))[0]

    def value(self, pointer: str) -> Any:
        """The value at a pointer, or None."""
        value = self.document.value
        for step in pointer.split("/")[1:]:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def fault(self, pointer: str, message: str, *, expected: str | None = None, hint: str | None = None) -> None:
        place = pointer
        while place not in self.document.places and place:
            place = place.rsplit("/", 1)[0]
        line, column = self.document.places.get(place, (1, 1))
        self.diagnostics.append(
            Diagnostic(
                "DF501",
                message,
                file=self.file,
                pointer=pointer,
                line=line,
                column=column,
                expected=expected,
                hint=hint,
            )
        )

    def unknown(self, pointer: str, noun: str, name: str, known: Sequence[str]) -> None:
        self.fault(pointer, f'unknown {noun} "{name}"', expected=", ".join(known), hint=did_you_mean(name, known))

    def mapping(
        self, pointer: str, *, required: Iterable[str] = (), optional: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """The object at a pointer; with `required` or `optional` its keys are checked too."""
        value = self.value(pointer)
        if not isinstance(value, dict):
            self.fault(pointer, "not an object", expected="an object")
            return {}
        needed = list(required)
        for key in needed:
            if key not in value:
                self.fault(pointer, f'"{key}" is missing', expected=", ".join(needed))
        if needed or optional is not None:
            known = [*needed, *(optional or ())]
            for key in value:
                if key not in known:
                    self.unknown(f"{pointer}/{key}", "key", key, known)
        return value

    def sequence(self, pointer: str) -> list[Any]:
        value = self.value(pointer)
        if not isinstance(value, list):
            self.fault(pointer, "not a list", expected="a list")
            return []
        return value

    def text(self, pointer: str) -> str:
        value = self.value(pointer)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(pointer, f"{value!r} is no text", expected="a text")
            return str(value)
        return value

    def texts(self, pointer: str) -> list[str]:
        return [self.text(f"{pointer}/{i}") for i in range(len(self.sequence(pointer)))]

    def one_of(self, pointer: str, allowed: Sequence[str]) -> str:
        value = self.text(pointer)
        if value and value not in allowed:
            self.unknown(pointer, "value", value, allowed)
        return value

    def finish(self) -> None:
        if self.diagnostics:
            raise FindingsError(self.diagnostics)
