"""The configuration of a node that runs: components, and variables, checked as a whole.

Rules: hub/swagger_public.yaml (`/config`, `/env`, definition PipeConfigError). A node is laxer than a package: it does not mind how
files are called, and a dataset that nobody writes is empty, since an upload may leave pipes out on purpose (sesam-py 2.11,
`-whitelist-file`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.errors import DataflowError, FindingsError
from dataflow.node.bundle import document_of
from dataflow.project import component_noun, project_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dataflow.diagnostics import Diagnostic
    from dataflow.project import Project
    from dataflow.source import Document

# By as many components, and by such a part of them, a configuration may shrink where the metadata asks for a limit.
MOST_DELETED = 10
LARGEST_PART = 0.1

_NOT_ASKED = frozenset({"DF206", "DF208"})
_NO_OBSTACLE = frozenset({"DF301"})


@dataclass(frozen=True)
class Configuration:
    """`documents` are the components as they came, in their order; `project` is what they mean under `env`."""

    documents: tuple[Document, ...] = ()
    env: Mapping[str, Any] | None = None

    @cached_property
    def project(self) -> Project:
        return project_of(self.documents, self.env or {})

    @property
    def components(self) -> list[dict[str, Any]]:
        return [document.value for document in self.documents]

    @cached_property
    def findings(self) -> list[Diagnostic]:
        """Everything that is wrong, by a node's measure."""
        return [
            replace(found, severity=Severity.WARNING) if found.code in _NO_OBSTACLE else found
            for found in self.project.diagnostics
            if found.code not in _NOT_ASKED
        ]

    @property
    def is_valid(self) -> bool:
        return not any(found.severity is Severity.ERROR for found in self.findings)

    def findings_of(self, document: Document) -> list[Diagnostic]:
        return [found for found in self.findings if found.file == document.file]

    @cached_property
    def broken(self) -> dict[str, FindingsError]:
        """The pipes that have errors, by id."""
        errors = {pipe.id: _errors(self.findings_of(pipe.document)) for pipe in self.project.pipes.values()}
        return {pipe_id: FindingsError(found) for pipe_id, found in errors.items() if found}

    def validation_errors(self) -> list[dict[str, Any]]:
        """The findings as a node answers them, one element per component that has any."""
        found = [(document, self.findings_of(document)) for document in self.documents]
        return [{"posted-config": d.value, "config-errors": config_errors(faults)} for d, faults in found if faults]

    def with_env(self, env: Mapping[str, Any]) -> Configuration:
        return Configuration(self.documents, dict(env))

    def with_documents(self, documents: Iterable[Document]) -> Configuration:
        return Configuration(tuple(documents), self.env)

    def without(self, unwanted: Callable[[dict[str, Any]], bool]) -> Configuration:
        return self.with_documents(document for document in self.documents if not unwanted(document.value))

    def with_component(self, component: dict[str, Any]) -> Configuration:
        """A component replaces the one of its kind and id, or is added at the end."""
        new, key = document_of(component), _key(component)
        if any(_key(document.value) == key for document in self.documents):
            return self.with_documents(new if _key(old.value) == key else old for old in self.documents)
        return self.with_documents((*self.documents, new))


class TooManyDeletions(DataflowError):
    """A configuration lacks more of the components that are there than the metadata lets go at once."""


def check_deletions(old: Configuration, new: Configuration) -> None:
    """`use_config_circuit_breaker` of the metadata in force (configuration-metadata.rst). Raises TooManyDeletions."""
    metadata = next((one for one in old.components if component_noun(one) == "metadata"), {})
    defaults = metadata.get("global_defaults")
    if type(defaults) is not dict or defaults.get("use_config_circuit_breaker") is not True:
        return
    before = {_key(component) for component in old.components}
    deleted = len(before - {_key(component) for component in new.components})
    if deleted > MOST_DELETED and deleted > LARGEST_PART * len(before):
        raise TooManyDeletions(
            f"{deleted} of {len(before)} components would be deleted, which use_config_circuit_breaker forbids; "
            "delete them in smaller steps, or say force"
        )


def config_errors(findings: Iterable[Diagnostic]) -> list[dict[str, str]]:
    """Findings in the shape of PipeConfigError, their place in the message."""
    return [
        {
            "level": "error" if found.severity is Severity.ERROR else "warning",
            "elements": json_path(found.pointer or ""),
            "msg": _message(found),
        }
        for found in findings
    ]


def json_path(pointer: str) -> str:
    """A JSON pointer as the path that the platform shows: $['source']['type'], $['transform'][0]."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return "$" + "".join(f"[{step}]" if re.fullmatch("[0-9]+", step) else f"['{step}']" for step in steps)


def _message(found: Diagnostic) -> str:
    more = [f"expected {found.expected}" if found.expected else "", found.hint or ""]
    text = "; ".join([found.message, *(one for one in more if one)])
    return f"{text} [{found.code} {found.place}]" if found.place else f"{text} [{found.code}]"


def _errors(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [found for found in findings if found.severity is Severity.ERROR]


def _key(component: Mapping[str, Any]) -> tuple[str, Any]:
    noun = component_noun(component)
    return noun, None if noun == "metadata" else component.get("_id")
