"""A pipe as it takes effect under one profile, with its parts still traceable to the file.

Rules: hub/documentation/service-configuration/pipes; sesam-py 2.11 (classes of pipes).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from dataflow import references, schema
from dataflow.effective import Part, Resolver, global_defaults, namespace_defaults, with_default_sink
from dataflow.errors import FindingsError
from dataflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.dtl import Namespaces, Transform
    from dataflow.memory import Memory
    from dataflow.source import Document


@dataclass(frozen=True)
class Step:
    """One transform that takes effect; `pointer` is its place in the file, `compiled` its DTL when it is a dtl transform."""

    config: dict[str, Any]
    pointer: str
    compiled: Transform | None = None


@dataclass(frozen=True)
class Pipe:
    """`original` is as written, `config` as it takes effect; `source_at` and `sink_at` are the places of the parts chosen.

    `datasets` are all the datasets it reads, hops to or waits for; `systems` are those of every alternative, with the part
    that names them; `prefixes` are the namespaces that the metadata declares. `digest` stands for everything that findings about
    the pipe by itself depend on, when it was read with a memory.
    """

    id: str
    document: Document
    original: dict[str, Any]
    config: dict[str, Any]
    source_at: str = "/source"
    sink_at: str = "/sink"
    transforms: tuple[Step, ...] = ()
    datasets: tuple[Reference, ...] = ()
    systems: tuple[tuple[Reference, Part], ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @cached_property
    def source(self) -> dict[str, Any]:
        return _object(self.config.get("source"))

    @cached_property
    def sink(self) -> dict[str, Any]:
        return _object(self.config.get("sink"))

    @cached_property
    def pump(self) -> dict[str, Any]:
        return _object(self.config.get("pump"))

    @property
    def kind(self) -> str:
        """One of "input", "endpoint", "internal", "output", by the client's rules: it verifies endpoint and output pipes."""
        if self.source.get("type") == "embedded":
            return "input"
        if str(self.sink.get("type")).endswith("_endpoint"):
            return "endpoint"
        return "internal" if self.sink.get("dataset") else "output"

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The datasets the source reads, in its order."""
        return self._named("source")

    @cached_property
    def hops(self) -> tuple[str, ...]:
        """The datasets the transforms hop to or look up in, each once."""
        return self._named("hop")

    @cached_property
    def writes(self) -> str | None:
        """The dataset the sink writes."""
        dataset = self.sink.get("dataset") if self.sink.get("type") in ("dataset", "replicated_dataset") else None
        return dataset if type(dataset) is str else None

    @property
    def namespaces_given(self) -> dict[str, Any]:
        """What DTL needs to know of the pipe's namespaces, as plain values."""
        given = self.config["namespaces"]
        return {
            "identity": given["identity"],
            "property": given["property"],
            "enabled": self.config["namespaced_identifiers"],
            "prefixes": dict(self.prefixes),
        }

    @cached_property
    def namespaces(self) -> Namespaces:
        """The same as DTL wants it."""
        from dataflow.dtl import Namespaces

        return Namespaces(**self.namespaces_given)

    def _named(self, kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.name for one in self.datasets if one.kind == kind))


def read_pipe(
    name: str,
    document: Document,
    env: Mapping[str, Any],
    metadata: Mapping[str, Any],
    memory: Memory | None = None,
) -> tuple[Pipe, list[Diagnostic]]:
    """The pipe that a file with an object in it describes, and what is wrong with it, as far as the file itself tells.

    With a `memory` its DTL is checked, but not made ready to run: a step is compiled only if the memory does not know its rules.
    """
    resolver = Resolver(document, env)
    filled: dict[str, Any] = resolver.filled()
    source = resolver.chosen("source", Part(filled.get("source", {}), "/source"))
    sink = resolver.chosen("sink", Part(filled.get("sink", {}), "/sink"))
    sink = Part(with_default_sink(sink.config, name), sink.pointer)
    steps = list(resolver.steps(Part(filled["transform"], "/transform"))) if "transform" in filled else []
    config = {**filled, "_id": name, "source": source.config, "sink": sink.config, "pump": filled.get("pump", {})}
    if steps:
        config["transform"] = [step.config for step in steps]
    config |= namespace_defaults(config, metadata)
    config |= global_defaults(config, metadata)
    digest = "" if memory is None else _digest(memory, document, env, metadata)
    declared = _object(_object(metadata.get("namespaces")).get("default"))
    pipe = Pipe(
        name,
        document,
        document.value,
        config,
        source.pointer,
        sink.pointer,
        datasets=tuple(_datasets(document, filled, source, steps, partial(_hops, memory, digest))),
        systems=tuple(references.systems_used(filled)),
        prefixes={prefix: url for prefix, url in declared.items() if type(url) is str},
        digest=digest,
    )

    def looked_at(*, compiling: bool) -> tuple[tuple[Step, ...], list[Diagnostic]]:
        checked = map(resolver.weighed, schema.check("pipe", filled, document))
        transforms, faults = _compiled(pipe, steps)
        return transforms if compiling else (), [*checked, *_schedule(document, _object(filled.get("pump"))), *faults]

    if memory is None:
        transforms, found = looked_at(compiling=True)
    else:
        transforms = tuple(Step(_object(step.config), step.pointer, None) for step in steps)
        remembered = memory.recall(f"pipe {digest}")
        if remembered is None:
            found = looked_at(compiling=False)[1]
            memory.keep(f"pipe {digest}", found)
        else:
            found = [document.placed(one) for one in remembered]
    return replace(pipe, transforms=transforms), [*found, *resolver.faults, *resolver.unresolved()]


