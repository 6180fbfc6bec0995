"""What every request has to pass before anything else sees it: where it comes from, who sends it, how big it is.

A node without a token answers only on this machine, and there only to programs: a web page that a browser here has open sends an
`Origin`, or a `Host` that is not this machine's. Paths are taken as sesam-py makes them, with slashes doubled and `/api` twice.
"""

from __future__ import annotations

import hmac
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from dataflow.node.api.answers import problem

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 128 * 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


class Guard:
    """ASGI middleware; puts the whole body into `scope["state"]["body"]`."""

    def __init__(self, app: ASGIApp, *, token: str | None = None, max_body: int = MAX_BODY) -> None:
        self._app = app
        self._token = token
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers) or self._too_big(headers)
        body = b"" if refusal else await self._read(receive)
        if refusal is None and body is None:
            refusal = self._too_big(None)
        if refusal is not None:
            # What is still on its way is not read, so the connection cannot be used again.
            refusal.headers["connection"] = "close"
            await refusal(scope, receive, send)
            return
        path = tidied(scope["path"])
        inner = {**scope, "path": path, "state": {**scope.get("state", {}), "body": body}}
        await self._app(inner, _drained(receive), send)

    def _refusal(self, headers: Headers) -> Response | None:
        if "content-encoding" in headers and headers["content-encoding"].lower() != "identity":
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "bodies are not unpacked here; send them as they are")
        if self._token is not None:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token.encode()):
                return None
            detail = "this node wants its token: Authorization: Bearer ..."
            return problem(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"})
        host = re.sub(r":\d+$", "", headers.get("host", ""))
        if host not in LOOPBACK or "origin" in headers:
            return problem(HTTPStatus.FORBIDDEN, "without a token this node answers only programs on its own machine")
        return None

    def _too_big(self, headers: Headers | None) -> Response | None:
        length = "" if headers is None else headers.get("content-length", "0")
        if headers is not None and (not length.isdecimal() or int(length) <= self._max_body):
            return None
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body may have {self._max_body} bytes")

    async def _read(self, receive: Receive) -> bytes | None:
        """The body, or None when there is more of it than allowed, or the client went away in the middle."""
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body:
                return None
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


def tidied(path: str) -> str:
    """A path without doubled slashes, a second `/api`, or a slash at the end."""
    path = re.sub(r"^(/api)+(?=/|$)", "/api", re.sub(r"/{2,}", "/", path))
    return path.rstrip("/") or "/"


def _drained(receive: Receive) -> Receive:
    """The body has been read; what follows is only the end of the connection."""
    done = False

    async def again() -> Message:
        nonlocal done
        if not done:
            done = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    return again
