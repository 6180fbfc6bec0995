"""Access tokens of the OAuth 2.0 client-credentials grant. Rules: RFC 6749 (2.3.1, 4.4, 5), RFC 6750."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_plus

from dataflow.clock import Randomness
from dataflow.simulators.exchange import Answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.clock import Clock
    from dataflow.simulators.exchange import Request

_NO_STORE = {"Cache-Control": "no-store"}


class Tokens:
    """Known to this process only: who asks after a restart logs in again."""

    def __init__(self, client: tuple[str, str], scope: str, clock: Clock, life: Callable[[], int]) -> None:
        """`client` is its id and secret; tokens that are given out are good for `life` seconds."""
        self._client = [text.encode() for text in client]
        self._scope = scope
        self._clock = clock
        self._life = life
        self._random = Randomness()
        self._until: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        """What the token endpoint says."""
        if request.method != "POST":
            return _refused("invalid_request", 405, Allow="POST")
        if request.media_type != "application/x-www-form-urlencoded":
            return _refused("invalid_request")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        client = _basic(request.headers.get("authorization") or "")
        given = client or (form.get("client_id", ""), form.get("client_secret", ""))
        known = [hmac.compare_digest(text.encode(), ours) for text, ours in zip(given, self._client, strict=True)]
        if not all(known):
            return _refused("invalid_client", 401, WWW_Authenticate="Basic")
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        if form.get("scope", self._scope) != self._scope:
            return _refused("invalid_scope")
        life = self._life()
        token = self._random.uuid4()
        self._until[token] = self._clock.now_ns() + life * 1_000_000_000
        granted = {"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": self._scope}
        answer = json_answer(granted)
        answer.headers |= _NO_STORE
        return answer

    def fault(self, authorization: str | None) -> str | None:
        """Why a request with this header is not let in; None when it is."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return "Bring an access token."
        until = self._until.get(token.strip())
        if until is None:
            return "The access token is not known."
        return None if self._clock.now_ns() < until else "The access token has expired."

    def revoke(self) -> None:
        """No token that was given so far is good any more."""
        self._until.clear()


def _basic(header: str) -> tuple[str, str] | None:
    """Id and secret of HTTP Basic; empty when malformed, None when the header is another."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _refused(error: str, status: int = 400, **headers: str) -> Answer:
    answer = json_answer({"error": error}, status, **headers)
    answer.headers |= _NO_STORE
    return answer
