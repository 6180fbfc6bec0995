"""The contract check for people: a line per operation, and what is broken below it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dataflow.report.results import shown
from dataflow.report.text import counted
from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.results import Result

_MARKS = {Verdict.PASS: ("ok", "32"), Verdict.FAIL: ("FAIL", "31"), Verdict.UNPROVEN: ("open", "33")}


def check_lines(results: Sequence[Result], *, requests: int, colour: bool) -> Iterator[str]:
    """Operations in the order of the results; what is skipped is told once for each reason."""
    operations = list(dict.fromkeys(result.group for result in results))
    width = max(map(len, operations), default=0)
    for operation in operations:
        mine = [result for result in results if result.group == operation and result.verdict is not Verdict.SKIP]
        worst = next(
            (one for one in (Verdict.FAIL, Verdict.UNPROVEN) if any(r.verdict is one for r in mine)), Verdict.PASS
        )
        mark, paint = _MARKS[worst]
        painted = f"\x1b[{paint}m{mark:<4}\x1b[0m" if colour else f"{mark:<4}"
        kept = sum(result.verdict is Verdict.PASS for result in mine)
        yield f"{painted}  {operation:<{width}}  {kept} of {counted(len(mine), 'rule')} kept"
        for result in mine:
            yield from _told(result)
    skipped = Counter(result.reason for result in results if result.verdict is Verdict.SKIP)
    for reason, number in skipped.items():
        yield f"{counted(number, 'rule')} skipped: {reason}"
    yield summary(results, requests)


def summary(results: Sequence[Result], requests: int) -> str:
    """`17 of 17 operations as the contract says (811 requests)`."""
    operations = {result.group for result in results}
    bad = {result.group for result in results if result.verdict in (Verdict.FAIL, Verdict.UNPROVEN)}
    return (
        f"{len(operations - bad)} of {counted(len(operations), 'operation')} as the contract says ({requests} requests)"
    )


def left_line(left: Sequence[str]) -> str:
    return f"Left behind, because the contract has no way to delete them: {', '.join(left)}."


def _told(result: Result) -> Iterator[str]:
    if result.verdict is Verdict.PASS:
        return
    yield f"      {result.id.partition('.')[2]}: {result.title}"
    yield f"        {result.reason}"
    for evidence in result.evidence:
        yield f"          expected  {shown(evidence.expected)}"
        yield f"          actual    {shown(evidence.actual)}"
