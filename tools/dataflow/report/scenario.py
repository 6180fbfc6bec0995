"""Scenarios as people read them: one line each, and what was not as expected below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.results import Result


def scenario_lines(result: Result) -> Iterator[str]:
    """One result of a scenario that was played."""
    about = ", ".join(result.properties.get("about", ()))
    yield (
        f"{result.verdict:<4}  {result.id}: {result.title}"
        + (f" ({about})" if about else "")
        + f"  {result.seconds:.1f} s"
    )
    if result.verdict is not Verdict.PASS:
        for evidence in result.evidence:
            yield f"      {result.properties['file']} {evidence.note}"
