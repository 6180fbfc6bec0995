"""hub/features/namespaces.rst; node-semantics, sections 6.2, 6.6 and 6.7."""

import pytest

from dataflow.dtl import transit
from dataflow.dtl.namespaces import Namespaces
from dataflow.node.namespacing import add_namespaces, remove_namespaces
from node.pipes import content, embedded, endpoint, node_of, reader, shown

pytestmark = pytest.mark.usefixtures("every_store")

OURS = Namespaces(identity="i", property="p", enabled=True)


def added(entity):
    return transit.encode(add_namespaces(transit.decode(entity), OURS))


def removed(entity):
    return transit.encode(remove_namespaces(transit.decode(entity)))


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ({"_id": "1", "a": 1}, {"_id": "i:1", "p:a": 1}),
        ({"_id": "i:1", "p:a": 1}, {"_id": "i:1", "p:a": 1}),
        ({"_id": "o:1"}, {"_id": "i:o:1"}),
        ({"rdf:type": "~:x:y"}, {"p:rdf:type": "~:x:y"}),
        ({"a": {"_id": "2", "b": [{"_id": "3", "c": 1}]}}, {"p:a": {"_id": "i:2", "p:b": [{"_id": "i:3", "p:c": 1}]}}),
        ({"a": [[{"b": 1}]]}, {"p:a": [[{"p:b": 1}]]}),
        ({"_deleted": True, "_x": {"a": 1}}, {"_deleted": True, "_x": {"a": 1}}),
        ({"$ids": ["~:x:1"], "$c": {"a": 1}}, {"$ids": ["~:x:1"], "$c": {"a": 1}}),
        ({"_id": 7}, {"_id": 7}),
        ({}, {}),
    ],
)
def test_adding(entity, expected):
    assert added(entity) == expected


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ({"_id": "i:1", "p:a": 1, "b": 2}, {"_id": "1", "a": 1, "b": 2}),
        ({"visma-project:rdf:type": 1}, {"type": 1}),
        ({"p:a": {"_id": "i:2", "p:b": [{"q:c": 1}]}}, {"a": {"_id": "2", "b": [{"c": 1}]}}),
        ({"a": "~:bouvet:visma-product"}, {"a": "~:visma-product"}),
        ({"a": ["~:x", "b:c", 1]}, {"a": ["~:x", "b:c", 1]}),
        ({"_id": "0001", "$ids": ["~:ns:0001"]}, {"_id": "0001", "$ids": ["~:0001"]}),
        ({"_id": "i:a:b"}, {"_id": "a:b"}),
        ({"_deleted": True}, {"_deleted": True}),
    ],
)
def test_removing(entity, expected):
    assert removed(entity) == expected


def test_of_names_that_become_the_same_the_last_wins():
    assert removed({"rdf:type": 1, "visma-project:rdf:type": 2}) == {"type": 2}
    assert removed({"visma-project:rdf:type": 2, "rdf:type": 1}) == {"type": 1}


def test_nothing_given_is_changed():
    entity = {"_id": "1", "a": {"b": [{"c": 1}]}, "$x": {"a": 1}}
    before = transit.dumps(entity)
    add_namespaces(entity, OURS)
    remove_namespaces(entity)
    assert transit.dumps(entity) == before


def test_the_worked_example():
    source = {"_id": "80083", "Amount": "~f22438.750000", "rdf:type": "~:bouvet:visma-vwdocument"}
    rule = ["copy", "*"], ["add", "rdf:type", ["ni", "bouvet:visma-project"]]
    node = node_of(
        embedded("visma-project", source, transform={"type": "dtl", "rules": {"default": list(rule)}}),
        endpoint("out", "visma-project"),
        namespaced=True,
    )
    node.run()
    assert content(node, "visma-project") == {
        "visma-project:80083": {
            "rdf:type": "~:bouvet:visma-project",
            "visma-project:Amount": "~f22438.750000",
            "visma-project:rdf:type": "~:bouvet:visma-vwdocument",
        }
    }
    assert shown(node.entities("out")) == {"80083": {"Amount": "~f22438.750000", "type": "~:visma-vwdocument"}}


def test_stored_properties_come_sorted_and_added_ones_after_copied_ones():
    # Both directions of a collision: by full key in a dataset, by time in a transform.
    node = node_of(
        embedded("s", {"_id": "1", "z": "own"}, namespaces={"property": "b"}),
        reader("m", "s", ["copy", "*"], ["add", "a:z", "other"]),
        endpoint("stored", "m"),
        endpoint(
            "added", "m", ["copy", "*"], ["add", "a:y", 1], ["add", "b:y", 2], ["remove", "b:z"], ["add", "::z", "last"]
        ),
        namespaced=True,
    )
    node.run()
    assert shown(node.entities("stored")) == {"1": {"z": "own"}}
    assert shown(node.entities("added")) == {"1": {"z": "last", "y": 2}}
