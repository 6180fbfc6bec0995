import pytest

from dataflow.expect.publisher import difference, events, same_bytes


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (b"<a/>", b"<a></a>", True),
        (b"<a>\n <b/>\n</a>", b"<a><b/></a>", True),
        (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a/>', b"<a/>", False),
        (b'<a x="1" y="2"/>', b'<a y="2" x="1"/>', False),
        (b"<a>b </a>", b"<a>b</a>", False),
        (b"<a/>", b"<a", False),
        (b"no xml", b"no xml", True),
    ],
)
def test_xml(left, right, same):
    assert same_bytes("xml", left, right) is same


def test_anything_else_is_compared_byte_by_byte():
    assert same_bytes("csv", b"a\r\n", b"a\r\n")
    assert not same_bytes("csv", b"a\r\n", b"a\n")


def test_what_is_no_xml_has_no_events():
    assert events(b"<a><b></a>") is None


def test_the_first_line_that_differs():
    assert difference(b"a\nb\n", b"a\nc\n") == (2, "b\n", "c\n")
    assert difference(b"a\n", b"a\nb") == (2, None, "b")
    assert difference(b"a", b"a") == (0, None, None)
