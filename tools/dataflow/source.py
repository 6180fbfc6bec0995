"""Files with positions: JSON read strictly, every value traceable to its line; writing never leaves half a file."""

from __future__ import annotations

import json
import math
import os
import threading
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow import digits, json_text
from dataflow.diagnostics import Diagnostic
from dataflow.errors import FindingsError, UsageError
from dataflow.json_text import Fault, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "Document",
    "escaped",
    "finding",
    "parse_json",
    "read_json",
    "read_text",
    "shown",
    "write_bytes",
    "write_text",
]


@dataclass(frozen=True)
class Document:
    """One parsed file. `value` is what it holds; where in `text` a part of it stands is worked out only when asked for.

    `repeated` are the keys given twice (DF103), of which the last counts; only a tolerant reading has any. `marked` says that the
    file begins with a byte order mark, which `text` is without.
    """

    path: Path | None
    text: str
    value: Any
    scan: Callable[[str], Iterable[tuple[str, int]]] = json_text.values
    repeated: tuple[Diagnostic, ...] = ()
    marked: bool = False

    @property
    def file(self) -> str | None:
        """The path as it is shown to people."""
        return None if self.path is None else shown(self.path)

    @cached_property
    def _offsets(self) -> dict[str, int]:
        # Of a key given twice the last value counts.
        return dict(self.scan(self.text)) if self.repeated else {}

    @cached_property
    def _unread(self) -> Iterator[tuple[str, int]]:
        return iter(() if self.repeated else self.scan(self.text))

    def _offset(self, pointer: str) -> int | None:
        """Where the value at a pointer begins. A text is gone through as far as somebody has asked, mostly for one finding."""
        if pointer not in self._offsets:
            for found, at in self._unread:
                self._offsets[found] = at
                if found == pointer:
                    break
        return self._offsets.get(pointer)

    def exact(self, pointer: str) -> Any:
        """The value at a JSON pointer with numbers as written (`digits.number`); None when nothing is there."""
        value = self._exact
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if type(value) is list and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                value = value.get(key) if type(value) is dict else None
        return value

    @cached_property
    def _exact(self) -> Any:
        if self.scan is not json_text.values:
            return self.value
        return parse_json(self.text, exact=True, tolerant=True).value

    def locate(self, pointer: str) -> tuple[int, int]:
        """Line and column, from 1, of the value at a JSON pointer, or of the nearest part around it that is there."""
        while (at := self._offset(pointer)) is None and pointer:
            pointer = pointer.rpartition("/")[0]
        return _place(self.text, at or 0)

    def diagnostic(self, code: str, message: str, pointer: str = "", **fields: Any) -> Diagnostic:
        """A diagnostic about the value at `pointer`, with file and position filled in."""
        line, column = self.locate(pointer)
        return Diagnostic(code, message, file=self.file, pointer=pointer, line=line, column=column, **fields)

    def placed(self, finding: Diagnostic, at: str = "") -> Diagnostic:
        """A finding about a part of this file, which stands at a pointer, with its place in the whole."""
        pointer = at + (finding.pointer or "")
        line, column = self.locate(pointer)
        return replace(finding, file=self.file, pointer=pointer, line=line, column=column)


def shown(path: Path) -> str:
    """A path as diagnostics show it: relative to the current directory when inside it."""
    # noqa, as texts: it is asked for every file, and with paths it would take longer than to read the file.
    here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118
    full = os.path.join(here, path)  # noqa: PTH118
    return full.removeprefix(here).replace(os.sep, "/")


def read_json(path: Path, *, exact: bool = False, tolerant: bool = False) -> Document:
    """Read one JSON file. Raises FindingsError with DF101 to DF103, DF105, DF106, DF108 or DF109; a byte order mark is accepted.

    `exact` reads fractions as a node reads those of entities (`digits.number`); otherwise they are floats. `tolerant` lets
    a key stand twice in an object, as JSON itself does (RFC 8259, section 4): the last one counts.
    """
    return parse_json(read_text(path), path, exact=exact, tolerant=tolerant)


def parse_json(text: str, file: Path | str | None = None, *, exact: bool = False, tolerant: bool = False) -> Document:
    """The same as `read_json` for a text; `file` is what its diagnostics name."""
    marked = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    path = None if file is None else Path(file)
    # Python's parser lets pass what JSON does not; the place of such a fault is looked for only once there is one.
    suspect = "\\ud" in text or "\\uD" in text

    def fraction(written: str) -> float:
        nonlocal suspect
        value = float(written)
        suspect = suspect or math.isinf(value)
        return value

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal suspect
        value = dict(pairs)
        if len(value) != len(pairs):
            suspect = True
        return value

    def constant(_: str) -> None:
        nonlocal suspect
        suspect = True

    number = digits.number if exact else fraction
    try:
        value = json.loads(text, object_pairs_hook=members, parse_float=number, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise FindingsError([finding(path, text, fault) for fault in _syntax(text, error)]) from None
    except (RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        fault = Fault(0, "DF102", "nested too deeply to be read") if deep else json_text.too_long(text)
        raise FindingsError([finding(path, text, fault)]) from None
    faults = [finding(path, text, fault) for fault in json_text.faults(text, exact=exact)] if suspect else []
    if any(fault.code != "DF103" or not tolerant for fault in faults):
        raise FindingsError(faults)
    return Document(path, text, value, repeated=tuple(faults), marked=marked)


def _syntax(text: str, error: json.JSONDecodeError) -> list[Fault]:
    """What keeps a text from being JSON: everything that can be looked past, and the first thing that cannot."""
    found, rest = json_text.extras(text)
    if not found:
        return [json_text.malformed(text, error)]
    try:
        json.loads(rest)
    except json.JSONDecodeError as another:
        found.append(json_text.malformed(rest, another))
    except (RecursionError, ValueError):
        return found
    else:
        found += json_text.faults(rest, exact=False)
    return found


def write_text(path: Path, text: str) -> None:
    """Write a whole UTF-8 file or nothing, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file or nothing: whoever reads it, or pulls the plug, finds the old one or the new. Raises UsageError."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        try:
            with beside.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                import shutil

                shutil.copymode(target, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{shown(path)} cannot be written: {error.strerror}") from error


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises FindingsError with DF101 or DF105."""
    try:
        data = path.read_bytes()
    except OSError as error:
        fault = Diagnostic("DF101", f"cannot be read: {error.strerror}", file=shown(path))
        raise FindingsError([fault]) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        hint = "the file is UTF-16; save it as UTF-8" if wide else "save the file as UTF-8"
        before = data[: error.start].decode("utf-8")
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        fault = finding(path, before, Fault(len(before), "DF105", message, hint=hint))
        raise FindingsError([fault]) from None


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def finding(path: Path | None, text: str, fault: Fault) -> Diagnostic:
    """The diagnostic of a fault in a text, with its position worked out."""
    line, column = _place(text, fault.offset)
    return Diagnostic(
        fault.code,
        fault.message,
        file=None if path is None else shown(path),
        pointer=fault.pointer,
        line=line,
        column=column,
        expected=fault.expected,
        hint=fault.hint,
    )
