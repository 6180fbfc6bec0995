"""What pipes reach outside with: the systems of the package, with their secrets filled in at the moment of use.

Rules: hub/documentation/service-configuration/systems/configuration-systems.rst; hub/documentation/service-configuration/
environment-variables.rst and secrets. A secret goes into what is sent, and into nothing that is kept, logged or shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock
from dataflow.errors import PumpFailed
from dataflow.node.rest.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.project import System

_SECRET = re.compile(r"\$SECRET\(([^()]*)\)")


def _none(system_id: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Reach:
    """`secrets` gives those a system can use, its own over the node's. `metadata` are the node's, with defaults of systems.

    `trace` gets every exchange over HTTP.
    """

    systems: Mapping[str, System]
    secrets: Callable[[str], Mapping[str, str]] = _none
    clock: Clock = field(default_factory=Clock)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    trace: Trace = field(default_factory=Trace)

    def system(self, system_id: str) -> System:
        """Raises PumpFailed when the package has none of that id."""
        found = self.systems.get(system_id)
        if found is None:
            raise PumpFailed(f'there is no system "{system_id}"')
        return found

    def filled(self, system_id: str, value: Any) -> Any:
        """A part of a configuration with every `$SECRET(name)` replaced. Raises PumpFailed, naming secrets without a value."""
        known = self.secrets(system_id)
        missing: set[str] = set()

        def fill(inner: Any) -> Any:
            if type(inner) is dict:
                return {key: fill(one) for key, one in inner.items()}
            if type(inner) is list:
                return [fill(one) for one in inner]
            if type(inner) is not str or "$SECRET(" not in inner:
                return inner
            missing.update(name for name in _SECRET.findall(inner) if name not in known)
            return _SECRET.sub(lambda found: known.get(found[1], found[0]), inner)

        result = fill(value)
        if missing:
            raise PumpFailed(f'system "{system_id}" lacks the secret {", ".join(sorted(missing))}')
        return result
