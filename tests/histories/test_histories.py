"""A sample of random histories; `make histories` plays 2,000 of them."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from histories.machine import History

# Histories in all, and in how many parts, each with a seed of its own, they are played; a part runs in one process.
AMOUNT = int(os.environ.get("HISTORIES", "24"))
PARTS = int(os.environ.get("HISTORIES_PARTS", "2"))
# Making a failure smaller takes minutes, and is asked for.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("HISTORIES_SHRINK") else (Phase.generate,)
FIRST_SEED = int(os.environ.get("HISTORIES_SEED", "1"))


@pytest.mark.parametrize("number", range(FIRST_SEED, FIRST_SEED + PARTS))
def test_every_history_ends_in_step(number: int) -> None:
    machine = seed(number)(History)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, AMOUNT // PARTS),
            stateful_step_count=20,
            deadline=None,
            database=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
