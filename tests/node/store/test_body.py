"""node-semantics, section 1.1: values keep their types exactly."""

import json
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.dtl.values import NI, URI, UUID, Date, Datetime
from dataflow.node.store.body import text_of, version_of

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
    """The value with the type of everything in it, decimals with their scale, floats with their sign."""
    if type(value) is dict:
        return [(key, exact(element)) for key, element in value.items()]
    if type(value) is list:
        return [exact(element) for element in value]
    return type(value), repr(value)


@given(st.dictionaries(texts, values))
def test_a_version_comes_back_as_it_was(version):
    text = text_of(version)
    text.encode()
    assert exact(version_of(text)) == exact(version)


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**40, 1e300, 1.0, -0.0])
def test_numbers_of_any_size(number):
    assert exact(version_of(text_of({"n": number, "t": "~:x"}))) == exact({"n": number, "t": "~:x"})


def test_the_text_is_plain_transit_json():
    version = {"a": NI("~:x:y"), "b": Decimal("1.50"), "c": [Datetime(0), "plain"], "d": "~:no:ni", "e": 2**70}
    shown = {"a": "~:x:y", "b": "~f1.50", "c": ["~t1970-01-01T00:00:00Z", "plain"], "d": "~~:no:ni", "e": 2**70}
    assert json.loads(text_of(version)) == shown


@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("beside", [0, 2**70, "~"])
def test_what_json_has_no_number_for_becomes_null_as_at_every_edge(number, beside):
    assert version_of(text_of({"n": number, "m": beside})) == {"n": None, "m": beside}
