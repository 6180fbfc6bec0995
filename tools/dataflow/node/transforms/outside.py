"""Transforms that reach outside, or that the node does not know: an entity that gets that far fails the pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import DtlError
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe, Step


def outside(step: Step, pipe: Pipe) -> Action:
    kind = step.config.get("type")

    def refuse(entity: Entity, context: Context) -> Iterable[Entity]:
        raise DtlError(
            f'a transform of type "{kind}" is not run offline; '
            "give it a conditional transform whose alternative for this profile is a stub",
            where=step.pointer,
        )

    return Action(step.pointer, refuse)
