"""What an answer is read as: decision 0431."""

from decimal import Decimal

import pytest

from dataflow.node.rest.call import Answer, NotJson
from dataflow.source import parse_json

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '{"a": 1.50, "b": 10.0, "c": 12345678901234567890, "d": 1e2}',
            {"a": Decimal("1.50"), "b": 10, "c": 12345678901234567890, "d": 100},
        ),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"name": "NaN and Infinity", "smile": "\\ud83d\\ude00"}', {"name": "NaN and Infinity", "smile": "😀"}),
        ("\ufeff[1]", [1]),
    ],
)
def test_a_body_is_read_exactly(body, expected):
    found = Answer(200, JSON, body.encode()).json()
    assert found == expected == parse_json(body, exact=True, tolerant=True).value
    assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"a": NaN}', "line 1, column 7: NaN is not a number that JSON knows"),
        ('{"a": -Infinity}', "line 1, column 7: -Infinity is not a number that JSON knows"),
        ('{"a": "\\ud83d"}', "line 1, column 7: half of a surrogate pair"),
        ('{"a": 1,}', "line 1, column 8: comma after the last element"),
        ('{"a": 1e999999999}', "line 1, column 7: 1e999999999 has too many digits"),
        ('{"a": "\\ud83d\\ude00", "b": [0.5, 1e-999999]}', "line 1, column 34: 1e-999999 has too many digits"),
        ("[" * 100_000, "line 1, column 1: nested too deeply"),
        ("", "line 1, column 1: the file is empty"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(body, message):
    with pytest.raises(NotJson) as caught:
        Answer(200, JSON, body.encode()).json()
    assert str(caught.value).startswith(message)
