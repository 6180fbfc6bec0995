"""Rules about REST operations, wherever they stand: in systems or in pipes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity
from dataflow.rules.rule import Family, Files, Found, inbound, pipe, system
from dataflow.rules.texts import strings
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package
    from dataflow.source import Document

family = Family("rest")

_REST = "documentation/service-configuration/systems/configuration-systems-rest.rst"
_LOOKUP = {"type": "rest", "system": "erp", "operation": "list"}


def _erp(**properties: Any) -> Files:
    operations = {"list": {"url": "orders", "method": "GET", **properties}}
    return inbound("erp-order", type="rest", operation="list") | system(kind="system:rest", operations=operations)


@dataclass(frozen=True, slots=True)
class _Place:
    """Something that has the properties of an operation: an operation, or a source or transform that overrides one."""

    document: Document
    pointer: str
    config: dict[str, Any]
    whole: bool


def _operations(package: Package) -> Iterator[_Place]:
    for one in package.systems:
        yield from _listed(one.document, one.document.value.get("operations"), "/operations")
    for pipe_ in package.pipes:
        for part in package.parts(pipe_):
            if part.config.get("type") == "rest":
                yield _Place(pipe_.document, part.pointer, part.config, whole=False)
                yield from _listed(pipe_.document, part.config.get("operations"), f"{part.pointer}/operations")


def _listed(document: Document, operations: Any, pointer: str) -> Iterator[_Place]:
    for name, one in operations.items() if type(operations) is dict else ():
        if type(one) is dict:
            yield _Place(document, f"{pointer}/{escaped(name)}", one, whole=True)


@family.rule(
    "DF813",
    severity=Severity.INFO,
    page="documentation/service-configuration/pipes/configuration-transforms-rest.rst",
    bad=pipe("crm-order", {"type": "dataset", "dataset": "erp-order"}, transform=_LOOKUP) | _erp(),
    good=pipe("crm-order", {"type": "dataset", "dataset": "erp-order"}, transform=_LOOKUP | {"side_effects": False})
    | _erp(),
)
def lookup_with_effects(package: Package) -> Iterator[Found]:
    """A REST transform counts as one that changes things, unless it says otherwise, and a preview leaves it out. One
    that only asks should say `"side_effects": false`.
    """
    for one in package.pipes:
        for part in package.parts(one):
            config = part.config
            if config.get("type") != "rest" or not part.pointer.startswith("/transform") or "side_effects" in config:
                continue
            named = package.project.systems.get(str(config.get("system")))
            shared = named.config.get("operations") if named is not None else None
            operations = {**(shared if type(shared) is dict else {}), **_object(config.get("operations"))}
            operation = operations.get(str(config.get("operation")))
            if type(operation) is dict and operation.get("method") in ("GET", "HEAD", "OPTIONS"):
                message = f'"{config["operation"]}" only asks, but counts as if it changed something'
                yield Found(one.document, part.pointer, message, expected='"side_effects": false')


def _object(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


def _posting(**properties: Any) -> Files:
    operations = {"insert": {"url": "orders", "method": "POST", "payload": {"source": "sesam"}}}
    given = {"type": "rest", "system": "erp", "operation": "insert", **properties}
    order = pipe(
        "erp-order", {"type": "dataset", "dataset": "crm-order"}, transform=given, sink={"type": "http_endpoint"}
    )
    return order | pipe("crm-order") | system(kind="system:rest", operations=operations)


@family.rule(
    "DF855",
    page="documentation/service-configuration/pipes/configuration-transforms-rest.rst",
    bad=_posting(payload={"no": "1"}),
    good=_posting(),
)
def payload_twice(package: Package) -> Iterator[Found]:
    """A `payload` in a pipe and another in the operation it uses. Since 2023-01 they are not merged: that of the pipe is sent, and
    that of the operation forgotten.
    """
    for one in package.pipes:
        for part in package.parts(one):
            config = part.config
            used = package.project.systems.get(str(config.get("system")))
            shared = _object(used.config.get("operations")) if used is not None else {}
            operation = shared.get(str(config.get("operation")))
            if config.get("type") == "rest" and "payload" in config and "payload" in _object(operation):
                message = f'this replaces the payload of operation "{config["operation"]}" as a whole'
                yield Found(one.document, f"{part.pointer}/payload", message, "keep one of the two")


_CODES = re.compile(r"^\d{3}(?:-\d{3})?(?:,\d{3}(?:-\d{3})?)*$")


@family.rule(
    "DF851",
    severity=Severity.ERROR,
    page=_REST,
    bad=_erp(allowed_status_codes="200-299,404", ignored_status_codes="400-404"),
    good=_erp(allowed_status_codes="200-299,404", ignored_status_codes="409,410"),
)
def status_codes(package: Package) -> Iterator[Found]:
    """Status codes are written as `200-299,404`, without blanks, and one cannot be allowed and ignored at the same time."""
    for place in _operations(package):
        ranges = {}
        for name in ("allowed_status_codes", "ignored_status_codes"):
            text = place.config.get(name)
            if type(text) is not str or "$" in text:
                continue
            if _CODES.match(text):
                ranges[name] = {code for part in text.split(",") for code in _range(part)}
            else:
                message = f'"{text}" is no list of status codes'
                yield Found(place.document, f"{place.pointer}/{name}", message, expected="such as 200-299,404")
        if len(ranges) == 2 and (both := ranges["allowed_status_codes"] & ranges["ignored_status_codes"]):
            message = f"status code {min(both)} is allowed and ignored at the same time"
            yield Found(place.document, f"{place.pointer}/ignored_status_codes", message)


def _range(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


@family.rule(
    "DF852",
    severity=Severity.ERROR,
    page=_REST,
    bad=_erp(next_page_link="{{ body.next }}", next_page_termination_strategy="not-full-page"),
    good=_erp(next_page_link="{{ body.next }}", next_page_termination_strategy="not-full-page", page_size=100),
)
def paging(package: Package) -> Iterator[Found]:
    """`not-full-page` ends the paging when a page has fewer entities than `page_size` says, so that has to be there.
    `page_size` and `next_page_termination_strategy` turn no paging on; `next_page_link` does.
    """
    for place in _operations(package):
        if not place.whole:
            continue
        strategy = place.config.get("next_page_termination_strategy")
        chosen = strategy if type(strategy) is list else [strategy]
        at = f"{place.pointer}/next_page_termination_strategy"
        if "not-full-page" in chosen and "page_size" not in place.config:
            yield Found(place.document, at, "not-full-page needs page_size", expected='"page_size": a number')
        elif strategy is not None and "next_page_link" not in place.config:
            yield Found(place.document, at, "there is no paging without next_page_link", expected='"next_page_link"')


@family.rule(
    "DF853",
    page=_REST,
    bad=_erp(error_expression="{{ body.error }}"),
    good=_erp(error_expression="{{ body.error }}", payload_property="orders"),
)
def error_never_seen(package: Package) -> Iterator[Found]:
    """`error_expression` is only looked at when `payload_property` is set; without that no error is ever found."""
    elsewhere = {
        part.config.get("operation")
        for one in package.pipes
        for part in package.parts(one)
        if "payload_property" in part.config
    }
    for place in _operations(package):
        name = place.pointer.rpartition("/")[2]
        missing = "error_expression" in place.config and "payload_property" not in place.config
        if place.whole and missing and name not in elsewhere:
            message = "error_expression is not looked at without payload_property"
            yield Found(place.document, f"{place.pointer}/error_expression", message, expected='"payload_property"')


# Where templates stand, and what opens and closes one.
_TEMPLATES = (
    *(
        "url",
        "headers",
        "params",
        "payload",
        "next_page_link",
        "id_expression",
        "updated_expression",
        "error_expression",
    ),
    "properties",
)
_MARKS = ("{{", "{%", "{#")


@family.rule(
    "DF854",
    severity=Severity.ERROR,
    page="documentation/jinja_filters.rst",
    bad=_erp(id_expression="{{ id }"),
    good=_erp(id_expression="{{ id }}"),
)
def template(package: Package) -> Iterator[Found]:
    """A template that Jinja cannot read. The pipe fails with its first request."""
    templates: dict[str, tuple[Document, dict[str, str]]] = {}
    for place in _operations(package):
        _, here = templates.setdefault(place.document.file or "", (place.document, {}))
        for name in _TEMPLATES:
            texts = strings(place.config.get(name), f"{place.pointer}/{escaped(name)}")
            here.update((at, text) for at, text in texts if any(mark in text for mark in (*_MARKS, "}}", "%}")))
    for document, found in templates.values():
        # Jinja takes longer to be imported than most packages to be validated.
        key = f"templates {json.dumps(found)}"
        for one in package.remembered(partial(_faults, found), key) if found else ():
            yield Found(document, one.pointer or "", one.message)


def _faults(templates: dict[str, str]) -> list[Diagnostic]:
    told = ((pointer, _malformed(text)) for pointer, text in templates.items())
    return [Diagnostic("DF854", f"Jinja cannot read this template: {why}", pointer=at) for at, why in told if why]


@cache
def _malformed(text: str) -> str | None:
    from jinja2 import Environment, TemplateSyntaxError

    try:
        # Parsed, and never run.
        Environment().parse(text)
    except TemplateSyntaxError as error:
        return error.message
    if not any(mark in text for mark in _MARKS):
        return "it is closed, but nothing opens it"
    return None
