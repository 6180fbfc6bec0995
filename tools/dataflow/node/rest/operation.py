"""An operation of a REST system, as one part of a pipe uses it: what is configured, with its templates compiled.

Rules: configuration-systems-rest.rst ("Operation properties"), and the pages on REST sources, transforms and sinks for what a pipe
may say instead; decisions 0430 to 0433.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.errors import PumpFailed
from dataflow.node.rest.page import strategies_of
from dataflow.node.rest.patience import Patience
from dataflow.node.rest.shape import Shape
from dataflow.node.rest.statuses import NONE, SUCCESS, Statuses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.client import Client
    from dataflow.node.rest.template import Template, Templates

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
# Variables that are there once there is a token.
TOKEN_NAMES = frozenset({"token", "access_token", "refresh_token"})


class Use(StrEnum):
    """What an operation is used by."""

    SOURCE = "source"
    TRANSFORM = "transform"
    SINK = "sink"
    TOKEN = "token"


class Operation:
    """`part` is the source, transform or sink: what it says goes before what the operation says."""

    def __init__(
        self,
        client: Client,
        name: str,
        part: Mapping[str, Any],
        use: Use,
    ) -> None:
        """Raises PumpFailed for an operation that cannot be."""
        self.client = client
        self.name = name
        self.use = use
        self._part = part
        self.config, templates = self._found()
        config = self.config
        self.method = str(config.get("method"))
        if self.method not in METHODS:
            raise PumpFailed(f'{self._what("method")} is "{self.method}"; there is {", ".join(METHODS)}')
        if type(config.get("url")) is not str:
            raise PumpFailed(f"{self._what('url')} is missing")
        self.url = templates.compile(config["url"], self._what("url"))
        self.headers = Shape(
            {**self._system_headers(), **(config.get("headers") or {})}, templates, self._what("headers")
        )
        self.params = Shape(config.get("params") or {}, templates, self._what("params"))
        self.payload = self._own_payload(templates)
        self.payload_type: str | None = config.get("payload-type")
        self.properties: Mapping[str, Any] = self.setting("properties") or {}
        self.page_size: int | None = config.get("page_size")
        self.strategies = strategies_of(config.get("next_page_termination_strategy"), self.page_size)
        self.next_page_link = None if use is Use.SINK else self._template("next_page_link", templates)
        # What replaces an entity is passed on as it is.
        replaces = part.get("replace_entity") is True
        self.error_expression = None if replaces else self._template("error_expression", templates)
        self.id_expression = self._template("id_expression", templates)
        self.updated_expression = self._template("updated_expression", templates)
        self.payload_property: str | None = self.setting("payload_property")
        self.since_name = str(self.setting("since_property_name", "since"))
        self.since_location = str(self.setting("since_property_location", "query"))
        if self.since_location not in ("query", "header", "manual"):
            raise PumpFailed(f"{self._what('since_property_location')} is not query, header or manual")
        self.allowed, self.ignored = self._statuses()
        types = client.connection.config.get("json_content_types") or ()
        self.json_types = frozenset(
            {"application/json", *(str(one).partition(";")[0].strip().lower() for one in types)}
        )
        self.patience = Patience.of(part, config, client.connection.config)

    def setting(self, name: str, default: Any = None) -> Any:
        """A property of the part, or else of the operation."""
        return self._part.get(name, self.config.get(name, default))

    def _found(self) -> tuple[Mapping[str, Any], Templates]:
        """The operation, and what its templates are made with: only those of the system may use secrets."""
        places = [
            (self._part.get("operations"), self.client.open_templates),
            (self.client.connection.config.get("operations"), self.client.templates),
        ]
        known = [(place, templates) for place, templates in places if type(place) is dict]
        for place, templates in known:
            if type(place.get(self.name)) is dict:
                return place[self.name], templates
        names = [name for place, _ in known for name in place]
        hint = did_you_mean(self.name, names) or f"it has {', '.join(names) or 'none'}"
        raise PumpFailed(f'system "{self.client.id}" has no operation "{self.name}"; {hint}')

    def _system_headers(self) -> dict[str, str]:
        """Those of the system. Whoever asks for a token has none yet, so what is made of one is left out."""
        given: dict[str, str] = dict(self.client.connection.config.get("headers") or {})
        own = {str(name).lower() for name in self.config.get("headers") or ()}
        kept = {name: value for name, value in given.items() if name.lower() not in own}
        if self.use is not Use.TOKEN:
            return kept
        templates = self.client.templates
        return {
            name: value
            for name, value in kept.items()
            if not TOKEN_NAMES & templates.compile(str(value), self._what("headers")).names
        }

    def _own_payload(self, templates: Templates) -> Shape | None:
        if self._part.get("payload") is not None:
            return Shape(self._part["payload"], self.client.open_templates, self._what("payload"))
        given = self.config.get("payload")
        return None if given is None else Shape(given, templates, self._what("payload"))

    def _template(self, name: str, templates: Templates) -> Template | None:
        given = self.setting(name)
        if given is None:
            return None
        return (self.client.open_templates if name in self._part else templates).compile(str(given), self._what(name))

    def _statuses(self) -> tuple[Statuses, Statuses]:
        """Those let through, and those whose answers are dropped; only transforms can have others than success."""
        if self.use is not Use.TRANSFORM:
            return SUCCESS, NONE
        given = [self.setting(name) for name in ("allowed_status_codes", "ignored_status_codes")]
        try:
            allowed, ignored = (None if text is None else Statuses.read(str(text)) for text in given)
        except ValueError as error:
            raise PumpFailed(f'operation "{self.name}" of system "{self.client.id}": {error}') from None
        if allowed and ignored and allowed.overlaps(ignored):
            raise PumpFailed(f"{self._what('allowed_status_codes')} and ignored_status_codes overlap")
        return allowed or SUCCESS, ignored or NONE

    def _what(self, name: str) -> str:
        return f'"{name}" of operation "{self.name}" of system "{self.client.id}"'
