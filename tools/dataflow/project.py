"""The package as objects: its pipes and systems as they take effect under one profile, and everything that is wrong with them.

Rules: hub/documentation/service-configuration; sesam-py 2.11, README (files of a configuration, profiles).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow import references, schema
from dataflow.diagnostics import Severity
from dataflow.effective import Resolver
from dataflow.errors import FindingsError, UsageError
from dataflow.pipe import Pipe, Step, read_pipe
from dataflow.source import parse_json, read_json, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.memory import Memory
    from dataflow.source import Document

__all__ = [
    "Pipe",
    "Project",
    "Step",
    "System",
    "component_noun",
    "find_root",
    "load_project",
    "project_of",
    "read_project",
]

PROFILE = "test"
METADATA = "node-metadata.conf.json"
SUFFIX = ".conf.json"
FOLDERS = {"pipe": "pipes", "system": "systems"}


@dataclass(frozen=True)
class System:
    """`original` is as written, `config` as it takes effect; `unresolved` are the variables that have no value."""

    id: str
    document: Document
    original: dict[str, Any]
    config: dict[str, Any]
    unresolved: tuple[Diagnostic, ...] = ()


@dataclass
class Project:
    """One package under one profile. `diagnostics` is everything found in it; `documents` are its files by relative path.

    `unusable` are the pipes whose file gave none, by the name of the file, with what is wrong there. `spelt` has the ids as they
    are written, by noun and lower case. `unsaved` are texts, by path, that stand for what the files hold.
    """

    root: Path
    profile: str
    env: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    pipes: dict[str, Pipe] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    unusable: dict[str, Diagnostic] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict, repr=False)
    memory: Memory | None = field(default=None, repr=False)
    unsaved: Mapping[Path, str] = field(default_factory=dict, repr=False)

    @property
    def warnings(self) -> list[Diagnostic]:
        return [d for d in self.diagnostics if d.severity is not Severity.ERROR]

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.diagnostics if d.severity is Severity.ERROR]


def find_root(start: Path | None = None) -> Path:
    """The package that `start` (the current directory when not given) is in. Raises UsageError when it is in none."""
    folder = (start or Path.cwd()).resolve()
    if not folder.is_dir():
        raise UsageError(f"{shown(folder)} is not a folder")
    for candidate in (folder, *folder.parents):
        if (candidate / METADATA).is_file() or any(True for noun in FOLDERS for _ in _files(candidate, noun)):
            return candidate
    looked_for = f"{METADATA}, pipes/*{SUFFIX} or systems/*{SUFFIX}"
    raise UsageError(f"{folder.as_posix()} is not in a package: neither it nor a folder above it holds {looked_for}")


def load_project(root: Path, profile: str = PROFILE, variables: Mapping[str, Any] | None = None) -> Project:
    """Read and check a whole package; `variables` stand over those of the profile.

    Raises FindingsError with every diagnostic when one of them is an error.
    """
    project = read_project(root, profile, variables)
    if project.errors:
        raise FindingsError(project.diagnostics)
    return project


def read_project(
    root: Path,
    profile: str = PROFILE,
    variables: Mapping[str, Any] | None = None,
    *,
    memory: Memory | None = None,
    unsaved: Mapping[Path, str] | None = None,
    only: Sequence[Path] | None = None,
) -> Project:
    """The same without raising for findings: what could be read is there. Raises UsageError for a profile that is missing.

    With a `memory` the pipes are only checked and cannot run (`pipe.read_pipe`). `unsaved` texts count instead of their files.
    Of the pipes `only` those in some files are read, when not all; then what they refer to is not looked for.
    """
    project = Project(root, profile, memory=memory, unsaved=unsaved or {})
    path = _profile(root, profile)
    project.env = {**(_object(project, path)[1] if path.is_file() else {}), **(variables or {})}
    if (root / METADATA).is_file():
        document, _ = _object(project, root / METADATA)
        project.metadata = {} if document is None else _metadata(project, document)
    unreadable: set[str] = set()
    for noun, add in (("system", _add_system), ("pipe", _add_pipe)):
        for path in _files(root, noun) if only is None or noun != "pipe" else only:
            before = len(project.diagnostics)
            document, value = _object(project, path)
            name = None if document is None else _identity(project, noun, document, value)
            if document is not None and name is not None:
                add(project, name, document)
                continue
            stem = path.name.removesuffix(SUFFIX)
            unreadable.add(stem)
            if noun == "pipe":
                project.unusable[stem] = project.diagnostics[before]
    if only is None:
        _check_references(project, unreadable)
    return project


def pipe_files(root: Path) -> list[Path]:
    """Where a package has its pipes."""
    return list(_files(root, "pipe"))


def project_of(documents: Iterable[Document], env: Mapping[str, Any]) -> Project:
    """The package made of components that come from elsewhere than a folder, each an object; what is wrong is in `diagnostics`.

    A document that has a path is expected to be named after its component, as in a folder.
    """
    project = Project(Path(), PROFILE, dict(env))
    nouns: dict[str, list[Document]] = {"metadata": [], "system": [], "pipe": []}
    for document in documents:
        nouns[component_noun(document.value)].append(document)
    for extra in nouns["metadata"][1:]:
        project.diagnostics.append(extra.diagnostic("DF207", "there is metadata already", "/type"))
    for document in nouns["metadata"][:1]:
        project.metadata = _metadata(project, document)
    unusable: set[str] = set()
    for noun, add in (("system", _add_system), ("pipe", _add_pipe)):
        for document in nouns[noun]:
            name = _identity(project, noun, document, document.value)
            if name is None:
                unusable.add(str(document.value.get("_id")))
            else:
                add(project, name, document)
    _check_references(project, unusable)
    return project


def component_noun(component: Mapping[str, Any]) -> str:
    """What a component is by its type: "metadata", "system", or "pipe" for whatever is neither."""
    kind = component.get("type")
    if kind == "metadata":
        return "metadata"
    return "system" if type(kind) is str and kind.startswith("system") else "pipe"


def _check_references(project: Project, unreadable: set[str]) -> None:
    project.diagnostics += references.dangling(project, frozenset(unreadable))
    used = {use.name for pipe in project.pipes.values() for use, _ in references.systems_used(pipe.config)}
    for system in project.systems.values():
        project.diagnostics += system.unresolved if system.id in used else ()


def _files(root: Path, noun: str) -> Iterator[Path]:
    return iter(sorted((root / FOLDERS[noun]).rglob("*" + SUFFIX)))


def _profile(root: Path, profile: str) -> Path:
    path = root / f"{profile}-env.json"
    if not path.is_file() and profile != PROFILE:
        known = ", ".join(sorted(p.name.removesuffix("-env.json") for p in root.glob("*-env.json")))
        raise UsageError(f'no profile "{profile}": {shown(path)} is missing; there is {known or "none"}')
    return path


def _object(project: Project, path: Path) -> tuple[Document | None, dict[str, Any]]:
    """A file and the object in it; no file when it cannot be used."""
    try:
        text = project.unsaved.get(path)
        document = read_json(path, tolerant=True) if text is None else parse_json(text, path, tolerant=True)
    except FindingsError as error:
        project.diagnostics += error.diagnostics
        return None, {}
    project.diagnostics += document.repeated
    # The client writes profiles with the mark, and reads them either way.
    if document.marked and path.name.endswith(SUFFIX):
        hint = "save the file as UTF-8 without a mark"
        message = "the file begins with a byte order mark"
        project.diagnostics.append(document.diagnostic("DF110", message, severity=Severity.WARNING, hint=hint))
    project.documents[path.relative_to(project.root).as_posix()] = document
    if type(document.value) is dict:
        return document, document.value
    message = f"the file holds {schema.described(document.value)}"
    project.diagnostics.append(document.diagnostic("DF201", message, expected="an object"))
    return None, {}


def _metadata(project: Project, document: Document) -> dict[str, Any]:
    resolver = Resolver(document, project.env)
    config: dict[str, Any] = resolver.filled()
    project.diagnostics += schema.check("metadata", config, document, "")
    project.diagnostics += [*resolver.faults, *resolver.unresolved()]
    return config


def _identity(project: Project, noun: str, document: Document, value: Mapping[str, Any]) -> str | None:
    """The `_id` of a component when it can be used; DF2xx for what is wrong about it."""
    name = value.get("_id")
    if type(name) is not str or not name:
        message = f'the {noun} needs an "_id"'
        project.diagnostics.append(document.diagnostic("DF202", message, "/_id", expected="a string"))
        return None
    known: Mapping[str, Pipe | System] = project.pipes if noun == "pipe" else project.systems
    # A node names its files in lower case, so ids that differ in case alone would share one.
    same = project.spelt.setdefault(f"{noun} {name.lower()}", name)
    if same in known:
        message = f'{noun} "{same}" is there already, in {known[same].document.file}'
        project.diagnostics.append(document.diagnostic("DF207", message, "/_id", hint="give one of them another _id"))
        return None
    file = name.lower() + SUFFIX
    if "/" in name:
        message = f'_id "{name}" has a slash in it'
        project.diagnostics.append(document.diagnostic("DF205", message, "/_id", expected="any character but /"))
    elif document.path is not None and document.path.name != file:
        message = f'the file of {noun} "{name}" is called {document.path.name}'
        project.diagnostics.append(
            document.diagnostic("DF206", message, "/_id", severity=Severity.WARNING, expected=file)
        )
    return name


def _add_system(project: Project, name: str, document: Document) -> None:
    resolver = Resolver(document, project.env)
    config: dict[str, Any] = resolver.filled()
    project.diagnostics += schema.check("system", config, document, "")
    project.diagnostics += resolver.faults
    project.systems[name] = System(name, document, document.value, config, tuple(resolver.unresolved()))


def _add_pipe(project: Project, name: str, document: Document) -> None:
    project.pipes[name], findings = read_pipe(name, document, project.env, project.metadata, project.memory)
    project.diagnostics += findings
