"""An operation being run: requests are made from its templates, and answers asked for until there are no more pages.

Rules: configuration-systems-rest.rst ("Operation properties": the variables of each template, since, paging); decisions 0432, 0433.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from requests.structures import CaseInsensitiveDict

from dataflow.dtl.plain import text
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.operation import Use
from dataflow.node.rest.page import Page, part_of, previous_variables, response_headers
from dataflow.node.rest.payload import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.dtl.values import Entity, Value
    from dataflow.node.rest.call import Answer
    from dataflow.node.rest.operation import Operation


@dataclass(frozen=True)
class Asking:
    """What an operation is run for: an `entity`, or by a source what there is after `since`.

    `payload` and `properties` are those of the entity, which go before all others.
    """

    entity: Entity | None = None
    payload: Value = None
    properties: Mapping[str, Any] | None = None
    since: Value = None


@dataclass(frozen=True)
class _Built:
    """A request, and what its templates saw: `named` is promised by the documentation, `more` is not."""

    call: Call
    named: Mapping[str, Any]
    more: Mapping[str, Any]


class _Same(Exception):
    """The next page would be asked for with the request that there has just been."""


class Pages:
    """The answers of one run, one after another; each is asked for when it is wanted. Raises PumpFailed, CallFailed for answers."""

    def __init__(self, operation: Operation, asking: Asking) -> None:
        self._operation = operation
        self._asking = asking
        self._client = operation.client
        self._properties = operation.properties if asking.properties is None else asking.properties

    def __iter__(self) -> Iterator[Page]:
        """The last one may be empty; an answer with a status that is ignored is none."""
        operation = self._operation
        ends = operation.strategies
        page: Page | None = None
        link: str | None = None
        while True:
            following = self._next(page, link)
            if following is None:
                return
            if page is not None and "same-response" in ends and following.answer.content == page.answer.content:
                return
            page = following
            yield page
            if operation.next_page_link is None or not page.answer.ok:
                return
            if "empty-result" in ends and page.is_empty:
                return
            if "not-full-page" in ends and page.count < (operation.page_size or 0):
                return
            before, link = link, operation.next_page_link.value_if_there(page.variables())
            # Without a link there is no way to go on, whatever the strategies are.
            if link is None or ("same-next-page-link" in ends and link == before):
                return

    def _next(self, previous: Page | None, link: str | None) -> Page | None:
        operation = self._operation
        built: _Built

        def build() -> Call:
            nonlocal built
            built = self._built(previous, link)
            if (
                previous is not None
                and built.call == previous.call
                and "same-next-page-request" in operation.strategies
            ):
                raise _Same
            return built.call

        try:
            call, answer = self._client.connection.exchange(
                build,
                patience=operation.patience,
                accepts=lambda status: status in operation.allowed or status in operation.ignored,
                anonymous=operation.use is Use.TOKEN,
            )
        except _Same:
            return None
        if answer.status in operation.ignored:
            return None
        return self._page(built, call, answer, 0 if previous is None else previous.number + 1)

    # --- requests -----------------------------------------------------------------------------------------------------

    def _built(self, previous: Page | None, link: str | None) -> _Built:
        operation = self._operation
        named, more = self._variables(previous)
        seen = {**(self._asking.entity or {}), **named, **more}
        if previous is not None and link is not None:
            url = urljoin(previous.call.url, link)
        else:
            url = self._client.connection.address(operation.url.render(seen))
        seen["url"] = url
        # Either may refer to the other; which of the two does is known beforehand.
        if operation.headers.names & {"params", "request_params"}:
            params = self._params(seen)
            headers = self._headers({**seen, "params": params, "request_params": params})
        else:
            headers = self._headers(seen)
            params = self._params({**seen, "headers": headers})
        payload = self._payload({**seen, "params": params, "request_params": params, "headers": headers})
        body, kind = encoded(payload, operation.payload_type, headers)
        if kind is not None and (kind.startswith("multipart/") or "Content-Type" not in headers):
            headers["Content-Type"] = kind
        secret = operation.use is Use.TOKEN
        call = Call(operation.name, operation.method, url, params, dict(headers), body, confidential=secret)
        return _Built(call, named, more)

    def _variables(self, previous: Page | None) -> tuple[dict[str, Any], dict[str, Any]]:
        """What every template of the request sees, beside the entity's own properties."""
        operation, asking = self._operation, self._asking
        number = 0 if previous is None else previous.number + 1
        named: dict[str, Any] = {
            "properties": self._properties,
            "page": number,
            "is_first_page": number == 0,
            **previous_variables(previous),
        }
        if operation.use is Use.SOURCE:
            named |= {operation.since_name: asking.since, "since": asking.since}
        if asking.entity is not None:
            named["entity"] = asking.entity
        more = self._client.token_variables(operation.use)
        return named, more if operation.page_size is None else {**more, "page_size": operation.page_size}

    def _headers(self, seen: Mapping[str, Any]) -> CaseInsensitiveDict[str]:
        rendered = self._operation.headers.render(seen) or {}
        headers = CaseInsensitiveDict({name: _plain(value) for name, value in rendered.items() if value is not None})
        if self._adds_since("header"):
            headers[self._operation.since_name] = _plain(self._asking.since)
        return headers

    def _params(self, seen: Mapping[str, Any]) -> dict[str, Any]:
        rendered = self._operation.params.render(seen) or {}
        params = {
            name: [_plain(one) for one in value] if type(value) is list else _plain(value)
            for name, value in rendered.items()
            if value is not None
        }
        if self._adds_since("query"):
            params[self._operation.since_name] = _plain(self._asking.since)
        return params

    def _adds_since(self, location: str) -> bool:
        """Whether the since value is put there without being asked for: not where the URL has it already."""
        operation = self._operation
        if operation.use is not Use.SOURCE or self._asking.since is None or operation.since_location != location:
            return False
        return not operation.url.names & {"since", operation.since_name}

    def _payload(self, seen: Mapping[str, Any]) -> Value:
        if self._asking.payload is not None:
            return self._asking.payload
        return None if self._operation.payload is None else self._operation.payload.render(seen)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _page(self, built: _Built, call: Call, answer: Answer, number: int) -> Page:
        operation = self._operation
        is_json = answer.media_type in operation.json_types
        try:
            body = (answer.json() if answer.content else None) if is_json else answer.text
        except NotJson as error:
            raise self._client.connection.failure(call, f"the answer is not JSON: {error}", answer) from None
        headers = response_headers(answer)
        named = {
            **built.named,
            "body": body,
            "url": call.url,
            "request_params": call.params,
            "headers": headers,
            "response_headers": headers,
            "request_headers": CaseInsensitiveDict(call.headers),
        }
        if self._asking.entity is not None:
            named["source_entity"] = self._asking.entity
        result = part_of(body, operation.payload_property) if is_json else body
        page = Page(number, call, answer, body, is_json, result, named, built.more)
        self._check(page)
        return page

    def _check(self, page: Page) -> None:
        """Some systems say in the body that something went wrong."""
        operation = self._operation
        if operation.error_expression is None or operation.payload_property is None or not page.is_json:
            return
        fault = operation.error_expression.render(page.variables(self._asking.entity))
        if fault.strip():
            raise self._client.connection.failure(page.call, fault, page.answer)


def _plain(value: Value) -> str:
    """A value in a header or parameter."""
    return value if type(value) is str else str(text(value))
