"""Session tokens of Tripletex, which are the password of a user called 0.

Rules: configuration-systems-url.rst (`tripletex`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from requests.auth import HTTPBasicAuth

from dataflow.errors import PumpFailed
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.page import part_of
from dataflow.node.rest.patience import Patience
from dataflow.node.rest.token import SECOND, Tokens, after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.connection import Connection

HOURS = 48


class Tripletex(Tokens):
    def __init__(self, connection: Connection, config: Any) -> None:
        super().__init__(connection, None)
        self._config: Mapping[str, Any] = config if type(config) is dict else {}
        missing = [name for name in ("consumer_token", "employee_token", "token_url") if not self._config.get(name)]
        if missing:
            raise PumpFailed(f'system "{connection.id}": tripletex lacks {", ".join(missing)}')

    def headers(self) -> Mapping[str, str]:
        self.ensure()
        return {}

    def fetch(self) -> None:
        connection = self._connection
        config = connection.filled(self._config)
        hours, now = float(config.get("ttl", HOURS)), connection.clock.now_ns()
        until = datetime.fromtimestamp(now / SECOND, UTC) + timedelta(hours=hours)
        params = {
            "consumerToken": config["consumer_token"],
            "employeeToken": config["employee_token"],
            "expirationDate": until.strftime("%Y-%m-%d"),
        }
        call = Call("tripletex token", "PUT", str(config["token_url"]), params, confidential=True)
        _, answer = connection.exchange(lambda: call, patience=Patience.of(connection.config), anonymous=True)
        try:
            token = part_of(answer.json(), "value.token")
        except NotJson as error:
            raise connection.failure(call, f"the answer is not JSON: {error}", answer) from None
        if type(token) is not str:
            raise connection.failure(call, "the answer has no value.token", answer)
        self.learn(token)
        self.auth = HTTPBasicAuth(b"0", token.encode("utf-8"))
        self.expires_ns = after(now, hours * 3600)
