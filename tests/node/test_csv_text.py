"""configuration-sinks-csv.rst, property by property; decision 0401 for how values look."""

from decimal import Decimal

import pytest

from dataflow.dtl import transit
from dataflow.errors import PumpFailed
from dataflow.node.csv_text import csv_bytes

ENTITIES = [{"_id": "1", "a": "x,y"}, {"_id": "2", "a": 'say "z"', "_deleted": True}, {"_id": "3", "a": None}]
COLUMNS = {"columns": ["_id", "a"]}


@pytest.mark.parametrize(
    ("sink", "expected"),
    [
        ({}, b'_id,a\r\n1,"x,y"\r\n3,\r\n'),
        ({"include_header": False}, b'1,"x,y"\r\n3,\r\n'),
        ({"skip-deleted-entities": False}, b'_id,a\r\n1,"x,y"\r\n2,"say ""z"""\r\n3,\r\n'),
        ({"delimiter": ";"}, b"_id;a\r\n1;x,y\r\n3;\r\n"),
        ({"quoting": "all"}, b'"_id","a"\r\n"1","x,y"\r\n"3",""\r\n'),
        ({"quoting": "none"}, b"_id,a\r\n1,x\\,y\r\n3,\r\n"),
        ({"quoting": "none", "escapechar": "~"}, b"_id,a\r\n1,x~,y\r\n3,\r\n"),
        ({"quotechar": "'"}, b"_id,a\r\n1,'x,y'\r\n3,\r\n"),
        ({"lineterminator": "\n"}, b'_id,a\n1,"x,y"\n3,\n'),
        ({"byte_order_mark": True, "include_header": False}, b'\xef\xbb\xbf1,"x,y"\r\n3,\r\n'),
    ],
)
def test_properties(sink, expected):
    assert csv_bytes(ENTITIES, {**COLUMNS, **sink}) == expected


def test_quotes_are_escaped_when_they_are_not_doubled():
    sink = {"columns": ["a"], "include_header": False, "doublequote": False}
    assert csv_bytes([{"a": 'say "z"'}], sink) == b'say \\"z\\"\r\n'


def test_encodings():
    sink = {"columns": ["a"], "include_header": False, "encoding": "ascii"}
    assert csv_bytes([{"a": "ę"}], sink) == b"\\u0119\r\n"
    assert csv_bytes([{"a": "ę"}], {**sink, "encode_error_strategy": "xmlcharrefreplace"}) == b"&#281;\r\n"


def test_how_values_look():
    entity = transit.decode({"a": 1, "b": "~f1.50", "c": True, "d": "~t2024-01-01T00:00:00Z", "e": ["x"], "f": "~:a:b"})
    sink = {"columns": list("abcdefg"), "include_header": False, "quoting": "non-numeric"}
    assert csv_bytes([entity], sink) == b'1,1.50,"true","2024-01-01T00:00:00Z","[""x""]","a:b",""\r\n'


@pytest.mark.parametrize("sink", [{"quoting": "some"}, {"delimiter": "ab"}, {"encoding": "morse"}, {"columns": 7}])
def test_what_cannot_be_written(sink):
    with pytest.raises(PumpFailed, match="cannot be written as CSV"):
        csv_bytes(ENTITIES, {**COLUMNS, **sink})


def test_numbers_have_no_exponent_and_texts_no_escapes_unless_they_need_them():
    sink = {"columns": ["a", "b"], "include_header": False, "quoting": "non-numeric"}
    assert csv_bytes([{"a": Decimal("1E+3"), "b": "C:\\x"}], sink) == b'1000,"C:\\x"\r\n'
