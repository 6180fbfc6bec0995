"""How long an editor waits: from a change of a 1,000-line pipe to what is wrong with it, by a real server in this package.

`python -m bench.lsp_bench [ROUNDS]` in `tests/` (`make bench-lsp`) prints the median and the longest wait. Goal: 200 ms.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from dataflow.canonical import config_text
from lsp.editor import Editor, speak

ROOT = Path(__file__).parents[2]
GOAL = 0.2
LINES = 1000


def text(function, number=0):
    """A pipe of 1,000 lines in the canonical format, another one for each number; its last rule calls a function by name."""
    rules = [["copy", "_id"], *(_rule(n, "upper") for n in range(number, number + 168)), _rule("z", function)]
    source, transform = {"type": "http_endpoint"}, {"type": "dtl", "rules": {"default": rules}}
    return config_text({"_id": "long", "type": "pipe", "source": source, "transform": transform})


def _rule(n, function):
    return ["add", f"name-{n}", ["concat", ["lower", f"_S.first-{n}"], " ", [function, f"_S.last-{n}"]]]


def main(rounds):
    waits = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        for part in ("pipes", "systems"):
            (root / part).mkdir()
            for path in (ROOT / part).glob("*.json"):
                (root / part / path.name).write_bytes(path.read_bytes())
        for path in ROOT.glob("*.json"):
            (root / path.name).write_bytes(path.read_bytes())
        long = root / "pipes" / "long.conf.json"
        long.write_text(text("upper"), "utf-8")

        async def conversation(editor: Editor):
            editor.open(long)
            await editor.until(long, lambda codes: codes is not None and "DF401" not in codes)
            for number in range(rounds):
                # Until the package as a whole has been looked at, as when somebody stops to think.
                await asyncio.sleep(1.5)
                start = time.perf_counter()
                editor.change(long, text(f"uper-{number}" if number % 2 == 0 else "upper", number))
                await editor.until(long, lambda codes, wanted=number % 2 == 0: ("DF401" in codes) is wanted)
                waits.append(time.perf_counter() - start)

        speak(long, conversation)
    assert text("upper").count("\n") >= LINES
    middle, longest = statistics.median(waits), max(waits)
    print(
        f"{text('upper').count(chr(10))} lines: median {middle * 1000:.0f} ms, longest {longest * 1000:.0f} ms of {rounds}"
    )
    return 0 if middle <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
