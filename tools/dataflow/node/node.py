"""The node: the pipes of a package with their datasets, all in memory. Nothing outside is read or written.

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
from dataflow.node.dataset import NOTHING, Dataset
from dataflow.node.excel_book import excel_bytes
from dataflow.node.order import run_order
from dataflow.node.pipeline import STAGES, Pipeline
from dataflow.node.places import check_decided
from dataflow.node.pump import Pump
from dataflow.node.runs import PipeRun, RunReport, Status, failure_of
from dataflow.node.scheduler import MAX_PASSES, Scheduler
from dataflow.node.sink import DatasetSink
from dataflow.node.sources import make_source
from dataflow.node.sources.source import Surroundings, derived_name
from dataflow.node.store import MemoryStore
from dataflow.node.transforms import make_actions
from dataflow.node.xml_text import xml_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dataflow.dtl.values import Entity, Value
    from dataflow.node import sources, transforms
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
        datasets: Mapping[str, Dataset] | None = None,
        broken: Mapping[str, FindingsError] | None = None,
        store: Store | None = None,
    ) -> None:
        """`source_makers` and `transform_makers` bring types that reach outside, which the node itself refuses to run.

        `datasets` are there already, from a node before this one: those that a pipe writes are kept, and every pipe runs from the
        start. Without them the node goes on with what `store` (in memory when None) holds. `broken` pipes are not made ready, for
        the reason given.
        """
        self.metadata = dict(metadata or {})
        self.clock = clock or Clock()
        self.datasets: dict[str, Dataset] = {}
        self._store: Store = store or MemoryStore()
        self._random = random or Randomness()
        self._secrets = dict(secrets or {})
        self._pipes = {pipe.id: pipe for pipe in pipes}
        self._broken: dict[str, FindingsError] = dict(broken or {})
        self._pipelines: dict[str, Pipeline] = {}
        for pipe in self._pipes.values():
            if pipe.writes is not None:
                kept = (datasets or {}).get(pipe.writes)
                if datasets is not None:
                    self._forget(pipe, with_dataset=kept is None)
                self.datasets[pipe.writes] = self._dataset(pipe.writes) if kept is None else kept
        self._around = Surroundings(self.datasets, self._context(), self._store)
        for pipe in self._pipes.values():
            if pipe.id in self._broken:
                continue
            try:
                check_decided(pipe)
                actions = make_actions(pipe, transform_makers)
                source = make_source(pipe, self._around, source_makers)
            except FindingsError as error:
                self._broken[pipe.id] = error
                continue
            sink = None
            if pipe.writes is not None:
                made = any(action.makes_children for action in actions)
                sink = DatasetSink(pipe, self.datasets[pipe.writes], makes_children=made)
            self._pipelines[pipe.id] = Pipeline(pipe, source, actions, sink)
        pumps = {
            pipeline.id: Pump(pipeline, pipeline.sink, self._around, self._context(pipeline))
            for pipeline in self._pipelines.values()
            if pipeline.sink is not None
        }
        self._receivers = {i: pump for i, pump in pumps.items() if pump.pipeline.is_receiver}
        self._pumps = {i: pump for i, pump in pumps.items() if i not in self._receivers}
        self._order = run_order(self._pipelines.values())

    @classmethod
    def from_project(cls, project: Project, **options: Any) -> Node:
        """The node of a package under its profile; `options` are those of `Node`."""
        return cls(project.pipes.values(), metadata=project.metadata, **options)

    def _dataset(self, dataset_id: str) -> Dataset:
        return Dataset(dataset_id, self.clock, log=self._store.log(dataset_id))

    def _forget(self, pipe: Pipe, *, with_dataset: bool) -> None:
        """Let a pipe run from the start."""
        if with_dataset and pipe.writes is not None:
            self._store.forget(pipe.writes)
        self._store.forget(derived_name(pipe))
        self._store.keep(pipe.id, {})

    def _context(self, pipeline: Pipeline | None = None, parameters: Mapping[str, Value] | None = None) -> Context:
        reads_dataset = pipeline is not None and bool(pipeline.source.datasets)
        return Context(
            datasets=self.datasets,
            parameters=parameters,
            secrets=self._secrets,
            clock=self.clock,
            random=self._random,
            previous=pipeline.source.previous if pipeline is not None and reads_dataset else None,
            current_dataset=pipeline.pipe.writes if pipeline is not None else None,
        )

    # --- what one can do with it --------------------------------------------------------------------------------------

    @property
    def pipes(self) -> list[Pipe]:
        return list(self._pipes.values())

    @property
    def receivers(self) -> list[str]:
        """The pipes that entities can be posted to."""
        return sorted(self._receivers)

    def post(
        self, pipe_id: str, entities: Iterable[Entity], *, seen: set[str] | None = None, last: bool = False
    ) -> int:
        """Hand decoded entities to a receiver, an upsert each; how many versions were written.

        `seen` gathers the ids of a full sync that comes in several calls; after its `last` one all others are deleted. Raises
        UsageError when there is no such receiver, FindingsError when the pipe is broken, and PumpFailed or TransformFailed for the
        entity that could not be taken: those before it are there.
        """
        self.pipe(pipe_id)
        pump = self._receivers.get(pipe_id)
        if pump is None:
            raise UsageError(f"pipe {pipe_id} is no receiver: its source is not an http_endpoint")
        return pump.receive(entities, seen=seen, last=last)

    def run(self, *, max_passes: int = MAX_PASSES, watch: Callable[[Pump], None] | None = None) -> RunReport:
        """Run every pipe that writes to a dataset until nothing changes.

        A pipe that fails is reported as such, and the others go on. Pipes with other sinks are not run: see `entities`. `watch` is
        called after every run of a pump, and ends everything by raising. Raises FindingsError (DF703) when it does not come to an
        end.
        """
        for pump in self._receivers.values():
            pump.assume_complete()
        report = Scheduler(self._pumps, self._order, max_passes=max_passes, watch=watch).run()
        done = report.pipes
        report.pipes = {}
        for pipe_id in [*self._broken, *(i for group in self._order for i in group)]:
            report.pipes[pipe_id] = done.get(pipe_id) or self._not_run(pipe_id)
        for pump in self._receivers.values():
            pump.begin()
        self._store.commit()
        return report

    def _not_run(self, pipe_id: str) -> PipeRun:
        if pipe_id in self._broken:
            failure = failure_of(self._pipes[pipe_id], self._broken[pipe_id])
            return PipeRun(pipe_id, Status.FAILED, failure.message, failure=failure)
        if pipe_id in self._receivers:
            record = self._receivers[pipe_id].record
            return record if record.runs else PipeRun(pipe_id, reason="nothing was posted")
        kind = self._pipes[pipe_id].sink.get("type")
        return PipeRun(pipe_id, reason=f"computed on demand: its sink is {kind}")

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
        """The pump of a pipe that writes to a dataset; None for every other pipe, and for one that is broken."""
        return self._pumps.get(pipe_id) or self._receivers.get(pipe_id)

    def is_broken(self, pipe_id: str) -> bool:
        return pipe_id in self._broken

    def _pipeline(self, pipe_id: str, stage: str | None) -> Pipeline:
        self.pipe(pipe_id)
        if stage is not None and stage not in STAGES:
            raise UsageError(f'unknown stage "{stage}"; there is {", ".join(STAGES)}')
        return self._pipelines[pipe_id]

    def dataset(self, dataset_id: str) -> Dataset:
        """A dataset by id. Raises UsageError when no pipe writes it."""
        found = self.datasets.get(dataset_id)
        if found is None:
            hint = did_you_mean(dataset_id, self.datasets)
            raise UsageError(f'no pipe writes dataset "{dataset_id}"' + (f"; {hint}" if hint else ""))
        return found

    def pipe(self, pipe_id: str) -> Pipe:
        """A pipe by id. Raises UsageError when there is none, FindingsError when it is broken."""
        if pipe_id not in self._pipes:
            hint = did_you_mean(pipe_id, self._pipes)
            raise UsageError(f'there is no pipe "{pipe_id}"' + (f"; {hint}" if hint else ""))
        if pipe_id in self._broken:
            raise self._broken[pipe_id]
        return self._pipes[pipe_id]
