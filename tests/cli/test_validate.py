from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataflow.cli import main
from package_files import dtl, pipe, write_file, write_package

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_to_find(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = {"type": "json", "system": "s", "url": "x"}
    system = {"_id": "s", "type": "system:url", "url_pattern": "https://x/%s", "verify_ssl": True}
    write_package(root, pipe("a", source), pipe("b", {"type": "dataset", "dataset": "a"}), system)
    assert main(["validate"]) == 0
    assert capsys.readouterr() == ("2 pipes, 1 system: no findings\n", "")


def test_findings_of_all_files_in_order(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(
        root,
        pipe("webcrm-person-collect", {"type": "dataset", "dataset": "webcrm-persons-all"}),
        pipe("webcrm-person-all", sink={"tpye": "dataset"}, transform=dtl(["add", "x", ["uper", "_S.y"]])),
        test_env={"node-env": "test"},
    )
    write_file(root / "pipes" / "broken.conf.json", '{\n  "_id": "broken",\n}\n')
    assert main(["validate"]) == 1
    assert capsys.readouterr() == (
        """\
pipes/broken.conf.json:2:18: error DF108: comma after the last element
  hint: remove the comma
pipes/webcrm-person-all.conf.json:9:13: warning DF203: sink has no property "tpye"
  at /sink/tpye
  hint: did you mean "type"?
pipes/webcrm-person-all.conf.json:19:13: error DF401: unknown function "uper"
  at /transform/rules/default/0/2/0
  expected: a DTL function
  hint: did you mean "upper"?
pipes/webcrm-person-collect.conf.json:6:16: error DF301: no pipe writes dataset "webcrm-persons-all"
  at /source/dataset
  hint: did you mean "webcrm-person-all"?
2 pipes, 0 systems: 3 errors, 1 warning
""",
        "",
    )


def test_warnings_alone_are_no_failure(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(root, pipe("a", sinc={}))
    assert main(["validate"]) == 0
    assert capsys.readouterr().out.endswith("1 pipe, 0 systems: 1 warning\n")


def test_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(root, pipe("a", {"type": "dataset", "dataset": "b"}))
    assert main(["validate", "--format", "json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert (printed["pipes"], printed["systems"]) == (1, 0)
    assert [(one["code"], one["file"], one["line"]) for one in printed["findings"]] == [
        ("DF301", "pipes/a.conf.json", 6)
    ]


@pytest.mark.parametrize(("form", "beginning"), [("sarif", "{"), ("junit", "<?xml"), ("github", "::error file=")])
def test_formats_for_other_programs(root: Path, capsys: pytest.CaptureFixture[str], form: str, beginning: str) -> None:
    write_package(root, pipe("a", {"type": "dataset", "dataset": "b"}))
    assert main(["validate", "--format", form]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(beginning)
    assert "DF301" in printed
    assert "pipes/a.conf.json" in printed


def test_some_of_the_rules(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(root, pipe("a_b", {"type": "dataset", "dataset": "c"}))
    assert main(["validate", "--select", "naming"]) == 0
    assert [line.split()[1:3] for line in capsys.readouterr().out.splitlines()[:1]] == [["warning", "DF861:"]]
    assert main(["validate", "--ignore", "DF86"]) == 1
    assert "DF861" not in capsys.readouterr().out
    assert main(["validate", "--select", "nameing"]) == 2
    assert capsys.readouterr().err == 'dataflow: no rule fits "nameing"; did you mean "naming"?\n'


def test_warnings_fail_when_it_is_asked_for(root: Path) -> None:
    write_package(root, pipe("a_b"))
    assert main(["validate"]) == 0
    assert main(["validate", "--strict"]) == 1


def test_what_is_suppressed_is_counted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(root, pipe("a_b"))
    entry = {"code": "DF861", "file": "pipes/a_b.conf.json", "reason": "known"}
    write_file(root / ".dataflow.json", {"suppress": [entry]})
    assert main(["validate", "--strict"]) == 0
    assert capsys.readouterr().out == "1 pipe, 0 systems: no findings, 1 suppressed\n"
    assert main(["validate", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["suppressed"] == 1


def test_another_folder_and_profile(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_package(root / "package", pipe("a", pump={"mode": "$ENV(mode)"}), test_env={}, prod_env={"mode": "off"})
    assert main(["validate", "--dir", "package/pipes", "--profile", "prod"]) == 0
    assert main(["validate", "--dir", "package"]) == 1
    assert "package/pipes/a.conf.json:9:13: error DF303" in capsys.readouterr().out


def test_places_that_make_no_sense(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--dir", "nowhere"]) == 2
    assert capsys.readouterr() == ("", "dataflow: nowhere is not a folder\n")
    write_package(root, pipe("a"))
    assert main(["validate", "--profile", "dev"]) == 2
    assert capsys.readouterr() == ("", 'dataflow: no profile "dev": dev-env.json is missing; there is none\n')


def test_the_package_of_this_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--dir", str(REPOSITORY)]) == 0, capsys.readouterr().out


OLD = """{
  "_id": "a",
  "type": "pipe",
  "source": {"type": "dataset", "dataset": "nowhere"},
  "sink": {"type": "dataset", "set-initial-offset": "onload"}
}
"""
DIFF = """\
--- a/pipes/a.conf.json
+++ b/pipes/a.conf.json
@@ -1,6 +1,12 @@
 {
   "_id": "a",
   "type": "pipe",
-  "source": {"type": "dataset", "dataset": "nowhere"},
-  "sink": {"type": "dataset", "set-initial-offset": "onload"}
+  "source": {
+    "type": "dataset",
+    "dataset": "nowhere"
+  },
+  "sink": {
+    "type": "dataset",
+    "set_initial_offset": "onload"
+  }
 }
"""
LEFT = """\
pipes/a.conf.json:6:16: error DF301: no pipe writes dataset "nowhere"
  at /source/dataset
1 pipe, 0 systems: 1 error
"""


def test_what_would_be_put_right_is_shown(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_file(root / "pipes" / "a.conf.json", OLD)
    assert main(["validate", "--diff"]) == 1
    assert capsys.readouterr() == (DIFF + "1 file would change\n", "")
    assert path.read_text("utf-8") == OLD


def test_what_is_put_right_is_shown_first_and_the_rest_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_file(root / "pipes" / "a.conf.json", OLD)
    path.chmod(0o640)
    assert main(["validate", "--fix"]) == 1
    assert capsys.readouterr() == (DIFF + "1 file changed\n" + LEFT, "")
    assert path.read_text("utf-8").count("set_initial_offset") == 1
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["a.conf.json"]
    assert main(["validate", "--fix"]) == 1
    assert capsys.readouterr().out == "0 files changed\n" + LEFT
    assert main(["validate", "--diff"]) == 0
    assert capsys.readouterr().out == "0 files would change\n"


def test_this_package_has_nothing_to_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--diff", "--dir", str(REPOSITORY)]) == 0
    assert capsys.readouterr().out == "0 files would change\n"


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_diff_is_text(root: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    write_file(root / "pipes" / "a.conf.json", OLD)
    assert main(["validate", option, "--format", "json"]) == 2
    assert f"{option} prints a diff" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_stays_whole(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_file(root / "pipes" / "a.conf.json", OLD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["validate", "--fix"]) == 2
    assert "pipes/a.conf.json cannot be written: No space left on device" in capsys.readouterr().err
    assert path.read_text("utf-8") == OLD
    assert [one.name for one in path.parent.iterdir()] == ["a.conf.json"]
