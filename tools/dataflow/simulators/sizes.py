"""How much is to be generated, as it is asked for on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_sizes(text: str, names: Sequence[str], per_first: Mapping[str, float]) -> dict[str, int]:
    """`customers=1000,contacts=3000`, or `1000`: so many of the first name and the rest in proportion. Raises UsageError."""
    sizes: dict[str, int] = {}
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        if not equals:
            name, number = names[0], name
        if name not in names or not number.isdecimal():
            raise UsageError(f'"{part}" is no size; sizes are a number, or {", ".join(names)} with =number')
        sizes[name] = int(number)
    if "=" in text:
        return sizes
    return sizes | {name: max(1, int(sizes[names[0]] * share)) for name, share in per_first.items()}
