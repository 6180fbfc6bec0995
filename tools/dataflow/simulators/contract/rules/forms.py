"""What is refused for its form; the wrong values are made from the schemas of the contract."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dataflow.simulators.contract.rule import Rule, Trial, equal, wants
from dataflow.simulators.contract.rules.creating import named
from dataflow.simulators.contract.schemas import properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.simulators.contract.client import Reply

_WRONG_TYPES = {"string": 7, "number": "1.5", "integer": "1", "boolean": "yes", "array": {}, "object": []}


def wrong(schema: dict[str, Any]) -> Iterator[Any]:
    """Values that a schema does not allow."""
    kinds = [schema["type"]] if type(schema.get("type")) is str else schema.get("type", [])
    yield from (_WRONG_TYPES[kind] for kind in kinds if kind != "null")
    if "null" not in kinds:
        yield None
    if "enum" in schema or "pattern" in schema:
        yield "nothing that fits"
    if schema.get("minLength"):
        yield ""
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if schema.get("format") == "decimal":
        yield Decimal("0.00001")
    if schema.get("format") == "date":
        yield "2026-02-30"


def wrong_texts(schema: dict[str, Any]) -> list[str]:
    """Texts that are no value of a parameter, which is text whatever its type."""
    if schema["type"] == "integer":
        return ["abc", "1.5", "", *(str(value) for value in wrong(schema) if type(value) is int)]
    return [value for value in wrong(schema) if type(value) is str]


def _rounds(members: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Bodies with one wrong value for every property, until each wrong value has been in one."""
    values = {name: list(wrong(schema)) for name, schema in members.items()}
    for turn in range(max(map(len, values.values()))):
        yield {name: wrongs[turn] for name, wrongs in values.items() if turn < len(wrongs)}


def _parameters(trial: Trial) -> None:
    for parameter in trial.operation("list").parameters:
        for text in wrong_texts(parameter.schema.content):
            wants(trial.ask("list", params={parameter.name: text}), 400)


def _values(kind: str) -> Rule:
    def check(trial: Trial) -> None:
        members = properties(trial.operation(kind).bodies["application/json"].content)
        for body in _rounds(members):
            named(_refused(trial, kind, body, 422), {f"/{name}" for name in body})
        for body in _rounds(properties(members["Lines"]["items"])) if "Lines" in members else ():
            reply = _refused(trial, kind, {**_least(trial, kind), "Lines": [body]}, 422)
            named(reply, {f"/Lines/0/{name}" for name in body})

    return Rule("values", kind, "every value that does not fit its schema is refused and named", check)


def _read_only(kind: str) -> Rule:
    def check(trial: Trial) -> None:
        record = trial.read(0).value
        body = {name: record[name] for name in trial.resource.properties if name not in trial.resource.writable}
        body["NotKnown"] = "x"
        for name, value in body.items():
            named(_refused(trial, kind, {**_least(trial, kind), name: value}, 422), {f"/{name}"})

    return Rule("read-only", kind, "what the ERP decides, or does not know, is refused and named", check)


def _no_json(kind: str) -> Rule:
    def check(trial: Trial) -> None:
        for raw in (b'{"half": ', b"", b'{"NotANumber": NaN}'):
            _refused(trial, kind, {}, 400, raw=raw)

    return Rule("no-json", kind, "a body that is not JSON answers 400", check)


def _refused(trial: Trial, kind: str, body: dict[str, Any], status: int, raw: bytes | None = None) -> Reply:
    """The reply to a request that has to be refused; when it changes a record, that record stays as it was."""
    if kind == "create":
        return wants(trial.ask(kind, body=body, raw=raw), status)
    before = trial.read(0)
    reply = wants(trial.ask(kind, record_id=trial.sample(0).id, etag=before.etag, body=body, raw=raw), status)
    equal(before.value, trial.read(0).value, "the record, although the change was refused,", reply)
    return reply


def _least(trial: Trial, kind: str) -> dict[str, Any]:
    return trial.workshop.least(trial.resource) if kind == "create" else {}


RULES = (
    Rule("parameters", "list", "a parameter of the wrong form answers 400", _parameters),
    *(make(kind) for make in (_values, _read_only, _no_json) for kind in ("create", "update")),
)
