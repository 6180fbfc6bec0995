"""The documented kinds of sources, transforms and sinks that this node never runs, whatever it may reach.

Pipes with them load and are checked like all others, and what they would hand over can be looked at: the entities of their stages.
Rules: the pages of hub/documentation/service-configuration/pipes.
"""

from __future__ import annotations

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


def on_demand(kind: object) -> str:
    """Why nothing moves the entities of a pipe with a sink of a type."""
    if kind in NEVER["sink"]:
        return f"computed on demand: its sink is {kind}, which does not run here"
    return f"computed on demand: its sink is {kind}"
