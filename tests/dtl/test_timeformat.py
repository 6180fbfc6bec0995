"""Date formats: every token both ways, what does not fit, and slices and attributes against the general form."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataflow.dtl import instant, timeformat, timereader, timewriter, zones
from dataflow.dtl.values import Datetime
from dataflow.errors import DtlError

FORMATS = [
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d.%m.%Y kl. %H:%M",
    "%m/%d/%Y",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M%S%f",
    "%d%%%m%%%Y",
    "%e.%m.%y",
    "%Y",
    "%H:%M",
    "%I:%M %p",
    "%d.%m.%Y %H",
    "%d.%m.%d.%Y",
    "%S:%M:%H %Y/%m/%d",
    "1%Y1%m1%d1",
    "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%dT%H:%M:%S.%f0",
    "%f",
    "%%",
    "",
]
ZONES = [None, "UTC", "Europe/Oslo", "America/New_York", "Asia/Kolkata"]

instants = st.builds(Datetime, st.integers(timeformat.FIRST_NS, timeformat.LAST_NS))


def read(form, text, zone=None):
    found = timeformat.compiled(form).read(text, zones.find(zone))
    return None if found is None else instant.text(found.ns)


def write(form, text, zone=None):
    return timeformat.compiled(form).write(instant.parse(text).ns, zones.find(zone))


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%Y-%m-%d", "2024-02-29", "2024-02-29T00:00:00Z"),
        ("%Y-%m-%d", "2023-02-29", None),
        ("%Y-%m-%d", "2024-2-9", "2024-02-09T00:00:00Z"),
        ("%Y-%m-%d", "2024-02-09 ", None),
        ("%Y-%m-%d", "24-02-09", None),
        ("%Y-%m-%d", "٢٠٢٤-02-09", None),
        ("%Y-%m-%d", "0000-01-01", None),
        ("%Y-%m-%d", "2024-W31-2", None),
        ("%Y-%m-%d", "", None),
        ("%e.%m.%Y", "9.02.2024", "2024-02-09T00:00:00Z"),
        ("%y", "68", "2068-01-01T00:00:00Z"),
        ("%y", "69", "1969-01-01T00:00:00Z"),
        ("%y", "7", None),
        ("%Y %H:%M:%S", "2024 23:59:59", "2024-01-01T23:59:59Z"),
        ("%Y %H:%M:%S", "2024 24:00:00", None),
        ("%Y %H:%M:%S", "2024 23:59:60", None),
        ("%H:%M", "13:58", "1900-01-01T13:58:00Z"),
        ("%Y %I %p", "2024 12 am", "2024-01-01T00:00:00Z"),
        ("%Y %I %p", "2024 12 PM", "2024-01-01T12:00:00Z"),
        ("%Y %I %p", "2024 1 Pm", "2024-01-01T13:00:00Z"),
        ("%Y %I %p", "2024 13 pm", None),
        ("%Y %I %p", "2024 0 am", None),
        ("%Y %I", "2024 12", "2024-01-01T00:00:00Z"),
        ("%Y %S.%f", "2024 01.5", "2024-01-01T00:00:01.5Z"),
        ("%Y %S.%f", "2024 01.000001", "2024-01-01T00:00:01.000001Z"),
        ("%Y %S.%f", "2024 01.123456789", "2024-01-01T00:00:01.123456789Z"),
        ("%Y %S.%f", "2024 01.1234567890", None),
        ("%Y %S.%f", "2024 01.", None),
        ("%Y %H:%M%z", "2024 09:46+0130", "2024-01-01T08:16:00Z"),
        ("%Y %H:%M%z", "2024 09:46-01:30", "2024-01-01T11:16:00Z"),
        ("%Y %H:%M%z", "2024 09:46Z", None),
        ("%Y %H:%M%z", "2024 09:46+01", None),
        ("%Y %H:%M%z", "2024 09:46+2400", None),
        ("%Y %H:%M%z", "2024 09:46+0160", None),
        ("%Y %H:%M%z", "0001 00:30+0100", None),
        ("%Y %H:%M%z", "0001 00:30-0100", "0001-01-01T01:30:00Z"),
        ("%Y%m%d", "20240209", "2024-02-09T00:00:00Z"),
        ("100%% %Y", "100% 2024", "2024-01-01T00:00:00Z"),
        ("%Y.", "2024x", None),
        ("%Y", "2024\n", None),
    ],
)
def test_reading(form, text, expected):
    assert read(form, text) == expected


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%Y-%m-%d", "0007-02-03T00:00:00Z", "0007-02-03"),
        ("%d|%e", "2024-02-03T00:00:00Z", "03|3"),
        ("%y", "2107-02-03T00:00:00Z", "07"),
        ("%H:%M:%S", "2024-02-03T04:05:06.999999999Z", "04:05:06"),
        ("%f", "2024-02-03T04:05:06.0001239Z", "000123"),
        ("%I %p", "2024-02-03T00:05:06Z", "12 AM"),
        ("%I %p", "2024-02-03T12:05:06Z", "12 PM"),
        ("%I %p", "2024-02-03T23:05:06Z", "11 PM"),
        ("%H%z", "2024-02-03T04:05:06Z", "04+0000"),
        ("100%%", "2024-02-03T04:05:06Z", "100%"),
        ("%%d %d", "2024-02-03T04:05:06Z", "%d 03"),
        ("", "2024-02-03T04:05:06Z", ""),
        ("%H:%M:%S.%f", "1969-12-31T23:59:59.9999999Z", "23:59:59.999999"),
    ],
)
def test_writing(form, text, expected):
    assert write(form, text) == expected


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("Europe/Oslo", "2024-01-15 12:00", "2024-01-15T11:00:00Z"),
        ("Europe/Oslo", "2024-07-15 12:00", "2024-07-15T10:00:00Z"),
        # left out when the clock is put forward: as if it had not been
        ("Europe/Oslo", "2024-03-31 02:30", "2024-03-31T01:30:00Z"),
        # twice when it is put back: the first time
        ("Europe/Oslo", "2024-10-27 02:30", "2024-10-27T00:30:00Z"),
        ("Asia/Kolkata", "2024-01-15 12:00", "2024-01-15T06:30:00Z"),
        ("Europe/Oslo", "0001-01-01 00:10", None),
        ("America/New_York", "9999-12-31 23:10", None),
    ],
)
def test_reading_in_a_zone(zone, text, expected):
    assert read("%Y-%m-%d %H:%M", text, zone) == expected


def test_an_offset_in_the_text_wins_over_the_zone():
    assert read("%Y %H:%M%z", "2024 12:00-0100", "Europe/Oslo") == "2024-01-01T13:00:00Z"


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("Europe/Oslo", "2024-12-31T23:30:00Z", "2025-01-01 00:30 +0100"),
        ("Europe/Oslo", "2024-10-27T00:30:00Z", "2024-10-27 02:30 +0200"),
        ("Europe/Oslo", "2024-10-27T01:30:00Z", "2024-10-27 02:30 +0100"),
        ("America/St_Johns", "2024-01-15T12:00:00Z", "2024-01-15 08:30 -0330"),
        ("Europe/Oslo", "9999-12-31T23:30:00Z", None),
        ("America/New_York", "0001-01-01T00:30:00Z", None),
    ],
)
def test_writing_in_a_zone(zone, text, expected):
    assert write("%Y-%m-%d %H:%M %z", text, zone) == expected


@pytest.mark.parametrize("form", ["%A", "%Q", "%Y-%", "%z %Y", "%-d", "% d", None, 5, ["%Y"]])
def test_formats_that_are_none(form):
    for use in (timeformat.compiled, lambda f: timereader.reader(f, None), lambda f: timewriter.writer(f, None)):
        with pytest.raises(DtlError):
            use(form)


@pytest.mark.parametrize("zone", ["Europe/Bergen", "", "../etc/passwd", "europe", 5, ["UTC"]])
def test_zones_that_are_none(zone):
    with pytest.raises(DtlError):
        zones.find(zone)


def test_the_common_formats_are_read_and_written_without_the_general_form(monkeypatch):
    common = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%fZ", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d"]
    texts = {form: timeformat.compiled(form).write(1_717_423_090_250_000_000) for form in common}
    made = {form: (timereader.reader(form, None), timewriter.writer(form, None)) for form in common}

    def refuse(*_):
        raise AssertionError("the general form was used")

    monkeypatch.setattr(timeformat.Format, "read", refuse)
    monkeypatch.setattr(timeformat.Format, "write", refuse)
    for form, (reader, writer) in made.items():
        value = reader(texts[form])
        assert value is not None
        if "%z" not in form:
            assert writer(value) == texts[form]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("zone", ZONES)
@given(value=instants, digits=st.text("0123456789", min_size=1, max_size=11))
@example(value=Datetime(timeformat.FIRST_NS), digits="1")
@example(value=Datetime(timeformat.LAST_NS), digits="1")
@example(value=Datetime(-1), digits="123456789")
@example(value=Datetime(0), digits="0000000000")
def test_layouts_agree_with_the_general_form(form, zone, value, digits):
    general, found = timeformat.compiled(form), zones.find(zone)
    written = timewriter.writer(form, zone)(value)
    assert written == general.write(value.ns, found)
    if written is None:
        return
    reader = timereader.reader(form, zone)
    shorter = written.replace("0", "", 1)
    for text in (
        written,
        digits,
        written + digits,
        shorter,
        written[:-1],
        written.replace("T", "U").lower(),
        "٣" + written[1:],
    ):
        assert reader(text) == general.read(text, found), text


@given(
    form=st.sampled_from(FORMATS),
    text=st.text("0123456789-+:.TZW aPm%²٣\ud800", max_size=30) | st.text(max_size=30),
    offset=st.sampled_from(["Z", "+01:00", "-0100", "+24:00", "+1:000", "+01:0", "+01:60", "", "+00:00:00"]),
    whole=st.sampled_from(["2024-06-03T13:58:10", "2024-06-03T24:00:00", "0001-01-01T00:00:00", "20240603T135810", ""]),
)
@example(form="%Y-%m-%dT%H:%M:%S%z", text="", offset="+01:00", whole="0001-01-01T00:00:00")
@example(form="%Y-%m-%dT%H:%M:%SZ", text="", offset="Z", whole="2024-06-03T24:00:00")
def test_layouts_agree_on_what_does_not_fit(form, text, offset, whole):
    for candidate in (text, whole + offset, whole + text, whole + "." + text[:3] + offset):
        assert timereader.reader(form, None)(candidate) == timeformat.compiled(form).read(candidate), candidate


def test_layouts_agree_on_near_misses_of_every_common_format():
    for form in FORMATS:
        text = timeformat.compiled(form).write(1_717_423_090_250_000_000) or ""
        for position, character in itertools.product(range(len(text)), "09-+:.TWZ ²٣"):
            changed = text[:position] + character + text[position + 1 :]
            assert timereader.reader(form, None)(changed) == timeformat.compiled(form).read(changed), (form, changed)
