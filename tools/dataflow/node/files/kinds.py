"""The kinds of sources that read a file somewhere.

Rules: configuration-sources-csv.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.outer import Makers

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.node.reach import Reach
    from dataflow.node.sources.source import Source, Surroundings
    from dataflow.pipe import Pipe

    # What a system has at a URL. Raises PumpFailed.
    Fetch = Callable[[str, str], bytes]


def makers(reach: Reach, fetch: Fetch | None = None) -> Makers:
    """Makers of the csv source; `fetch` gets the content at a URL from a system, over HTTP when None."""

    def source(pipe: Pipe, around: Surroundings) -> Source:
        from dataflow.node.files.csv_source import CsvSource
        from dataflow.node.files.fetch import fetched

        return CsvSource(pipe, fetch or (lambda system_id, url: fetched(reach, system_id, url)))

    return Makers(sources={"csv": source})
