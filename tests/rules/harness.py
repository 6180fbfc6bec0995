"""Makes faults in packages that are right, and looks whether they are reported, and where.

`python -m rules.harness [NUMBER]` (`make mutants`) prints, for each kind of fault, how many were made, reported, and reported at
the place that is wrong or at what it is part of. What is missed is listed; it is the next thing to look at.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow.memory import Memory
from dataflow.project import read_project
from dataflow.rules import validate
from rules.mutants import ALL_KINDS, mutate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.diagnostics import Diagnostic
    from rules.mutants import Mutant, Package

TESTS = Path(__file__).parents[1]
REPOSITORY = TESTS.parent
PACKAGES = (REPOSITORY, TESTS / "cli" / "test_test" / "package")
_PARTS = ("pipes/**/*.conf.json", "systems/*.conf.json", "expected/*.json", "*-env.json", "node-metadata.conf.json")


@dataclass(frozen=True, slots=True)
class Verdict:
    mutant: Mutant
    reported: bool
    placed: bool
    findings: tuple[Diagnostic, ...]


def load(root: Path) -> Package:
    paths = sorted({path for part in _PARTS for path in root.glob(part)})
    return {path.relative_to(root).as_posix(): json.loads(path.read_text("utf-8")) for path in paths}


@contextlib.contextmanager
def workshop(package: Package, memory: Memory) -> Iterator[Any]:
    """A folder with the package in it, and a function that validates it with one file changed."""
    from dataflow.canonical import config_text

    with tempfile.TemporaryDirectory(prefix="dataflow-") as name:
        root = Path(name).resolve()
        for path, value in package.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(config_text(value), "utf-8")

        right = {_what(one) for one in validate(read_project(root, memory=memory)).findings}

        def judge(mutant: Mutant) -> Verdict:
            path = root / mutant.path
            before = path.read_bytes() if path.exists() else None
            path.parent.mkdir(parents=True, exist_ok=True)
            if mutant.text is None:
                path.unlink()
            else:
                path.write_bytes(mutant.text)
            try:
                found = [one for one in validate(read_project(root, memory=memory)).findings if _what(one) not in right]
            finally:
                if before is None:
                    path.unlink()
                    shutil.rmtree(path.parent) if path.parent.name == "zz" else None
                else:
                    path.write_bytes(before)
            here = [one for one in found if _is_at(mutant, one, root)]
            return Verdict(mutant, bool(found), bool(here), tuple(found))

        yield judge


def _what(one: Diagnostic) -> tuple[str, str | None, str | None, str]:
    return one.code, one.file, one.pointer, one.message


def _is_at(mutant: Mutant, one: Diagnostic, root: Path) -> bool:
    """Whether a finding is at the place that is wrong, or at what it is part of."""
    file = Path(os.path.relpath(Path.cwd() / (one.file or ""), root)).as_posix()
    path, pointer = mutant.path, mutant.pointer
    if pointer is not None and "#" in pointer:
        path, _, pointer = pointer.partition("#")
    if file != path:
        return False
    if pointer is None:
        return mutant.line is None or one.line == mutant.line
    return (one.pointer or "") in (pointer, pointer.rpartition("/")[0])


def run(number: int, seed: int = 6) -> list[Verdict]:
    """So many mutants of all kinds, by turns; from the same seed the same ones."""
    chance = random.Random(seed)
    memory = Memory(None)
    verdicts: list[Verdict] = []
    with contextlib.ExitStack() as stack:
        shops = [(package, stack.enter_context(workshop(package, memory))) for package in map(load, PACKAGES)]
        kinds = list(ALL_KINDS)
        chance.shuffle(kinds)
        attempts = 0
        while len(verdicts) < number and attempts < 20 * number:
            package, judge = shops[0] if chance.random() < 0.8 else shops[1]
            mutant = mutate(package, kinds[attempts % len(kinds)], chance)
            attempts += 1
            if mutant is not None:
                verdicts.append(judge(mutant))
    return verdicts


def main(number: int) -> int:
    verdicts = run(number)
    made = Counter(one.mutant.kind for one in verdicts)
    reported = Counter(one.mutant.kind for one in verdicts if one.reported)
    placed = Counter(one.mutant.kind for one in verdicts if one.placed)
    print(f"{'kind of fault':<44} {'made':>5} {'reported':>9} {'in place':>9}")
    for kind in sorted(made, key=lambda kind: (reported[kind] / made[kind], placed[kind] / made[kind], kind)):
        print(f"{kind:<44} {made[kind]:>5} {reported[kind]:>9} {placed[kind]:>9}")
    total, there = sum(reported.values()), sum(placed.values())
    print(
        f"{len(made)} kinds, {len(verdicts)} mutants: {total} reported ({total / len(verdicts):.1%}), "
        f"{there} of them in place ({there / total:.1%})"
    )
    for one in verdicts:
        if not one.reported:
            print(f"missed: {one.mutant.kind}: {one.mutant.path} {_where(one.mutant)}")
    for one in verdicts:
        if one.reported and not one.placed:
            told = ", ".join(sorted({f"{finding.code} {finding.pointer}" for finding in one.findings})[:3])
            print(f"elsewhere: {one.mutant.kind}: {one.mutant.path} {_where(one.mutant)}: {told}")
    return 0 if total >= 0.95 * len(verdicts) and there >= 0.9 * total else 1


def _where(mutant: Mutant) -> str:
    return f"line {mutant.line}" if mutant.pointer is None else mutant.pointer


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
