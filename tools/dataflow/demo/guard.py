"""Keeps other web pages out: a browser that has one open can reach addresses of this machine, and does as the page says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from dataflow.address import is_loopback

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 256 * 1024
_HEADERS = (
    (b"content-security-policy", b"%s; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
# Style attributes carry the turn of what lights up; scripts come from here only.
_PAGES = b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src data:"
# The report brings its own script and style along, and asks nobody for anything.
_REPORT = b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
REPORT = "/checklist/report"


class Guard:
    """ASGI middleware: answers only to this machine's names, takes forms only from its own pages, and says what pages may load."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        origin = headers.get("origin")
        if not is_loopback(re.sub(r":\d+$", "", host).strip("[]")):
            await PlainTextResponse("this answers on its own machine only", 403)(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD") and origin != f"http://{host}":
            await PlainTextResponse("a form of another page is not taken", 403)(scope, receive, send)
        elif not headers.get("content-length", "0").isdecimal() or int(headers.get("content-length", "0")) > MAX_BODY:
            await PlainTextResponse(f"a form may have {MAX_BODY} bytes", 413)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send, _REPORT if scope["path"] == REPORT else _PAGES))


def _with_headers(send: Send, policy: bytes) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *((n, v % policy if b"%s" in v else v) for n, v in _HEADERS)]
        await send(message)

    return sending
