"""The xml transform: renders an entity in the shape of an element as text.

Rules: configuration-transforms-xml.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import DtlError, FindingsError, PumpFailed
from dataflow.node.transforms.action import Action
from dataflow.node.xml_text import xml_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe, Step


def xml(step: Step, pipe: Pipe) -> Action:
    """Sets `xml-property`; a deleted entity gets none unless the transform wants it. Raises FindingsError (DF202) without one."""
    config, at = step.config, f"{step.pointer}/xml-property"
    name = config.get("xml-property")
    if type(name) is not str:
        raise FindingsError([pipe.document.diagnostic("DF202", "xml-property is needed", at, expected="a string")])
    skips = config.get("skip-deleted-entities") is not False

    def render(entity: Entity, context: Context) -> Iterator[Entity]:
        if skips and entity.get("_deleted") is True:
            yield entity
            return
        try:
            yield {**entity, name: xml_bytes([entity], config).decode("utf-8")}
        except PumpFailed as error:
            raise DtlError(str(error), where=step.pointer) from None

    return Action(step.pointer, render, steady=True, config=step.config)
