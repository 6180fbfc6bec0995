"""Stand-ins for what is outside a node: a sink that keeps what it gets, and a source that is asked for what is new."""

from dataflow.errors import PumpFailed
from dataflow.node.sources.continuation import Strategy
from dataflow.node.sources.pulled import Pulled


class Collector:
    """A sink for every pipe with a sink of its type. `refuses` says of a batch why it is refused, None to take it.

    `breaks` is "begin" or "end" for what fails. `calls` are begin, end and abort; `batches` what was taken, `attempts` what was
    offered.
    """

    def __init__(self, refuses=lambda batch: None):
        self.refuses = refuses
        self.breaks = None
        self.calls = []
        self.attempts = []
        self.batches = []

    def __call__(self, pipe):
        return self

    @property
    def makers(self):
        return {"rest": self, "json": self}

    @property
    def ids(self):
        return [entity["_id"] for batch in self.batches for entity in batch]

    def begin(self, *, full):
        self._break("begin")
        self.calls.append("full" if full else "incremental")

    def write(self, batch):
        self.attempts.append([entity["_id"] for entity in batch])
        if (reason := self.refuses(batch)) is not None:
            raise PumpFailed(reason)
        self.batches.append(list(batch))

    def end(self):
        self._break("end")
        self.calls.append("end")

    def _break(self, name):
        if self.breaks == name:
            raise PumpFailed(f"no {name}")

    def abort(self):
        self.calls.append("abort")


class Table(Pulled):
    """A source outside: `rows` with `_updated`. `strategy` is chronological, max or none; `faults` fail the next readings."""

    def __init__(self, strategy="chronological", rows=()):
        self.strategy = strategy
        self.rows = list(rows)
        self.faults = []
        self.asked = []

    def __call__(self, pipe, around):
        super().__init__(pipe, Strategy(self.strategy))
        return self

    def entities(self, since):
        self.asked.append(since)
        for row in self.rows:
            if since is None or row["_updated"] > since:
                if self.faults and row["_id"] == self.faults[0]:
                    self.faults.pop(0)
                    raise PumpFailed(f"lost the connection before {row['_id']}")
                yield row


def refusing(*ids, reason="no"):
    """Refuses every batch with one of these entities in it."""
    return lambda batch: reason if any(entity["_id"] in ids for entity in batch) else None


def sender(pipe_id, dataset, *rule, kind="json", **properties):
    """A pipe from a dataset to a sink outside."""
    config = {"_id": pipe_id, "type": "pipe", "source": {"type": "dataset", "dataset": dataset}}
    if rule:
        config["transform"] = {"type": "dtl", "rules": {"default": list(rule)}}
    sink = {"type": kind, "system": "s", **properties.pop("sink", {})}
    return {**config, "sink": sink, **properties}
