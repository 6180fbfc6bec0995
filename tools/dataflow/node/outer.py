"""The kinds of sources, transforms and sinks that reach outside, by `type`.

A node without them refuses to run such parts of a pipe, which is what tests and replays want.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.node import sinks, sources, transforms
    from dataflow.node.reach import Reach


@dataclass(frozen=True)
class Makers:
    """By `type`; each is what `make_source`, `make_actions` or the pump of a pipe with such a sink takes."""

    sources: Mapping[str, sources.Maker] = field(default_factory=dict)
    transforms: Mapping[str, transforms.Maker] = field(default_factory=dict)
    sinks: Mapping[str, sinks.Maker] = field(default_factory=dict)


def rest_kinds(reach: Reach) -> Makers:
    """Systems that speak HTTP: rest, url and microservice."""
    from dataflow.node.rest.kinds import makers

    return makers(reach)


def sql_kinds(reach: Reach) -> Makers:
    """The sql source and the sql sink."""
    from dataflow.node.sql.kinds import makers

    return makers(reach)


# Each kind of system brings its own; a part is made only when a pipe needs it, so that nothing is imported for nothing.
KINDS: tuple[Callable[[Reach], Makers], ...] = (rest_kinds, sql_kinds)


def reaching(reach: Reach) -> Makers:
    """Everything a pipe can reach through the systems of a package."""
    found = [kind(reach) for kind in KINDS]
    return Makers(
        {name: maker for makers in found for name, maker in makers.sources.items()},
        {name: maker for makers in found for name, maker in makers.transforms.items()},
        {name: maker for makers in found for name, maker in makers.sinks.items()},
    )
