"""Effective configuration: what a component means once variables are filled in, conditions decided and defaults added.

Rules: hub/documentation/service-configuration/environment-variables.rst, configuration-sources-conditional.rst (and its twins for
transforms and sinks), configuration-sinks-dataset.rst; hub/features/namespaces.rst.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity, did_you_mean
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.diagnostics import Diagnostic
    from dataflow.source import Document

# Sources and sinks that add and remove namespaces unless the pipe says otherwise (features/namespaces.rst; decision 0444).
ADDING_SOURCES = frozenset({"csv", "embedded", "http_endpoint", "json", "kafka", "ldap", "sql"})
REMOVING_SINKS = frozenset(
    {
        "csv_endpoint",
        "elasticsearch",
        "excel_endpoint",
        "http_endpoint",
        "json",
        "kafka",
        "mail",
        "rest",
        "sms",
        "solr",
        "sql",
    }
)

# Where something stands: within what, and by which key; a pointer is made of it only for what is found there.
Place = tuple["Place", str | int] | None
_VARIABLE = re.compile(r"\$ENV\(([^()]*)\)")
_CONDITIONAL_PROPERTIES = "$conditional_properties"


@dataclass(frozen=True, slots=True)
class Part:
    """A source, transform or sink, and the JSON pointer at which the file has it."""

    config: Any
    pointer: str


@dataclass
class Resolver:
    """Works out one component; what it finds wrong gathers in `faults`."""

    document: Document
    env: Mapping[str, Any]
    faults: list[Diagnostic] = field(default_factory=list)
    _missing: dict[str, list[str]] = field(default_factory=dict)
    _unused: list[str] = field(default_factory=list)

    def filled(self) -> Any:
        """The component with its variables filled in and its conditional properties decided; not to be changed."""
        value, text = self.document.value, self.document.text
        # Most components have neither, and a copy of one takes as long as everything else.
        if "$ENV(" in text or "\\u" in text:
            value = self._filled_text(value, None) if type(value) is str else self._fill(value, None)
        if _CONDITIONAL_PROPERTIES in text or "\\u" in text:
            value = self._properties(value, "")
        return value

    def chosen(self, noun: str, part: Part) -> Part:
        """The part itself, or the alternative its condition selects."""
        while _is_conditional(part.config):
            inner = self._alternative(part.config, part.pointer, noun)
            if inner is None:
                break
            part = inner
        return part

    def steps(self, part: Part) -> Iterator[Part]:
        """Every transform that takes effect, in order: lists and chains are laid out flat."""
        part = self.chosen("transform", part)
        inner = _members(part)
        if inner is None:
            yield part
        else:
            for step in inner:
                yield from self.steps(step)

    def unresolved(self) -> Iterator[Diagnostic]:
        """DF303 for each variable without a value in a part that takes effect; to be asked for once everything is chosen."""
        for pointer, names in self._missing.items():
            if self._is_unused(pointer):
                continue
            for name in names:
                yield self.document.diagnostic(
                    "DF303",
                    f'environment variable "{name}" has no value',
                    pointer,
                    hint=did_you_mean(name, self.env) or "give it a value in the profile's -env.json",
                )

    def weighed(self, finding: Diagnostic) -> Diagnostic:
        """The finding, but no more than a warning where it is about an alternative that does not take effect."""
        if finding.severity is Severity.ERROR and self._is_unused(finding.pointer or ""):
            return replace(finding, severity=Severity.WARNING)
        return finding

    def _is_unused(self, pointer: str) -> bool:
        return any(pointer == unused or pointer.startswith(unused + "/") for unused in self._unused)

    def _fill(self, value: Any, at: Place) -> Any:
        """The value with its variables filled in; the value itself where it has none, as most have."""
        filled: Any = None
        for key, inner in value.items() if type(value) is dict else enumerate(value):
            kind = type(inner)
            # A call for each text would take longer than all the rest.
            if kind is str:
                new = self._filled_text(inner, (at, key)) if "$ENV(" in inner else inner
            else:
                new = self._fill(inner, (at, key)) if kind is dict or kind is list else inner
            if new is not inner:
                filled = value.copy() if filled is None else filled
                filled[key] = new
        return value if filled is None else filled

    def _filled_text(self, text: str, at: Place) -> Any:
        missing = [name for name in _VARIABLE.findall(text) if name not in self.env]
        if missing:
            self._missing[_pointer(at)] = missing
        whole = _VARIABLE.fullmatch(text)
        if whole:
            return copy.deepcopy(self.env.get(whole[1], text))
        return _VARIABLE.sub(lambda found: _text(self.env.get(found[1], found[0])), text)

    def _properties(self, value: Any, pointer: str) -> Any:
        """Conditional properties replace their neighbours; transforms and embedded entities have none (environment-variables.rst).

        Entities stand in a list, and lists are not looked into.
        """
        if type(value) is not dict:
            return value
        value = {
            key: inner if key == "transform" else self._properties(inner, f"{pointer}/{escaped(key)}")
            for key, inner in value.items()
        }
        if type(value.get(_CONDITIONAL_PROPERTIES)) is dict:
            condition = value.pop(_CONDITIONAL_PROPERTIES)
            chosen = self._alternative(condition, f"{pointer}/{_CONDITIONAL_PROPERTIES}", "set of properties")
            if chosen is not None and type(chosen.config) is dict:
                value |= chosen.config
        return value

    def _alternative(self, config: dict[str, Any], pointer: str, noun: str) -> Part | None:
        alternatives = config.get("alternatives")
        if type(alternatives) is not dict or "condition" not in config:
            return None
        key = _text(config["condition"])
        self._unused += [f"{pointer}/alternatives/{escaped(name)}" for name in alternatives if name != key]
        if key in alternatives:
            return Part(alternatives[key], f"{pointer}/alternatives/{escaped(key)}")
        if f"{pointer}/condition" not in self._missing:
            # A variable is one for the whole package, so it is hardly ever what is wrong.
            varies = "$ENV(" in _text(self._written(pointer).get("condition", ""))
            self.faults.append(
                self.document.diagnostic(
                    "DF205",
                    f'there is no alternative "{key}" of this {noun}',
                    f"{pointer}/{'alternatives' if varies else 'condition'}",
                    expected=", ".join(f'"{name}"' for name in alternatives),
                    hint=did_you_mean(key, alternatives),
                )
            )
        return None

    def _written(self, pointer: str) -> dict[str, Any]:
        """The object at a pointer as it stands in the file; nothing where a variable stands for what is around it."""
        value: Any = self.document.value
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if type(value) not in (dict, list):
                return {}
            value = value[int(key)] if type(value) is list else value.get(key)
        return value if type(value) is dict else {}


def every_part(part: Part) -> Iterator[Part]:
    """The part, or all the alternatives and links of a chain it may turn into, whether they take effect or not."""
    inner = _members(part)
    if inner is None and _is_conditional(part.config) and type(part.config.get("alternatives")) is dict:
        at = f"{part.pointer}/alternatives"
        inner = [Part(config, f"{at}/{escaped(name)}") for name, config in part.config["alternatives"].items()]
    if inner is None:
        yield part
    else:
        for one in inner:
            yield from every_part(one)


def with_default_sink(sink: Any, pipe_id: str) -> Any:
    """A sink with what is implied: a dataset sink into the dataset named like the pipe."""
    if type(sink) is not dict:
        return sink
    sink = sink if "type" in sink else {"type": "dataset", **sink}
    if sink["type"] in ("dataset", "replicated_dataset") and "dataset" not in sink:
        sink = {**sink, "dataset": pipe_id}
    return sink


def namespace_defaults(config: dict[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The namespace properties of a pipe whose source and sink are effective: given ones as they are, the others by default."""
    enabled = config.get("namespaced_identifiers", metadata.get("namespaced_identifiers", False)) is True
    given = config.get("namespaces")
    return {
        "namespaced_identifiers": enabled,
        "namespaces": {
            "identity": config["_id"],
            "property": config["_id"],
            **{key: value for key, value in (given if type(given) is dict else {}).items() if type(value) is str},
        },
        "add_namespaces": config.get("add_namespaces", enabled and _type(config["source"]) in ADDING_SOURCES),
        "remove_namespaces": config.get("remove_namespaces", enabled and _type(config["sink"]) in REMOVING_SINKS),
    }


