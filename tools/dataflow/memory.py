"""Memory: what there is to say about a component by itself, kept from run to run, since components hardly ever change.

A memory is one file in the cache folder of the user. What it says holds for the toolkit that said it: any change of that is
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

# Where findings are is worked out anew.
_PLACE = ("file", "line", "column")


class Memory:
    """Findings, and other facts, by key.

    Findings are kept without the file they are in; their pointers are relative to what the key is about.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = {} if path is None else _read(path)
        self._used: dict[str, Any] = {}
        self._new = False

    @classmethod
    def of_user(cls) -> Memory:
        """The memory that belongs to this toolkit, in the cache folder of the user."""
        folder = _folder()
        return cls(None if folder is None else folder / f"dtl-{_fingerprint()}.json")

    @property
    def size(self) -> int:
        """How many pipes are remembered."""
        return sum(key.startswith("pipe ") for key in self._known)

    @property
    def news(self) -> dict[str, Any]:
        """The facts that were asked for or worked out in this run."""
        return self._used

    def key(self, *about: Any) -> str:
        """What findings depend on, as a key."""
        found = hashlib.blake2b(digest_size=15)
        for one in about:
            text = one if type(one) is str else json.dumps(one, ensure_ascii=False, default=str)
            content = text.encode("utf-8", "surrogatepass")
            found.update(b"%s %d " % (type(one).__name__.encode(), len(content)))
            found.update(content)
        return found.hexdigest()

    def recall(self, key: str) -> list[Diagnostic] | None:
        """What was found, or None when that is not known."""
        try:
            known = self.fact(key)
            return (
                None
                if known is None
                else [Diagnostic(**{**one, "severity": Severity(one["severity"])}) for one in known]
            )
        except (ValueError, TypeError, KeyError):
            return None

    def keep(self, key: str, findings: Sequence[Diagnostic]) -> None:
        self.keep_fact(
            key,
            [
                {name: value for name, value in asdict(one).items() if value is not None and name not in _PLACE}
                for one in findings
            ],
        )

    def fact(self, key: str) -> Any:
        """A JSON value that was worked out, or None when that is not known."""
        known = self._known.get(key, self._used.get(key))
        if known is not None:
            self._used[key] = known
        return known

    def keep_fact(self, key: str, value: Any) -> None:
        self._used[key] = value
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
    except (OSError, ValueError):
        return {}
    return known if type(known) is dict else {}


def _fingerprint() -> str:
    """Of what looks at components: names, sizes and times of the files."""
    found = hashlib.blake2b(digest_size=8)
    here = Path(__file__).parent
    for folder in (
        here,
        here / "dtl",
        here / "dtl" / "forms",
        here / "dtl" / "functions",
        here / "generate",
        here / "lineage",
        here / "rules",
        here / "schema",
    ):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".json")):
                about = entry.stat()
                found.update(f"{entry.name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()
