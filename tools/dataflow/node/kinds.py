"""The documented kinds of sources, transforms and sinks that this node never runs, whatever it may reach.

Pipes with them load and are checked like all others, and what they would hand over can be looked at: the entities of their stages.
Rules: the pages of hub/documentation/service-configuration/pipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.pipe import Pipe

NEVER: dict[str, frozenset[str]] = {
    "source": frozenset({"binary", "diff_datasets", "kafka", "ldap", "rdf", "sdshare", "sparql"}),
    "transform": frozenset(
        {"lower_keys", "properties_to_curies", "rdf", "undirected_graph", "upper_keys", "uris_to_curies"}
    ),
    "sink": frozenset({"elasticsearch", "kafka", "mail", "sdshare", "sms", "solr", "sparql"}),
}


def absence(noun: str, kind: object) -> str:
    """Why a part of a type is not run, to follow its name in a sentence."""
    return "does not run here" if kind in NEVER[noun] else "is not run offline"


def absent(pipe: Pipe) -> list[str]:
    """The parts of a pipe that this node never runs, one sentence each."""
    kinds = [("source", pipe.source), *(("transform", step.config) for step in pipe.transforms), ("sink", pipe.sink)]
    never = [(noun, part.get("type")) for noun, part in kinds if part.get("type") in NEVER[noun]]
    return [f'a {noun} of type "{kind}" {absence(noun, kind)}' for noun, kind in never]


def on_demand(kind: object) -> str:
    """Why nothing moves the entities of a pipe with a sink of a type."""
    if kind in NEVER["sink"]:
        return f"computed on demand: its sink is {kind}, which does not run here"
    return f"computed on demand: its sink is {kind}"
