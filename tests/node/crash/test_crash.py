"""A store, and a served node with schedules, after kill -9: node-semantics, section 5.3. `make crash` does it 500 times each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
@pytest.mark.parametrize(("driver", "kills"), [("driver.py", 25), ("served.py", 12)])
def test_no_death_loses_or_doubles_anything(driver, kills):
    # A process of its own: only one without threads can be forked.
    command = [sys.executable, HERE / driver, "--kills", str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout.startswith(f"{kills} kills"), done.stdout + done.stderr
