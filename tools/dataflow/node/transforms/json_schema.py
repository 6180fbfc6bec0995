"""The json_schema transform: marks entities that do not fit a schema.

Rules: configuration-transforms-json-schema-validation.rst; node-semantics, section 3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl.transit import encode
from dataflow.errors import FindingsError
from dataflow.node.content import exported
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.pipe import Pipe, Step


def json_schema(step: Step, pipe: Pipe) -> Action:
    """Sets `valid`, and `errors` on entities that are not. Raises FindingsError (DF202, DF205) without a usable `schema`."""
    # Only pipes that validate pay for the library.
    import jsonschema

    schema, at = step.config.get("schema"), f"{step.pointer}/schema"
    if type(schema) is not dict:
        fault = "a schema given in the pipe is needed; one behind schema_url is not fetched offline"
        raise FindingsError([pipe.document.diagnostic("DF202", fault, at)])
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise FindingsError([pipe.document.diagnostic("DF205", error.message, at)]) from None
    validator = kind(schema)

    def validate(entity: Entity, context: Context) -> Iterator[Entity]:
        errors = [error.message for error in validator.iter_errors(encode(exported(entity)))]
        yield {**entity, "valid": False, "errors": errors} if errors else {**entity, "valid": True}

    return Action(step.pointer, validate, steady=True, config=step.config)
