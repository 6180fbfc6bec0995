"""Files of entities through compiled rules to other files: in constant memory, on one or several processes."""

from __future__ import annotations

import gc
import signal
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dataflow.dtl import lines
from dataflow.dtl.targets import Stop
from dataflow.errors import DataflowError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from dataflow.dtl.context import Context
    from dataflow.dtl.transform import Transform
    from dataflow.dtl.values import Entity

# What is written, and copied, at once.
BUFFER = 1 << 17
# The garbage collector finds nothing in what rules make, which are trees: it comes round, but seldom.
_SELDOM = 100_000


def transform_stream(
    transform: Transform, context: Context, source: IO[bytes], sink: IO[bytes], stop: int | None = None
) -> None:
    """Write what every entity becomes, filtered ones left out; `stop` is as in `lines.batches`.

    Raises LineError and TransformFailed.
    """
    rule, write, line, whole = transform.default, sink.write, lines.line, transform.check_id
    out: list[Entity] = []
    for batch in lines.batches(source, stop):
        for entity in batch:
            target: Entity = {"_id": entity["_id"]} if "_id" in entity else {}
            if "_deleted" in entity and entity["_deleted"] is True:
                target["_deleted"] = True
            try:
                result = rule(entity, target, None, None, context, out)
            except Exception as error:
                raise transform.explained(error, entity, context) from error
            if out:
                for created in out:
                    write(line(created))
                out.clear()
            if type(result) is not Stop and (type(result.get("_id")) is str or whole(result)):
                write(line(result))


@dataclass(frozen=True, slots=True)
class _Part:
    """One process's share of the input: bytes `start` to `stop`."""

    make: Callable[[], tuple[Transform, Context]]
    source: Path
    start: int
    stop: int

    def transform(self, sink: IO[bytes]) -> None:
        usual = gc.get_threshold()
        gc.disable()
        try:
            transform, context = self.make()
            # Datasets live as long as the process does: out of the collector's sight.
            gc.freeze()
            gc.set_threshold(_SELDOM)
            gc.enable()
            with self.source.open("rb") as stream:
                stream.seek(self.start)
                try:
                    transform_stream(transform, context, stream, sink, self.stop)
                except lines.LineError as error:
                    stream.seek(0)
                    earlier = stream.read(self.start).count(b"\n")
                    raise lines.LineError(error.number + earlier, error.reason) from error
        finally:
            gc.set_threshold(*usual)
            gc.enable()

    def send(self, path: Path, connection: Connection) -> None:
        """What a child does: the result goes to a file, and to the parent the exception that stopped it, or None."""
        # An interrupt is for the parent to deal with.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with path.open("wb", buffering=BUFFER) as sink:
                self.transform(sink)
        except Exception as error:
            connection.send(error)
        else:
            connection.send(None)


def transform_file(
    make: Callable[[], tuple[Transform, Context]], source: Path, sink: IO[bytes], *, workers: int = 1
) -> None:
    """Transform a file on several processes, each taking one stretch of it; the output keeps the order of the input.

    `make` compiles the rules and loads the datasets, once in each process. Raises what `transform_stream` does.
    """
    first, *others = [_Part(make, source, start, stop) for start, stop in pairwise(_bounds(source, workers))]
    if not others:
        first.transform(sink)
        return
    # Loading these takes as long as compiling the rules, and few runs need them.
    import multiprocessing
    import shutil
    import tempfile

    methods = multiprocessing.get_all_start_methods()
    fork = "fork" in methods
    context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
    children = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for index, part in enumerate(others):
                path, (receiver, sender) = Path(folder) / str(index), context.Pipe(duplex=False)
                child = context.Process(target=part.send, args=(path, sender), daemon=True)
                child.start()
                sender.close()
                children.append((child, receiver, path))
            # This process has a share too.
            first.transform(sink)
            for _, receiver, path in children:
                _await(receiver)
                with path.open("rb") as done:
                    shutil.copyfileobj(done, sink, BUFFER)
        finally:
            for child, receiver, _ in children:
                receiver.close()
                child.terminate()
                child.join()


def _await(receiver: Connection) -> None:
    """The end of a child's work; raises what it raised."""
    try:
        error = receiver.recv()
    except EOFError:
        raise DataflowError("a worker process was stopped before it was done") from None
    if error is not None:
        raise error


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
