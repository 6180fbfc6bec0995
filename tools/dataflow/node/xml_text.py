"""Entities as XML, as an xml_endpoint sink publishes them.

Rules: hub/documentation/service-configuration/pipes/configuration-sinks-xml.rst. A property whose name stands in `<` and `>` is an
element, any other one an attribute of the element beside it, except those that start with `_`.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from dataflow.dtl import plain
from dataflow.dtl.mapping import IGNORED
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataflow.dtl.values import Entity, Value

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NAME = re.compile(r"[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?")
# What no XML document can hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_bytes(entities: Iterable[Entity], sink: Mapping[str, Any]) -> bytes:
    """The document; deleted entities are skipped unless the sink says otherwise. Raises PumpFailed for one without the form."""
    attributes = sink.get("root-attributes", {})
    shown = (e for e in entities if e.get("_deleted") is not True or sink.get("skip-deleted-entities") is False)
    wrapper = sink.get("wrapper")
    if type(wrapper) is str:
        text = _tagged(wrapper, attributes, "".join(_element(*_root(entity), {}) for entity in shown))
    else:
        text = "".join(_element(*_root(entity), attributes) for entity in shown)
    if sink.get("include-xml-decl") is True:
        text = _DECLARATION + text
    content = text.encode("utf-8")
    return codecs.BOM_UTF8 + content if sink.get("byte_order_mark") is True else content


def _root(entity: Entity) -> tuple[str, Value, dict[str, Value]]:
    """The tag of an entity, what is in it, and the attributes the entity itself brings."""
    tags = [name for name in entity if _is_tag(name)]
    if len(tags) != 1:
        raise PumpFailed(f'entity "{entity.get("_id")}" needs one property in <> and has {len(tags)}')
    return tags[0][1:-1], entity[tags[0]], _attributes(entity)


def _element(name: str, value: Value, own: Mapping[str, Value], more: Mapping[str, Value]) -> str:
    """One element. Objects in it stand for the elements they name, with their attributes; a list may hold nothing else."""
    if type(value) in (dict, list):
        within = value if type(value) is list else [value]
        return _tagged(name, {**more, **own}, "".join(_children(one) for one in within if type(one) is dict))
    # Whoever reads a document takes a bare carriage return for a line feed.
    return _tagged(name, {**more, **own}, escape(_text(value), {"\r": "&#13;"}))


def _children(value: Mapping[str, Value]) -> str:
    return "".join(_element(tag[1:-1], inner, _attributes(value), {}) for tag, inner in value.items() if _is_tag(tag))


def _attributes(value: Mapping[str, Value]) -> dict[str, Value]:
    return {name: one for name, one in value.items() if not _is_tag(name) and name[:1] not in ("_", "$")}


def _tagged(name: str, attributes: Mapping[str, Value], inner: str) -> str:
    given = "".join(
        f" {_valid(key)}={quoteattr(_text(value))}" for key, value in attributes.items() if value is not None
    )
    return f"<{_valid(name)}{given}>{inner}</{name}>" if inner else f"<{_valid(name)}{given}/>"


def _is_tag(name: str) -> bool:
    return len(name) > 2 and name[0] == "<" and name[-1] == ">"


def _valid(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PumpFailed(f'"{name}" is no name that XML allows')
    return name


def _text(value: Value) -> str:
    text = plain.text(value) if value is not None else ""
    return "" if text is IGNORED else _FORBIDDEN.sub("", str(text))