def _schedule(document: Document, pump: dict[str, Any]) -> Iterator[Diagnostic]:
    given = {name: pump.get(name) for name in ("cron_expression", "rescan_cron_expression")}
    texts = {name: text for name, text in given.items() if type(text) is str and "$ENV(" not in text}
    if not texts:
        return
    from dataflow.cron import Cron, CronError

    for name, text in texts.items():
        try:
            Cron(text)
        except CronError as error:
            yield document.diagnostic("DF205", str(error), f"/pump/{name}", expected="a cron expression, as 0 12 * * ?")


def _digest(memory: Memory, document: Document, env: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    varies = "$ENV(" in document.text or "\\u" in document.text
    file = None if document.path is None else document.path.name
    return memory.key(file, document.text, env if varies else None, metadata)


def _datasets(
    document: Document,
    filled: dict[str, Any],
    source: Part,
    steps: Sequence[Part],
    hops: Callable[[Any, str], list[Reference]],
) -> Iterator[Reference]:
    source = Part(_object(source.config), source.pointer)
    yield from references.source_datasets(source)
    yield from references.awaited_datasets(source, filled)
    # DTL is long, and few pipes look anything up.
    looks_up = [step for step in steps if any(word in document.text for word in references.LOOKING_UP)]
    for step in looks_up:
        yield from hops(_object(step.config).get("rules"), f"{step.pointer}/rules")
        yield from references.template_datasets(step)


def _hops(memory: Memory | None, digest: str, rules: Any, at: str) -> list[Reference]:
    """What rules that stand at a pointer look into."""
    known = None if memory is None else memory.fact(f"hops {digest} {at}")
    if known is None:
        known = [[hop.name, at + hop.pointer] for hop in references.hop_datasets(rules)]
        if memory is not None:
            memory.keep_fact(f"hops {digest} {at}", known)
    return [Reference(name, pointer, "hop") for name, pointer in known]


def _compiled(pipe: Pipe, steps: Sequence[Part]) -> tuple[tuple[Step, ...], list[Diagnostic]]:
    """The transforms, those of DTL compiled; their faults are located in the file."""
    transforms: list[Step] = []
    findings: list[Diagnostic] = []
    for step in steps:
        config, compiled = _object(step.config), None
        if config.get("type") == "dtl" and type(config.get("rules")) is dict:
            compiled, faults = _compile(pipe, config)
            at = f"{step.pointer}/rules"
            located = (pipe.document.placed(fault, at) for fault in faults)
            findings += (fault for fault in located if not _decided_by_profile(pipe.document, fault))
        transforms.append(Step(config, step.pointer, compiled))
    return tuple(transforms), findings


def _compile(pipe: Pipe, config: dict[str, Any]) -> tuple[Transform | None, list[Diagnostic]]:
    from dataflow.dtl import compile_rules

    required = config.get("id_required", True) is True
    try:
        compiled = compile_rules(config["rules"], pipe_id=pipe.id, namespaces=pipe.namespaces, id_required=required)
    except FindingsError as error:
        return None, error.diagnostics
    return compiled, compiled.warnings


def _decided_by_profile(document: Document, fault: Diagnostic) -> bool:
    """Whether what is never reached is so under this profile only: variables have a part in the expression around it."""
    if fault.code not in ("DF414", "DF415"):
        return False
    around = document.value
    for key in (fault.pointer or "").split("/")[1:-1]:
        around = around[int(key) if type(around) is list else key.replace("~1", "/").replace("~0", "~")]
    return "$ENV(" in json.dumps(around)


def _object(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}
