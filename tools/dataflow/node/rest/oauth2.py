"""OAuth 2.0: tokens from the grants "client credentials" and "refresh token".

Rules: configuration-systems-url.rst (`oauth2`); RFC 6749, sections 2.3.1, 4.4 and 6; decision 0434.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from dataflow.errors import PumpFailed
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.patience import Patience
from dataflow.node.rest.payload import FORM
from dataflow.node.rest.token import Tokens, after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.connection import Connection


class OAuth2(Tokens):
    def __init__(self, connection: Connection, config: Mapping[str, Any]) -> None:
        super().__init__(connection, config.get("refresh_window"))
        self._config = config
        self._access: str | None = None
        self._refresh: str | None = None
        missing = [name for name in ("client_id", "client_secret", "token_url") if not config.get(name)]
        if missing:
            raise PumpFailed(f'system "{connection.id}": oauth2 lacks {", ".join(missing)}')
        if config.get("refresh_token") and config.get("access_token"):
            # Given once by somebody who allowed it; how long the access token is good for nobody says.
            given = connection.filled({name: config[name] for name in ("access_token", "refresh_token")})
            self._access, self._refresh = given["access_token"], given["refresh_token"]
            self._has_token = True
            connection.redacted.learn(given["access_token"], given["refresh_token"])

    def headers(self) -> Mapping[str, str]:
        self.ensure()
        return {"Authorization": f"Bearer {self._access}"}

    def fetch(self) -> None:
        connection = self._connection
        config = connection.filled(self._config)
        scope = config.get("scope")
        fields = {"grant_type": "client_credentials"}
        if self._refresh is not None:
            fields = {"grant_type": "refresh_token", "refresh_token": self._refresh}
        elif scope:
            fields["scope"] = scope if type(scope) is str else " ".join(scope)
        fields |= {name: str(value) for name, value in (config.get("extra") or {}).items()}
        # Section 2.3.1: a client with a password is recognised by it, both parts encoded as in a form.
        name, password = (quote_plus(str(config[key])) for key in ("client_id", "client_secret"))
        headers = {
            "Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii"),
            "Content-Type": FORM,
            "Accept": "application/json",
        }
        call = Call(
            "oauth2 token",
            "POST",
            str(config["token_url"]),
            headers=headers,
            body=urlencode(fields).encode("ascii"),
            confidential=True,
        )
        _, answer = connection.exchange(lambda: call, patience=Patience.of(connection.config), anonymous=True)
        try:
            found = answer.json()
        except NotJson as error:
            raise connection.failure(call, f"the answer is not JSON: {error}", answer) from None
        self.learn(found)
        if type(found) is not dict or type(found.get("access_token")) is not str:
            raise connection.failure(call, "the answer has no access_token", answer)
        self._access = found["access_token"]
        if type(found.get("refresh_token")) is str and self._refresh is not None:
            self._refresh = found["refresh_token"]
        lives = found.get("expires_in")
        try:
            self.expires_ns = None if lives is None else after(connection.clock.now_ns(), float(lives))
        except (TypeError, ValueError):
            raise connection.failure(call, "expires_in of the answer is no number of seconds", answer) from None
