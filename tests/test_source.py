from __future__ import annotations

import os
import stat
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow.errors import FindingsError, UsageError
from dataflow.source import parse_json, read_json, shown, write_text
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
{
  "a": [1, {"b/c": "x"},
    [true, null]
  ],
  "d~": {
    "e": -1.5
  }
}
"""


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/a", (2, 8)),
        ("/a/0", (2, 9)),
        ("/a/1", (2, 12)),
        ("/a/1/b~1c", (2, 20)),
        ("/a/2", (3, 5)),
        ("/a/2/1", (3, 12)),
        ("/d~0/e", (6, 10)),
        ("/a/2/7/x", (3, 5)),
        ("/nowhere", (1, 1)),
    ],
)
def test_locates_values_and_the_nearest_part_around_what_is_not_there(pointer: str, place: tuple[int, int]) -> None:
    assert parse_json(TEXT).locate(pointer) == place


def test_columns_count_characters_and_lines_of_both_kinds() -> None:
    document = parse_json('\ufeff{"æ": "ø",\r\n "å": 1}')
    assert document.locate("/æ") == (1, 7)
    assert document.locate("/å") == (2, 7)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=25,
)


@given(_JSON, st.sampled_from([None, 1, "\t"]))
def test_every_value_is_located_where_it_stands(value: object, indent: int | str | None) -> None:
    import json

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    document = parse_json(text)
    lines = text.split("\n")

    def walk(part: object, pointer: str) -> None:
        line, column = document.locate(pointer)
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == part
        inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, child in inner:
            walk(child, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")

    assert document.value == value
    walk(value, "")


def test_numbers_are_floats_in_configuration_and_exact_in_entities() -> None:
    text = "[1.50, 1e3, 1.0, 0.1000000000000000055, 123456789012345678901234567890]"
    floats = parse_json(text).value
    assert [type(number) for number in floats] == [float, float, float, float, int]
    exact = parse_json(text, exact=True).value
    assert exact == [Decimal("1.50"), 1000, 1, Decimal("0.1000000000000000055"), 123456789012345678901234567890]
    assert [type(number) for number in exact] == [Decimal, int, int, Decimal, int]
    assert str(exact[0]) == "1.50"


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("", "DF102", (1, 1), "the file is empty"),
        (" \n", "DF102", (1, 1), "the file is empty"),
        ('{"a": 1,}', "DF108", (1, 8), "comma after the last element"),
        ("[1,\n 2,\n]", "DF108", (2, 3), "comma after the last element"),
        ('{\n  // why\n  "a": 1}', "DF109", (2, 3), "comments are not allowed in JSON"),
        ('{"a": 1 /* why */}', "DF109", (1, 9), "comments are not allowed in JSON"),
        ("# why\n{}", "DF109", (1, 1), "comments are not allowed in JSON"),
        ("{'a': 1}", "DF102", (1, 2), "single quotes"),
        ("{a: 1}", "DF102", (1, 2), "a key is missing here, or its quotes"),
        ('{"a": b}', "DF102", (1, 7), "a value is missing here, or its quotes"),
        ('{"a": 1 "b": 2}', "DF102", (1, 9), "a comma is missing before this"),
        ('{"a": 1', "DF102", (1, 8), "the file ends in the middle"),
        ('{"a": "1', "DF102", (1, 7), "the string that starts here never ends"),
        ('{"a": "1\n"}', "DF102", (1, 9), "line break or control character in a string"),
        ("{} {}", "DF102", (1, 4), "there is more text after the end of the value"),
        ('["\\ud800"]', "DF102", (1, 2), "half of a surrogate pair, which is no character"),
        ("[" * 100_000, "DF102", (1, 1), "nested too deeply to be read"),
        ("9" * 5000, "DF102", (1, 1), "99999999999999999999… has too many digits"),
        ('{"a": 0.5, "b": [-' + "9" * 4301 + "]}", "DF102", (1, 18), "-9999999999999999999… has too many digits"),
        ("[NaN]", "DF106", (1, 2), "NaN is not a number that JSON knows"),
        ("[1, -Infinity]", "DF106", (1, 5), "-Infinity is not a number that JSON knows"),
        ("[1e999]", "DF106", (1, 2), "1e999 is not a number that JSON knows"),
        ('{"a": 1, "b": {"a": 2},\n "a": 3}', "DF103", (2, 7), '"a" is given twice in one object'),
    ],
)
def test_malformed_json_is_explained_at_its_place(text: str, code: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(FindingsError) as raised:
        parse_json(text, "x.json")
    (finding,) = raised.value.diagnostics
    assert (finding.code, (finding.line, finding.column), finding.message) == (code, place, message)
    assert finding.file == "x.json"


def test_all_repeated_keys_are_found_but_not_what_is_inside_them() -> None:
    with pytest.raises(FindingsError) as raised:
        parse_json('{"a": {"x": 1}, "a": {"x": 2}, "b": [{"c": 1, "c": 2}]}')
    assert [finding.pointer for finding in raised.value.diagnostics] == ["/a", "/b/0/c"]


def test_a_surrogate_pair_is_a_character() -> None:
    assert parse_json('"\\ud83d\\ude00"').value == "😀"


def test_large_exponents_are_numbers_to_a_node() -> None:
    assert parse_json('[1e400, "\\ud83d\\ude00"]', exact=True).value == [10**400, "😀"]


@pytest.mark.parametrize("number", ["1e4300", "-1e4300", "1e-4301", "1e999999999999", "1e-99999999999999999999"])
def test_exponents_are_not_written_out_for_ever(number: str) -> None:
    with pytest.raises(FindingsError, match=f"{number[:20]}.* has too many digits"):
        parse_json(f"[{number}]", exact=True)


def test_reading_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path).value == {"a": 1}
    assert read_json(path).file == path.as_posix()
    monkeypatch.chdir(tmp_path)
    assert read_json(path).diagnostic("DF201", "no", "/a").place == "a.json:1:7"


def test_a_path_is_shown_relative_to_the_current_directory_only_when_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    assert shown(tmp_path / "in" / "a" / "b.json") == "a/b.json"
    assert shown(tmp_path / "b.json") == (tmp_path / "b.json").as_posix()


def test_a_file_that_is_not_there_or_not_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.json").write_bytes('{\n"æ": "ø"}'.encode("latin-1"))
    (tmp_path / "wide.json").write_text("{}", "utf-16")
    findings = []
    for name in ("none.json", "latin.json", "wide.json"):
        with pytest.raises(FindingsError) as raised:
            read_json(tmp_path / name)
        findings += [(d.place, d.code, d.message, d.hint) for d in raised.value.diagnostics]
    assert findings == [
        ("none.json", "DF101", "cannot be read: No such file or directory", None),
        ("latin.json:2:2", "DF105", "byte 0xe6 is not UTF-8", "save the file as UTF-8"),
        ("wide.json:1:1", "DF105", "byte 0xff is not UTF-8", "the file is UTF-16; save it as UTF-8"),
    ]


def test_yaml_has_values_and_places(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("# first\na: &one\n  - x\n  - {b/c: 1}\nd: *one\nempty:\n", "utf-8")
    document = read_yaml(path)
    assert document.value == {"a": ["x", {"b/c": 1}], "d": ["x", {"b/c": 1}], "empty": None}
    assert document.locate("/a/0") == (3, 5)
    assert document.locate("/a/1/b~1c") == (4, 11)
    assert document.locate("/d/1/b~1c") == (2, 4)


def test_an_empty_yaml_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("# nothing\n", "utf-8")
    assert read_yaml(path).value is None
    assert read_yaml(path).locate("") == (1, 1)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: [1\nb: 2\n", "DF104", 2),
        ("a: 1\n---\nb: 2\n", "DF104", 2),
        ("a: !!python/object:os.system {}\n", "DF104", 1),
        ("a: 2026-13-45\n", "DF104", None),
        ("a: 1\nb: \x00\n", "DF104", 2),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "DF103", 4),
    ],
)
def test_malformed_yaml(tmp_path: Path, text: str, code: str, line: int | None) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FindingsError) as raised:
        read_yaml(path)
    (finding,) = raised.value.diagnostics
    assert (finding.code, finding.line) == (code, line)
    assert finding.message


def test_aliases_upon_aliases_take_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    path = tmp_path / "a.yaml"
    path.write_text("\n".join(lines), "utf-8")
    assert read_yaml(path).locate("/a59/1") == (59, 6)


def test_writing_replaces_the_whole_file_and_keeps_its_mode_and_links(tmp_path: Path) -> None:
    target, link = tmp_path / "a.json", tmp_path / "link.json"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    write_text(link, "æ\n")
    assert target.read_bytes() == "æ\n".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "link.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.json"
    target.write_text("old", "utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^a\.json cannot be written: No space left on device$"):
        write_text(target, "new")
    assert target.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_tolerant_reading_takes_the_last_of_two_equal_keys():
    document = parse_json('{"a": 1, "a": 2}', "x.json", tolerant=True)
    assert document.value == {"a": 2}
    assert [(fault.code, fault.line, fault.column) for fault in document.repeated] == [("DF103", 1, 15)]
    with pytest.raises(FindingsError):
        parse_json('{"a": 1, "a": NaN}', tolerant=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            '{\n  // one\n  "a": [1, 2,],  # two\n  "b": "// no, #no, /*no*/ and ,]", /* three\n  */ "c": 3,\n}\n',
            [("DF109", 2, 3), ("DF108", 3, 13), ("DF109", 3, 18), ("DF109", 4, 37), ("DF108", 5, 12)],
        ),
        ("[1, // why\n]", [("DF108", 1, 3), ("DF109", 1, 5)]),
        ('{"a": "\\"//", "b": 1,}', [("DF108", 1, 21)]),
        ('{"a": 1, // x\n "b" 2}', [("DF109", 1, 10), ("DF102", 2, 6)]),
        ('{"a": 1, /* x\n "b": 2}', [("DF109", 1, 10), ("DF102", 2, 9)]),
        ("[NaN, ]", [("DF108", 1, 5), ("DF106", 1, 2)]),
        ('{"a": 1, "a": 2,}', [("DF108", 1, 16), ("DF103", 1, 15)]),
    ],
)
def test_all_comments_and_last_commas_are_told_at_once(text: str, found: list[tuple[str, int, int]]) -> None:
    with pytest.raises(FindingsError) as raised:
        parse_json(text)
    assert [(one.code, one.line, one.column) for one in raised.value.diagnostics] == found


def test_a_byte_order_mark_is_remembered() -> None:
    assert parse_json("\ufeff{}").marked
    assert not parse_json("{}").marked
