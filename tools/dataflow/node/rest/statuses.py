"""Sets of HTTP status codes, as configuration writes them: `200-299,404`.

Rules: configuration-systems-rest.rst (`allowed_status_codes`, `ignored_status_codes`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"([0-9]{3})(?:-([0-9]{3}))?")


@dataclass(frozen=True)
class Statuses:
    """Ranges, both ends included."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, text: str) -> Statuses:
        """Raises ValueError for anything but single codes and ranges, separated by commas and without blanks."""
        found = [_RANGE.fullmatch(part) for part in text.split(",")]
        if not all(found):
            raise ValueError(f'"{text}" is no list of status codes')
        pairs = tuple((int(match[1]), int(match[2] or match[1])) for match in found if match)
        if any(first > last for first, last in pairs):
            raise ValueError(f'"{text}" has a range that ends before it begins')
        return cls(pairs)

    def __contains__(self, status: int) -> bool:
        return any(first <= status <= last for first, last in self.ranges)

    def overlaps(self, other: Statuses) -> bool:
        return any(a <= d and c <= b for a, b in self.ranges for c, d in other.ranges)


SUCCESS = Statuses(((200, 299),))
NONE = Statuses()
