"""Verdicts from run to run, a line of JSON each: what broke since the last run, what was mended, since when a row is as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.results import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.checklist.outcome import Outcome

# Runs that are kept; a history is there to see what broke, not to be an archive.
KEPT = 200
# Runs that are told one by one.
TOLD = 12


@dataclass(frozen=True, slots=True)
class Past:
    """One run: when, as ISO text, and how many rows had each verdict."""

    at: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """What differs from the run before, by name of row. `since` is when that was, as ISO text; None when this is the first.

    `steady` tells of every row since when it has had its verdict, `runs` are the latest ones, this one last.
    """

    since: str | None = None
    broke: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    steady: dict[str, str] = field(default_factory=dict)
    runs: tuple[Past, ...] = ()


def turn(path: Path, outcome: Outcome) -> Turn:
    """Compare with the runs in the file of the same document against the same, and add this one unless it is a part only.

    A line that is none, as a killed run may leave, is passed over. Raises UsageError when the file cannot be used.
    """
    this = {
        "at": outcome.at.isoformat(timespec="seconds"),
        "title": outcome.title,
        "against": outcome.against,
        "verdicts": {row.name: row.result.verdict.value for row in outcome.every_row()},
    }
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        if not outcome.partial:
            _write(path, [*lines, json.dumps(this, ensure_ascii=False)])
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be used as history: {error}") from None
    runs = [run for run in map(_run, lines) if run and all(run[key] == this[key] for key in ("title", "against"))]
    return _compared(this, runs, partial=outcome.partial)


def _compared(this: dict[str, Any], runs: list[dict[str, Any]], *, partial: bool) -> Turn:
    now: dict[str, str] = this["verdicts"]
    pasts = tuple(_past(run) for run in [*runs, this][-TOLD:])
    steady = {name: _steady(name, verdict, this["at"], runs) for name, verdict in now.items()}
    if not runs:
        return Turn(steady=steady, runs=pasts)
    then: dict[str, str] = runs[-1]["verdicts"]
    both = [name for name in now if name in then]
    return Turn(
        since=runs[-1]["at"],
        broke=tuple(name for name in both if then[name] == Verdict.PASS and now[name] != Verdict.PASS),
        mended=tuple(name for name in both if then[name] != Verdict.PASS and now[name] == Verdict.PASS),
        new=tuple(name for name in now if name not in then),
        gone=() if partial else tuple(name for name in then if name not in now),
        steady=steady,
        runs=pasts,
    )


def _steady(name: str, verdict: str, at: str, runs: list[dict[str, Any]]) -> str:
    """When the unbroken line of runs with this verdict began."""
    for run in reversed(runs):
        if run["verdicts"].get(name) != verdict:
            break
        at = run["at"]
    return at


def _past(run: dict[str, Any]) -> Past:
    verdicts = list(run["verdicts"].values())
    return Past(run["at"], {verdict.value: verdicts.count(verdict) for verdict in Verdict})


def _run(line: str) -> dict[str, Any] | None:
    try:
        run = json.loads(line)
    except ValueError:
        return None
    whole = type(run) is dict and {"at", "title", "against", "verdicts"} <= run.keys() and type(run["verdicts"]) is dict
    return run if whole else None


def _write(path: Path, lines: list[str]) -> None:
    """All at once, so that a run that is killed loses nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text("".join(f"{line}\n" for line in lines[-KEPT:]), encoding="utf-8")
    beside.replace(path)
