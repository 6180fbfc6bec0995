"""Completeness: the moment up to which a dataset is known to be whole, and what it knows of those it is made from.

Rules: hub/features/completeness-feature.rst; hub/dtl/dtl-functions-misc.rst (`completeness`); configuration-sources-dataset.rst;
tools/docs/decisions/0425-completeness.md. Moments are nanoseconds since the epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dataflow.node.dataset import Dataset
    from dataflow.node.store import Store


class Completeness:
    """Of all datasets of a node. What one has heard of another is kept in the store, next to it."""

    def __init__(self, datasets: Mapping[str, Dataset], store: Store) -> None:
        self._datasets = datasets
        self._store = store

    def via(self, via: str, dataset_id: str) -> int | None:
        """How complete a dataset is as far as another one made from it knows; None when it does not."""
        if via not in self._datasets or dataset_id not in self._datasets:
            return None
        return self._datasets[via].completeness if via == dataset_id else self._heard(via).get(dataset_id)

    def inherit(self, dataset: Dataset, reads: Collection[str], counted: Collection[str]) -> bool:
        """Pass on to a dataset what is known of all those its pipe reads; says whether that changed anything.

        The dataset is as complete as the least complete of those that are `counted`, as long as all of them are.
        """
        own = {i: self._datasets[i].completeness for i in sorted(reads) if i in self._datasets}
        moment = least(self._datasets[i].completeness for i in counted if i in self._datasets)
        before = dataset.completeness
        if moment is not None:
            dataset.completeness = moment
        heard = {i: moment for i, moment in own.items() if moment is not None}
        for i in own:
            for upstream, told in self._heard(i).items():
                if upstream not in own:
                    heard[upstream] = min(told, heard.get(upstream, told))
        if heard != self._heard(dataset.id):
            self._store.keep(heard_name(dataset.id), heard)
            return True
        return before != dataset.completeness

    def _heard(self, dataset_id: str) -> dict[str, int]:
        return self._store.state(heard_name(dataset_id)) or {}


def complete_until(dataset: Dataset, moment: int | None) -> int:
    """The offset of the last version that is not younger than a moment; -1 when there is none, or no moment."""
    if moment is None:
        return NOTHING
    low, high = NOTHING, dataset.offset
    while low < high:
        middle = (low + high + 1) // 2
        if dataset.version(middle)["_ts"] * 1000 <= moment:
            low = middle
        else:
            high = middle - 1
    return low


def least(moments: Iterable[int | None]) -> int | None:
    """The earliest of some moments; None when one of them is unknown, or there are none."""
    found = list(moments)
    known = [moment for moment in found if moment is not None]
    return min(known) if known and len(known) == len(found) else None


def heard_name(dataset_id: str) -> str:
    """What a dataset has heard of others stands under this name in the store; ids of datasets have no slash."""
    return f"{dataset_id}/completeness"
