"""A trace that kills the node at a request, as a signal would: what comes after it in the node never happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dataflow.node.rest.trace import Trace

if TYPE_CHECKING:
    from dataflow.node.rest.trace import Exchange


class Killed(BaseException):
    """The node is dead. No handler between here and the world may take this for an error and go on."""


@dataclass(slots=True)
class Death:
    """Comes with the `nth` exchange of a method with a system whose path begins so; `method` None is any."""

    system: str
    method: str | None
    path: str
    nth: int = 1
    met: int = 0

    def comes(self, exchange: Exchange) -> bool:
        path = urlsplit(exchange.url).path
        fits = exchange.system == self.system and self.method in (None, exchange.method) and path.startswith(self.path)
        self.met += fits
        return fits and self.met == self.nth


class DeadlyTrace(Trace):
    """`deaths` are those that are still to come."""

    def __init__(self, *deaths: Death) -> None:
        super().__init__()
        self.deaths = list(deaths)

    def add(self, exchange: Exchange) -> None:
        super().add(exchange)
        for death in self.deaths:
            if death.comes(exchange):
                self.deaths.remove(death)
                raise Killed
