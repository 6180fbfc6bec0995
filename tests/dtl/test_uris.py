"""URIs: no escaping in casts, all of it in quoting."""

import pytest

from dtl.expressions import text, text_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["uri", ["list", "", "a b", "~:a:b", 5, None, "~ra"]], ["~r", "~ra b", "~ra"]),
        (["uri", "~:a:b"], None),
        (["is-uri", "~r"], True),
        (["is-uri", None], False),
        (["is-uri", ["list"]], False),
        (["url-quote", "azAZ09_.-~"], "azAZ09_.-~"),
        (
            ["url-quote", "!*'();:@&=+$,/?#[]% \"<>"],
            "%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%2F%3F%23%5B%5D%25%20%22%3C%3E",
        ),
        (["url-quote", "/å", "/å"], "/%C3%A5"),
        (["url-quote", "", "a/b"], "a%2Fb"),
        (["url-quote", "_S.number", "a/b"], None),
        (["url-quote", "_S.surrogate"], "%3F"),
        (
            ["url-unquote", ["list", "%2f%2F", "%", "%zz", "%E2%82", "a+b", "~ra", None]],
            ["//", "%", "%zz", "\ufffd", "a+b"],
        ),
        (["url-unquote", ["url-quote", "blå bær/100%"]], "blå bær/100%"),
    ],
)
def test_uris(expression, expected):
    assert text_of(expression, {"number": 5, "surrogate": "\ud800"}) == text(expected)
