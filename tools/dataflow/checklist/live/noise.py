"""What must not happen: a write that nobody asked for, a pipe that fails, systems that never come to rest, a secret that is kept.

Everything is told of the flows it concerns: a request by the resource it goes to, a pipe by the member or concept in its name.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from dataflow.results import Evidence, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.generate.mapping import Flow
    from dataflow.scenario.reading import Reading


class Noise:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._echoes: defaultdict[str, list[str]] = defaultdict(list)
        self._kept: defaultdict[str, list[Evidence]] = defaultdict(list)
        self._looked_at = 0
        self._rests = 0

    # --- what is heard ------------------------------------------------------------------------------------------------

    def at_rest(self) -> None:
        """Nothing moved any more, and one more sync was made."""
        self._rests += 1

    def written(self, after: str, request: str) -> None:
        """A write of a sync that had nothing to write, `PATCH customerp /customers/*`."""
        _, system, path = request.split(" ", 2)
        nouns = [part.lower().removesuffix("s") for part in path.split("/") if part and part != "*"]
        members = {f"{system}-{noun}" for noun in nouns}
        self._tell({title for title, names in self._members() if names & members}, f"after {after}: {request}")

    def failed(self, after: str, pipe: str, message: str) -> None:
        """A pipe that did not get through."""
        concerned = {title for title, names in self._members() if any(pipe.startswith(f"{name}-") for name in names)}
        concerned |= {
            flow.title
            for concept in self._reading.concepts.values()
            for flow in concept.flows
            if pipe == concept.dataset
        }
        self._tell(concerned, f"after {after}, {pipe} failed: {message}")

    def restless(self, after: str, message: str) -> None:
        """Rounds that never ended; the requests named in the message say whom it concerns."""
        members = {
            f"{words[1]}-{part.lower().removesuffix('s')}"
            for request in message.partition(": ")[2].split(", ")
            if len(words := request.split(" ")) == 3
            for part in words[2].split("/")
        }
        self._tell({title for title, names in self._members() if names & members}, f"after {after}: {message}")

    def _tell(self, titles: set[str], text: str) -> None:
        """Whom it concerns; everybody when nobody knows."""
        for title in titles or {flow.title for flow in self._reading.flows}:
            self._echoes[title].append(text)

    def _members(self) -> Iterator[tuple[str, set[str]]]:
        """Each flow with its members, a part with what it is part of."""
        for flow in self._reading.flows:
            names = {flow.webcrm, flow.customerp}
            yield flow.title, names | {parent for name in names if (parent := self._reading.members[name].parent)}

    def look_for_secrets(self, dataset: str, entities: Iterable[Mapping[str, Any]]) -> None:
        """No dataset may have a property that the mappings keep from it."""
        patterns = [
            (flow.title, pattern)
            for flow in self._reading.flows
            for pattern in self._reading.members[flow.webcrm].secrets
        ]
        for entity in entities:
            self._looked_at += 1
            for name in entity:
                bare = name.rpartition(":")[2]
                for title, pattern in patterns:
                    if fnmatchcase(bare, pattern):
                        place = f"{dataset} {entity.get('_id')}"
                        self._kept[title].append(
                            Evidence(dataset, str(entity.get("_id")), f"/{bare}", note=f"{place} has {bare}")
                        )

    # --- what is told of it -------------------------------------------------------------------------------------------

    def quiet(self, flow: Flow, group: str) -> Result:
        title = f"nothing echoes: once in step, another sync writes nothing, {self._rests} times"
        heard = self._echoes[flow.title]
        if heard:
            return Result(f"{group}.quiet", title, Verdict.FAIL, "; ".join(heard[:3]), group=group)
        return Result(f"{group}.quiet", title, Verdict.PASS, group=group)

    def secrets(self, flow: Flow, group: str) -> Result:
        title = "what is secret is kept nowhere"
        kept = self._kept[flow.title]
        if kept:
            names = sorted({str(one.pointer)[1:] for one in kept})
            reason = f"{len(kept)} times: {', '.join(names)}"
            return Result(f"{group}.secrets", title, Verdict.FAIL, reason, tuple(kept[:10]), group=group)
        proof = Evidence(note=f"{self._looked_at} versions of entities have none of it")
        return Result(f"{group}.secrets", title, Verdict.PASS, evidence=(proof,), group=group)
