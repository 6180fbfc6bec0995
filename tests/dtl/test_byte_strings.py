"""Bytes: UTF-8 and base64, each refusing what is not of its kind."""

import pytest

from dtl.expressions import text, text_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["bytes", ""], "~b"),
        (["bytes", "\U0001f332"], "~b8J+Msg=="),
        (["bytes", "_S.surrogate"], None),
        (["bytes", ["list", 5, "~:a:b", ["list", "a"]]], []),
        (["bytes", ["list", "~bZmly", "fir"]], ["~bZmly", "~bZmly"]),
        (["base64-decode", ""], "~b"),
        (["base64-decode", ["list", "Zg==", "Zg=", "Zg", "Z g==", "-_8=", "é", 5]], ["~bZg=="]),
        (["base64-encode", ["list", "~b", "~b+/8=", "Zg=="]], ["", "+/8="]),
        (["base64-encode", ["bytes", None]], None),
        (["string", ["base64-decode", ["base64-encode", ["bytes", "blåbær"]]]], "blåbær"),
        (["is-bytes", ["list", "~b", 5]], True),
        (["is-bytes", ["list"]], False),
        (["is-bytes", "Zg=="], False),
    ],
)
def test_bytes(expression, expected):
    assert text_of(expression, {"surrogate": "\ud800"}) == text(expected)
