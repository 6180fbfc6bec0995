"""One answer of an operation as its templates see it, and when the next page is not asked for any more.

Rules: configuration-systems-rest.rst (`next_page_link`, `next_page_termination_strategy`, `payload_property`); decision 0433.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from requests.structures import CaseInsensitiveDict
from requests.utils import parse_header_links

from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.rest.call import Answer, Call

STRATEGIES = (
    "empty-result",
    "same-next-page-link",
    "next-page-link-empty",
    "same-next-page-request",
    "same-response",
    "not-full-page",
)
DEFAULT_STRATEGIES = ("next-page-link-empty", "same-next-page-request", "same-response")


@dataclass(frozen=True)
class Page:
    """`body` is the parsed JSON when `is_json`, else the text; `result` the part of it that counts.

    `named` are the variables that templates see of the request and the answer. Those in `more` are not promised by the
    documentation, so the properties of an entity go before them.
    """

    number: int
    call: Call
    answer: Answer
    body: Any
    is_json: bool
    result: Any
    named: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self.result is None or self.result in ("", [], {})

    @property
    def count(self) -> int:
        """How many entities it has."""
        return len(self.result) if type(self.result) is list else int(not self.is_empty)

    def variables(self, row: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What templates see after the answer; of a row its properties, too."""
        found = {**self.more, **(row or {}), **self.named}
        return found if row is None else {**found, "entity": row}


def previous_variables(page: Page | None) -> dict[str, Any]:
    """What the templates of a page see of the one before it."""
    if page is None:
        return {}
    return {
        "previous_body": page.body,
        "previous_request_headers": CaseInsensitiveDict(page.call.headers),
        "previous_params": dict(page.call.params),
        "previous_headers": response_headers(page.answer),
    }


def response_headers(answer: Answer) -> CaseInsensitiveDict[Any]:
    """The headers, whose names ignore case; `Link` is an object of relations to addresses (RFC 8288)."""
    headers: CaseInsensitiveDict[Any] = CaseInsensitiveDict(answer.headers)
    if "Link" in headers:
        links = parse_header_links(headers["Link"])
        headers["Link"] = {rel: link["url"] for link in links for rel in link.get("rel", "").split()}
    return headers


def part_of(body: Any, path: str | None) -> Any:
    """The property of a body, by its name or by a path of names with dots; None when it is not there."""
    if path is None:
        return body
    if type(body) is dict and path in body:
        return body[path]
    for name in path.split("."):
        if type(body) is not dict:
            return None
        body = body.get(name)
    return body


def strategies_of(given: Any, page_size: Any) -> frozenset[str]:
    """The strategies of an operation. Raises PumpFailed for one that does not exist, or lacks its page size."""
    found = frozenset(DEFAULT_STRATEGIES if given is None else [given] if type(given) is str else given)
    if unknown := found.difference(STRATEGIES):
        names = ", ".join(sorted(map(str, unknown)))
        raise PumpFailed(f"next_page_termination_strategy is {names}; there is {', '.join(STRATEGIES)}")
    if "not-full-page" in found and type(page_size) is not int:
        raise PumpFailed('the strategy "not-full-page" needs a page_size')
    return found
