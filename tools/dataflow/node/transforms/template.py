"""The template transform: several transforms under one name.

Rules: configuration-transforms-template.rst; decision 0435.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.effective import Part, Resolver
from dataflow.errors import FindingsError
from dataflow.node.transforms.builtin import NAMES, builtin
from dataflow.node.transforms.builtin import expanded as with_properties
from dataflow.pipe import Step

if TYPE_CHECKING:
    from dataflow.pipe import Pipe


def expanded(step: Step, pipe: Pipe) -> list[Step]:
    """The transforms that a template stands for, all of them at its place.

    Raises FindingsError: DF202 for a property that the template needs, DF204 for a template that there is not.
    """
    config = step.config
    name, given = config.get("template"), config.get("properties")
    properties: dict[str, Any] = given if type(given) is dict else {}
    if type(name) is dict:
        # A body of one's own, for development; it may be a chain or a conditional like any transform.
        made = with_properties(name, properties)
        inner = Resolver(pipe.document, {}).steps(Part(made, step.pointer))
        return [Step(part.config, step.pointer) for part in inner]
    if type(name) is not str or name not in NAMES:
        fault = f'there is no template "{name}"'
        hint = did_you_mean(name, NAMES) if type(name) is str else None
        at, expected = f"{step.pointer}/template", ", ".join(NAMES)
        raise FindingsError([pipe.document.diagnostic("DF204", fault, at, expected=expected, hint=hint)])
    template = builtin(name)
    if missing := template.missing(properties):
        fault, at = f'template "{name}" needs {", ".join(missing)}', f"{step.pointer}/properties"
        raise FindingsError([pipe.document.diagnostic("DF202", fault, at)])
    return [Step(made, step.pointer) for made in template.expanded(properties)]
