"""node-semantics, section 1.1: values keep their types exactly."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.dtl.values import NI, URI, UUID, Date, Datetime
from dataflow.errors import DtlError
from dataflow.node.packed import pack, unpack

UID = "~u8f2f4a0e-0d0c-4a46-9d0f-1f1f0f1f0f1f"
texts = st.text(alphabet=st.characters(codec="utf-8"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text()
    | st.sampled_from(["~", "~~", "~:a:b", "~~:a:b", "~f1", "~x", '"~', UID, "~t2020-01-01"])
    | texts.map(NI.of)
    | texts.map(URI.of)
    | st.just(UUID(UID))
    | st.binary()
    | st.integers(-(10**18), 10**18).map(Datetime)
    | st.integers(-10_000, 10_000).map(lambda day: Date(day * 86_400_000_000_000)),
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


def exact(value):
    """The value with the type of everything in it, dicts sorted, decimals with their scale, floats with their sign."""
    if type(value) is dict:
        return [(key, exact(value[key])) for key in sorted(value)]
    if type(value) is list:
        return [exact(element) for element in value]
    return type(value), repr(value)


@given(st.dictionaries(texts, values))
def test_a_value_comes_back_as_it_was_with_its_keys_sorted(value):
    assert exact(unpack(pack(value))) == exact(value)


@pytest.mark.parametrize("beside", [0, 2**70, "~:x", "\ud800"])
@pytest.mark.parametrize(
    "number", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**40, 1e300, 1.0, -0.0, math.inf, math.nan]
)
def test_numbers_of_any_size(number, beside):
    assert exact(unpack(pack({"m": beside, "n": number}))) == exact({"m": beside, "n": number})


@pytest.mark.parametrize("beside", [0, 2**70, "\ud800"])
def test_an_integer_that_is_too_long_is_refused(beside):
    assert exact(unpack(pack([beside, 10**4299]))) == exact([beside, 10**4299])
    with pytest.raises(DtlError, match="4300 digits"):
        pack({"a": beside, "b": [-(10**4300)]})


@pytest.mark.parametrize("beside", [0, "\ud800"])
def test_a_decimal_that_would_not_be_read_again_is_refused(beside):
    longest = [Decimal("9" * 4300), Decimal("0." + "0" * 4299 + "1"), Decimal("-9e4299")]
    assert exact(unpack(pack([beside, *longest]))) == exact([beside, *map(Decimal, map("{:f}".format, longest))])
    for number in ("1" * 4301, "0." + "0" * 4300 + "1"):
        with pytest.raises(DtlError, match="4300 digits"):
            pack({"a": beside, "b": [Decimal(number)]})


@pytest.mark.parametrize("inner", [1, "~", "\ud800", NI("~:a:\ud800"), Decimal("1.50"), UUID(UID)])
@pytest.mark.parametrize("depth", [1, 150])
def test_at_any_depth(depth, inner):
    value = inner
    for _ in range(depth):
        value = {"b": [value], "a~": "~f2"}
    found = unpack(pack(value))
    for _ in range(depth):
        assert list(found) == ["a~", "b"]
        assert found["a~"] == "~f2"
        (found,) = found["b"]
    assert exact(found) == exact(inner)


def test_what_is_unpacked_shares_nothing_and_has_lists_for_tuples():
    nested = {"b": [{"z": 1, "_a": 2}], "a": (1, 2)}
    packed = pack(nested)
    first, second = unpack(packed), unpack(packed)
    assert exact(first) == exact({"a": [1, 2], "b": [{"_a": 2, "z": 1}]})
    assert first["b"] is not second["b"]
    assert first["b"] is not nested["b"]
