"""configuration-systems-rest.rst (`payload-type`); decision 0431."""

from decimal import Decimal
from email import message_from_bytes

import pytest

from dataflow.dtl.values import NI, Datetime
from dataflow.errors import PumpFailed
from dataflow.node.rest.address import absolute
from dataflow.node.rest.payload import encoded
from dataflow.node.rest.statuses import Statuses

ENTITY = {"n": 12345678901234567890123, "d": Decimal("1.50"), "i": NI.of("a:1"), "t": Datetime(0), "o": {"ø": None}}
PLAIN = '{"d": 1.50, "i": "a:1", "n": 12345678901234567890123, "o": {"ø": null}, "t": "1970-01-01T00:00:00Z"}'


@pytest.mark.parametrize(
    ("payload", "kind", "body", "media"),
    [
        (None, "json", None, None),
        ({}, None, "{}", "application/json"),
        (ENTITY, "json", PLAIN, "application/json"),
        (
            ENTITY,
            "json-transit",
            '{"n":12345678901234567890123,"d":"~f1.50","i":"~:a:1","t":"~t1970-01-01T00:00:00Z","o":{"ø":null}}',
            "application/json",
        ),
        ("<a>ø</a>", "json", "<a>ø</a>", "application/json"),
        ("", "json", "", "application/json"),
        ("text", "text", "text", "text/plain"),
        ({"a": 1}, "text", '{"a": 1}', "text/plain"),
        (b"\x00", "text", b"\x00", "application/octet-stream"),
        ([1], "json", "[1]", "application/json"),
        (5, "json", "5", "application/json"),
        ({"a b": "ø&", "n": 1, "d": Decimal("1.5"), "f": True, "z": None, "l": [1, 2], "o": {"x": 1}}, "form",
         "a+b=%C3%B8%26&n=1&d=~f1.5&f=true&l=1&l=2&o=%7B%22x%22%3A+1%7D", "application/x-www-form-urlencoded"),
        ([{"a": "1"}, {"a": "2"}], "form", "a=1&a=2", "application/x-www-form-urlencoded"),
        ("a=1", "form", "a=1", "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
def test_a_payload_is_encoded(payload, kind, body, media):
    expected = body.encode() if isinstance(body, str) else body
    found, type_ = encoded(payload, kind, {})
    assert (found.replace(b" ", b"") if kind == "json-transit" else found, type_) == (expected, media)


def test_a_multipart_form():
    body, kind = encoded({"authCode": "ø", "n": 1}, "multipart-form", {})
    parts = message_from_bytes(b"Content-Type: " + kind.encode() + b"\n\n" + body).get_payload()
    found = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts}
    assert found == {"authCode": "ø".encode(), "n": b"1"}
    assert encoded({"authCode": "ø", "n": 1}, "multipart-form", {}) == (body, kind)


def test_without_a_type_a_form_is_sent_where_the_headers_say_so():
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert encoded({"a": 1}, None, headers)[0] == b"a=1"
    assert encoded({"a": 1}, "json", headers)[0] == b'{"a": 1}'
    assert encoded("a=1", None, headers)[0] == b"a=1"


@pytest.mark.parametrize(
    ("payload", "kind", "message"),
    [
        ({}, "xml", 'payload-type is "xml"; there is json, json-transit, form, multipart-form, text'),
        ([1], "form", "the payload of a form has to be an object, or a list of objects"),
        ("\ud800", "text", "the payload has half a character, which cannot be sent"),
    ],
)
def test_what_cannot_be_encoded(payload, kind, message):
    with pytest.raises(PumpFailed) as caught:
        encoded(payload, kind, {})
    assert str(caught.value) == message


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "url", "result"),
    [
        ({"url_pattern": "http://h/api/%s?v=1"}, "a/b", "http://h/api/a/b?v=1"),
        ({"url_pattern": "http://h/api/"}, "a", "http://h/api/a"),
        ({"url_pattern": "http://h/a%20b/%s"}, "c", "http://h/a%20b/c"),
        ({"url_pattern": "http://h/%s"}, "HTTPS://other/x", "HTTPS://other/x"),
        ({"base_url": "http://h/files/"}, "a.json", "http://h/files/a.json"),
        ({"base_url": "http://h/files/"}, "/a.json", "http://h/a.json"),
        ({"docker": {"port": 5000}}, "/get", "http://127.0.0.1:5000/get"),
        ({"docker": {"port": 5000}, "use_https": True}, "get", "https://127.0.0.1:5000/get"),
    ],
)
def test_a_url_is_put_into_the_address_of_its_system(config, url, result):
    assert absolute("s", config, url) == result


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, 'system "s" has no address: it needs "url_pattern", or "docker.port"'),
        ({"url_pattern": "ftp://h/%s"}, 'system "s" has no http or https address: url_pattern is "ftp://h/%s"'),
    ],
)
def test_a_system_without_an_address(config, message):
    with pytest.raises(PumpFailed) as caught:
        absolute("s", config, "x")
    assert str(caught.value) == message


# --- status codes -----------------------------------------------------------------------------------------------------


def test_status_codes():
    codes = Statuses.read("200-299,404")
    assert [status in codes for status in (199, 200, 299, 300, 404)] == [False, True, True, False, True]
    assert codes.overlaps(Statuses.read("299-301"))
    assert not codes.overlaps(Statuses.read("300-403,405"))


@pytest.mark.parametrize("text", ["", "200, 201", "20", "2xx", "299-200", "200-"])
def test_what_are_no_status_codes(text):
    with pytest.raises(ValueError, match=r"status codes|ends before"):
        Statuses.read(text)
