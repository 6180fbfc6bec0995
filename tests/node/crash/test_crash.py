"""The store after kill -9: node-semantics, section 5.3. `make crash` does the same 500 times."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("driver.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_no_death_loses_or_doubles_anything():
    # A process of its own: only one without threads can be forked.
    command = [sys.executable, DRIVER, "--kills", "25"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.startswith("25 kills"), done.stdout + done.stderr
