"""Entities as lines of JSON, through compiled rules, to lines of JSON: in constant memory, on one or several processes.

The fast JSON library reads and writes every line it can do exactly; a line with an integer beyond 64 bits is left to the
standard library, which is exact. Transit strings are decoded only in blocks of input that hold a tilde.
"""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.dtl.targets import Stop
from dataflow.errors import DataflowError

try:
    import orjson
except ImportError:  # the standard library does the same, at half the speed
    orjson = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataflow.dtl.context import Context
    from dataflow.dtl.transform import Transform
    from dataflow.dtl.values import Entity

_BLOCK = 1 << 20
# The fast library turns integers beyond 64 bits into floats: up to 18 digits are safe. All digits made one and the same,
# a plain search finds a longer run, at a tenth of what a regular expression costs.
_DIGITS = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))
_LONG = b"0" * 19


_decode = json.JSONDecoder().decode


def _read_exactly(line: bytes) -> Any:
    return _decode(line.decode())


def _read_typed(line: bytes) -> Any:
    return transit.decode(_read_exactly(line))


def _write_exactly(value: Any) -> bytes:
    return transit.dumps(value).encode() + b"\n"


def _write_fast(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=transit.extension, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # An integer beyond 64 bits, or a tuple in disguise: the exact way knows what to do, or says what is wrong.
        return _write_exactly(value)


_read: Callable[[bytes], Any] = _read_exactly if orjson is None else orjson.loads
_write: Callable[[Any], bytes] = _write_exactly if orjson is None else _write_fast


class LineError(DataflowError):
    """A line of the input that is not an entity; `number` counts from 1."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number, reason)
        self.number = number
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


def _blocks(stream: IO[bytes], stop: int | None) -> Iterator[tuple[Callable[[bytes], Any], list[bytes]]]:
    """Whole lines by the block, with the fastest way to read them that is exact."""
    while True:
        size = _BLOCK if stop is None else min(_BLOCK, stop - stream.tell())
        block = stream.read(size) if size > 0 else b""
        if not block:
            return
        if not block.endswith(b"\n"):
            block += stream.readline()
        big = _LONG in block.translate(_DIGITS)
        yield (_read_typed if b"~" in block else _read_exactly if big else _read), block.split(b"\n")


def _bad_line(lines: list[bytes], line: bytes, before: int, error: ValueError | None) -> LineError | None:
    """What is wrong with a line, or None when it is only empty."""
    if not line.strip():
        return None
    # Looked for only now: counting lines while all is well costs time.
    number = before + next(index for index, other in enumerate(lines) if other is line) + 1
    return LineError(number, "an entity is a JSON object" if error is None else f"not valid JSON: {error}")


def read_entities(stream: IO[bytes], stop: int | None = None) -> Iterator[Entity]:
    """Decoded entities of a stream of lines, from its position up to byte `stop`; raises LineError."""
    before = 0
    for read, lines in _blocks(stream, stop):
        for line in lines:
            try:
                entity = read(line)
            except ValueError as error:
                bad = _bad_line(lines, line, before, error)
                if bad is None:
                    continue
                raise bad from error
            if type(entity) is not dict:
                raise _bad_line(lines, line, before, None) or AssertionError
            yield entity
        before += len(lines) - 1


def transform_stream(
    transform: Transform, context: Context, source: IO[bytes], sink: IO[bytes], stop: int | None = None
) -> int:
    """Write what every entity becomes, filtered ones left out; returns how many were read. Raises TransformFailed."""
    rule, write, whole = transform.default, sink.write, transform.check_id
    count = 0
    out: list[Entity] = []
    for entity in read_entities(source, stop):
        count += 1
        target: Entity = {"_id": entity["_id"]} if "_id" in entity else {}
        if "_deleted" in entity and entity["_deleted"] is True:
            target["_deleted"] = True
        try:
            result = rule(entity, target, None, None, context, out)
        except Exception as error:
            raise transform.explained(error, entity, context) from error
        if out:
            write(b"".join(map(_write, out)))
            out.clear()
        if type(result) is not Stop and (type(result.get("_id")) is str or whole(result)):
            write(_write(result))
    return count


@dataclass(frozen=True, slots=True)
class _Part:
    """One worker's share of the input: bytes `start` to `stop`, to be written to `path`."""

    make: Callable[[], tuple[Transform, Context]]
    source: Path
    path: Path
    start: int
    stop: int


def transform_file(
    make: Callable[[], tuple[Transform, Context]], source: Path, sink: IO[bytes], *, workers: int = 1
) -> int:
    """Transform a file on several processes, each taking one stretch of it; the output keeps the order of the input.

    `make` compiles the rules and loads the datasets, once in each process.
    """
    if workers <= 1:
        with source.open("rb") as stream:
            return transform_stream(*_made(make), stream, sink)
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        bounds = _bounds(source, workers)
        parts = [
            _Part(make, source, Path(folder) / str(index), start, stop)
            for index, (start, stop) in enumerate(pairwise(bounds))
        ]
        # Loading this takes as long as compiling the rules, and few runs need it.
        import multiprocessing

        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        with context.Pool(len(parts)) as pool:
            counts = pool.map(_transform_part, parts, chunksize=1)
        for part in parts:
            with part.path.open("rb") as done:
                shutil.copyfileobj(done, sink, _BLOCK)
        return sum(counts)


def _bounds(source: Path, workers: int) -> list[int]:
    """Offsets of line starts that cut the file into about equal stretches."""
    size = source.stat().st_size
    bounds = [0]
    with source.open("rb") as stream:
        for index in range(1, workers):
            stream.seek(size * index // workers)
            stream.readline()
            if bounds[-1] < stream.tell() < size:
                bounds.append(stream.tell())
    return [*bounds, size]


def _transform_part(part: _Part) -> int:
    with part.source.open("rb") as stream, part.path.open("wb") as sink:
        stream.seek(part.start)
        try:
            return transform_stream(*_made(part.make), stream, sink, part.stop)
        except LineError as error:
            stream.seek(0)
            raise LineError(error.number + stream.read(part.start).count(b"\n"), error.reason) from error


def _made(make: Callable[[], tuple[Transform, Context]]) -> tuple[Transform, Context]:
    """What `make` makes, out of the garbage collector's sight: datasets live as long as the process does."""
    gc.disable()
    try:
        return make()
    finally:
        gc.freeze()
        gc.enable()
