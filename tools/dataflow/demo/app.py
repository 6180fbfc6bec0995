"""The pages: records side by side, why a value is what it is, and the checklist. Every form works without a script."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dataflow.demo.guard import REPORT, Guard
from dataflow.demo.session import NAMES
from dataflow.demo.travel import places, stops
from dataflow.errors import DataflowError
from dataflow.node.explain import value_at
from dataflow.report.checklist_page import SYSTEMS, WORDS
from dataflow.report.drawing import flows_svg
from dataflow.report.page import page
from dataflow.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from dataflow.demo.pairing import Pair, Pairing
    from dataflow.demo.proving import Proving
    from dataflow.demo.session import Session

_PACKAGE = "dataflow.demo"
_FIRST = "persons-contact"
_WAYS = {"both": "Either may change it", "crm": "webCRM owns it", "erp": "Customerp owns it"}


class Pages:
    """The application's endpoints; what is to be said once, after an edit or a sync, waits in `notice` for the next page."""

    def __init__(self, session: Session, proving: Proving) -> None:
        self._session = session
        self._proving = proving
        self._notice = ""
        self._fault = ""

    def app(self) -> ASGIApp:
        record = "/records/{flow}/{record}"
        routes = [
            Route("/", self.start),
            Route(record, self.records),
            Route(record + "/edit/{system}", self.edit, methods=["POST"]),
            Route(record + "/sync", self.sync, methods=["POST"]),
            Route("/again", self.again, methods=["POST"]),
            Route("/why/{member}/{record}/{name}", self.why),
            Route("/checklist", self.checklist),
            Route("/checklist/run", self.run, methods=["POST"]),
            Route(REPORT, self.report),
            Route("/demo.css", self.style),
            Route("/demo.js", self.script),
        ]
        return Guard(Starlette(routes=routes, exception_handlers={DataflowError: self.told}))

    # --- pages --------------------------------------------------------------------------------------------------------

    def start(self, request: Request) -> Response:
        return RedirectResponse(self._address(), 303)

    def records(self, request: Request) -> Response:
        session = self._session
        with session.lock:
            flow_name, record_id = request.path_params["flow"], request.path_params["record"]
            flow = session.flow(flow_name)
            pairing = session.pairing()
            pair = pairing.pair(flow, record_id)
            journey = session.journey
            drawing = flows_svg(
                session.picture,
                title="The flows, with the number of records",
                counts=session.counts(),
                marked=places(journey) if journey else {},
                names=SYSTEMS,
            )
            return self._page(
                "records.html.j2",
                flow_name=flow_name,
                flow=flow,
                flows=session.flows,
                pair=pair,
                pairs=pairing.pairs(flow),
                lines=list(pairing.lines(pair)),
                titles={system: self._title(pairing, pair.place(system)) for system in NAMES},
                drawing=drawing,
                pending=session.pending,
                journey=journey,
                stops=stops(journey) if journey else [],
                syncs=session.syncs,
                ways=_WAYS,
                address=self._address,
                asking=_asking,
            )

    def why(self, request: Request) -> Response:
        params = request.path_params
        with self._session.lock:
            found = self._session.why(params["member"], params["record"], params["name"])
            back = self._back(request.query_params.get("from", ""))
            return self._page("why.html.j2", why=found, back=back, pending=self._session.pending, value_at=value_at)

    def checklist(self, request: Request) -> Response:
        proving = self._proving
        rows = proving.rows()
        results = [result for flow in rows.values() for _, result in flow]
        return self._page(
            "checklist.html.j2",
            state=proving.state,
            said=proving.said,
            rows=rows,
            words=WORDS,
            proven=sum(result is not None and result.verdict is Verdict.PASS for result in results),
            failed=sum(result is not None and result.verdict is Verdict.FAIL for result in results),
            total=len(results),
        )

    def report(self, request: Request) -> Response:
        if self._proving.report is None:
            return RedirectResponse("/checklist", 303)
        return HTMLResponse(self._proving.report)

    # --- forms --------------------------------------------------------------------------------------------------------

    async def edit(self, request: Request) -> Response:
        typed = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        params = request.path_params

        def work() -> None:
            pair = self._session.pairing().pair(self._session.flow(params["flow"]), params["record"])
            changed = self._session.edit(pair, params["system"], typed)
            name = NAMES[params["system"]]
            what = (
                f"{', '.join(changed)} saved in {name}. Press Sync to see it travel."
                if changed
                else "Nothing was changed."
            )
            self._notice = what

        if params["system"] not in NAMES:
            return PlainTextResponse("there is no such system", 404)
        return await self._done(work, self._address(params["flow"], params["record"]))

    async def sync(self, request: Request) -> Response:
        def work() -> None:
            journey = self._session.sync()
            sent = len(journey.requests)
            writes = f"{sent} write{'' if sent == 1 else 's'} to the systems" if sent else "nothing to write"
            passed = f"{len(journey.pipes)} pipes passed" if journey.steps else "nothing had changed"
            self._notice = f"In step again: {passed}, {writes}."

        params = request.path_params
        return await self._done(work, self._address(params["flow"], params["record"]))

    async def again(self, request: Request) -> Response:
        def work() -> None:
            self._session.begin()
            self._proving.forget()
            self._notice = "Everything is as it was at the beginning."

        return await self._done(work, "/")

    async def run(self, request: Request) -> Response:
        self._proving.start()
        return RedirectResponse("/checklist", 303)

    # --- the rest -----------------------------------------------------------------------------------------------------

    def style(self, request: Request) -> Response:
        return Response(page("demo.css.j2", package=_PACKAGE), media_type="text/css")

    def script(self, request: Request) -> Response:
        text = resources.files(_PACKAGE).joinpath("pages", "demo.js").read_text("utf-8")
        return Response(text, media_type="text/javascript")

    def told(self, request: Request, error: Exception) -> Response:
        """What cannot be shown, told on a page."""
        return self._page("told.html.j2", status=404, told=str(error))

    async def _done(self, work: Callable[[], None], address: str) -> Response:
        """Do what a form asks for, one at a time, and go on to a page that says what came of it."""

        def alone() -> None:
            with self._session.lock:
                try:
                    work()
                except DataflowError as error:
                    self._fault = str(error)

        await run_in_threadpool(alone)
        return RedirectResponse(address, 303)

    def _page(self, name: str, *, status: int = 200, **values: Any) -> Response:
        notice, fault, self._notice, self._fault = self._notice, self._fault, "", ""
        text = page(name, package=_PACKAGE, notice=notice, fault=fault, names=NAMES, path=_path, **values)
        return HTMLResponse(text, status)

    def _address(self, flow: str = _FIRST, record: str | None = None) -> str:
        """Of a record; of the first one of a flow when none is given."""
        if record is None:
            name = flow if flow in self._session.flows else next(iter(self._session.flows))
            pairs = self._session.pairing().pairs(self._session.flows[name])
            flow, record = name, pairs[0].original if pairs else "-"
        return _path("records", flow, record)

    def _back(self, where: str) -> str:
        """The page that a link came from, when it is one of ours."""
        return where if where.startswith("/records/") else "/"

    def _title(self, pairing: Pairing, place: str | None) -> str:
        return "" if place is None else pairing.title(*place.split(":", 1))


def _path(*parts: object) -> str:
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def _asking(pair: Pair, system: str, name: str, came_from: str) -> str:
    """The page that explains a property of one record of a pair."""
    member, _, record_id = str(pair.place(system)).partition(":")
    return f"{_path('why', member, record_id, name)}?from={quote(came_from)}"
