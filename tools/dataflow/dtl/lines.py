"""Entities as lines of JSON: read by the block, and written as fast as they can be exactly.

A block of lines becomes one JSON array, with a number between each two lines that tells them apart, and the JSON library reads it
in one go. A block that is not what it should be, or holds integers that the fast library does not read exactly, is read line
by line.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.errors import DataflowError

try:
    import orjson
except ImportError:  # the standard library does the same, at half the speed
    orjson = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dataflow.dtl.values import Entity, Value

# What is read at once: many lines, whose entities all fit into the processor's cache.
_BLOCK = 1 << 15
# The fast library turns integers beyond 64 bits into floats: up to 18 digits are safe. All digits made one and the same,
# a plain search finds a longer run, at a tenth of what a regular expression costs. Every second byte of such a run makes a run
# of nine, which little else has: nearly always it is enough to look at those.
_DIGITS = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))
_LONG = b"0" * 19
_HINT = b"0" * 9
# What stands between lines in the array. It has 19 digits, so that no line of a block read in this way can hold it, and is
# a number that no float is equal to.
_BETWEEN = 10**18 + 1
_BREAK = b",%d," % _BETWEEN


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number that JSON knows")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


def _read_exactly(text: bytes) -> Any:
    return _decode(text.decode())


def _write_exactly(value: Value, default: object = None, option: object = None) -> bytes:
    return transit.dumps(value).encode() + b"\n"


_read: Callable[[bytes], Any] = _read_exactly if orjson is None else orjson.loads
# It is called as the fast library wants it: with what writes types that JSON has not, and the option of a line's end.
_write: Callable[..., bytes] = _write_exactly if orjson is None else orjson.dumps
_LINE = None if orjson is None else orjson.OPT_APPEND_NEWLINE


class LineError(DataflowError):
    """A line of the input that is not an entity; `number` counts from 1."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number, reason)
        self.number = number
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


def read(stream: IO[bytes]) -> Iterator[Entity]:
    """Decoded entities of a stream of lines, from its position on; raises LineError."""
    for entities in batches(stream):
        yield from entities


def batches(stream: IO[bytes], stop: int | None = None) -> Iterator[Iterable[Entity]]:
    """As `read`, many at a time and up to byte `stop`."""
    number = 1
    while True:
        size = _BLOCK if stop is None else min(_BLOCK, stop - stream.tell())
        lines = stream.readlines(size) if size > 0 else []
        if not lines:
            return
        yield _at_once(lines) or _one_by_one(lines, number)
        number += len(lines)


def line(entity: Entity) -> bytes:
    """The entity in transit form, and the end of the line."""
    try:
        return _write(entity, transit.extension, _LINE)
    except TypeError:
        # An integer beyond 64 bits, or a tuple in disguise: the exact way knows what to do, or says what is wrong.
        return _write_exactly(entity)


def _at_once(lines: list[bytes]) -> list[Entity] | None:
    """The entities of lines, or None when these have to be looked at more closely."""
    block = b"".join(lines)
    if _has_long_integers(block):
        return None
    try:
        values = _read(b"[" + _BREAK.join(lines) + b"]")
    except ValueError:
        return None
    entities: list[Entity] = values[::2]
    # A line that ends within a value leaves a break too few; between two values on one line there is none.
    if len(values) != 2 * len(lines) - 1 or values[1::2].count(_BETWEEN) != len(lines) - 1:
        return None
    for entity in entities:
        if type(entity) is not dict:
            return None
    if b"~" not in block:
        return entities
    try:
        return [transit.decode(entity) for entity in entities]
    except transit.TransitError:
        return None


def _has_long_integers(text: bytes) -> bool:
    return _HINT in text[::2].translate(_DIGITS) and _LONG in text.translate(_DIGITS)


def _one_by_one(lines: list[bytes], first: int) -> Iterator[Entity]:
    """The entities of lines, of which the first has the number `first`; empty ones are passed over."""
    for number, text in enumerate(lines, first):
        if not text.strip():
            continue
        try:
            entity = transit.decode((_read_exactly if _has_long_integers(text) else _read)(text))
        except ValueError as error:
            raise LineError(number, f"not valid JSON: {error}") from error
        except transit.TransitError as error:
            raise LineError(number, str(error)) from error
        if type(entity) is not dict:
            raise LineError(number, "an entity is a JSON object")
        yield entity
