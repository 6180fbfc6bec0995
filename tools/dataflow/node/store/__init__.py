"""Where a node keeps its datasets and how far its pipes have come: in memory, or in one file.

Rules: node-semantics, sections 1 and 5; tools/docs/decisions/0402-store.md.
"""

from dataflow.node.store.memory import MemoryStore
from dataflow.node.store.protocol import Log, Store

__all__ = ["Log", "MemoryStore", "Store"]