# Defaults that the metadata may set for all pipes, and the sources they are for (None: every source).
READING_DATASETS = frozenset({"dataset", "merge", "merge_datasets", "union_datasets", "diff_datasets"})
_OF_SOURCES: dict[str, frozenset[str] | None] = {"if_source_empty": None, "require_populated_input": READING_DATASETS}
_OF_PUMPS = ("run_at_startup_if_not_populated",)


def global_defaults(config: dict[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Source and pump of a pipe with what `global_defaults` of the metadata says where they say nothing themselves.

    hub/documentation/service-configuration/configuration-metadata.rst.
    """
    given = metadata.get("global_defaults")
    given = given if type(given) is dict else {}
    source, pump = config["source"], config["pump"]
    for name, kinds in _OF_SOURCES.items():
        if name in given and type(source) is dict and (kinds is None or _type(source) in kinds):
            source = {name: given[name], **source}
    for name in _OF_PUMPS:
        if name in given and type(pump) is dict:
            pump = {name: given[name], **pump}
    return {"source": source, "pump": pump}


def _pointer(at: Place) -> str:
    return "" if at is None else f"{_pointer(at[0])}/{escaped(at[1])}"


def _type(config: Any) -> str | None:
    kind = config.get("type") if type(config) is dict else None
    return kind if type(kind) is str else None


def _is_conditional(config: Any) -> bool:
    return _type(config) == "conditional"


def _members(part: Part) -> list[Part] | None:
    """What a list of transforms, or a chain, is made of; None for anything else."""
    if type(part.config) is list:
        return [Part(config, f"{part.pointer}/{index}") for index, config in enumerate(part.config)]
    if _type(part.config) == "chained" and type(part.config.get("transforms")) is list:
        return _members(Part(part.config["transforms"], f"{part.pointer}/transforms"))
    return None


def _text(value: Any) -> str:
    return value if type(value) is str else json.dumps(value, ensure_ascii=False)
