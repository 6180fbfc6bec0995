"""Pictures of a graph: what to draw, whatever it is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dataflow.graph import DATASET, PIPE, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.graph import Graph


class Item(NamedTuple):
    """`kind` is "pipe", "dataset", "system", "datatype", "global", or in stages "collected" or "target".

    Items of one `group` are drawn in one frame.
    """

    id: str
    label: str
    kind: str
    group: str = ""


class Arrow(NamedTuple):
    """`kind` is "flow" for data that goes on, "both" when it also comes back, or "hop" for data that is looked up."""

    tail: str
    head: str
    kind: str


@dataclass(frozen=True)
class Picture:
    items: tuple[Item, ...]
    arrows: tuple[Arrow, ...]


# The endings of a pipe's id say which part it plays (hub/documentation/connectors, hub/documentation/data-synchronization).
_STAGES = {
    "collected": ("-all", "-all2", "-event", "-event2", "-collect", "-enrich"),
    "target": ("-transform-split", "-transform", "-share"),
}
_GLOBAL = "global-"
_COLUMNS = ("system", "collected", "pipe", "global", "target")


def pipes(graph: Graph) -> Picture:
    """Every pipe; a dataset is drawn only when no pipe writes it, otherwise arrows go from pipe to pipe."""
    items = {
        Item(f"{kind}:{name}", name, kind) for kind, name in graph.nodes if kind != DATASET or not graph.writers(name)
    }
    arrows: set[Arrow] = set()
    for edge in graph.edges:
        kind = "hop" if edge.kind == "hop" else "flow"
        tails = [f"{edge.tail.kind}:{edge.tail.id}"]
        if edge.tail.kind == DATASET:
            tails = [f"{PIPE}:{writer}" for writer in graph.writers(edge.tail.id)] or tails
        if edge.kind != "sink":
            arrows |= {Arrow(tail, f"{edge.head.kind}:{edge.head.id}", kind) for tail in tails}
    # What is read anyway need not be drawn as looked up as well.
    arrows -= {Arrow(tail, head, "hop") for tail, head, kind in arrows if kind == "flow"}
    return Picture(tuple(sorted(items)), tuple(sorted(arrows)))


def flows(graph: Graph) -> Picture:
    """The whole package at a glance: the datatypes of each system and the global that joins them, which way data goes.

    A package without globals is drawn by its stages.
    """
    whole = stages(graph)
    joined = {
        (_stem(a.tail), a.head) for a in whole.arrows if _kind(a.tail) == "collected" and _kind(a.head) == "global"
    }
    served = {(_stem(a.head), a.tail, a.kind) for a in whole.arrows if _kind(a.tail) == "global"}
    plain = {(stem, global_) for stem, global_, kind in served if kind == "flow"}
    stems = sorted({stem for stem, _ in joined} | {stem for stem, *_ in served})
    if not stems:
        return whole
    # The system with most datatypes stands on the left, so that data that goes round is drawn as a line across.
    systems = [_system(f":{stem}") for stem in stems]
    left = max(sorted(set(systems)), key=systems.count, default="")
    arrows = set()
    for stem, global_ in joined | plain:
        ends = (f"datatype:{stem}", global_) if _system(f":{stem}") == left else (global_, f"datatype:{stem}")
        if (stem, global_) in joined and (stem, global_) in plain:
            arrows.add(Arrow(*ends, "both"))
        else:
            inward = (stem, global_) in joined
            arrows.add(
                Arrow(f"datatype:{stem}", global_, "flow") if inward else Arrow(global_, f"datatype:{stem}", "flow")
            )
    arrows |= {Arrow(global_, f"datatype:{stem}", "hop") for stem, global_, kind in served if kind == "hop"}
    datatypes = [Item(f"datatype:{s}", s.partition("-")[2] or s, "datatype", _system(f":{s}")) for s in stems]
    globals_ = sorted(
        {Item(end, _stem(end), "global") for a in arrows for end in (a.tail, a.head) if _kind(end) == "global"}
    )
    return Picture((*datatypes, *globals_), tuple(sorted(arrows)))


def stages(graph: Graph) -> Picture:
    """Every step between the systems: systems, what is collected from them, globals, targets, and the systems again.

    All pipes of one datatype and direction are one item; pipes that only publish a dataset are left out.
    """
    arrows = {arrow for arrow in _grouped(graph, "source") if _column(arrow.tail) <= _column(arrow.head)}
    arrows |= set(_lookups(graph, arrows))
    for edge in graph.edges:
        if edge.kind == "system" and edge.tail.kind == SYSTEM and _part(edge.head.id).kind in ("collected", "pipe"):
            arrows.add(Arrow(f"from:{edge.tail.id}", _part(edge.head.id).id, "flow"))
        elif edge.kind == "system" and edge.head.kind == SYSTEM:
            arrows.add(Arrow(_part(edge.tail.id).id, f"to:{edge.head.id}", "flow"))
    drawn = {end for arrow in arrows for end in (arrow.tail, arrow.head)}
    items = {part for kind, name in graph.nodes if kind == PIPE and (part := _part(name)).id in drawn}
    items |= {Item(end, end.partition(":")[2], "system") for end in drawn if end.startswith(("from:", "to:"))}
    return Picture(tuple(sorted(items, key=_place)), tuple(sorted(arrows)))


def _lookups(graph: Graph, arrows: Iterable[Arrow]) -> Iterator[Arrow]:
    """Hops that carry records: a global with none of its own targets in a system reaches it through another one's."""
    collected = {arrow.head for arrow in arrows if _kind(arrow.head) == "global"}
    served = {(arrow.tail, _system(arrow.head)) for arrow in arrows if _kind(arrow.head) == "target"}
    for arrow in _grouped(graph, "hop"):
        if (
            arrow.tail in collected
            and _kind(arrow.head) == "target"
            and (arrow.tail, _system(arrow.head)) not in served
        ):
            yield arrow


def _grouped(graph: Graph, kind: str) -> Iterator[Arrow]:
    """The edges of one kind between the groups of pipes."""
    for edge in graph.edges:
        if edge.kind != kind or edge.head.id.endswith("-endpoint"):
            continue
        for writer in graph.writers(edge.tail.id):
            tail, head = _part(writer), _part(edge.head.id)
            if tail != head:
                yield Arrow(tail.id, head.id, "hop" if kind == "hop" else "flow")


def _part(pipe: str) -> Item:
    """The group a pipe belongs to; one whose id says nothing is a group of its own."""
    if pipe.startswith(_GLOBAL):
        return Item(f"global:{pipe}", pipe, "global")
    for kind, endings in _STAGES.items():
        for ending in endings:
            if pipe.endswith(ending):
                stem = pipe.removesuffix(ending)
                return Item(f"{kind}:{stem}", stem, kind)
    return Item(f"{PIPE}:{pipe}", pipe, PIPE)


def _stem(item: str) -> str:
    return item.partition(":")[2]


def _kind(item: str) -> str:
    return item.partition(":")[0]


def _column(item: str) -> int:
    return _COLUMNS.index(_kind(item))


def _system(item: str) -> str:
    return item.partition(":")[2].partition("-")[0]


def _place(item: Item) -> tuple[int, str, bool]:
    last = item.id.startswith("to:")
    return (len(_COLUMNS) if last else _COLUMNS.index(item.kind), item.label, last)
