"""The flows as SVG: one system on the left, the other on the right, and in the middle what joins them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.report.picture import Item, Picture

_WIDTH, _HEIGHT, _GAP, _TOP = 160, 38, 12, 40
_LEFT = {"left": 0, "middle": 230, "right": 460}
_TOTAL = 620


def flows_svg(
    picture: Picture,
    *,
    title: str,
    counts: Mapping[str, int] | None = None,
    links: Mapping[str, str] | None = None,
    marked: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """`counts` are shown in items, by id; `links` are where items lead; `marked` items light up, the n-th after the others.

    `names` are those of the systems, by group. The style is the page's: classes `item`, `datatype`, `global`, a group's name,
    `arrow`, `marked`. Empty for a picture that has no globals.
    """
    left, middle, right = _columns(picture)
    if not middle:
        return ""
    most = max(len(left), len(middle), len(right))
    height = _TOP + most * (_HEIGHT + _GAP)
    places = {
        item.id: (_LEFT[column], _TOP + (most - len(items)) * (_HEIGHT + _GAP) // 2 + n * (_HEIGHT + _GAP))
        for column, items in (("left", left), ("middle", middle), ("right", right))
        for n, item in enumerate(items)
    }
    role = "group" if links else "img"
    lines = [
        f'<svg class="flows" viewBox="-4 0 {_TOTAL + 8} {height}" role="{role}" aria-label="{escape(title)}">',
        "<defs>"
        '<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        '<path d="M0 0 10 5 0 10z"/></marker></defs>',
    ]
    for column, items in (("left", left), ("right", right)):
        group = items[0].group if items else ""
        shown = escape((names or {}).get(group, group))
        lines.append(f'<text class="system {escape(group)}" x="{_LEFT[column]}" y="24">{shown}</text>')
    lines.append(f'<text class="system" x="{_LEFT["middle"]}" y="24">{escape((names or {}).get("", "joined"))}</text>')
    for tail, head, kind in picture.arrows:
        if tail in places and head in places:
            lines.append(_arrow(places[tail], places[head], kind))
    every = (*left, *middle, *right)
    lines += [_item(item, places[item.id], counts or {}, links or {}, marked or {}) for item in every]
    return "\n".join([*lines, "</svg>"])


def _columns(picture: Picture) -> tuple[list[Item], list[Item], list[Item]]:
    """The system with most datatypes on the left; globals and the right in the order that crosses fewest arrows."""
    datatypes = [item for item in picture.items if item.kind == "datatype"]
    groups = [item.group for item in datatypes]
    first = max(sorted(set(groups)), key=groups.count, default="")
    left = [item for item in datatypes if item.group == first]
    order = {item.id: float(n) for n, item in enumerate(left)}
    middle = _sorted([item for item in picture.items if item.kind == "global"], picture, order)
    order |= {item.id: float(n) for n, item in enumerate(middle)}
    left = _sorted(left, picture, {item.id: float(n) for n, item in enumerate(middle)})
    return left, middle, _sorted([item for item in datatypes if item.group != first], picture, order)


def _sorted(items: list[Item], picture: Picture, order: Mapping[str, float]) -> list[Item]:
    def mean(item: Item) -> tuple[float, str]:
        near = [order[a.head if a.tail == item.id else a.tail] for a in picture.arrows if _joins(a, item.id, order)]
        return (sum(near) / len(near) if near else 0.0, item.label)

    return sorted(items, key=mean)


def _joins(arrow: tuple[str, str, str], item: str, order: Mapping[str, float]) -> bool:
    tail, head, _ = arrow
    return (tail == item and head in order) or (head == item and tail in order)


def _arrow(tail: tuple[int, int], head: tuple[int, int], kind: str) -> str:
    onward = head[0] > tail[0]
    x1, x2 = (tail[0] + _WIDTH, head[0]) if onward else (tail[0], head[0] + _WIDTH)
    y1, y2 = tail[1] + _HEIGHT // 2, head[1] + _HEIGHT // 2
    bend = (x2 - x1) // 2
    ends = ' marker-start="url(#tip)"' if kind == "both" else ""
    path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f'<path class="arrow {kind}" d="{path}" marker-end="url(#tip)"{ends}/>'


def _item(
    item: Item, at: tuple[int, int], counts: Mapping[str, int], links: Mapping[str, str], marked: Mapping[str, int]
) -> str:
    x, y = at
    round_ = _HEIGHT // 2 if item.kind == "global" else 6
    classes = " ".join(filter(None, ("item", item.kind, item.group, "marked" if item.id in marked else "")))
    style = f' style="--turn:{marked[item.id]}"' if item.id in marked else ""
    count = counts.get(item.id)
    label = item.label.removeprefix("global-")
    number = "" if count is None else f'<text class="count" x="{x + _WIDTH - 14}" y="{y + 24}">{count}</text>'
    body = (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="{round_}"/>'
        f'<text x="{x + 14}" y="{y + 24}">{escape(label)}</text>{number}'
    )
    told = label if count is None else f"{label}, {count} records"
    if item.id in links:
        body = f'<a href="{escape(links[item.id])}" aria-label="{escape(f"{item.group} {told}".strip())}">{body}</a>'
    return f'<g class="{escape(classes)}"{style}>{body}</g>'
