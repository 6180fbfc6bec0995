"""The editor settings of this repository give every file of the package its schema."""

from __future__ import annotations

import fnmatch
import json
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from dataflow.report.editor import settings
from dataflow.schema import files

REPOSITORY = Path(__file__).parents[2]
SETTINGS = json.loads((REPOSITORY / ".vscode" / "settings.json").read_text("utf-8"))
WIRED = [(one["fileMatch"], one["url"]) for one in SETTINGS["json.schemas"]]
WIRED += [(patterns, url) for url, patterns in SETTINGS["yaml.schemas"].items()]


def schemas_for(path: str) -> list[str]:
    def fits(pattern: str) -> bool:
        return fnmatch.fnmatch("/" + path, pattern.replace("/**/", "/*"))

    return [
        url
        for patterns, url in WIRED
        if any(fits(one) for one in patterns if one[0] != "!")
        and not any(fits(one[1:]) for one in patterns if one[0] == "!")
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("pipes/webcrm-person-all.conf.json", "pipe"),
        ("pipes/deep/a.conf.json", "pipe"),
        ("systems/webcrm.conf.json", "system"),
        ("node-metadata.conf.json", "metadata"),
        ("expected/global-person-endpoint.test.json", "test-spec"),
        ("test-env.json", "env"),
        ("pipes/mappings/person.yaml", "mapping"),
    ],
)
def test_each_kind_of_file_has_its_schema(path: str, name: str) -> None:
    (url,) = schemas_for(path)
    assert (REPOSITORY / url).resolve() == Path(files.__file__).with_name(f"{name}.json")


@pytest.mark.parametrize(
    "path", ["expected/global-person-endpoint.json", "pipes/mappings/classification.yaml", "a.json"]
)
def test_other_files_have_none(path: str) -> None:
    assert schemas_for(path) == []


def test_the_settings_are_generated() -> None:
    assert (REPOSITORY / ".vscode" / "settings.json").read_text("utf-8") == settings(REPOSITORY), (
        "run: dataflow schema --vscode > .vscode/settings.json"
    )


def test_every_schema_of_a_kind_of_file_is_wired() -> None:
    parts = {"pump", "source", "transform", "sink", "operation"}
    assert {*files.PLACES, *files.YAML_PLACES} == {*files.NOUNS, *files.OTHERS} - parts


def test_in_another_package_the_schemas_have_addresses(tmp_path: Path) -> None:
    for one in json.loads(settings(tmp_path))["json.schemas"]:
        assert one["url"].startswith("file:///")
        assert Path(url2pathname(urlsplit(one["url"]).path)).is_file()
