"""Whether what a publisher hands out is what its expected file says.

Rules: sesam-py 2.11.13, `verify` (README, "Test specification": `endpoint`): XML is compared as the same elements in the same form,
and byte by byte when one of the two is not XML; everything else byte by byte.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

Event = tuple[Any, ...]


def same_bytes(endpoint: str, expected: bytes, current: bytes) -> bool:
    """The verdict for one file; whitespace between elements does not count in XML, the order of attributes does."""
    if endpoint != "xml":
        return expected == current
    ours, theirs = events(expected), events(current)
    return expected == current if ours is None or theirs is None else ours == theirs


def difference(expected: bytes, current: bytes) -> tuple[int, str | None, str | None]:
    """The first line that differs, counted from 1, and what both sides have there; None where one side has no such line."""
    ours, theirs = _lines(expected), _lines(current)
    for number in range(max(len(ours), len(theirs))):
        left = ours[number] if number < len(ours) else None
        right = theirs[number] if number < len(theirs) else None
        if left != right:
            return number + 1, left, right
    return 0, None, None


def events(data: bytes) -> list[Event] | None:
    """What an XML parser meets, in order: declaration, elements with their attributes, texts; None when it is not XML."""
    found: list[Event] = []
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.XmlDeclHandler = lambda *declared: found.append(("declaration", *declared))
    parser.StartElementHandler = lambda name, attributes: found.append(("start", name, *attributes))
    parser.EndElementHandler = lambda name: found.append(("end", name))
    parser.CharacterDataHandler = lambda text: found.append(("text", text)) if text.strip() else None
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return None
    return found


def _lines(data: bytes) -> list[str]:
    # Line ends stay visible, since they count.
    return data.decode("utf-8", "backslashreplace").splitlines(keepends=True)
