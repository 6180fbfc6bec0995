"""What is known of rules without running them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hop:
    """One dataset a rule hops to: `keys` are the index expressions on its side; `tracked` is its dependency tracking."""

    dataset: str
    keys: tuple[str, ...]
    rule: str
    pointer: str
    tracked: bool = True


@dataclass(slots=True)
class Facts:
    """Collected while rules are compiled. `None` in reads or writes stands for "any property"."""

    hops: list[Hop] = field(default_factory=list)
    reads: set[str | None] = field(default_factory=set)
    writes: set[str | None] = field(default_factory=set)
    applied: set[str] = field(default_factory=set)
    looked_up: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
