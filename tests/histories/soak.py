"""Plays random histories with new seeds until the time is over: `make soak` (`python tests/histories/soak.py [SECONDS]`)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUR = 3600
# Histories between two looks at the clock.
PORTION = 40


def main() -> int:
    """Exit code 1 at the first history that does not end in step; what was played is told on the way."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else HOUR
    started = time.monotonic()
    seed = int(time.time())
    played = 0
    while time.monotonic() - started < seconds:
        variables = {"HISTORIES": str(PORTION), "HISTORIES_PARTS": "2", "HISTORIES_SEED": str(seed)}
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/histories"]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(done.stdout)
            print(f"HISTORIES_SEED={seed} HISTORIES={PORTION} HISTORIES_PARTS=2 plays it again")
            return 1
        played += PORTION
        seed += 2
        print(f"{played} histories in {time.monotonic() - started:,.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
