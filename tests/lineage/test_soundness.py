"""What lineage says "no" to makes no difference in a run: random rules, and a run for each change of one property."""

import json

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from dataflow import lineage
from dataflow.clock import FixedClock
from dataflow.dtl import transit
from dataflow.errors import FindingsError
from dataflow.lineage import Verdict
from dataflow.node.node import Node
from dataflow.node.store import MemoryStore
from dataflow.project import project_of
from dataflow.source import Document
from lineage.chains import NAMES, chains, configs, entities, values

OTHERS = [{"_id": "o1", "k": "k1", "v": "one"}, {"_id": "o2", "k": ["k2", 2], "v": {"x": 1}}]


def project_from(made):
    documents = [Document(None, text := json.dumps(config), json.loads(text)) for config in made]
    return project_of(documents, {})


def result(project, posted):
    """Every property of the last pipe with its values by entity; None when a pipe fails."""
    node = Node(list(project.pipes.values()), metadata=project.metadata, clock=FixedClock(), store=MemoryStore())
    node.post("other", OTHERS)
    node.post("in", posted)
    if node.run().failures:
        return None
    last = list(project.pipes)[-1]
    found = {}
    for entity in node.entities(last):
        if entity.get("_deleted") is not True:
            for name, value in entity.items():
                found.setdefault(name, {})[entity["_id"]] = json.dumps(transit.encode(value), sort_keys=True)
    return found


@pytest.mark.parametrize("namespaced", [False, True])
@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(chain=chains, posted=entities, name=st.sampled_from(NAMES), value=values, which=st.integers(0, 2))
def test_no_means_that_a_change_changes_nothing(namespaced, chain, posted, name, value, which):
    project = project_from(configs(chain, namespaced))
    if any(step.compiled is None for pipe in project.pipes.values() for step in pipe.transforms):
        return
    changed = [dict(entity) for entity in posted]
    changed[which % len(changed)][name] = value
    try:
        before, after = result(project, posted), result(project, changed)
    except FindingsError:
        return
    if before is None or after is None:
        return
    last, graph = list(project.pipes)[-1], lineage.of(project)
    for target in before.keys() | after.keys():
        verdict = graph.affects(("in", name), (last, target)).verdict
        event(f"{verdict}, {'changed' if before.get(target) != after.get(target) else 'the same'}")
        if before.get(target) != after.get(target):
            assert verdict is not Verdict.NO, (target, chain)
