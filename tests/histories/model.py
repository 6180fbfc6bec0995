"""What must come of edits, worked out from the edits alone: of a property the latest edit wins, on whichever side it was made.

Both systems tell when a record was changed, not when a property was. An edit therefore counts as of the last edit of its record at
the moment it was collected. Where a fault leaves open whether that was before a later edit, both are possible, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Pair = tuple[str, str]  # member and id of the webCRM record


@dataclass
class Claim:
    """A side's value of a property; it counts as of a second from `low` to `high`, which is None until it is collected for sure."""

    value: Any
    holder: str
    low: int | None = None
    high: int | None = None


class Model:
    """Times are seconds. A `holder` is what has one time of change: a record, or an order with all its lines."""

    def __init__(self) -> None:
        self._claims: dict[tuple[Pair, str], dict[str, Claim]] = {}
        self._touched: dict[str, int] = {}

    def touched(self, holder: str, now: int) -> None:
        """Somebody changed something about it."""
        self._touched[holder] = now

    def edited(self, pair: Pair, row: str, side: str, value: Any, holder: str, now: int) -> None:
        """Somebody gave a row of a pair a value on one side."""
        self.touched(holder, now)
        self._claims.setdefault((pair, row), {})[side] = Claim(value, holder)

    def is_open(self, pair: Pair, row: str, side: str) -> bool:
        """Whether there is an edit of it that has not been collected for sure."""
        claim = self._claims.get((pair, row), {}).get(side)
        return claim is not None and claim.high is None

    def collected(self, *, surely: bool) -> None:
        """Both systems were read; not `surely` when something went wrong, so that it may have been one, or part of one."""
        for claims in self._claims.values():
            for claim in claims.values():
                if claim.high is None:
                    claim.low = self._touched[claim.holder] if claim.low is None else claim.low
                    claim.high = self._touched[claim.holder] if surely else None

    def settled(self) -> None:
        """Both systems are in step; what comes is measured against that."""
        self._claims.clear()
        self._touched.clear()

    def expected(self, tie: dict[str, str]) -> dict[tuple[Pair, str], list[Any]]:
        """The values that each edited property may have once all is collected, by pair and row; `tie` has the winner by member."""
        return {(pair, row): _allowed(claims, tie[pair[0]]) for (pair, row), claims in self._claims.items()}


def _allowed(claims: dict[str, Claim], tie: str) -> list[Any]:
    if len(claims) == 1:
        return [claim.value for claim in claims.values()]
    (one, first), (other, second) = claims.items()
    return [
        claim.value
        for side, claim, against in ((one, first, second), (other, second, first))
        if (claim.high or 0, side == tie) > (against.low or 0, False)
    ]
