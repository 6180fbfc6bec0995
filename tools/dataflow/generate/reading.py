"""A reader of YAML files that collects every fault of a file instead of stopping at the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.errors import FindingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.source import Document


@dataclass
class Reader:
    """Reads values by JSON pointer; a fault is noted, a stand-in returned, and `finish` raises when there were any.

    What is missing or of the wrong kind is told once: nothing is said of the parts it then cannot have.
    """

    document: Document
    code: str = "DF501"
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _unusable: set[str] = field(default_factory=set)

    @property
    def file(self) -> str:
        return self.document.file or ""

    def line(self, pointer: str) -> int:
        return self.document.locate(pointer)[0]

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
        steps = pointer.split("/")
        if self._unusable.isdisjoint("/".join(steps[:count]) for count in range(1, len(steps) + 1)):
            self.diagnostics.append(self.document.diagnostic(self.code, message, pointer, expected=expected, hint=hint))

    def unknown(self, pointer: str, noun: str, name: str, known: Sequence[str]) -> None:
        self.fault(pointer, f'unknown {noun} "{name}"', expected=", ".join(known), hint=did_you_mean(name, known))

    def mapping(
        self, pointer: str, *, required: Iterable[str] = (), optional: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """The object at a pointer; with `required` or `optional` its keys are checked too."""
        value = self.value(pointer)
        if not isinstance(value, dict):
            self._wrong_kind(pointer, "an object")
            return {}
        for key in [key for key in value if type(key) is not str]:
            self.fault(pointer, f"the key {key!r} is no text", expected="a text", hint="put the key in quotes")
        value = {key: inner for key, inner in value.items() if type(key) is str}
        needed = list(required)
        for key in needed:
            if key not in value:
                self.fault(pointer, f'"{key}" is missing', expected=", ".join(needed))
                self._unusable.add(f"{pointer}/{key}")
        if needed or optional is not None:
            known = [*needed, *(optional or ())]
            for key in value:
                if key not in known:
                    self.unknown(f"{pointer}/{key}", "key", key, known)
        return value

    def sequence(self, pointer: str) -> list[Any]:
        value = self.value(pointer)
        if not isinstance(value, list):
            self._wrong_kind(pointer, "a list")
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

    def _wrong_kind(self, pointer: str, expected: str) -> None:
        empty = not self.document.text.strip()
        self.fault(pointer, "the file is empty" if empty else f"not {expected}", expected=expected)
        self._unusable.add(pointer)

    def finish(self) -> None:
        if self.diagnostics:
            raise FindingsError(self.diagnostics)
