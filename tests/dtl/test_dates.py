"""Date and time: casts, calendar arithmetic with its edges, differences, zones; inline forms agree with the general ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.clock import FixedClock
from dataflow.dtl import Context, compile_expression
from dataflow.dtl.functions import dates
from dataflow.dtl.transit import decode, encode
from dataflow.dtl.values import NI, Date, Datetime
from dataflow.errors import DtlError, FindingsError

LATE = "~t9999-12-31T23:59:59.999999999Z"
EARLY = "~t0001-01-01T00:00:00Z"


def result(expression, context=None, **source):
    got = compile_expression(expression)(context or Context(), S=decode(source))
    return encode(got)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-06-03T13:58:10Z", "~t2024-06-03T13:58:10Z"),
        ("2024-06-03T13:58:10.000000001Z", "~t2024-06-03T13:58:10.000000001Z"),
        ("2024-06-03", "~t2024-06-03T00:00:00Z"),
        ("2024-06-03T13:58:10", None),
        ("2024-06-03T13:58:10+02:00", None),
        ("2024-06-03 13:58:10Z", None),
        ("2024-02-30T00:00:00Z", None),
        ("2024-06-03T13:58:10.1234567891Z", None),
        ("~t2024-06-03", "~t2024-06-03T00:00:00Z"),
        (253402300799999999999, LATE),
        (253402300800000000000, None),
        (-62135596800000000000, EARLY),
        (-62135596800000000001, None),
        (True, None),
        (1.5, None),
        ("~f1", None),
        ("~:a:b", None),
        (None, None),
        ([], []),
        (["x", None, 0], ["~t1970-01-01T00:00:00Z"]),
    ],
)
def test_casting(value, expected):
    assert result(["datetime", "_S.v"], v=value) == expected


def test_a_date_that_is_cast_has_a_time():
    assert type(dates.datetime_(None, Date(0))) is Datetime


def test_casting_with_a_replacement():
    assert result(["datetime", ["concat", "not ", "_."], "_S.v"], v=["x", 0, None]) == [
        "not x",
        "~t1970-01-01T00:00:00Z",
    ]
    assert result(["datetime", ["now"], None]) is None


@pytest.mark.parametrize(
    ("part", "count", "value", "expected"),
    [
        ("month", 1, "~t2024-01-31T10:00:00Z", "~t2024-02-29T10:00:00Z"),
        ("month", 1, "~t2023-01-31T10:00:00Z", "~t2023-02-28T10:00:00Z"),
        ("month", 13, "~t2023-12-15T10:00:00.5Z", "~t2025-01-15T10:00:00.5Z"),
        ("month", -1, "~t2024-03-31T00:00:00Z", "~t2024-02-29T00:00:00Z"),
        ("month", -12, "~t2024-02-29T00:00:00Z", "~t2023-02-28T00:00:00Z"),
        ("year", -1, "~t2024-02-29T00:00:00Z", "~t2023-02-28T00:00:00Z"),
        ("year", 4, "~t2024-02-29T00:00:00Z", "~t2028-02-29T00:00:00Z"),
        ("year", -24, "~t1924-02-29T00:00:00Z", "~t1900-02-28T00:00:00Z"),
        ("week", -1, "~t2024-03-01T00:00:00Z", "~t2024-02-23T00:00:00Z"),
        ("hour", 25, "~t2024-02-28T23:30:00Z", "~t2024-03-01T00:30:00Z"),
        ("microsecond", -1, "~t1970-01-01T00:00:00Z", "~t1969-12-31T23:59:59.999999Z"),
        ("day", 1, "~t2024-02-28", "~t2024-02-29T00:00:00Z"),
        ("nanosecond", 1, LATE, None),
        ("month", 1, LATE, None),
        ("year", -1, EARLY, None),
        ("year", 10**20, EARLY, None),
        ("day", 0, "2024-02-28", None),
        ("day", 0, None, None),
        ("day", 0, [LATE, "x", None], [LATE]),
        ("day", 1, [LATE], []),
    ],
)
def test_adding(part, count, value, expected):
    assert result(["datetime-plus", part, count, "_S.v"], v=value) == expected


def test_adding_what_is_no_integer_gives_null():
    assert result(["datetime-plus", "day", "_S.n", "_S.v"], v=LATE, n="1") is None


@pytest.mark.parametrize(
    ("part", "start", "end", "expected"),
    [
        ("month", "~t2024-02-29T00:00:00Z", "~t2024-01-31T00:00:00Z", 1),
        ("month", "~t2024-02-28T00:00:00Z", "~t2024-01-31T00:00:00Z", 0),
        ("month", "~t2024-01-31T00:00:00Z", "~t2024-02-29T00:00:00Z", 0),
        ("month", "~t2024-01-29T00:00:00Z", "~t2024-02-29T00:00:00Z", -1),
        ("month", "~t2024-03-15T09:59:59Z", "~t2024-01-15T10:00:00Z", 1),
        ("month", "~t2024-03-15T10:00:00Z", "~t2024-01-15T10:00:00Z", 2),
        ("month", "~t2024-01-15T10:00:00.000000001Z", "~t2024-03-15T10:00:00Z", -1),
        ("year", "~t2025-02-28T00:00:00Z", "~t2024-02-29T00:00:00Z", 1),
        ("year", "~t2025-02-27T00:00:00Z", "~t2024-02-29T00:00:00Z", 0),
        ("year", LATE, EARLY, 9998),
        ("year", EARLY, LATE, -9998),
        ("day", "~t2024-01-01T23:59:59Z", "~t2024-01-01T00:00:00Z", 0),
        ("day", "~t2024-01-01T00:00:00Z", "~t2024-01-01T23:59:59Z", 0),
        ("day", "~t2024-03-01", "~t2024-02-28", 2),
        ("microsecond", "~t1970-01-01T00:00:00Z", "~t1970-01-01T00:00:00.000001999Z", -1),
        ("day", ["~t2024-03-01T00:00:00Z", LATE], ["~t2024-02-28T00:00:00Z"], 2),
        ("day", None, EARLY, None),
        ("day", EARLY, "2024-01-01", None),
        ("day", [], EARLY, None),
    ],
)
def test_differences(part, start, end, expected):
    assert result(["datetime-diff", part, "_S.a", "_S.b"], a=start, b=end) == expected


@given(
    part=st.sampled_from(["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "nanosecond"]),
    count=st.integers(-60, 60),
    ns=st.integers(-(10**18), 4 * 10**18),
)
def test_the_difference_is_what_was_added(part, count, ns):
    origin = Datetime(ns)
    assert dates.datetime_diff(part, dates.datetime_plus(part, count, origin), origin) == count


@given(st.integers(-(10**18), 10**18), st.integers(-(10**18), 10**18))
def test_months_never_pass_the_other_date(a, b):
    start, end = Datetime(a), Datetime(b)
    months = dates.datetime_diff("month", start, end)
    reached = dates.datetime_plus("month", months, end)
    beyond = dates.datetime_plus("month", months + (1 if a >= b else -1), end)
    assert reached <= start < beyond if a >= b else beyond < start <= reached
    assert dates.datetime_diff("year", start, end) == int(months / 12)


@pytest.mark.parametrize(
    "expression", [["datetime-plus", "_S.part", 1, "_S.v"], ["datetime-diff", "_S.part", "_S.v", "_S.v"]]
)
@pytest.mark.parametrize("part", ["days", "", None, ["day"]])
def test_an_unknown_part_fails(expression, part):
    with pytest.raises(DtlError):
        result(expression, v=EARLY, part=part)


@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [
        ("Europe/Oslo", "UTC", "~t2024-01-15T12:00:00Z", "~t2024-01-15T11:00:00Z"),
        ("Europe/Oslo", "America/New_York", "~t2024-07-15T12:00:00.5Z", "~t2024-07-15T06:00:00.5Z"),
        ("Europe/Oslo", "Europe/Oslo", "~t2024-07-15T12:00:00Z", "~t2024-07-15T12:00:00Z"),
        ("UTC", "Europe/Oslo", "~t2024-07-15", "~t2024-07-15T02:00:00Z"),
        ("UTC", "Europe/Oslo", LATE, None),
        ("Europe/Oslo", "UTC", EARLY, None),
        ("UTC", "Europe/Oslo", [LATE, None, "x"], []),
        # an hour after the clock was put back, seen from UTC
        ("UTC", "Europe/Oslo", "~t2024-10-27T01:30:00Z", "~t2024-10-27T02:30:00Z"),
        # in force from 1940 to 1945
        ("UTC", "Europe/Oslo", "~t1942-01-15T12:00:00Z", "~t1942-01-15T14:00:00Z"),
    ],
)
def test_shifting(source, target, value, expected):
    assert result(["datetime-shift", source, target, "_S.v"], v=value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(EARLY, True), ("~t2024-01-01", False), ([EARLY, 1], True), ([1, EARLY], False), ([], False), (None, False)],
)
def test_asking(value, expected):
    assert result(["is-datetime", "_S.v"], v=value) is expected


def test_now_comes_from_the_clock():
    assert result(["now"], Context(clock=FixedClock(1_000_000_001))) == "~t1970-01-01T00:00:01.000000001Z"


VALUES = [
    None,
    [],
    "2024-06-03",
    "03.06.2024",
    "x",
    5,
    Datetime(0),
    Date(0),
    ["2024-06-03", None, 5, "x", Datetime(0), Date(0), NI.of("2024-06-03")],
    NI.of("2024-06-03"),
    {"a": 1},
]


@pytest.mark.parametrize("zone", [[], [None], ["UTC"], ["Europe/Oslo"]])
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%Y", "%Y-%m-%dT%H:%M:%S%z", "%e"])
@pytest.mark.parametrize(
    ("name", "general"), [("datetime-parse", dates.datetime_parse), ("datetime-format", dates.datetime_format)]
)
def test_inline_forms_agree_with_the_general_functions(name, general, form, zone):
    constant = compile_expression([name, *zone, form, "_S.v"])
    computed = compile_expression([name, *zone, "_S.form", "_S.v"])
    for value in VALUES:
        expected = general(zone[0] if zone else None, form, value)
        assert constant(Context(), S={"v": value}) == expected
        assert computed(Context(), S={"v": value, "form": form}) == expected


def test_constant_formats_are_bound():
    code = compile_expression(["datetime-parse", "%d.%m.%Y", "_S.v"]).code
    assert " is str else" in code


@pytest.mark.parametrize("name", ["datetime-parse", "datetime-format"])
@pytest.mark.parametrize("arguments", [["%Q"], ["Europe/Bergen", "%Y"]])
def test_wrong_formats_and_zones_fail(name, arguments):
    with pytest.raises((DtlError, FindingsError)):
        result([name, *arguments, "_S.v"], v="2024")


@pytest.mark.parametrize("name", ["datetime-parse", "datetime-format"])
@pytest.mark.parametrize("arguments", [[{"a": 1}], [0.0, {"a": 1}], ["UTC", {"a": 1}], [True]])
def test_constants_that_are_no_texts_are_findings(name, arguments):
    with pytest.raises(FindingsError):
        compile_expression([name, *arguments, "_S.v"])
