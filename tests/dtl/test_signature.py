"""Signature notation: what is read, how arguments are assigned, what is refused."""

from __future__ import annotations

import pytest

from dataflow.dtl.signature import Parameter, parse


def assigned(text: str, count: int) -> str:
    return "".join(parameter.name for parameter in parse(text).assign(count))


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("A(value-expression)", 1, 1),
        ("A(value-expression{1}), B(string{0|1})", 1, 2),
        ("A(value-expression{>0})", 1, None),
        ("A(value-expression{>=1})", 1, None),
        ("A(value-expression{>=0})", 0, None),
        ("(A(value{1}) B(value{1}))+ C(value{0|1})", 2, None),
    ],
)
def test_limits(text: str, least: int, most: int | None) -> None:
    signature = parse(text)

    assert (signature.least, signature.most) == (least, most)
    assert signature.text == text
    assert not signature.accepts(least - 1)
    assert signature.accepts(least)
    assert signature.accepts(1000) is (most is None)


def test_parameters() -> None:
    assert parse("WIDTH(integer-expression{1}) REST(value-expression{>=0})").parameters == (
        Parameter("WIDTH", "integer-expression", 1, 1),
        Parameter("REST", "value-expression", 0, None),
    )


@pytest.mark.parametrize(
    ("text", "count", "names"),
    [
        ("A(value{1}) B(value{1})", 2, "AB"),
        ("A(value{0|1}) B(value{1})", 1, "B"),
        ("A(value{0|1}) B(value{1})", 2, "AB"),
        ("A(value{1}) B(value{0|1}) C(value{0|1}) D(value{1})", 3, "ABD"),
        ("A(value{1}) B(value{0|1}) C(value{0|1}) D(value{1})", 4, "ABCD"),
        ("A(value{>0})", 3, "AAA"),
        ("A(value{1}) B(value{>=0})", 1, "A"),
        ("(A(value{1}) B(value{1}))+ C(value{0|1})", 4, "ABAB"),
        ("(A(value{1}) B(value{1}))+ C(value{0|1})", 5, "ABABC"),
        ("X(value{1}) (A(value{1}) B(value{1}))+ C(value{0|1})", 3, "XAB"),
        ("X(value{1}) (A(value{1}) B(value{1}))+ C(value{0|1})", 6, "XABABC"),
        ("(A(value{1}) B(value{1}))+", 4, "ABAB"),
    ],
)
def test_assignment_of_arguments(text: str, count: int, names: str) -> None:
    assert assigned(text, count) == names


@pytest.mark.parametrize(
    "text", ["A", "a(value{1})", "A(tree{1})", "A(value{2})", "A(value{1}", "A(value{1}) )+", "A(value{1}))", "?"]
)
def test_malformed_signature_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="malformed signature at"):
        parse(text)
