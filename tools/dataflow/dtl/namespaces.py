"""Namespaced identifiers: how property names are written, found and matched in a pipe.

Rules: hub/documentation/... features/namespaces.rst; node-semantics, section 6; DTL semantics, section 14.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Namespaces:
    """A pipe's namespaces: `identity` prefixes ids, `property` prefixes property names. Both default to the pipe's id.

    `enabled` is the pipe's `namespaced_identifiers`. `prefixes` maps prefixes that stand for longer namespaces.
    """

    identity: str = ""
    property: str = ""
    enabled: bool = False
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_pipe(cls, pipe_id: str, *, enabled: bool = False) -> Namespaces:
        return cls(identity=pipe_id, property=pipe_id, enabled=enabled)

    def written(self, name: str) -> str:
        """The key a property name stands for when it is written to the target."""
        if not self.enabled:
            return name
        if name.startswith("::"):
            return name[2:]
        if name.startswith(":"):
            return f"{self.property}:{name[1:]}"
        if ":" in name or name[:1] in ("_", "$"):
            return name
        return f"{self.property}:{name}"

    def entity_id(self, value: str) -> str:
        """The `_id` a rule writes: prefixed with the identity namespace unless it has a namespace already."""
        return f"{self.identity}:{value}" if self.enabled and ":" not in value else value
