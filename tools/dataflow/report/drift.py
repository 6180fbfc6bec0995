"""The drift report as people and programs read it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from dataflow.dtl.transit import extension
from dataflow.scenario.drift import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.scenario.drift import Drift

TITLES = {
    Kind.REFUSED: "refused",
    Kind.WAITS: "waiting",
    Kind.HELD: "held back",
    Kind.REPORT: "to know of",
    Kind.PUT_BACK: "put back",
}
_LONGEST = 200


def drift_lines(drift: Drift) -> Iterator[str]:
    """A table: kind, datatype, record and reason; below a refusal what was sent and answered."""
    wide = max((len(line.member) for line in drift.lines), default=0)
    long = max((len(line.entity) for line in drift.lines), default=0)
    for line in drift.lines:
        yield f"{line.kind:<8}  {line.member:<{wide}}  {line.entity:<{long}}  {line.why}"
        for name, part in (("request", line.request), ("response", line.response)):
            if part is not None:
                yield f"          {name:<8}  {_short(json.dumps(part, ensure_ascii=False, default=extension))}"


def drift_summary(drift: Drift) -> str:
    """`1 refused, 2 waiting`."""
    return ", ".join(f"{count} {TITLES[Kind(kind)]}" for kind, count in drift.counts().items()) or "nothing to report"


def drift_json(drift: Drift) -> str:
    """`{"counts": {...}, "lines": [{"kind", "member", "entity", "why", "request", "response"}]}`."""
    document = {"counts": drift.counts(), "lines": [asdict(line) for line in drift.lines]}
    return json.dumps(document, indent=2, ensure_ascii=False, default=extension)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
