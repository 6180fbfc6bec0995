"""Packages of strangers with the outputs a real node gave: every one that can be compared has to pass.

They are not part of this repository. To run them, name a folder that holds checkouts, at any depth below it:

    git clone https://github.com/sesam-io/tutorial packages/tutorial
    git clone https://github.com/sesam-community/sesam-py packages/sesam-py
    STRANGERS=packages pytest tests/test_strangers.py

Every folder below it with `pipes/` or `node-metadata.conf.json` is tried. Of the two above, `tutorial/globals/config` and the
folders in `sesam-py/tests` have expected output.
"""

import json
import os
from pathlib import Path

import pytest

from dataflow.cli import main

VARIABLE = "STRANGERS"


def packages():
    folder = os.environ.get(VARIABLE)
    if not folder:
        return []
    found = {path.parent for name in ("pipes", "node-metadata.conf.json") for path in Path(folder).rglob(name)}
    return sorted(found)


PACKAGES = packages()


@pytest.mark.skipif(not PACKAGES, reason=f"{VARIABLE} names no folder with packages of others")
@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_outputs_are_as_recorded(package, capsys):
    code = main(["test", "--dir", str(package), "--format", "json"])
    captured = capsys.readouterr()
    assert code in (0, 1), captured.err
    wrong = [i for i in json.loads(captured.out) if i["id"].startswith("expect:") and i["verdict"] == "fail"]
    assert not wrong
