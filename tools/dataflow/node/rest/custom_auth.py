"""Authentication by tokens that operations of the system itself fetch.

Rules: configuration-systems-rest.rst ("Custom authentication"); decision 0434.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dataflow.errors import PumpFailed
from dataflow.node.rest.operation import Operation, Use
from dataflow.node.rest.pages import Asking, Pages
from dataflow.node.rest.token import SECOND, Tokens, after, moment, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.client import Client
    from dataflow.node.rest.template import Template


class CustomAuth(Tokens):
    """What both operations answered is the object `token`, which templates see."""

    def __init__(self, client: Client, config: Mapping[str, Any]) -> None:
        super().__init__(client.connection, config.get("refresh_window"))
        self._client = client
        self._config = config
        self._token: dict[str, Any] = dict(client.connection.filled(config.get("initial_refresh_token") or {}))
        self._refresh_expires_ns: int | None = None
        self._has_refresh = False
        self.learn(self._token)
        if type(config.get("get_token_operation")) is not str:
            raise PumpFailed(f'system "{client.id}": custom_auth needs "get_token_operation"')

    def variables(self) -> dict[str, Any]:
        self.ensure()
        return self.known()

    def known(self) -> dict[str, Any]:
        found: dict[str, Any] = {"token": self._token}
        for name in ("access_token", "refresh_token"):
            key = self._config.get(f"{name}_property")
            if key is not None and key in self._token:
                found[name] = self._token[key]
        return found

    def fetch(self) -> None:
        refreshing = self._config.get("get_refresh_token_operation")
        if refreshing is not None and (not self._has_refresh or self.is_over(self._refresh_expires_ns)):
            self._take(self._operation(str(refreshing)))
            self._refresh_expires_ns = self._expires("refresh_token_")
            self._has_refresh = True
        self._take(self._operation(str(self._config["get_token_operation"])))
        self.expires_ns = self._expires("")

    def renew(self) -> bool:
        # What the token was made with may be what is refused.
        self._has_refresh = False
        return super().renew()

    def _operation(self, name: str) -> Operation:
        return Operation(self._client, name, {}, Use.TOKEN)

    def _take(self, operation: Operation) -> None:
        """Run an operation and keep what it answers."""
        for page in Pages(operation, Asking()):
            self.learn(page.result)
            if type(page.result) is dict:
                self._token = {**self._token, **page.result}
            else:
                self._token = {**self._token, str(operation.setting("response_property", "response")): page.result}

    def _expires(self, prefix: str) -> int | None:
        """When what has just been fetched ends, which is told with it, too. Raises PumpFailed when that cannot be told."""
        at, within = (
            self._expressions[f"{prefix}expires_at_expression"],
            self._expressions[f"{prefix}expires_in_expression"],
        )
        ns = self._moment(at)
        if ns is None and within is not None:
            ns = after(self._connection.clock.now_ns(), self._seconds(within))
        if ns is None:
            raise PumpFailed(
                f'system "{self._client.id}": custom_auth cannot tell when its token ends; '
                f'it needs "{prefix}expires_in_expression" or "{prefix}expires_at_expression", and a value for it'
            )
        self._token = {**self._token, f"{prefix}expires_at": ns // SECOND, f"{prefix}expiry_date": shown(ns)}
        return ns

    def _moment(self, template: Template | None) -> int | None:
        """The moment an expression gives; None where that is none, for then the other expression counts."""
        text = None if template is None else template.value_if_there(self.known())
        try:
            return None if text is None else moment(text)
        except (ValueError, OverflowError):
            return None

    def _seconds(self, template: Template) -> float:
        text = template.render(self.known())
        try:
            return float(text)
        except ValueError:
            raise PumpFailed(f"{template.what} gives no number of seconds") from None

    @cached_property
    def _expressions(self) -> dict[str, Template | None]:
        names = [f"{prefix}expires_{kind}_expression" for prefix in ("", "refresh_token_") for kind in ("at", "in")]
        what = f'of custom_auth of system "{self._client.id}"'
        return {
            name: self._client.templates.compile(str(self._config[name]), f'"{name}" {what}')
            if name in self._config
            else None
            for name in names
        }
