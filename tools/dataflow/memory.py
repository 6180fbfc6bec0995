"""Memory: what the DTL compiler had to say about rules, kept from run to run, since rules hardly ever change.

A memory is one file in the cache folder of the user. What it says holds for the compiler that said it: any change of that is
another memory. Nothing depends on it but time, so whatever is wrong with the file, or with writing it, is passed over.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Names a folder to use instead; empty, it turns memory off.
VARIABLE = "DATAFLOW_CACHE"

# Rules beyond which what was not asked for in a run is forgotten.
MOST = 20_000


class Memory:
    """Findings by key, as `dtl.compile_rules` gives them; pointers are relative to the rules."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = {} if path is None else _read(path)
        self._used: dict[str, Any] = {}
        self._new = False

    @classmethod
    def of_user(cls) -> Memory:
        """The memory that belongs to this compiler, in the cache folder of the user."""
        folder = _folder()
        return cls(None if folder is None else folder / f"dtl-{_fingerprint()}.json")

    def key(self, *about: Any) -> str:
        """What findings depend on, as a key."""
        text = json.dumps(about, ensure_ascii=False, default=str)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=15).hexdigest()

    def recall(self, key: str) -> list[Diagnostic] | None:
        """What was found, or None when that is not known."""
        known = self._known.get(key, self._used.get(key))
        if known is None:
            return None
        self._used[key] = known
        return [Diagnostic(**{**one, "severity": Severity(one["severity"])}) for one in known]

    def keep(self, key: str, findings: Sequence[Diagnostic]) -> None:
        self._used[key] = [
            {name: value for name, value in asdict(one).items() if value is not None} for one in findings
        ]
        self._new = True

    def save(self) -> None:
        """Write what is new; of what was known before it stays unless it is too much."""
        if not self._new or self._path is None:
            return
        kept = self._used if len(self._known) > MOST else {**self._known, **self._used}
        from dataflow.source import write_text

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._path, json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
        except (OSError, UsageError):
            return


def _folder() -> Path | None:
    given = os.environ.get(VARIABLE)
    if given is not None:
        return Path(given) if given else None
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "dataflow"
    except RuntimeError:
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text("utf-8"))
        # Used or not: a memory that is not one throws everything away.
        for one in known.values():
            for finding in one:
                Severity(finding["severity"])
                Diagnostic(**finding)
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return {}
    else:
        checked: dict[str, Any] = known
        return checked


def _fingerprint() -> str:
    """Of the compiler's source: names, sizes and times of its files."""
    found = hashlib.blake2b(digest_size=8)
    here = Path(__file__).parent
    for folder in (here / "dtl", here / "dtl" / "forms", here / "dtl" / "functions"):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                about = entry.stat()
                found.update(f"{entry.name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()
