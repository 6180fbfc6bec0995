"""The datasets that a source makes a log of its own from, and how far it has read each of them.

Rules: node-semantics, sections 2 and 2.1 (7); decision 0411.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from dataflow.node.dataset import Dataset
    from dataflow.node.sources.source import Surroundings
    from dataflow.pipe import Pipe


class Inputs:
    """What is kept stands in the store under the name of the log, and lasts together with what was made of it.

    After a change of the source's configuration everything is read from the start.
    """

    def __init__(self, pipe: Pipe, around: Surroundings, datasets: list[Dataset], name: str) -> None:
        self.datasets = datasets
        self._store, self._name = around.store, name
        text = json.dumps([pipe.source, pipe.config["namespaces"], pipe.config["namespaced_identifiers"]])
        self._made_by = blake2b(text.encode(), digest_size=16).hexdigest()
        known = self._store.state(name) or {}
        self._known: dict[str, Any] = known if known.get("by") == self._made_by else {}

    @property
    def due(self) -> list[tuple[Dataset, int]]:
        """The datasets with the offsets they are read up to."""
        read = self._known.get("read", {})
        return [(dataset, read.get(dataset.id, NOTHING)) for dataset in self.datasets]

    @property
    def behind(self) -> bool:
        """Whether there is something to read."""
        return any(dataset.offset != since for dataset, since in self.due)

    @property
    def failing(self) -> bool:
        """Whether what was read last could not be made anything of."""
        return self._known.get("failing", False) is True

    def done(self, *, failing: bool = False) -> None:
        """Everything there is has been read."""
        known: dict[str, Any] = {"by": self._made_by, "read": {dataset.id: dataset.offset for dataset in self.datasets}}
        if failing:
            known["failing"] = True
        if known != self._known:
            self._known = known
            self._store.keep(self._name, known)
