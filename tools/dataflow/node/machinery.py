"""Pipes made ready, and what moves their entities: pumps and receivers with their logs, retries and breakers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.breaker import Breaker
from dataflow.node.execution_log import ExecutionLog
from dataflow.node.pipeline import Pipeline
from dataflow.node.places import check_decided
from dataflow.node.pump import Pump
from dataflow.node.receiver import Receiver
from dataflow.node.retries import Retries, letters_name
from dataflow.node.sink import DatasetSink
from dataflow.node.sinks import SINKS
from dataflow.node.sources import make_source
from dataflow.node.target import DatasetTarget, OutsideTarget
from dataflow.node.tolerance import Tolerance
from dataflow.node.transforms import make_actions

if TYPE_CHECKING:
    from dataflow.clock import Clock, Randomness
    from dataflow.dtl import Context
    from dataflow.node.holdings import Holdings
    from dataflow.node.outer import Makers
    from dataflow.node.sinks.sink import Sink
    from dataflow.node.sources.source import Surroundings
    from dataflow.pipe import Pipe


class Machinery:
    """Makes pipelines, pumps and receivers; what they log goes into the `holdings` of the node."""

    def __init__(self, holdings: Holdings, around: Surroundings, clock: Clock, random: Randomness) -> None:
        self._holdings = holdings
        self._around = around
        self._clock = clock
        self._random = random

    def pipeline(self, pipe: Pipe, makers: Makers) -> tuple[Pipeline, Sink | None]:
        """A pipe made ready, and its sink outside, if it has one that can be reached. Raises FindingsError with its faults."""
        check_decided(pipe)
        actions = make_actions(pipe, makers.transforms)
        source = make_source(pipe, self._around, makers.sources)
        if pipe.writes is None:
            maker = {**SINKS, **makers.sinks}.get(str(pipe.sink.get("type")))
            return Pipeline(pipe, source, actions, None), None if maker is None else maker(pipe)
        made = any(action.makes_children for action in actions)
        sink = DatasetSink(pipe, self._holdings.written[pipe.writes], makes_children=made)
        return Pipeline(pipe, source, actions, sink), None

    def pump(self, pipeline: Pipeline, sink: Sink | None, context: Context) -> Pump | None:
        """The pump of a pipe, which writes to its dataset or else to `sink`; None without either."""
        pipe, log = pipeline.pipe, self._log(pipeline.pipe)
        tolerance = Tolerance.of(pipe.pump)
        letters = letters_name(pipe)
        retries = Retries(pipe, tolerance, log, lambda: None if letters is None else self._holdings.internal(letters))
        breaker = self._breaker(pipeline)
        if pipeline.sink is not None and breaker is not None:
            target: DatasetTarget | OutsideTarget = DatasetTarget(pipeline.sink, breaker)
        elif sink is not None:
            target = OutsideTarget(pipe, sink)
        else:
            return None
        return Pump(
            pipeline, target, self._around, context, tolerance=tolerance, log=log, retries=retries, breaker=breaker
        )

    def receiver(self, pipeline: Pipeline, context: Context) -> Receiver | None:
        """The receiver of a pipe; None when its entities are not kept in a dataset."""
        breaker = self._breaker(pipeline)
        if pipeline.sink is None or breaker is None:
            return None
        return Receiver(
            pipeline,
            pipeline.sink,
            DatasetTarget(pipeline.sink, breaker),
            self._around,
            context,
            tolerance=Tolerance.of({}),
            log=self._log(pipeline.pipe),
            breaker=breaker,
        )

    def _log(self, pipe: Pipe) -> ExecutionLog:
        return ExecutionLog(pipe, self._holdings.internal, self._clock, self._random)

    def _breaker(self, pipeline: Pipeline) -> Breaker | None:
        sink = pipeline.sink
        return None if sink is None else Breaker(pipeline.pipe, sink.dataset, self._around.store, self._clock)
