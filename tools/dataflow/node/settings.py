"""What a node that stays up keeps beside its data, so that it is the same node when it starts again.

Components and variables stand in the store, where they last together with what a change of them does to the data. Secrets and the
pumps that are switched off are in a file of their own that nobody but its owner can read, so that the store can be shown around.
Rules: node-semantics, section 5.3; tools/docs/decisions/0429-a-node-that-outlives-its-process.md.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.node.configuration import Configuration
from dataflow.node.secrets import Secrets
from dataflow.source import parse_json

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.node.store import Store

FILE = "settings.json"
# Ids of pipes and datasets have no slash.
_NAME = "/configuration"


class Settings:
    """`secrets` and `disabled` are what was kept last; without a `folder` they are forgotten with the process."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        """Raises UsageError when what is in the folder cannot be read."""
        self._store = store
        self._path = None if folder is None else folder / FILE
        known = self._read()
        self.secrets = Secrets.of(known.get("secrets", {}))
        self.disabled: frozenset[str] = frozenset(known.get("disabled", ()))

    def configuration(self) -> Configuration | None:
        """The one that was kept last; None when there was none."""
        known = self._store.state(_NAME)
        if known is None:
            return None
        return Configuration(tuple(parse_json(text, file) for file, text in known["components"]), known["env"])

    def keep_configuration(self, configuration: Configuration) -> None:
        """It lasts with the next commit of the store."""
        files = [(str(document.file), document.text) for document in configuration.documents]
        self._store.keep(_NAME, {"components": files, "env": configuration.env})

    def keep(self, secrets: Secrets, disabled: frozenset[str]) -> None:
        """They last from now on. Raises UsageError when the file cannot be written."""
        if self._path is None:
            return
        text = json.dumps({"secrets": secrets.as_json(), "disabled": sorted(disabled)})
        beside = self._path.with_suffix(".new")
        try:
            # Never half a file, and never one that others can read, not even for a moment.
            beside.unlink(missing_ok=True)
            number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise UsageError(f"{self._path} cannot be written: {error.strerror}") from None

    def _read(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            known = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise UsageError(f"{self._path} cannot be read; without it the node would lose its secrets") from None
        return known if type(known) is dict else {}
