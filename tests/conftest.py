"""What holds for every test: nothing is remembered from one to the next, unless a test asks for it."""

from __future__ import annotations

import os

from dataflow.memory import VARIABLE

os.environ[VARIABLE] = ""
