"""The package that is open in an editor: its files as they are there, saved or not, and what is wrong with them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow.errors import DataflowError, FindingsError
from dataflow.memory import Memory
from dataflow.pipe import read_pipe
from dataflow.project import PROFILE, SUFFIX, find_root, read_project
from dataflow.rules import validate
from dataflow.source import parse_json

if TYPE_CHECKING:
    from dataflow.diagnostics import Diagnostic
    from dataflow.project import Project


class Workspace:
    """One package; `texts` are the files that are open, by path."""

    def __init__(self, folder: Path, profile: str = PROFILE) -> None:
        """Raises UsageError when the folder is in no package."""
        self.root = find_root(folder)
        self.texts: dict[Path, str] = {}
        self._profile = profile
        self._memory = Memory.of_user()
        self._project: Project | None = None
        self._whole: dict[Path, list[Diagnostic]] = {}

    @property
    def project(self) -> Project:
        """The package as it was when it was last looked at as a whole."""
        return self._project if self._project is not None else self._read()

    def change(self, path: Path, text: str | None) -> None:
        """Take in the text of an open file; None when it is closed, so that what is saved counts again."""
        if text is None:
            self.texts.pop(path, None)
        else:
            self.texts[path] = text

    def whole(self) -> dict[Path, list[Diagnostic]]:
        """Everything `dataflow validate` says, by file; files that had findings before are there, if only with none."""
        before = set(self._whole)
        self._whole = {}
        try:
            for one in validate(self._read()).findings:
                self._whole.setdefault(Path(one.file or "").absolute(), []).append(one)
        except DataflowError:
            return {}
        self._memory.save()
        return {**{path: [] for path in before}, **self._whole}

    def quick(self, path: Path) -> list[Diagnostic]:
        """What is wrong with one open file by itself at once, and what the package as a whole said of it last."""
        text = self.texts.get(path, "")
        try:
            document = parse_json(text, path, tolerant=True)
        except FindingsError as error:
            return error.diagnostics
        found = list(document.repeated)
        seen = {"DF103"}
        if path.parent.name == "pipes" and type(document.value) is dict and type(document.value.get("_id")) is str:
            project = self.project
            found += read_pipe(document.value["_id"], document, project.env, project.metadata, self._memory)[1]
            seen |= {one.code for one in self._whole.get(path, ()) if one.code[:3] in ("DF1", "DF2", "DF4")}
        rest = [one for one in self._whole.get(path, ()) if one.code not in seen]
        kept = []
        for one in rest:
            line, column = document.locate(one.pointer or "")
            kept.append(replace(one, line=line, column=column))
        return [*found, *kept]

    def latest(self, path: Path) -> Any:
        """What a file holds, or held when it last was JSON; None when that is not known."""
        with suppress(FindingsError):
            return parse_json(self.texts[path], path, tolerant=True).value
        documents = (one for one in self.project.documents.values() if one.path == path)
        return next((one.value for one in documents), None)

    def _read(self) -> Project:
        self._project = read_project(self.root, self._profile, memory=self._memory, unsaved=self.texts)
        return self._project


def is_component(path: Path) -> bool:
    """Whether a file is one of a package's components."""
    return path.name.endswith(SUFFIX)
