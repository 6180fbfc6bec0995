"""The benchmark: every figure is a ratio against a reference measured in the same go, run turn and turn about.

`python tests/bench/run.py [--rounds 5] [--scale 1.0]` (`make bench`) prints one row per figure: what is compared, the ratio (median
of the rounds, with its spread), the goal. Whole processes are measured from outside: processor time and peak memory as the
operating system counts them, wall time where several processes share the work.
"""

import argparse
import filecmp
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON = sys.executable
CLI = [PYTHON, "-m", "dataflow.cli"]
# Makes the fast JSON library look as if it were not installed.
WITHOUT = [PYTHON, "-c", "import sys; sys.modules['orjson'] = None; from dataflow.cli import main; sys.exit(main())"]


@dataclass(frozen=True, slots=True)
class Spent:
    cpu: float
    wall: float
    peak_mb: float


def spend(command: Sequence[str | Path]) -> Spent:
    """Run a command to its end and say what it cost; anything but success ends the benchmark."""
    words = [str(word) for word in command]
    # Compiled modules are kept, as they are for every user; the first, uncounted run makes them.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(words[0], words, environment, file_actions=silent)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"failed: {' '.join(words)}")
    return Spent(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


class Table:
    """Prints rows as they come, and remembers whether every goal was met."""

    def __init__(self) -> None:
        self.met = True
        print(f"{'figure':<58} {'ratio':>8} {'spread':>15}   goal")

    def row(self, figure: str, ratios: list[float], goal: str, least: float = 0.0, most: float = float("inf")) -> None:
        middle = statistics.median(ratios)
        good = least <= middle <= most
        self.met &= good
        spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
        print(f"{figure:<58} {middle:>8.2f} {spread:>15}   {goal}{'' if good else '  MISSED'}", flush=True)


def paired(rounds: int, ours: Sequence[str | Path], reference: Sequence[str | Path]) -> list[tuple[Spent, Spent]]:
    """Both commands in turn; the first turn is not counted."""
    spend(ours), spend(reference)
    return [(spend(ours), spend(reference)) for _ in range(rounds)]


def same(ours: Path, theirs: Path) -> None:
    # Piece by piece: a child's peak memory starts at what this process holds.
    filecmp.clear_cache()
    if not filecmp.cmp(ours, theirs, shallow=False):
        raise SystemExit(f"{ours.name} differs from {theirs.name}: the twin is not a twin")


def mapping(table: Table, folder: Path, rounds: int) -> None:
    rules, persons = HERE / "rules/map.json", folder / "persons.ndjson"
    ours, theirs = folder / "map.out", folder / "map.hand"
    command = ["transform", rules, persons, "-o", ours]
    hand = [PYTHON, HERE / "hand.py", "map", folder, theirs]
    runs = paired(rounds, [*CLI, *command], hand)
    same(ours, theirs)
    table.row("map: speed against hand-written Python", [h.cpu / o.cpu for o, h in runs], ">= 0.95", least=0.95)
    trip = [PYTHON, HERE / "hand.py", "roundtrip", folder, folder / "trip.out"]
    runs = paired(rounds, [*CLI, *command], trip)
    table.row("map: time against the bare JSON round trip", [o.cpu / t.cpu for o, t in runs], "<= 3.2", most=3.2)
    print(f"{'':<4}peak memory {runs[0][0].peak_mb:.0f} MB for {persons.stat().st_size / 1e6:.0f} MB of input")
    stdlib = [PYTHON, HERE / "hand.py", "map", folder, folder / "map.stdlib", "--stdlib"]
    runs = paired(rounds, [*WITHOUT, *command], stdlib)
    same(ours, folder / "map.stdlib")
    table.row("map: the same without the fast JSON library", [h.cpu / o.cpu for o, h in runs], ">= 1.00", least=1.0)
    runs = paired(rounds, [*CLI, *command, "--workers", "2"], [*CLI, *command])
    same(ours, theirs)
    table.row(
        "map: two workers against one, wall time", [one.wall / two.wall for two, one in runs], ">= 1.75", least=1.75
    )


def joining(table: Table, folder: Path, small: Path, rounds: int, scale: float) -> None:
    """Growth twice: by whole commands, and where caches end, against what the twin's time grows by there."""

    def command(place: Path) -> list[str | Path]:
        datasets = [
            f"--dataset={name}={place / file}.ndjson"
            for name, file in (("orderline", "lines"), ("product", "products"))
        ]
        return [
            *CLI,
            "transform",
            HERE / "rules/join.json",
            place / "orders.ndjson",
            "-o",
            place / "join.out",
            *datasets,
        ]

    def hand(place: Path) -> list[str | Path]:
        return [PYTHON, HERE / "hand.py", "join", place, place / "join.hand"]

    runs = paired(rounds, command(folder), hand(folder))
    same(folder / "join.out", folder / "join.hand")
    table.row("join: speed against hand-written Python", [h.cpu / o.cpu for o, h in runs], ">= 0.85", least=0.85)
    memory = [o.peak_mb / h.peak_mb for o, h in runs]
    table.row("join: peak memory against hand-written Python", memory, "<= 1.3", most=1.3)
    times = statistics.median(o.cpu for o, _ in runs), statistics.median(h.cpu for _, h in runs)
    runs = paired(rounds, command(folder), command(small))
    table.row(
        "join: time for ten times the lines", [full.cpu / tenth.cpu for full, tenth in runs], "<= 10.5", most=10.5
    )
    large = folder.with_name("large")
    spend([PYTHON, HERE / "data.py", large, "--scale", str(scale * 10), "--shop-only"])
    runs = paired(min(rounds, 2), command(large), hand(large))
    same(large / "join.out", large / "join.hand")
    grown = [(o.cpu / times[0]) / (h.cpu / times[1]) for o, h in runs]
    table.row("join: growth at ten times more, against that of the twin", grown, "<= 1.05", most=1.05)


def memory(table: Table, folder: Path, small: Path) -> None:
    def peak(place: Path) -> float:
        return spend(
            [*CLI, "transform", HERE / "rules/map.json", place / "persons.ndjson", "-o", place / "m.out"]
        ).peak_mb

    table.row("map: peak memory for ten times the entities", [peak(folder) / peak(small)], "<= 1.1", most=1.1)


def starting(table: Table, rounds: int) -> None:
    nothing = [PYTHON, "-c", "pass"]
    runs = paired(4 * rounds, [*CLI, "--help"], nothing)
    table.row("`dataflow --help` against `python -c pass`", [o.cpu / n.cpu for o, n in runs], "<= 5", most=5)
    runs = paired(4 * rounds, [*CLI, "eval", '["upper", "x"]'], nothing)
    table.row("a trivial `dataflow eval` against `python -c pass`", [o.cpu / n.cpu for o, n in runs], "<= 8", most=8)


def compiling(table: Table, rounds: int) -> None:
    """In this process: compiling is what a long-lived node does, and has no start-up in it."""
    import json

    from dataflow.dtl import compile_rules
    from dataflow.project import load_project

    rules = json.loads((HERE / "rules/map.json").read_text(encoding="utf-8"))["transform"]["rules"]
    compile_rules(rules)
    one = [_seconds(lambda: compile_rules(rules)) * 1000 for _ in range(20)]
    table.row("compiling a mapping of 17 transforms, ms", one, "<= 3", most=3)
    project = load_project(ROOT)
    found = [
        (step.config["rules"], pipe.id)
        for pipe in project.pipes.values()
        for step in pipe.transforms
        if step.config.get("type") == "dtl"
    ]
    whole = [_seconds(lambda: [compile_rules(r, pipe_id=i) for r, i in found]) for _ in range(rounds)]
    table.row(f"compiling all {len(found)} dtl transforms of the package, s", whole, "<= 0.5", most=0.5)


def validating(table: Table, folder: Path, rounds: int) -> None:
    """A package of 500 files that has been validated before, as in an editor or a hook, and files that never have."""
    many, one = folder / "many", folder / "one"
    spend([PYTHON, HERE / "many.py", many, "500"])
    spend([PYTHON, HERE / "many.py", one, "1"])
    load = [PYTHON, HERE / "many.py", "--load", many]
    os.environ["DATAFLOW_CACHE"] = str(folder / "cache")
    runs = paired(rounds, [*CLI, "validate", "--dir", many], load)
    table.row("validating 500 files, s", [o.wall for o, _ in runs], "<= 1.5", most=1.5)
    table.row("validating 500 files against json.load of them", [o.cpu / n.cpu for o, n in runs], "<= 8", most=8)
    os.environ["DATAFLOW_CACHE"] = ""
    runs = paired(rounds, [*CLI, "validate", "--dir", many], load)
    table.row("validating 500 files for the first time, s", [o.wall for o, _ in runs], "<= 1.5", most=1.5)
    # Alone it refers to what is not there.
    runs = paired(rounds, [*CLI, "validate", "--dir", one, "--ignore", "references"], load)
    table.row("validating one file for the first time, s", [o.wall for o, _ in runs], "<= 0.4", most=0.4)
    del os.environ["DATAFLOW_CACHE"]


def _seconds(action) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size (200,000 persons)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, small = Path(name) / "full", Path(name) / "small"
        # In a process of its own: a child's peak memory starts at what its parent holds.
        spend([PYTHON, HERE / "data.py", folder, "--scale", str(given.scale)])
        spend([PYTHON, HERE / "data.py", small, "--scale", str(given.scale / 10)])
        table = Table()
        starting(table, given.rounds)
        mapping(table, folder, given.rounds)
        memory(table, folder, small)
        joining(table, folder, small, given.rounds, given.scale)
        validating(table, folder, given.rounds)
        # Last, because it loads the toolkit into this process, and children's peak memory starts at what that holds.
        compiling(table, given.rounds)
    return 0 if table.met else 1


if __name__ == "__main__":
    sys.exit(main())
