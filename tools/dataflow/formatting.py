"""Formatting: which files of a package have a canonical form, which one it is, and how far a file is from it.

Rules: sesam-py 2.11, command `format`. Stricter in one respect: the metadata is formatted too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dataflow.canonical import config_text, expected_text
from dataflow.diagnostics import Diagnostic, Severity
from dataflow.errors import FindingsError, UsageError
from dataflow.project import METADATA
from dataflow.source import read_json, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

# Folder -> what is in it, and the form that has.
_FORMS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "pipes": ("**/*.conf.json", config_text),
    "systems": ("**/*.conf.json", config_text),
    "testdata": ("*.json", config_text),
    "expected": ("*.json", expected_text),
}
_SPEC = ".test.json"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file as it is and as it should be."""

    path: Path
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def finding(self) -> Diagnostic:
        """DF107 at the first line that differs."""
        old, new = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        pairs = zip(old, new, strict=False)
        line = next((number for number, (a, b) in enumerate(pairs, 1) if a != b), min(len(old), len(new)) + 1)
        hint = "run `dataflow format`"
        return Diagnostic(
            "DF107", "not in canonical format from here on", file=shown(self.path), line=line, column=1, hint=hint
        )


def formattable(root: Path, paths: Sequence[Path] = ()) -> list[Path]:
    """The files of a package that have a canonical form, all or those in `paths`. Raises UsageError for a path that has none."""
    files = sorted({*_all(root)})
    if not paths:
        return files
    chosen: list[Path] = []
    for path in paths:
        found = [file for file in files if file == path.resolve() or path.resolve() in file.parents]
        if not found:
            known = f"pipes, systems, testdata, expected and {METADATA}"
            why = "there is no such file" if not path.exists() else f"only {known} have a canonical form"
            raise UsageError(f"{shown(path)} cannot be formatted: {why}")
        chosen += found
    return list(dict.fromkeys(chosen))


def formatted(root: Path, path: Path) -> Formatted:
    """One file in its canonical form. Raises FindingsError when it is not JSON, or not of the kind it should be."""
    document = read_json(path)
    _, form = _FORMS.get(path.relative_to(root).parts[0], ("", config_text))
    # Read again as bytes, because a byte order mark and the kind of line ends are part of the form.
    before = path.read_bytes().decode("utf-8")
    if form is expected_text and type(document.value) is not list:
        return Formatted(path, before, before)
    return Formatted(path, before, form(document.value))


def unformatted(root: Path) -> list[Diagnostic]:
    """DF107 for every file that is not in its canonical form; of what cannot be read, and of byte order marks, others tell."""
    found = []
    for path in formattable(root):
        try:
            file = formatted(root, path)
        except FindingsError:
            continue
        if file.before.removeprefix("\ufeff") != file.after:
            found.append(replace(file.finding(), severity=Severity.WARNING))
    return found


def _all(root: Path) -> Iterator[Path]:
    if (root / METADATA).is_file():
        yield root / METADATA
    for folder, (pattern, _) in _FORMS.items():
        yield from (path for path in (root / folder).glob(pattern) if path.is_file() and not path.name.endswith(_SPEC))
