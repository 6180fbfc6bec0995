"""The client of the contract check: the node's own, so that an ERP meets what it will meet; it judges the form of every answer.

Tokens, waiting after 429 and time limits are the node's (`node.rest`). No secret gets into what is reported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.clock import Clock
from dataflow.errors import PumpFailed, UsageError
from dataflow.node.reach import Reach
from dataflow.node.rest.call import Call
from dataflow.node.rest.client import Client as SystemClient
from dataflow.node.rest.patience import Patience
from dataflow.project import System
from dataflow.simulators.contract.schemas import plain
from dataflow.source import Document, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dataflow.node.rest.call import Answer as Received
    from dataflow.simulators.contract.description import Answer, Operation

_SYSTEM = "erp"
_SECONDS = 60
# How much of a body that is not what it should be is shown.
_SHOWN = 200


@dataclass(frozen=True)
class Access:
    """What opens the server: a token that is good already, or what to get one with. `trusted` is a PEM file of its own."""

    token: str | None = field(default=None, repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    trusted: Path | None = None


@dataclass(frozen=True)
class Reply:
    """`asked` is the request in words; `value` the JSON of the body with fractions as Decimal, None where there is none.

    `faults` is what is wrong with its form: status, headers and body are not as the contract describes them.
    """

    asked: str
    status: int
    headers: Mapping[str, str]
    value: Any
    faults: tuple[str, ...] = ()

    @property
    def etag(self) -> str:
        return self.headers.get("ETag", "")

    @property
    def told(self) -> str:
        """Status and detail, for messages."""
        detail = self.value.get("detail") if type(self.value) is dict else None
        return f"{self.status} {detail}" if self.status >= 400 and detail else str(self.status)


@dataclass(frozen=True)
class _NotJson:
    """A body that is no JSON, by its beginning."""

    text: str


class Client:
    """`misshapen` has what was wrong with the form of answers so far, by operation; `made` the operation and id of new records."""

    def __init__(self, base_url: str, access: Access, *, clock: Clock | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.clock = clock or Clock()
        self.misshapen: dict[str, list[str]] = {}
        self.made: list[tuple[str, int]] = []
        self.requests = 0
        self.trusted = access.trusted
        config = _system(self.base_url, access)
        secrets = {"token": access.token or "", "client-secret": access.client_secret}
        system = System(_SYSTEM, Document(None, "", config), config, config)
        reach = Reach({_SYSTEM: system}, lambda _: secrets, self.clock)
        self._connection = SystemClient(system, reach).connection
        self._patience = Patience.of(config)

    def authorization(self) -> Mapping[str, str]:
        """The header that opens the server. Raises UsageError when there is no token to be had."""
        try:
            return self._connection.credentials.headers()
        except PumpFailed as failed:
            raise UsageError(f"no access token: {failed}") from None

    def call(
        self,
        operation: Operation,
        *,
        record_id: int | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        media: str | None = None,
        etag: str | None = None,
    ) -> Reply:
        """Ask for an operation; `raw` is a body as it is. Raises CallFailed when there is no answer."""
        call = self._made_ready(operation, record_id, params, body, raw, media, etag)
        reply = self._judged(operation, call, self._answered(call))
        if operation.method == "POST" and reply.status == HTTPStatus.CREATED and type(reply.value) is dict:
            self.made.append((operation.id, int(reply.value.get("Id", 0))))
        return reply

    def call_as_stranger(self, operation: Operation, token: str | None, **options: Any) -> Reply:
        """The same with a token that is not ours, or with none at all."""
        call = self._made_ready(operation, **{"body": None, "raw": None, "media": None, "params": None, **options})
        if token is not None:
            call = replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})
        return self._judged(operation, call, self._answered(call, anonymous=True))

    def _answered(self, call: Call, *, anonymous: bool = False) -> Received:
        _, received = self._connection.exchange(
            lambda: call, patience=self._patience, accepts=lambda _: True, anonymous=anonymous
        )
        return received

    def _made_ready(
        self,
        operation: Operation,
        record_id: int | None,
        params: Mapping[str, Any] | None,
        body: Any,
        raw: bytes | None,
        media: str | None,
        etag: str | None,
    ) -> Call:
        content = raw if raw is not None else None if body is None else json.dumps(plain(body)).encode()
        headers = {"Accept": "application/json, application/problem+json"}
        if content is not None:
            headers["Content-Type"] = media or next(iter(operation.bodies))
        if etag is not None:
            headers["If-Match"] = etag
        url = self.base_url + operation.path.replace("{id}", str(record_id))
        return Call(operation.id, operation.method, url, params or {}, headers, content)

    def _judged(self, operation: Operation, call: Call, received: Received) -> Reply:
        self.requests += 1
        asked = f"{call.method} {call.address.removeprefix(self.base_url)}"
        reply = Reply(asked, received.status, received.headers, _value(received))
        reply = replace(reply, faults=tuple(_form(operation, reply)))
        told = self.misshapen.setdefault(operation.id, [])
        told += [line for fault in reply.faults if (line := f"{asked}: {fault}") not in told]
        return reply


def _system(base_url: str, access: Access) -> dict[str, Any]:
    """The server as a system of a package."""
    config: dict[str, Any] = {
        "_id": _SYSTEM,
        "type": "system:rest",
        "url_pattern": f"{base_url}/%s",
        "connect_timeout": _SECONDS,
        "read_timeout": _SECONDS,
        "rate_limiting_retries": 5,
        "rate_limiting_delay": 1,
        "verify_ssl": True,
    }
    if access.trusted is not None:
        config["custom_ca_pem_chain"] = read_text(access.trusted)
    if access.token:
        return {**config, "authentication": "jwt", "jwt_token": "$SECRET(token)"}
    oauth2 = {
        "client_id": access.client_id,
        "client_secret": "$SECRET(client-secret)",
        "token_url": access.token_url,
        "scope": access.scope,
    }
    return {**config, "oauth2": oauth2}


def _value(received: Received) -> Any:
    if not received.content:
        return None
    try:
        return json.loads(received.content.decode("utf-8"), parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return _NotJson(received.text[:_SHOWN])


def _form(operation: Operation, reply: Reply) -> list[str]:
    """What is wrong with the form of an answer."""
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return [f"the server failed: {reply.told}"]
    answer = operation.answer(reply.status)
    if answer is None or (reply.status < HTTPStatus.BAD_REQUEST and str(reply.status) not in operation.answers):
        return [f"the contract has no answer {reply.status} here"]
    return [*_headers(answer, reply), *_body(answer, reply)]


def _headers(answer: Answer, reply: Reply) -> list[str]:
    found = []
    for name, schema in answer.headers.items():
        text = reply.headers.get(name)
        if text is None:
            found.append(f"{reply.status} without the header {name}")
            continue
        value = int(text) if text.isdecimal() and schema.content["type"] == "integer" else text
        found += [f"header {name} {fault.detail}: {text}" for fault in schema.faults(value)]
    return found


def _body(answer: Answer, reply: Reply) -> list[str]:
    if not answer.bodies:
        return [] if reply.value is None else [f"{reply.status} has no body"]
    media = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media not in answer.bodies:
        return [f"{reply.status} comes as {media or 'nothing that it names'}, not as {' or '.join(answer.bodies)}"]
    if isinstance(reply.value, _NotJson):
        return [f"the body is no JSON: {reply.value.text}"]
    faults = [f"{fault.pointer or 'the body'} {fault.detail}" for fault in answer.bodies[media].faults(reply.value)]
    said = reply.value.get("status") if type(reply.value) is dict and reply.status >= 400 else reply.status
    return faults if said == reply.status else [*faults, f"the problem says {said} and the answer {reply.status}"]
