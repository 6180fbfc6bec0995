"""The file of waivers."""

from datetime import date

import pytest

from dataflow.checklist.waivers import Waiver, read_waivers
from dataflow.errors import UsageError


def read(tmp_path, text):
    path = tmp_path / "waivers.yaml"
    path.write_text(text, "utf-8")
    return read_waivers(path)


def test_a_list_of_four_keys_each(tmp_path):
    text = "- {row: persons-contact.*, name: Kari, reason: their release is late, until: 2027-01-31}\n"
    (found,) = read(tmp_path, text)
    assert found == Waiver("persons-contact.*", "Kari", "their release is late", date(2027, 1, 31))
    assert str(found) == "persons-contact.*, by Kari until 2027-01-31: their release is late"


def test_no_file_and_an_empty_one_are_no_waivers(tmp_path):
    assert read_waivers(tmp_path / "none.yaml") == ()
    assert read(tmp_path, "# nothing is waived\n") == ()


def test_a_file_that_somebody_named_must_be_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_waivers(tmp_path / "none.yaml", named=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("row: x\n", "expected a list of waivers, each with row, name, reason, until"),
        ("- {row: x, name: Kari, until: 2027-01-31}\n", "waiver 1: expected row, name, reason, until, and found row, name"),
        ("- x\n", "waiver 1: expected row, name, reason, until, and found 'x'"),
        ("- {row: x, name: Kari, reason: ' ', until: 2027-01-31}\n", "reason is a text that says something"),
        ("- {row: x, name: Kari, reason: y, until: soon}\n", "until is a day, 2027-01-31, and found 'soon'"),
        ("- {row: x, name: Kari, reason: y, until: 2027-01-31 10:00:00}\n", "until is a day"),
        ("- [\n", "is not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path, text, told):
    with pytest.raises(UsageError, match=told):
        read(tmp_path, text)
