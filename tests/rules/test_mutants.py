"""A sample of the mutation harness: single faults are reported, and nearly always where they are.

`make mutants` makes a thousand.
"""

from __future__ import annotations

import random

from rules.harness import PACKAGES, load, run
from rules.mutants import ALL_KINDS, mutate


def test_single_faults_are_reported_where_they_are() -> None:
    verdicts = run(60, seed=20)
    assert len({one.mutant.kind for one in verdicts}) >= 40
    missed = [(one.mutant.kind, one.mutant.path, one.mutant.pointer) for one in verdicts if not one.reported]
    assert len(missed) <= 0.05 * len(verdicts), missed
    elsewhere = [
        (one.mutant.kind, one.mutant.path, one.mutant.pointer, [(f.code, f.pointer) for f in one.findings][:3])
        for one in verdicts
        if one.reported and not one.placed
    ]
    assert len(elsewhere) <= 0.1 * (len(verdicts) - len(missed)), elsewhere


def test_every_kind_of_fault_has_a_place_in_this_package() -> None:
    package = load(PACKAGES[0])
    chance = random.Random(1)
    assert [kind for kind in ALL_KINDS if mutate(package, kind, chance) is None] == []
    assert len(ALL_KINDS) >= 40


def test_a_mutant_differs_from_what_is_right() -> None:
    package = load(PACKAGES[0])
    chance = random.Random(2)
    from dataflow.canonical import config_text

    for kind in ALL_KINDS:
        mutant = mutate(package, kind, chance)
        assert mutant is not None
        assert mutant.path not in package or mutant.text != config_text(package[mutant.path]).encode("utf-8"), kind
