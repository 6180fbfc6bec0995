"""The schema files themselves: JSON Schema 2020-12, one file per noun, usable by any validator.

They refer to each other by relative addresses, so an editor finds them side by side; `bundled` gives a noun as one document. A
variable, a secret or a value in transit form may stand for a value of any type, and the schemas allow for it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

# Nouns of the configuration, of which `schema.check` knows; "operation" is one of a REST system.
NOUNS = ("pipe", "pump", "source", "transform", "sink", "system", "operation", "metadata")

# Further files that have a schema: a test spec, an environment profile, and a mapping, which is YAML.
OTHERS = ("test-spec", "env", "mapping")

_SHARED = "common"

FOLDER = Path(__file__).resolve().parent

# Where the files that a schema describes lie in a package, as editors write it; what begins with "!" is left out.
PLACES = {
    "pipe": ["/pipes/**/*.conf.json"],
    "system": ["/systems/**/*.conf.json"],
    "metadata": ["/node-metadata.conf.json"],
    "test-spec": ["/expected/*.test.json"],
    "env": ["/*-env.json"],
}
YAML_PLACES = {"mapping": ["/pipes/mappings/*.yaml", "!/pipes/mappings/classification.yaml"]}


@cache
def read(name: str) -> dict[str, Any]:
    """One schema file, by its name without `.json`; not to be changed."""
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def bundled(name: str) -> dict[str, Any]:
    """A schema with every schema it refers to embedded in its `$defs`, for validators that read one document."""
    schema = {**read(name)}
    embedded = {other: read(other) for other in sorted(_referred(name) - {name})}
    if embedded:
        schema["$defs"] = {**schema.get("$defs", {}), **{f"{other}.json": one for other, one in embedded.items()}}
    return schema


def _referred(name: str) -> set[str]:
    found, todo = {name}, [name]
    while todo:
        text = json.dumps(read(todo.pop()))
        new = {file for file in (_SHARED, *NOUNS) if f'"{file}.json' in text} - found
        found |= new
        todo += new
    return found
