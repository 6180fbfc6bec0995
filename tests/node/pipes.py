"""Nodes made of a few pipes written down in a test."""

import json

from dataflow.clock import FixedClock
from dataflow.dtl import transit
from dataflow.node.node import Node
from dataflow.node.store import MemoryStore
from dataflow.pipe import read_pipe
from dataflow.source import Document

new_store = MemoryStore


def pipe(config, *, env=None, metadata=None):
    return _read(config, env, metadata)[0]


def findings(config, *, env=None, metadata=None):
    """What is wrong with a pipe, as far as it can be told from it alone."""
    return _read(config, env, metadata)[1]


def _read(config, env, metadata):
    text = json.dumps(config)
    return read_pipe(config["_id"], Document(None, text, json.loads(text)), env or {}, metadata or {})


def node_of(*configs, namespaced=False, defaults=None, **options):
    """A node on a new store of the kind under test, see `conftest.py`; `defaults` are the metadata's `global_defaults`."""
    metadata = {"namespaced_identifiers": namespaced, "global_defaults": defaults or {}}
    options.setdefault("clock", FixedClock())
    if "store" not in options:
        options["store"] = new_store()
    return Node([pipe(config, metadata=metadata) for config in configs], metadata=metadata, **options)


def embedded(pipe_id, *entities, **properties):
    return {"_id": pipe_id, "type": "pipe", "source": {"type": "embedded", "entities": list(entities)}, **properties}


def receiver(pipe_id, **properties):
    return {"_id": pipe_id, "type": "pipe", "source": {"type": "http_endpoint"}, **properties}


def reader(pipe_id, dataset, *rule, **properties):
    """A pipe that reads a dataset; without a rule it passes entities on as they are."""
    config = {"_id": pipe_id, "type": "pipe", "source": {"type": "dataset", "dataset": dataset}, **properties}
    if rule:
        config["transform"] = {"type": "dtl", "rules": {"default": list(rule)}}
    return config


def endpoint(pipe_id, dataset, *rule, **properties):
    return reader(pipe_id, dataset, *rule, sink={"type": "http_endpoint"}, **properties)


def merging(pipe_id, datasets, **source):
    source = {"type": "merge", "version": 2, "datasets": datasets, "identity": "first", "strategy": "compact", **source}
    return {"_id": pipe_id, "type": "pipe", "source": source}


def shown(entities):
    """Entities in transit form by id, without their ids: what a test compares."""
    encoded = [transit.encode(entity) for entity in entities]
    return {e["_id"]: {n: v for n, v in e.items() if n != "_id"} for e in encoded}


def content(node, dataset):
    """What a dataset holds, deleted entities included."""
    return shown(node.entities(next(p.id for p in node.pipes if p.writes == dataset)))


def living(node, dataset):
    return {i: e for i, e in content(node, dataset).items() if not e.get("_deleted")}
