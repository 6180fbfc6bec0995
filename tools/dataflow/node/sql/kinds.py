"""The kinds of sources and sinks that speak SQL. Nothing of SQLAlchemy is imported before a pipe needs it.

Rules: configuration-sources-sql.rst, configuration-sinks-sql.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.outer import Makers
from dataflow.node.sql.database import Databases

if TYPE_CHECKING:
    from dataflow.node.reach import Reach
    from dataflow.node.sinks.sink import Sink
    from dataflow.node.sources.source import Source, Surroundings
    from dataflow.pipe import Pipe


def makers(reach: Reach) -> Makers:
    """Makers of the sql source and the sql sink, which share what is known of a system."""
    databases = Databases(reach)

    def source(pipe: Pipe, around: Surroundings) -> Source:
        from dataflow.node.sql.source import SqlSource

        return SqlSource(pipe, databases)

    def sink(pipe: Pipe) -> Sink:
        from dataflow.node.sql.sink import SqlSink

        return SqlSink(pipe, databases)

    return Makers(sources={"sql": source}, sinks={"sql": sink})
