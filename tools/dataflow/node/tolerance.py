"""What a pump puts up with: how often it tries again, how long it waits, when it gives up.

Rules: hub/documentation/service-configuration/pipes/configuration-pump.rst; configuration-systems-url.rst (`retry_strategy`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import TransitError, decode
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

# Property of a pump -> field.
_COUNTS = {
    "max_read_retries": "read_retries",
    "max_retries_per_entity": "retries",
    "max_consecutive_write_errors": "consecutive",
    "max_write_errors_in_retry_dataset": "queue",
    "batch_retries": "batch_retries",
}
_SECONDS = {"read_retry_delay": "read_delay", "write_retry_delay": "write_delay"}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`queue` entities may wait to be tried again, each of them `retries` times; `consecutive` failures in a row end a run.

    A batch is tried again `batch_retries` times, and with `singles` entity by entity after that. Delays are seconds; `slowest` is
    how many an entity of a batch may take to be transformed, on average.
    """

    read_retries: int = 0
    read_delay: float = 0.0
    write_delay: float = 0.0
    retries: int = 5
    consecutive: int = 1
    queue: int = 0
    batch_retries: int = 3
    singles: bool = True
    slowest: float | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, pump: Mapping[str, Any]) -> Tolerance:
        """That of a pump, by its configuration."""
        return cls(
            singles=pump.get("fallback_to_single_entities_on_batch_fail") is not False,
            slowest=_number(pump.get("max_seconds_per_entity")),
            given=pump,
        ).adjusted(pump)

    def facing(self, error: Exception) -> Tolerance:
        """What counts for an error: a system may have its own answer to it, which fills in what the pump leaves open."""
        answer: Mapping[str, Any] = error.retries if isinstance(error, PumpFailed) else {}
        if not answer:
            return self
        return (
            Tolerance(singles=self.singles, slowest=self.slowest, given=self.given)
            .adjusted(answer)
            .adjusted(self.given)
        )

    def adjusted(self, properties: Mapping[str, Any]) -> Tolerance:
        """The same with the properties of a pump that are given."""
        counts = {name: _number(properties.get(key)) for key, name in _COUNTS.items()}
        known: dict[str, Any] = {name: int(value) for name, value in counts.items() if value is not None}
        seconds = {name: _number(properties.get(key)) for key, name in _SECONDS.items()}
        known |= {name: value for name, value in seconds.items() if value is not None}
        return replace(self, **known) if known else self


def _number(value: Any) -> float | None:
    """A number as configuration has it, which may be a transit string such as `~f0.1`."""
    try:
        value = decode(value)
        return None if value is None or type(value) in (bool, str) else float(value)
    except (TransitError, TypeError, ValueError):
        return None
