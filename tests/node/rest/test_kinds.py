"""Parts that speak HTTP are there for every node that reaches outside, and cost nothing until a pipe has one."""

import subprocess
import sys

from dataflow.errors import CallFailed
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from node.pipes import embedded, node_of, pipe

HEAVY = """
import sys
from dataflow.node.node import Node
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
reaching(Reach({}))
print(sorted({"requests", "urllib3", "jinja2", "jwt"} & sys.modules.keys()))
"""


def test_all_kinds_have_makers():
    makers = reaching(Reach({}))
    assert {"rest", "json"} <= makers.sources.keys()
    assert {"rest", "http", "template"} <= makers.transforms.keys()
    assert {"rest", "json"} <= makers.sinks.keys()


def test_libraries_are_only_loaded_for_pipes_that_need_them():
    done = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_pipe_that_calls_nobody_there_fails_alone_and_at_its_place():
    makers = reaching(Reach({}))
    step = {"type": "rest", "system": "nobody", "operation": "x"}
    node = node_of(embedded("p", {"_id": "1"}, transform=step), embedded("q"), transform_makers=makers.transforms)
    (failure,) = node.run().failures
    assert (failure.pipe, failure.message, failure.entity) == ("p", 'there is no system "nobody"', "1")
    assert failure.diagnostics[0].pointer == "/transform"


def test_a_failure_travels_between_processes():
    import pickle

    error = CallFailed("m", status=404, retries={"a": 1}, where="/sink", entity="1")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.status, again.retries, again.where, again.entity) == ("m", 404, {"a": 1}, "/sink", "1")


def test_sinks_are_made_of_pipes():
    made = pipe({"_id": "p", "type": "pipe", "source": {"type": "empty"}, "sink": {"type": "rest", "system": "s"}})
    sink = reaching(Reach({})).sinks["rest"](made)
    sink.begin(full=True)
    sink.end()
    sink.abort()
