"""A system ready to be called by the parts of pipes: its connection, its templates, and its tokens.

Rules: configuration-systems-rest.rst, -url.rst.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NoReturn

from requests.structures import CaseInsensitiveDict

from dataflow.errors import PumpFailed
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.connection import Connection
from dataflow.node.rest.credentials import credentials_of
from dataflow.node.rest.operation import Use
from dataflow.node.rest.shape import Shape
from dataflow.node.rest.template import Templates

if TYPE_CHECKING:
    from dataflow.node.reach import Reach
    from dataflow.project import System


class Client:
    """`templates` may use the secrets of the system, `open_templates`, those of pipes, may not."""

    def __init__(self, system: System, reach: Reach) -> None:
        self.id = system.id
        self.connection = Connection(system, reach)
        self.templates = Templates(self.connection.secret, reach.clock, self._fetched)
        self.open_templates = Templates(self._no_secret, reach.clock, self._fetched)
        self.connection.credentials = credentials_of(self)

    def token_variables(self, use: Use) -> dict[str, Any]:
        """What templates see of the token, which is fetched first where there is none that is good."""
        credentials = self.connection.credentials
        return credentials.known() if use is Use.TOKEN else credentials.variables()

    def plain_headers(self, own: Any, *, accept: str | None = None) -> CaseInsensitiveDict[str]:
        """Headers of a request that no operation describes: those of the system, and over them its `own`."""
        given: dict[str, Any] = dict(self.connection.config.get("headers") or {})
        if given and self.connection.config.get("type") == "system:rest":
            variables = self.connection.credentials.variables()
            given = Shape(given, self.templates, f'"headers" of system "{self.id}"').render(variables)
        headers = CaseInsensitiveDict({} if accept is None else {"Accept": accept})
        headers.update(self.connection.filled(given))
        headers.update(own or {})
        return CaseInsensitiveDict({name: str(value) for name, value in headers.items()})

    def _no_secret(self, name: str) -> NoReturn:
        raise PumpFailed(
            f'only operations of system "{self.id}" itself can use its secrets, not those of a pipe ("{name}")'
        )

    def _fetched(self, url: str) -> Any:
        """The JSON at an address, got without credentials."""
        call = Call("published keys", "GET", url)
        answer = self.connection.send(call, anonymous=True)
        try:
            if answer.ok:
                return answer.json()
        except NotJson as error:
            raise self.connection.failure(call, f"the answer is not JSON: {error}", answer) from None
        raise self.connection.failure(call, f"answered {answer.title}", answer)


class Clients:
    """One client per system, made when it is first needed."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._clients: dict[str, Client] = {}
        self._making = threading.Lock()

    def of(self, system_id: Any) -> Client:
        """Raises PumpFailed for a system that the package does not have, or that cannot be called."""
        if type(system_id) is not str:
            raise PumpFailed("no system is named")
        with self._making:
            if system_id not in self._clients:
                self._clients[system_id] = Client(self._reach.system(system_id), self._reach)
            return self._clients[system_id]
