from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.canonical import config_text, expected_text
from dataflow.dtl.values import NI

PIPE = """\
{
  "_id": "x",
  "type": "pipe",
  "source": {
    "type": "embedded",
    "entities": [{
      "_id": "1",
      "b": [1, 2, {
        "c": []
      }]
    }, {
      "_id": "2"
    }]
  },
  "sink": {},
  "transform": [{
    "type": "dtl",
    "rules": {
      "default": [
        ["copy", "*"],
        ["add", "a",
          ["concat", "x",
            ["list"]
          ]
        ]
      ]
    }
  }],
  "add_namespaces": false
}
"""


def test_a_pipe_in_config_style() -> None:
    shuffled = json.dumps(json.loads(PIPE), sort_keys=True)
    assert config_text(json.loads(shuffled)) == PIPE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "[]\n"),
        ({}, "{}\n"),
        ("æ<&>", '"æ<&>"\n'),
        ([[]], "[\n  []\n]\n"),
        ([{}], "[{}]\n"),
        ([[1], 2, [3], 4], "[\n  [1], 2,\n  [3], 4]\n"),
        ([[1], {"a": 1}], '[\n  [1], {\n  "a": 1\n}]\n'),
        ([{"a": 1}, 2], '[{\n  "a": 1\n}, 2]\n'),
        ({"a": [1, [{"b": [[]]}]]}, '{\n  "a": [1,\n    [{\n      "b": [\n        []\n      ]\n    }]\n  ]\n}\n'),
        ([1000.0, 1e300, 10**20, True, None], "[1000.0, 1e+300, 100000000000000000000, true, null]\n"),
    ],
)
def test_config_style(value: object, text: str) -> None:
    assert config_text(value) == text


FIRST = "_id type name description source sink transform pump metadata system datasets where return recurse max_depth"
LATER = "exclude_root track-dependencies trace default $ids Zeta zeta æ $audit $principals-from-user _x _y"


def test_keys_known_first_internal_last_others_by_code_point() -> None:
    keys = f"{FIRST} {LATER}".split()
    assert list(json.loads(config_text(dict.fromkeys(sorted(keys), 1)))) == keys


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=25,
)


@given(_JSON)
def test_config_style_keeps_the_value_and_is_stable(value: object) -> None:
    text = config_text(value)
    assert json.loads(text) == value
    assert config_text(json.loads(text)) == text


def test_expected_output() -> None:
    entities = [{"_id": "2", "b": "<a&b>", "A": [1, {}]}, {"a": "æ", "_id": "1"}]
    assert expected_text(entities) == (
        '[\n  {\n    "A": [\n      1,\n      {}\n    ],\n    "_id": "2",\n    "b": "\\u003ca\\u0026b\\u003e"\n  },\n'
        '  {\n    "_id": "1",\n    "a": "æ"\n  }\n]\n'
    )


def test_expected_output_of_nothing() -> None:
    assert expected_text([]) == "[]\n"


def test_values_of_dtl_are_written_in_transit_form() -> None:
    assert json.loads(expected_text([{"_id": "1", "n": Decimal("1.50"), "ni": NI.of("a:b")}])) == [
        {"_id": "1", "n": "~f1.50", "ni": "~:a:b"}
    ]


@given(st.lists(st.dictionaries(st.text(max_size=5), _JSON, max_size=4), max_size=4))
def test_expected_output_keeps_the_value_and_is_stable(entities: list[dict[str, object]]) -> None:
    text = expected_text(entities)
    assert json.loads(text) == entities
    assert expected_text(json.loads(text)) == text
