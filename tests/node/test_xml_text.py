"""configuration-sinks-xml.rst: its worked example, and property by property."""

import pytest

from dataflow.errors import PumpFailed
from dataflow.node.xml_text import xml_bytes

EXAMPLE = {
    "_id": "1",
    "name": "Entity 1",
    "id": "entity-1",
    "<foo:tag>": [{"id": "child", "name": "Child entity", "<section>": [{"<from>": "0"}, {"<to>": "999"}]}],
}


def test_the_worked_example():
    attributes = {"xmlns": "http://www.example.org/ns1", "zoo": "bar"}
    assert xml_bytes([EXAMPLE], {"wrapper": "baz", "root-attributes": attributes}).decode() == (
        '<baz xmlns="http://www.example.org/ns1" zoo="bar"><foo:tag name="Entity 1" id="entity-1">'
        '<section id="child" name="Child entity"><from>0</from><to>999</to></section></foo:tag></baz>'
    )


@pytest.mark.parametrize(
    ("entity", "sink", "expected"),
    [
        ({"<a>": "x"}, {}, "<a>x</a>"),
        ({"<a>": None}, {}, "<a/>"),
        ({"<a>": {"b": 1, "<c>": True}}, {}, '<a><c b="1">true</c></a>'),
        ({"<a>": [1, None, ["x"], {"<b>": 2}]}, {}, "<a><b>2</b></a>"),
        ({"<a>": "<&>", "b": '"<'}, {}, "<a b='\"&lt;'>&lt;&amp;&gt;</a>"),
        ({"<a>": "x", "_hidden": 1, "$ids": ["y"]}, {}, "<a>x</a>"),
        ({"<a>": "\0x"}, {}, "<a>x</a>"),
        ({"<a>": "x\r\ny", "b": "\r\n\t"}, {}, '<a b="&#13;&#10;&#9;">x&#13;\ny</a>'),
        ({"<a>": "x"}, {"root-attributes": {"n": 1}}, '<a n="1">x</a>'),
        ({"<a>": "x", "_deleted": True}, {}, ""),
        ({"<a>": "x", "_deleted": True}, {"skip-deleted-entities": False}, "<a>x</a>"),
        (
            {"<a>": "x"},
            {"include-xml-decl": True},
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a>x</a>',
        ),
        ({"<a>": "x"}, {"byte_order_mark": True}, "\ufeff<a>x</a>"),
    ],
)
def test_properties(entity, sink, expected):
    assert xml_bytes([{"_id": "1", **entity}], sink).decode() == expected


@pytest.mark.parametrize("entity", [{}, {"<a>": 1, "<b>": 2}, {"<a b>": 1}, {"<a>": {"<1>": 1}}, {"<a>": 1, "b c": 2}])
def test_what_is_no_xml(entity):
    with pytest.raises(PumpFailed):
        xml_bytes([{"_id": "1", **entity}], {})
