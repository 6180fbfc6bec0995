"""The node: the pipes of a package with their datasets. Nothing outside is read or written unless it is given the means.

Rules: hub/documentation/service-configuration; hub/swagger_public.yaml (`/pipes/{id}/entities`, `/receivers/{id}/entities`);
node-semantics, sections 4 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock, Randomness
from dataflow.diagnostics import did_you_mean
from dataflow.dtl import Context
from dataflow.errors import FindingsError, PumpFailed, UsageError
from dataflow.node.content import exported
from dataflow.node.csv_text import csv_bytes
from dataflow.node.dataset import NOTHING
from dataflow.node.excel_book import excel_bytes
from dataflow.node.holdings import Holdings
from dataflow.node.kinds import on_demand
from dataflow.node.machinery import Machinery
from dataflow.node.order import run_order
from dataflow.node.outer import Makers
from dataflow.node.pipeline import STAGES, Pipeline
from dataflow.node.runs import PipeRun, RunReport, Status, failure_of
from dataflow.node.scheduler import MAX_PASSES, Scheduler
from dataflow.node.sources.source import Surroundings
from dataflow.node.store import MemoryStore
from dataflow.node.xml_text import xml_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dataflow.dtl.values import Entity, Value
    from dataflow.node import sinks, sources, transforms
    from dataflow.node.dataset import Dataset
    from dataflow.node.pump import Pump
    from dataflow.node.receiver import Receiver
    from dataflow.node.sinks.sink import Sink
    from dataflow.node.store import Store
    from dataflow.pipe import Pipe
    from dataflow.project import Project

# The documents a pipe may publish, beside its entities as JSON.
PUBLISHED: dict[str, Callable[[Iterable[Entity], Mapping[str, Any]], bytes]] = {
    "csv": csv_bytes,
    "excel": excel_bytes,
    "xml": xml_bytes,
}


class Node:
    """`datasets` are all that some pipe writes, by id. A pipe that cannot be made ready fails on its own; see `run`."""

    def __init__(
        self,
        pipes: Iterable[Pipe],
        *,
        metadata: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        random: Randomness | None = None,
        secrets: Mapping[str, str] | None = None,
        source_makers: Mapping[str, sources.Maker] | None = None,
        transform_makers: Mapping[str, transforms.Maker] | None = None,
        sink_makers: Mapping[str, sinks.Maker] | None = None,
        datasets: Mapping[str, Dataset] | None = None,
        broken: Mapping[str, FindingsError] | None = None,
        store: Store | None = None,
        resume: bool = False,
    ) -> None:
        """`source_makers`, `transform_makers` and `sink_makers` bring types that reach outside, which the node itself does not run.

        `datasets` are there already, from a node before this one: those that a pipe writes are kept, and every pipe runs from the
        start, or with `resume` goes on where it was. Without them the node goes on with what `store` (in memory when None) holds.
        `broken` pipes are not made ready, for the reason given.
        """
        self.metadata = dict(metadata or {})
        self.clock = clock or Clock()
        self._store: Store = store or MemoryStore()
        self._random = random or Randomness()
        self._secrets = dict(secrets or {})
        self._pipes = {pipe.id: pipe for pipe in pipes}
        self._broken: dict[str, FindingsError] = dict(broken or {})
        self._pipelines: dict[str, Pipeline] = {}
        self._holdings = Holdings(self._store, self.clock)
        for pipe in self._pipes.values():
            self._holdings.add(pipe, datasets, resume=resume)
        self._holdings.add_named(self._pipes.values())
        self._around = Surroundings(self._holdings.known, self._context(), self._store)
        self._machinery = Machinery(self._holdings, self._around, self.clock, self._random)
        self._receivers: dict[str, Receiver] = {}
        self._pumps: dict[str, Pump] = {}
        makers = Makers(source_makers or {}, transform_makers or {}, sink_makers or {})
        for pipe in self._pipes.values():
            try:
                if pipe.id not in self._broken:
                    self._add(*self._machinery.pipeline(pipe, makers))
            except FindingsError as error:
                self._broken[pipe.id] = error
        self._order = run_order(self._pipelines.values())

    def _add(self, pipeline: Pipeline, sink: Sink | None) -> None:
        """A pipe made ready, and what moves its entities; `sink` is where they go outside, if they do."""
        self._pipelines[pipeline.id] = pipeline
        context = self._context(pipeline)
        receiver = self._machinery.receiver(pipeline, context) if pipeline.is_receiver else None
        pump = None if pipeline.is_receiver else self._machinery.pump(pipeline, sink, context)
        if receiver is not None:
            self._receivers[pipeline.id] = receiver
        if pump is not None:
            self._pumps[pipeline.id] = pump

    @classmethod
    def from_project(cls, project: Project, **options: Any) -> Node:
        """The node of a package under its profile; `options` are those of `Node`."""
        return cls(project.pipes.values(), metadata=project.metadata, **options)

    def _context(self, pipeline: Pipeline | None = None, parameters: Mapping[str, Value] | None = None) -> Context:
        reads_dataset = pipeline is not None and bool(pipeline.source.datasets)
        return Context(
            datasets=self._holdings.known,
            parameters=parameters,
            secrets=self._secrets,
            clock=self.clock,
            random=self._random,
            previous=pipeline.source.previous if pipeline is not None and reads_dataset else None,
            completeness=self._holdings.completeness,
            current_dataset=pipeline.pipe.writes if pipeline is not None else None,
        )

    # --- what one can do with it --------------------------------------------------------------------------------------

    @property
    def datasets(self) -> dict[str, Dataset]:
        return self._holdings.written

    @property
    def pipes(self) -> list[Pipe]:
        return list(self._pipes.values())

    @property
    def receivers(self) -> list[str]:
        """The pipes that entities can be posted to."""
        return sorted(self._receivers)

    def post(
        self,
        pipe_id: str,
        entities: Iterable[Entity],
        *,
        seen: set[str] | None = None,
        last: bool = False,
        completeness: int | None = None,
    ) -> int:
        """Hand decoded entities to a receiver, an upsert each; how many versions were written.

        `seen` gathers the ids of a full sync that comes in several calls; after its `last` one all others are deleted.
        `completeness` is what the sender knows about it, in nanoseconds. Raises UsageError when there is no such receiver,
        FindingsError when the pipe is broken, and PumpFailed or TransformFailed for the entity that could not be taken: those
        before it are there.
        """
        self.pipe(pipe_id)
        receiver = self._receivers.get(pipe_id)
        if receiver is None:
            raise UsageError(f"pipe {pipe_id} is no receiver: its source is not an http_endpoint")
        return receiver.receive(list(entities), seen=seen, last=last, completeness=completeness)

    def run(
        self, *, max_passes: int = MAX_PASSES, watch: Callable[[Pump], None] | None = None, outputs: bool = False
    ) -> RunReport:
        """Run every pipe that writes to a dataset until nothing changes, and with `outputs` those with a sink outside too.

        A pipe that fails is reported as such, and the others go on. What pipes give that are not run is computed on demand: see
        `entities`. `watch` is called after every run of a pump, and ends everything by raising. Raises FindingsError (DF703)
        when it does not come to an end.
        """
        for receiver in self._receivers.values():
            receiver.assume_complete()
        pumps = {i: pump for i, pump in self._pumps.items() if outputs or pump.pipeline.sink is not None}
        report = Scheduler(pumps, self._order, max_passes=max_passes, watch=watch).run()
        done = report.pipes
        report.pipes = {}
        for pipe_id in [*self._broken, *(i for group in self._order for i in group)]:
            report.pipes[pipe_id] = done.get(pipe_id) or self._not_run(pipe_id)
        for receiver in self._receivers.values():
            receiver.begin()
        self._store.commit()
        return report

    def _not_run(self, pipe_id: str) -> PipeRun:
        if pipe_id in self._broken:
            failure = failure_of(self._pipes[pipe_id], self._broken[pipe_id])
            return PipeRun(pipe_id, Status.FAILED, failure.message, failure=failure)
        if pipe_id in self._receivers:
            record = self._receivers[pipe_id].record
            return record if record.runs else PipeRun(pipe_id, reason="nothing was posted")
        return PipeRun(pipe_id, reason=on_demand(self._pipes[pipe_id].sink.get("type")))

    def entities(self, pipe_id: str, stage: str | None = None) -> list[Entity]:
        """What `GET /pipes/{id}/entities` gives: the entities of a pipe at a stage ("sink" when not given), deleted ones included.

        Of a pipe that writes to a dataset the sink stage is what the dataset holds; everything else is computed from the source
        now, without filtered entities, and without changing anything outside. Raises UsageError for an unknown pipe or stage,
        FindingsError for a broken pipe, and what a run raises.
        """
        pipeline = self._pipeline(pipe_id, stage)
        stage = stage or "sink"
        if pipeline.sink is not None and stage == "sink":
            return [exported(entity) for entity in pipeline.sink.dataset.since()]
        return [entity for _, entity in pipeline.published(self._context(pipeline), stage, preview=True)]

    def stream(
        self,
        pipe_id: str,
        stage: str | None = None,
        *,
        since: int = NOTHING,
        parameters: Mapping[str, Value] | None = None,
        preview: bool = True,
    ) -> Iterator[Entity]:
        """The same after an offset, one by one and with what lets a reader go on: `_updated`, the offset in what the pipe reads.

        Of a dataset sink the entities are as stored. `parameters` are what DTL sees of the request. Without `preview` transforms
        do what they do in a run. Raises as `entities` does.
        """
        pipeline = self._pipeline(pipe_id, stage)
        if pipeline.sink is not None and stage in (None, "sink"):
            yield from pipeline.sink.dataset.since(since)
            return
        context = self._context(pipeline, parameters)
        for offset, entity in pipeline.published(context, stage or "sink", since=since, preview=preview):
            yield entity if offset is None else {**entity, "_updated": offset}

    def published(self, pipe_id: str, endpoint: str, parameters: Mapping[str, Value] | None = None) -> bytes:
        """What `GET /publishers/{id}/{endpoint}` gives, of the endpoints in `PUBLISHED`.

        Raises as `entities` does, and PumpFailed when the sink of the pipe is another, or an entity does not fit.
        """
        sink = self.pipe(pipe_id).sink
        if sink.get("type") != f"{endpoint}_endpoint":
            raise PumpFailed(f"{pipe_id} publishes no {endpoint}: its sink is {sink.get('type')}")
        return PUBLISHED[endpoint](self.stream(pipe_id, parameters=parameters, preview=False), sink)

    def pipeline(self, pipe_id: str) -> Pipeline:
        """A pipe made ready. Raises as `pipe` does."""
        return self._pipeline(pipe_id, None)

    def surroundings(self, pipe_id: str) -> Context:
        """What the rules of a pipe see when they run now. Raises as `pipe` does."""
        return self._context(self.pipeline(pipe_id))

    def pump(self, pipe_id: str) -> Pump | None:
        """The pump of a pipe that can be run; None for every other pipe, and for one that is broken."""
        return self._pumps.get(pipe_id)

    def receiver(self, pipe_id: str) -> Receiver | None:
        """What takes posted entities for a pipe; None when that is not what the pipe does, and for one that is broken."""
        return self._receivers.get(pipe_id)

    def writer(self, dataset_id: str) -> Pump | Receiver | None:
        """What writes a dataset; None when nothing does."""
        movers: list[Pump | Receiver] = [*self._pumps.values(), *self._receivers.values()]
        return next((one for one in movers if one.pipeline.pipe.writes == dataset_id), None)

    def inputs(self, pipe_id: str) -> tuple[int, ...]:
        """How far the datasets have come that the source of a pipe reads."""
        return self._holdings.offsets(self._pipelines[pipe_id].source.datasets)

    def is_broken(self, pipe_id: str) -> bool:
        return pipe_id in self._broken

    def _pipeline(self, pipe_id: str, stage: str | None) -> Pipeline:
        self.pipe(pipe_id)
        if stage is not None and stage not in STAGES:
            raise UsageError(f'unknown stage "{stage}"; there is {", ".join(STAGES)}')
        return self._pipelines[pipe_id]

    def all_datasets(self) -> list[Dataset]:
        """Those that pipes write, and after them those that the node itself has written about them so far."""
        written = self._holdings.written
        return [*written.values(), *(one for i, one in self._holdings.known.items() if i not in written)]

    def dataset(self, dataset_id: str) -> Dataset:
        """A dataset by id, those included that the node keeps about its pipes. Raises UsageError when there is none."""
        return self._holdings.find(dataset_id, self._pumps)

    def pipe(self, pipe_id: str) -> Pipe:
        """A pipe by id. Raises UsageError when there is none, FindingsError when it is broken."""
        if pipe_id not in self._pipes:
            hint = did_you_mean(pipe_id, self._pipes)
            raise UsageError(f'there is no pipe "{pipe_id}"' + (f"; {hint}" if hint else ""))
        if pipe_id in self._broken:
            raise self._broken[pipe_id]
        return self._pipes[pipe_id]
