"""Drives `dataflow node serve` with the vendor's own client: `make sesam-py`.

Every command people use runs on a copy of this package, then come the two scripts the vendor tests the client with. A command that
should succeed exits with 0 and leaves every file as it is, byte for byte; one that should find something does find it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vendor.client import ROOT, TOKEN, checkout, environment, python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = ("expected", "pipes", "systems", "testdata", "node-metadata.conf.json", "prod-env.json", "test-env.json")
BOM = b"\xef\xbb\xbf"
# What the client writes beside the package for itself.
SCRATCH = {"sesam-config.zip"}


@dataclass(frozen=True, slots=True)
class Step:
    """A command line, the exit code it ends with, and what it says; `edit` is what is done to a file before: path, old, new."""

    words: str
    says: str = ""
    code: int = 0
    edit: tuple[str, str, str] | None = None
    # Files that get a byte order mark, which is how the client writes profiles.
    marks: frozenset[str] = frozenset()


WRONG_RULE = ("pipes/webcrm-person-collect.conf.json", '["copy", "*"', '["cpoy", "*"')
OTHER_RULE = ("pipes/webcrm-person-collect.conf.json", '"_id": "webcrm-person-collect"', '"_id": "webcrm-person-other"')
OTHER_OUTPUT = ("expected/global-person-endpoint.json", '"_id": "', '"_id": "x')

STEPS = (
    Step("upload", says="uploaded successfully"),
    Step("-diff status", says="up-to-date"),
    Step("-print-scheduler-log test", says="All tests passed"),
    Step("run", says="Successfully ran all pipes"),
    Step("-scheduler-request-mode async -output-run-statistics run", says="Successfully ran all pipes"),
    Step("verify", says="All tests passed"),
    Step("update", says="tests updated"),
    Step("convert"),
    Step("init"),
    Step("dump"),
    Step(
        "status",
        says="differs",
        edit=("pipes/mock-response.conf.json", '"type": "pipe",', '"type": "pipe", "name": "x",'),
    ),
    Step("verify", says="Content mismatch", code=1, edit=OTHER_OUTPUT),
    Step("-vv upload", says="unknown function", code=1, edit=WRONG_RULE),
    Step("verify", says="All tests passed"),
    Step("stop"),
    Step("restart"),
    Step("verify", says="All tests passed"),
    Step("download", marks=frozenset({"test-env.json"})),
    Step("-diff status", says="up-to-date"),
    Step("wipe", says="Successfully wiped"),
    Step("reset", says="Successfully reset"),
)


def main() -> int:
    folder = checkout()
    client = [str(python(folder)), str(folder / "sesam.py")]
    failures = 0
    with tempfile.TemporaryDirectory() as name, serving() as url:
        work = Path(name)
        for step in STEPS:
            failures += not passes(f"sesam {step.words}", lambda step=step: commanded(client, step, work, url))
        for script in sorted((folder / "tests").glob("*/run_test.sh")):
            failures += not passes(script.parent.name, lambda script=script: scripted(client, script, work, url))
    failures += not passes("the same verdicts", lambda: verdicts(folder))
    print(f"{failures} failed" if failures else "the vendor's client is content")
    return 1 if failures else 0


@contextmanager
def serving() -> Iterator[str]:
    """A node on a free port, as a user starts it."""
    command = [sys.executable, "-m", "dataflow.cli", "node", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if "export NODE=" in line), "")
        if not line:
            raise SystemExit("the node does not start")
        yield line.split("NODE=")[1].split()[0]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def passes(title: str, check: Callable[[], str | None]) -> bool:
    """Say how a check went: it gives what is wrong, or None."""
    started = time.perf_counter()
    fault = check()
    print(f"{'FAIL' if fault else 'ok  '}  {title} ({time.perf_counter() - started:.1f} s)", flush=True)
    if fault:
        print(fault, flush=True)
    return not fault


def commanded(client: list[str], step: Step, work: Path, url: str) -> str | None:
    """Run one command on a fresh copy of the package; what is wrong with it."""
    package = work / "package"
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir()
    for name in PACKAGE:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, package / name)
    if step.edit is not None:
        path, old, new = step.edit
        text = (package / path).read_text("utf-8")
        if old not in text:
            return f"{path} does not hold {old}"
        (package / path).write_text(text.replace(old, new, 1), "utf-8")
    before = contents(package)
    command = [*client, "-v", *step.words.split()]
    done = subprocess.run(command, cwd=package, env=environment(url), capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode != step.code:
        return f"exit code {done.returncode}, not {step.code}\n{output}"
    if step.says not in output:
        return f'does not say "{step.says}"\n{output}'
    after = contents(package)
    changed = sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p) and p not in SCRATCH)
    unexpected = [p for p in changed if p not in step.marks or after.get(p) != BOM + before[p]]
    return f"changes {', '.join(unexpected)}" if unexpected else None


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def scripted(client: list[str], script: Path, work: Path, url: str) -> str | None:
    """Run one of the vendor's own scripts on a copy of its folder; what is wrong."""
    folder = work / script.parent.name
    shutil.copytree(script.parent, folder)
    variables = {
        "SESAM_CLIENT": " ".join(client),
        "NODE_URL": url,
        "PUBLIC_CI_TOKEN": TOKEN,
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        ["bash", script.name],
        cwd=folder,
        env={**environment(url), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"exit code {done.returncode}\n{done.stdout}{done.stderr}" if done.returncode else None


def verdicts(folder: Path) -> str | None:
    """Compare outputs with the client's own comparison; what is wrong."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/vendor"]
    variables = {**os.environ, "SESAM_PY": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode or "skipped" in done.stdout else None


if __name__ == "__main__":
    sys.exit(main())
