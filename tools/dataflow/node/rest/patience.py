"""How often something is asked again, and after how long.

Rules: configuration-systems-rest.rst (`rate_limiting_retries`, `rate_limiting_delay`), configuration-systems-url.rst
(`retry_strategy`); decision 0430 (`Retry-After`).
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import TransitError, decode
from dataflow.errors import PumpFailed
from dataflow.node.rest.statuses import Statuses

if TYPE_CHECKING:
    from collections.abc import Mapping

RATE_LIMITING_DELAY = 1.0
# A server that wants more than this is not waited for any longer.
LONGEST_WAIT = 600.0


@dataclass(frozen=True)
class Patience:
    """With rate limits. Everything else that fails is tried again by the pump, or not at all."""

    rate_limiting_retries: int = 0
    rate_limiting_delay: float = RATE_LIMITING_DELAY

    @classmethod
    def of(cls, *configs: Mapping[str, Any]) -> Patience:
        """From the parts that may say something about rate limits, the one that counts most first."""

        def given(name: str, default: float) -> float:
            return next((seconds(one[name], default) for one in configs if one.get(name) is not None), default)

        retries, delay = given("rate_limiting_retries", 0), given("rate_limiting_delay", RATE_LIMITING_DELAY)
        return cls(int(retries), delay)


IMPATIENT = Patience()


class RetryStrategy:
    """The properties of pumps that a system has, by status code. Raises PumpFailed for keys that are none."""

    def __init__(self, config: Any) -> None:
        self._default: Mapping[str, Any] = {}
        self._by_status: list[tuple[Statuses, Mapping[str, Any]]] = []
        for codes, properties in (config if type(config) is dict else {}).items():
            if type(properties) is not dict:
                continue
            if codes == "default":
                self._default = properties
                continue
            try:
                self._by_status.append((Statuses.read(codes), properties))
            except ValueError as error:
                raise PumpFailed(f"retry_strategy: {error}") from None

    def of(self, status: int | None) -> Mapping[str, Any]:
        """Those for a status code; those by default for any other, and where there was no answer."""
        return next(
            (found for codes, found in self._by_status if status is not None and status in codes), self._default
        )


def seconds(value: Any, default: float) -> float:
    """A number of the configuration, which may be written as a decimal in transit form; never less than 0."""
    try:
        return max(0.0, float(decode(value)))
    except (TypeError, ValueError, TransitError):
        return default


def asked_to_wait(headers: Mapping[str, str], now_ns: int) -> float:
    """The seconds that `Retry-After` asks for (RFC 9110, section 10.2.3), at most LONGEST_WAIT; 0 when it does not."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return 0.0
    return min(max(0.0, until - now_ns / 1_000_000_000), LONGEST_WAIT)
