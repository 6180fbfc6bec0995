"""The function reference, rendered from the registry: text for a screen, JSON, and tools/docs/functions.md."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import dataflow.dtl.forms
import dataflow.dtl.functions  # noqa: F401 - importing both fills the registry
from dataflow.diagnostics import did_you_mean
from dataflow.dtl.kinds import listed
from dataflow.dtl.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataflow.dtl.registry import Example, Function

_WIDTH = 18


def reference() -> list[Function]:
    """Everything registered, by chapter and name; transforms and deprecated functions last."""
    return sorted(REGISTRY.values(), key=lambda f: (bool(f.deprecated), f.kind == "transform", f.chapter, f.name))


def named(name: str) -> list[Function]:
    """The expression and the transform of that name, as far as there are."""
    return [function for function in reference() if function.name == name]


def hint(name: str) -> str | None:
    """What somebody who asked for an unknown name may have meant."""
    return did_you_mean(name, sorted({known for known, _ in REGISTRY}))


def overview(functions: Sequence[Function]) -> str:
    """One line a function under its chapter."""
    lines = []
    for chapter, members in itertools.groupby(functions, key=lambda f: f.chapter):
        lines += ["", chapter]
        lines += [f"  {function.name:<{_WIDTH}} {_summary(function)}" for function in members]
    return "\n".join([*lines[1:], "", "`dataflow functions NAME` has the arguments and examples of one."])


def details(functions: Sequence[Function]) -> str:
    """Signatures, description and examples."""
    return "\n\n".join("\n".join(_details(function)) for function in functions)


def _details(function: Function) -> Iterator[str]:
    yield f"{function.name} ({function.kind}, {function.chapter})"
    yield from (f"  {signature}" for signature in _signatures(function))
    yield ""
    yield from (f"  {line}".rstrip() for line in function.doc.splitlines())
    if function.accepts:
        yield f"\n  Takes: {listed(function.accepts)}."
    if function.deprecated:
        yield f"\n  Deprecated {function.deprecated}."
    yield "\n  Examples:"
    for example in function.examples:
        yield from (f"    {line}" for line in _example(example))
    yield f"\n  Rules: hub/dtl/{function.page}"


def as_json(function: Function) -> dict[str, Any]:
    """One function as data."""
    return {
        "name": function.name,
        "kind": function.kind,
        "chapter": function.chapter,
        "signatures": [signature.text for signature in function.signatures],
        "least": function.least,
        "most": function.most,
        "doc": function.doc,
        "accepts": None if function.accepts is None else sorted(function.accepts),
        "gives": None if function.gives is None else sorted(function.gives),
        "deprecated": function.deprecated,
        "page": f"hub/dtl/{function.page}",
        "examples": [
            {"call": example.call, "kind": example.kind, "result": example.result, **_given(example)}
            for example in function.examples
        ],
    }


def markdown() -> str:
    """The page tools/docs/functions.md; every example on it is run as a test."""
    functions = reference()
    lines = [
        "# DTL functions",
        "",
        "Made by `dataflow functions --markdown` from the registry in `tools/dataflow/dtl`; do not edit by hand.",
        f"{len(functions)} entries. Every example here is run as a test. Data is in transit form.",
    ]
    for chapter, members in itertools.groupby(functions, key=lambda f: f.chapter):
        lines += ["", f"## {chapter}"]
        for function in members:
            lines += ["", *_section(function)]
    return "\n".join(lines) + "\n"


def _section(function: Function) -> Iterator[str]:
    yield f"### `{function.name}`{' (transform)' if function.kind == 'transform' else ''}"
    yield ""
    for signature in _signatures(function):
        yield f"- `{signature}`"
    yield ""
    yield function.doc
    if function.accepts:
        yield ""
        yield f"Takes: {listed(function.accepts)}."
    if function.deprecated:
        yield ""
        yield f"Deprecated {function.deprecated}."
    yield ""
    yield "```text"
    for example in function.examples:
        yield from _example(example)
    yield "```"


def _summary(function: Function) -> str:
    paragraph = function.doc.split("\n\n", maxsplit=1)[0].replace("\n", " ")
    sentence = paragraph.split("; ", maxsplit=1)[0].split(". ", maxsplit=1)[0].rstrip(".")
    return sentence if not function.deprecated else f"{sentence} (deprecated)"


def _signatures(function: Function) -> list[str]:
    return [f"{function.name} {signature.text}".rstrip() for signature in function.signatures]


def _example(example: Example) -> Iterator[str]:
    yield _text(example.call)
    for name, value in _given(example).items():
        yield f"  with {name} {_text(value)}"
    if example.kind == "error":
        yield "  -> fails"
    elif example.kind == "discarded":
        yield "  -> the entity is filtered" if example.result else "  -> the entity is discarded"
    elif example.kind == "type":
        yield f"  -> a value of type {example.result['type']}"
    else:
        yield f"  -> {_text(example.result)}"


def _given(example: Example) -> dict[str, Any]:
    """What surrounds the call, as far as there is any."""
    given = {
        "_S": example.source,
        "_T": example.target,
        "rules": example.rules,
        "datasets": example.datasets,
        "secrets": example.secrets,
        "namespaced_identifiers": example.namespaced or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
