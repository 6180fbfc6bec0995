"""webCRM over HTTP: addresses, logins, limits, and the forms of its answers.

Rules: webCRM's API, sections 1 to 6 and 10. Addresses and names ignore case.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.exchange import Answer, json_answer
from dataflow.simulators.server import Server
from dataflow.simulators.webcrm import administration, finders
from dataflow.simulators.webcrm.answering import rows_of
from dataflow.simulators.webcrm.form import form_of
from dataflow.simulators.webcrm.paging import page_of
from dataflow.simulators.webcrm.refused import Refused
from dataflow.simulators.webcrm.resource import BY_PATH, RESOURCES, Resource
from dataflow.simulators.webcrm.tenant import Tenant
from dataflow.simulators.webcrm.throttle import Throttle
from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN, Tokens, failure
from dataflow.simulators.webcrm.wire import (
    JSON_BODIES,
    LIMIT,
    change_of,
    json_of,
    media_type,
    nowhere,
    object_of,
    throttled,
    unauthorized,
)

if TYPE_CHECKING:
    from dataflow.clock import Clock
    from dataflow.simulators.exchange import Request
    from dataflow.simulators.webcrm.behaviour import Behaviour
    from dataflow.simulators.webcrm.store import Row, Store

CATALOGUE = RESOURCES["catalogue"]


class Webcrm:
    """A simulated webCRM. `tenant` has its rows, `clock` its time, `tokens` and `throttle` who may ask and how often.

    crm = Webcrm()
    with crm.served() as server:
        ...
    """

    private_paths = frozenset({"/auth", "/auth/apilogin", "/auth/apirefresh"})

    def __init__(
        self,
        *,
        clock: SimulatedClock | Clock | None = None,
        store: Store | None = None,
        behaviour: Behaviour | None = None,
        application_token: str = APPLICATION_TOKEN,
    ) -> None:
        self.clock = clock if isinstance(clock, SimulatedClock) else SimulatedClock(clock)
        self.tenant = Tenant(self.clock, store=store, behaviour=behaviour)
        self.behaviour = self.tenant.behaviour
        self.tokens = Tokens(self.clock, self.behaviour, application_token)
        self.throttle = Throttle(self.clock, self.behaviour.rate_limit)

    def served(self, **options: Any) -> Server:
        """A server of this system, not started yet; `options` are those of `Server`."""
        return Server(self, clock=self.clock, **options)

    def administer(self, request: Request) -> Answer | None:
        return administration.administer(self, request)

    def answer(self, request: Request) -> Answer:
        try:
            answer = self._login(request) or self._guarded(request)
        except Refused as refused:
            answer = json_answer({"Message": refused.message, "Type": refused.kind}, refused.status)
        if answer.body:
            answer.headers["Content-Type"] = f"{media_type(request)}; charset=utf-8"
        return answer

    def refusal(self, status: int, retry_after: int | None) -> Answer:
        if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
            # What stands before webCRM answers then, and that is a page for people.
            phrase = HTTPStatus(status).phrase
            html = f"<html><head><title>{phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
            return Answer(status, html.encode(), {"Content-Type": "text/html"})
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return throttled(self.throttle.limit or LIMIT, 1 if retry_after is None else retry_after)
        if status == HTTPStatus.UNAUTHORIZED:
            return unauthorized()
        return json_answer({"Message": "An error has occurred.", "Type": "Exception"}, status)

    def _login(self, request: Request) -> Answer | None:
        """The answer to what asks for a token; None for everything else."""
        path = "/".join(request.segments).lower()
        if request.method != "POST" or path not in ("auth/apilogin", "auth/apirefresh"):
            return None
        given = {name.lower(): value for name, value in request.query}
        form = form_of(request)
        if form is not None:
            given |= form
        elif self.behaviour.json_login and request.media_type in JSON_BODIES:
            given |= {name.lower(): str(value) for name, value in object_of(request).items()}
        if path == "auth/apilogin":
            tokens = self.tokens.login(given.get("authcode", ""))
            error = failure("invalid_client", "The application token is not known")
        else:
            tokens = self.tokens.refreshed(request.headers.get("refreshtoken") or given.get("refreshtoken", ""))
            error = failure("invalid_grant", "invalid_grant: the refresh token is not good any more")
        return json_answer(tokens) if tokens else json_answer(error, self.behaviour.failed_login)

    def _guarded(self, request: Request) -> Answer:
        if not self.tokens.good(request.headers.get("authorization") or ""):
            return unauthorized()
        wait = self.throttle.take()
        if wait is not None:
            return throttled(self.throttle.limit or LIMIT, wait)
        first, *rest = request.segments
        match (request.method, first.lower(), rest):
            case ("GET", "auth", []):
                return Answer()
            case ("GET", "queries", []):
                return self._query(request)
            case (_, "quotationlines", [below, *more]) if below.lower() == "linkeddata":
                return self._catalogue(request, more)
            case (_, path, _) if path in BY_PATH:
                return self._resource(request, BY_PATH[path], rest)
        raise nowhere(request)

    def _query(self, request: Request) -> Answer:
        page = page_of(request, self.behaviour)
        script = next((value for name, value in request.query if name.lower() == "script"), "")
        return json_answer(rows_of(self.tenant, script, limit=page.limit, offset=page.offset))

    def _resource(self, request: Request, one: Resource, rest: list[str]) -> Answer:
        match (request.method, rest):
            case ("GET", []):
                page = page_of(request, self.behaviour)
                rows = self.tenant.rows(one.noun, limit=page.limit, offset=page.offset)
                return self._rows(request, one, rows)
            case ("POST", []):
                return json_answer(self.tenant.create(one.noun, object_of(request)))
            case ("PATCH", []):
                return json_answer(self._patched(one, request))
            case (_, [number]) if number.isdecimal():
                return self._row(request, one, int(number))
            case ("GET", [_, *_]):
                page = page_of(request, self.behaviour)
                query = {name.lower(): value for name, value in request.query}
                rows_found = finders.found(self.tenant, one, rest, query, page)
                if rows_found is not None:
                    return self._rows(request, one, rows_found)
            case ("POST", [number, *action]) if number.isdecimal() and one.noun in ("opportunity", "delivery"):
                answer = self._deal(request, one, int(number), [part.lower() for part in action])
                if answer is not None:
                    return answer
        raise nowhere(request)

    def _row(self, request: Request, one: Resource, row_id: int) -> Answer:
        match request.method:
            case "GET":
                return self._rows(request, one, [self.tenant.get(one.noun, row_id)], single=True)
            case "PUT":
                self.tenant.update(one.noun, row_id, change_of(request, one, row_id))
                return Answer()
            case "DELETE" if one.deletable:
                self.tenant.delete(one.noun, row_id)
                return Answer()
            case "DELETE":
                raise nowhere(request, self.behaviour.undeletable)
        raise nowhere(request, HTTPStatus.METHOD_NOT_ALLOWED)

    def _patched(self, one: Resource, request: Request) -> list[str]:
        """Ids and texts of failures, row by row."""
        rows = json_of(request)
        if not isinstance(rows, list):
            raise Refused("The body is an array of objects")
        answers: list[str] = []
        for row in rows:
            try:
                if not isinstance(row, dict):
                    raise Refused("A row is an object")
                new = self.tenant.upsert(one.noun, row)
            except Refused as refused:
                answers.append(refused.message)
                continue
            if new is not None:
                answers.append(str(new))
            elif self.behaviour.patched != "nothing":
                key = next(value for name, value in row.items() if name.lower() == one.key.lower())
                answers.append(str(key) if self.behaviour.patched == "id" else "")
        return answers

    def _deal(self, request: Request, one: Resource, row_id: int, action: list[str]) -> Answer | None:
        tenant = self.tenant
        match (one.noun, action):
            case (_, ["move"]):
                body = {name.lower(): value for name, value in object_of(request).items()}
                organisation = body.get("neworganisationid")
                if type(organisation) is not int:
                    raise Refused("NewOrganisationId is the id of an organisation")
                tenant.move(one.noun, row_id, organisation, by=tenant.token_user)
                return Answer(HTTPStatus.NO_CONTENT)
            case ("opportunity", ["converttodelivery"]):
                return json_answer(tenant.convert("opportunity", row_id, by=tenant.token_user))
            case ("delivery", ["converttoopportunity", level]) if level.isdecimal():
                return json_answer(tenant.convert("delivery", row_id, by=tenant.token_user, level=int(level)))
        return None

    def _catalogue(self, request: Request, rest: list[str]) -> Answer:
        match (request.method, rest):
            case ("GET", []):
                return json_answer(self.tenant.all("catalogue"))
            case ("POST", []):
                return json_answer(self.tenant.create("catalogue", object_of(request)))
            case ("DELETE", []):
                for item in self.tenant.all("catalogue"):
                    self.tenant.delete("catalogue", item[CATALOGUE.key])
                return Answer()
            case (_, [number]) if number.isdecimal():
                return self._row(request, CATALOGUE, int(number))
        raise nowhere(request)

    def _rows(self, request: Request, one: Resource, rows: list[Row], *, single: bool = False) -> Answer:
        include = next((value for name, value in request.query if name.lower() == "include"), "")
        if include.lower() == "securityinfo":
            for row in rows:
                row[f"{one.prefix}SecurityInfo"] = {"CanRead": True, "CanEdit": True}
        return json_answer(rows[0] if single else rows)
