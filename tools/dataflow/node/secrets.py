"""Secrets: values that are put in and used, and never given out again.

Rules: hub/swagger_public.yaml (`/secrets`, `/systems/{id}/secrets`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Secrets:
    """Those of the node, and those that belong to one system."""

    def __init__(self) -> None:
        self._values: dict[str | None, dict[str, str]] = {}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Secrets:
        """Out of what `as_json` gave, or none."""
        made = cls()
        made._values = {
            None: dict(state.get("node", {})),
            **{i: dict(own) for i, own in state.get("systems", {}).items()},
        }
        return made

    def as_json(self) -> dict[str, Any]:
        """All of them with their values: for nobody but the file that keeps them."""
        own = {system: values for system, values in self._values.items() if system is not None}
        return {"node": self._values.get(None, {}), "systems": own}

    def names(self, system: str | None = None) -> list[str]:
        return sorted(self._values.get(system, ()))

    def values(self, system: str | None = None) -> dict[str, str]:
        """What a pipe can use: the secrets of the node, and of a system those of its own over them."""
        own = self._values.get(system, {}) if system is not None else {}
        return {**self._values.get(None, {}), **own}

    def put(self, values: Mapping[str, str], system: str | None = None, *, only: bool = False) -> None:
        """Add secrets, or with `only` replace all there are."""
        self._values[system] = {**({} if only else self._values.get(system, {})), **values}

    def remove(self, name: str, system: str | None = None) -> bool:
        """Says whether there was one."""
        return self._values.get(system, {}).pop(name, None) is not None
