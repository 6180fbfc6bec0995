"""The rest source: the entities that an operation of a REST system answers, page after page.

Rules: configuration-sources-rest.rst; configuration-sources.rst (continuation); decisions 0431, 0433.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import PumpFailed
from dataflow.node.rest.operation import Operation, Use
from dataflow.node.rest.pages import Asking, Pages
from dataflow.node.sources.pulled import Pulled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl.values import Entity, Value
    from dataflow.node.rest.client import Clients
    from dataflow.node.rest.page import Page
    from dataflow.node.rest.template import Template
    from dataflow.pipe import Pipe


class RestSource(Pulled):
    def __init__(self, pipe: Pipe, clients: Clients) -> None:
        super().__init__(pipe)
        self._clients = clients

    def entities(self, since: Value) -> Iterator[Entity]:
        client = self._clients.of(self._config.get("system"))
        operation = Operation(client, str(self._config.get("operation")), self._config, Use.SOURCE)
        for page in Pages(operation, Asking(since=since)):
            for row in self._rows(operation, page):
                yield self._entity(operation, page, row)

    def _rows(self, operation: Operation, page: Page) -> list[dict[str, Any]]:
        if not page.is_json:
            row = {str(operation.setting("response_property", "response")): page.body}
            if self._config.get("response_include_content_type") is True:
                row["content-type"] = page.answer.headers.get("Content-Type")
            return [row]
        rows = page.result if type(page.result) is list else [] if page.is_empty else [page.result]
        if not all(type(row) is dict for row in rows):
            problem = "the answer has no entities where they should be: each has to be an object"
            raise operation.client.connection.failure(page.call, problem, page.answer)
        return rows

    def _entity(self, operation: Operation, page: Page, row: dict[str, Any]) -> Entity:
        entity = dict(row)
        expressions = {
            "_id": operation.id_expression,
            "_updated": operation.updated_expression if self.continues else None,
        }
        for name, template in expressions.items():
            if template is not None and entity.get(name) is None:
                value = _rendered(template, page, row)
                if value is not None:
                    entity[name] = value
        if operation.setting("response_headers_property") is not None:
            entity[str(operation.setting("response_headers_property"))] = dict(page.answer.headers)
        if operation.setting("response_status_property") is not None:
            entity[str(operation.setting("response_status_property"))] = page.answer.status
        return entity


def _rendered(template: Template, page: Page, row: dict[str, Any]) -> str | None:
    # What an answer says by itself goes before the row, and is not among these.
    if page.named.keys().isdisjoint(template.names) and (found := template.value_in(row)) is not None:
        return found
    try:
        return template.value(page.variables(row))
    except PumpFailed as error:
        if page.is_json:
            raise
        raise PumpFailed(f"{error}; the answer is {page.answer.media_type or 'of no type'}, not JSON") from None
