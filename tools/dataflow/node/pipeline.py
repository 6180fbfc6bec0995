"""A pipe made ready: source, actions and sink, and what it depends on.

Rules: hub/features/namespaces.rst and hub/documentation/service-configuration/pipes/configuration-pipes.rst (order of the stages);
node-semantics, sections 3, 4 and 5.6.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from dataflow.errors import DtlError, TransformFailed
from dataflow.node.content import exported
from dataflow.node.dataset import NOTHING
from dataflow.node.namespacing import add_namespaces, remove_namespaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.sink import DatasetSink
    from dataflow.node.sources.source import Source
    from dataflow.node.transforms.action import Action
    from dataflow.pipe import Pipe

STAGES = ("source", "before-transforms", "after-transforms", "sink")


class Pipeline:
    """`sink` is None when the pipe does not write to a dataset: then its entities are computed when somebody asks for them."""

    def __init__(self, pipe: Pipe, source: Source, actions: list[Action], sink: DatasetSink | None) -> None:
        self.pipe = pipe
        self.source = source
        self.sink = sink
        self.actions = actions
        self.adds = pipe.config.get("add_namespaces") is True
        self._removes = pipe.config.get("remove_namespaces") is True
        # Whether something outside may have been changed, for who keeps track of it to take back.
        self.took_effect = False
        hops = [hop for action in actions for hop in action.hops if hop.dataset != pipe.writes]
        self.hopped = frozenset(hop.dataset for hop in hops)
        # A change in these means that entities read before have to be run again.
        self.tracked = frozenset(hop.dataset for hop in hops if hop.tracked)
        self.looked_up = frozenset(i for action in actions for i in action.looked_up if i != pipe.writes)
        self.reads = frozenset({*source.datasets, *self.hopped})
        # The datasets that make that of the pipe as complete as they are (features/completeness-feature.rst).
        included = pipe.config.get("include_completeness", self.reads)
        self.completed_by = frozenset(included) - frozenset(pipe.config.get("exclude_completeness", ()))

    @property
    def id(self) -> str:
        return self.pipe.id

    @property
    def is_receiver(self) -> bool:
        return self.pipe.source.get("type") == "http_endpoint"

    def outputs(self, entity: Entity, context: Context, *, stage: str = "sink", preview: bool = False) -> list[Entity]:
        """What one source entity becomes at a stage, filtered ones included. Raises TransformFailed, and PumpFailed of calls.

        In a preview nothing outside is changed: where a transform would do that, an entity stays what it has become until there.
        """
        if stage == "source":
            return [entity]
        source_id = entity.get("_id")
        entities = [add_namespaces(entity, self.pipe.namespaces) if self.adds else entity]
        if stage == "before-transforms":
            return entities
        stopped: list[Entity] = []
        for action in self.actions:
            if preview and action.effects:
                stopped += [one for one in entities if action.concerns(one, context)]
                entities = [one for one in entities if not action.concerns(one, context)]
            entities = [result for one in entities for result in self._act(action, one, source_id, context)]
        entities = [*stopped, *entities]
        if stage == "sink" and self._removes:
            return [remove_namespaces(one) for one in entities]
        return entities

    def together(self, batch: list[Entity], context: Context) -> list[Entity]:
        """What the sink gets of a batch: the same as entity by entity, but for transforms that take several at once.

        Raises as `outputs` does, without an entity where it is not known which one of several it was.
        """
        if len(batch) < 2 or not any(action.together for action in self.actions):
            return [result for entity in batch for result in self.outputs(entity, context)]
        going: list[tuple[str | None, Entity]] = [
            (entity.get("_id"), add_namespaces(entity, self.pipe.namespaces) if self.adds else entity)
            for entity in batch
        ]
        for action in self.actions:
            going = [one for part in _parts(action, going, context) for one in self._act_on(action, part, context)]
        return [remove_namespaces(one) if self._removes else one for _, one in going]

    def _act_on(
        self, action: Action, part: list[tuple[str | None, Entity]], context: Context
    ) -> Iterator[tuple[str | None, Entity]]:
        if action.together is None or len(part) == 1:
            for source_id, entity in part:
                for result in self._act(action, entity, source_id, context):
                    yield source_id, result
            return
        several, together = [entity for _, entity in part], action.together
        whole = replace(action, run=lambda _, context: together(several, context))
        for result in self._act(whole, several[0], None, context):
            yield None, result

    def _act(self, action: Action, entity: Entity, source_id: str | None, context: Context) -> Iterable[Entity]:
        if entity.get("_filtered") is True:
            return (entity,)
        try:
            if action.effects and not self.took_effect:
                self.took_effect = action.concerns(entity, context)
            return list(action.run(entity, context))
        except TransformFailed as error:
            rules = f"{action.pointer}/rules"
            rule, where, trace = error.rule, f"{rules}{error.where or ''}", tuple(s.below(rules) for s in error.trace)
            cause: DtlError = error
        except DtlError as error:
            rule, where, trace = "", error.where or action.pointer, ()
            cause = error
        message = cause.message
        raise TransformFailed(
            message, pipe=self.id, entity_id=source_id, rule=rule, where=where, trace=trace
        ) from cause

    def published(
        self, context: Context, stage: str, *, since: Value = NOTHING, preview: bool
    ) -> Iterator[tuple[Value, Entity]]:
        """The entities of the pipe at a stage, computed from what its source has after an offset; filtered ones are left out.

        With each goes the offset of what it was made from, where the source has any. Raises what a run raises.
        """
        for entity in self.source.read(since):
            offset = entity.get("_updated") if self.source.continues else None
            for result in self.outputs(entity, context, stage=stage, preview=preview):
                if result.get("_filtered") is not True:
                    yield offset, exported(result)


def _parts(
    action: Action, going: list[tuple[str | None, Entity]], context: Context
) -> Iterator[list[tuple[str | None, Entity]]]:
    """Entities in their order, those together that follow each other and are the action's business."""

    def concerned(one: tuple[str | None, Entity]) -> bool:
        return one[1].get("_filtered") is not True and action.concerns(one[1], context)

    if action.together is None:
        yield going
        return
    for wanted, part in groupby(going, concerned):
        if wanted:
            yield list(part)
        else:
            yield from ([one] for one in part)
