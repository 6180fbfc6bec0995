"""A node elsewhere and two test tenants, as the living checklist plays in them.

What was written is seen from outside: records are compared before and after every round. So a write that leaves no trace at all
is not seen, and what was sent is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.scenario.journey import Journey
from dataflow.scenario.pairs import Pairs
from dataflow.scenario.world import MOST_ROUNDS, Restless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.checklist.real.node import RemoteNode, Report
    from dataflow.checklist.real.tenants import Tenant
    from dataflow.clock import Clock
    from dataflow.scenario.reading import Reading

# Between edits that must differ in age; both systems tell time to the second at least.
_APART = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """A record that is not what it was; what was sent is not known."""

    method: str
    path: str
    body: bytes = b""


class RealWorld:
    """`first` is where the numbers of new records begin: another for every run, so that no run meets what another left."""

    sees_bodies = False

    def __init__(self, node: RemoteNode, tenants: Mapping[str, Tenant], clock: Clock) -> None:
        self.first = clock.now_ns() // 1_000_000_000 % 90_000 * 1_000
        self.systems = dict(tenants)
        self._node = node
        self._clock = clock
        self._changes: list[tuple[str, Change]] = []
        self._mark = 0

    def wait(self, seconds: float) -> None:
        self._clock.sleep(min(seconds, _APART))

    def sync(self, rounds: int | None = None) -> list[Report]:
        done: list[Report] = []
        for _ in range(MOST_ROUNDS if rounds is None else rounds):
            self._clock.sleep(1)
            before = self.records()
            done.append(self._node.run())
            for tenant in self.systems.values():
                tenant.forget()
            changes = list(self._seen(before, self.records()))
            self._changes += changes
            if rounds is None and not changes:
                return done
        if rounds is None and not done[-1].failures:
            last = ", ".join(sorted({self.shown(*change) for change in self._changes[-5:]}))
            raise Restless(f"after {MOST_ROUNDS} rounds there is still something to write: {last}")
        return done

    def journey(self) -> tuple[list[Report], Journey]:
        """What the pipes of a node elsewhere did is not seen."""
        return self.sync(), Journey()

    def _seen(
        self, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[str, Change]]:
        for member, records in after.items():
            system, _, noun = member.partition("-")
            if noun == "orderline":
                continue  # a line is written with its order
            tenant = self.systems[system]
            for record_id, record in records.items():
                known = before[member].get(record_id)
                if record == known:
                    continue
                method, path = (
                    ("POST", tenant.path(noun)) if known is None else ("PATCH", f"{tenant.path(noun)}/{record_id}")
                )
                yield system, Change(method, path)

    def mark(self) -> None:
        self._mark = len(self._changes)

    def records(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {member: found for tenant in self.systems.values() for member, found in tenant.records().items()}

    def writes(self, *, since_mark: bool = False) -> list[tuple[str, Any]]:
        return list(self._changes[self._mark if since_mark else 0 :])

    def shown(self, system_id: str, entry: Any) -> str:
        path = "/".join("*" if part.isdecimal() else part for part in entry.path.split("/"))
        return f"{entry.method} {system_id} {path}"

    def versions(self) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
        yield from self._node.versions()

    def clean_up(self, reading: Reading) -> list[str]:
        """Delete what was made here and what the node made of it, as far as the APIs let it go; the places that are left."""
        ours = {one for tenant in self.systems.values() for one in tenant.made}
        for tenant in self.systems.values():
            tenant.forget()
        pairs = Pairs(reading, self.records())
        ours |= {
            (member, record_id)
            for member, records in self.records().items()
            if reading.members[member].links and not reading.members[member].parent
            for record_id in records
            if ours.intersection(pairs.originals(member, record_id))
        }
        left = []
        for member, record_id in sorted(ours, key=lambda one: (one[0] != "customerp-order", one)):
            if reading.members[member].parent is None and not self._clear(member, record_id):
                left.append(f"{member}:{record_id}")
        return sorted(left)

    def _clear(self, member: str, record_id: str) -> bool:
        try:
            return self.systems[member.partition("-")[0]].clear(member, record_id)
        except UsageError:
            return False
