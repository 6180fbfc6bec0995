"""What holds for every test: nothing is remembered from one to the next, unless a test asks for it, and none is timed."""

from __future__ import annotations

import os

from hypothesis import settings

from dataflow.memory import VARIABLE

os.environ[VARIABLE] = ""

# The machine may be busy; speed is measured by the benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
