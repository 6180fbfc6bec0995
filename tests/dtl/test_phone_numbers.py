"""Phone numbers: only valid ones, regions as default, every form."""

import pytest

from dataflow.errors import DtlError
from dtl.expressions import text, text_of


@pytest.mark.parametrize(
    ("region", "value", "expected"),
    [
        ("NO", "00 45 33 92 33 33", "~rtel:+45-33-92-33-33"),
        ("no", "22 99 10 00", "~rtel:+47-22-99-10-00"),
        ("DK", 33923333, "~rtel:+45-33-92-33-33"),
        ("DK", "~f33923333", "~rtel:+45-33-92-33-33"),
        ("DK", 33923333.5, None),
        ("DK", True, None),
        ("DK", "12", None),
        ("DK", "", None),
        ("XX", "33923333", None),
        ("XX", "+45 33923333", "~rtel:+45-33-92-33-33"),
        ("DK", "~rtel:+45-33-92-33-33", "~rtel:+45-33-92-33-33"),
        ("DK", "~rhttp://33923333", None),
        ("DK", ["33923333", "12", None], ["~rtel:+45-33-92-33-33"]),
        ("GB", "020 8366 1177 x12", "~rtel:+44-20-8366-1177;ext=12"),
    ],
)
def test_parsing(region, value, expected):
    assert text_of(["phonenumber-parse", region, "_S.v"], {"v": value}) == text(expected)


def test_without_a_region_the_country_code_must_be_there():
    assert text_of(["phonenumber-parse", ["list", "33923333", "+4533923333"]]) == text(["~rtel:+45-33-92-33-33"])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("e164", "46812345600"),
        ("rfc3966", "tel:+46-8-123-456-00"),
        ("national", "08-123 456 00"),
        ("international", "+46 8 123 456 00"),
        ("national-e164", "812345600"),
        ("isocode", "SE"),
        ("country-code", "46"),
    ],
)
def test_forms(form, expected):
    assert text_of(["phonenumber-format", form, "~rtel:+46-8-123-456-00"]) == text(expected)
    assert text_of(["phonenumber-format", form, ["list", "tel:+46-8-123-456-00", "~rtel:12", 5, "~rurn:a"]]) == "[]"


def test_an_international_service_has_no_country():
    assert text_of(["phonenumber-format", "isocode", "~rtel:+800-1234-5678"]) == text("001")


def test_an_unknown_form_is_an_error_that_names_the_known_ones():
    with pytest.raises(DtlError, match="e164, rfc3966"):
        text_of(["phonenumber-format", "_S.form", "~rtel:+46-8-123-456-00"], {"form": "E164"})
