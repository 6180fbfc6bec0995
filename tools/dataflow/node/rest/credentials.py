"""How a system lets itself be convinced: what goes with every request, and tokens that are fetched and renewed.

Rules: configuration-systems-url.rst (`authentication`, `oauth2`, `tripletex`), configuration-systems-rest.rst (`custom_auth`);
decision 0434.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.client import Client

KINDS = ("basic", "digest", "jwt", "ntlm", "tripletex")


class Credentials(Protocol):
    """`auth` signs requests; `overrides` says that its headers replace those of an operation.

    `serial` is different after every token that is fetched.
    """

    auth: AuthBase | None
    overrides: bool
    serial: int

    def headers(self) -> Mapping[str, str]:
        """Headers to be sent. May fetch a token first; raises PumpFailed when that fails."""

    def variables(self) -> dict[str, Any]:
        """What templates see. May fetch a token first; raises PumpFailed when that fails."""

    def known(self) -> dict[str, Any]:
        """The same as far as it is known, without fetching anything."""

    def renew(self) -> bool:
        """A token was refused: whether there will be another one the next time."""


class Fixed:
    """What never changes."""

    serial = 0

    def __init__(
        self, auth: AuthBase | None = None, headers: Mapping[str, str] | None = None, *, overrides: bool = False
    ) -> None:
        self.auth = auth
        self.overrides = overrides
        self._headers = dict(headers or {})

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def variables(self) -> dict[str, Any]:
        return {}

    def known(self) -> dict[str, Any]:
        return {}

    def renew(self) -> bool:
        return False


ANONYMOUS = Fixed()


def credentials_of(client: Client) -> Credentials:
    """Those that the configuration of a system describes. Raises PumpFailed when it lacks something, or what is not run here."""
    connection = client.connection
    config = connection.config
    if type(config.get("custom_auth")) is dict:
        from dataflow.node.rest.custom_auth import CustomAuth

        return CustomAuth(client, config["custom_auth"])
    if type(config.get("oauth2")) is dict:
        from dataflow.node.rest.oauth2 import OAuth2

        return OAuth2(connection, config["oauth2"])
    kind = config.get("authentication")
    if kind is None:
        return ANONYMOUS
    if kind == "jwt":
        token = str(_needed(client, "jwt_token"))
        connection.redacted.learn(token)
        return Fixed(headers={"Authorization": f"Bearer {token}"}, overrides=True)
    if kind in ("basic", "digest"):
        name, password = (str(_needed(client, key)) for key in ("username", "password"))
        connection.redacted.learn(password)
        if kind == "digest":
            return Fixed(HTTPDigestAuth(name, password))
        # As bytes, because requests would take text for Latin-1.
        return Fixed(HTTPBasicAuth(name.encode("utf-8"), password.encode("utf-8")))
    if kind == "tripletex":
        from dataflow.node.rest.tripletex import Tripletex

        return Tripletex(connection, config.get("tripletex"))
    if kind == "ntlm":
        raise PumpFailed(f'system "{client.id}" authenticates with ntlm, which this node does not do')
    raise PumpFailed(f'system "{client.id}": authentication is "{kind}"; there is {", ".join(KINDS)}')


def _needed(client: Client, name: str) -> Any:
    value = client.connection.filled(client.connection.config.get(name))
    if value is None:
        kind = client.connection.config.get("authentication")
        raise PumpFailed(f'system "{client.id}" authenticates with {kind} and needs "{name}"')
    return value
