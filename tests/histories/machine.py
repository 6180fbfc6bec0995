"""Random histories of two systems: records made, edited on either side and on both, faults, deaths of the node, and syncing.

Whatever happens, both systems end in step: linked one to one, every property the same, the latest edit winning, nothing made twice,
nothing written that changes nothing, and nothing more to write.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from dataflow.generate.mapping_file import read_mappings
from dataflow.node.store.sqlite import SqliteStore
from dataflow.results import Verdict
from dataflow.scenario.convergence import in_step
from dataflow.scenario.deadly import Death
from dataflow.scenario.pairs import Pairs
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables
from dataflow.scenario.values import editable, new_value
from dataflow.scenario.world import Stage, World
from histories.model import Model
from histories.watching import Watching

if TYPE_CHECKING:
    from dataflow.generate.mapping import Row

ROOT = Path(__file__).parents[2]

# Fields with few values: edited back and forth between two readings they would show nothing.
FEW = {"country", "currency", "vat-code", "status", "date"}

TROUBLES = [
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "timeout", "seconds": 0.01},
    {"kind": "timeout", "seconds": 0.01, "after": True},
    {"kind": "500"},
    {"kind": "502", "after": True},
    {"kind": "503", "count": 3},
    {"kind": "429", "retry_after": 2, "count": 4},
    {"kind": "401"},
    {"kind": "truncated"},
    {"kind": "broken-off"},
    {"kind": "empty-page"},
    {"kind": "shifted-rows", "rows": 1},
]


@cache
def stage() -> Stage:
    """One for all histories of this process; it lives as long as that."""
    return Stage(ROOT).__enter__()


class History(RuleBasedStateMachine):
    @initialize(both_ways=st.booleans())
    def begin(self, both_ways: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="history-"))
        self.world = World(stage(), open_store=lambda: SqliteStore(self.folder), create_in_webcrm=both_ways)
        self.both_ways = both_ways
        environment = self.world.project.env
        mappings = ROOT / "pipes" / "mappings"
        self.reading = Reading(read_mappings(mappings), environment, read_tables(mappings, environment))
        self.tie = {member: concept.tie for concept in self.reading.concepts.values() for member in concept.members}
        self.model = Model()
        self.watching = {}
        for name, system in self.world.systems.items():
            self.watching[name] = Watching(system)
            system.server.application = self.watching[name]
        self.count = 0
        self.made: dict[str, list[str]] = {}
        self.trouble = False
        # The first one is the vendor's own, which takes no part.
        self.world.systems["webcrm"].create("webcrm-organisation", {"OrganisationName": "Vendor"})
        for make in (self.new_user, self.new_organisation, self.new_product):
            make()

    # --- making -------------------------------------------------------------------------------------------------------

    def _number(self) -> int:
        self.count += 1
        return self.count

    def _make(self, member: str, **values: Any) -> str:
        record_id = self.world.systems[member.partition("-")[0]].create(member, values)
        self.made.setdefault(member, []).append(record_id)
        return record_id

    def _one(self, member: str, pick: int) -> int:
        known = self.made[member]
        return int(known[pick % len(known)])

    @rule()
    def new_user(self) -> None:
        n = self._number()
        self._make(
            "webcrm-user",
            UserName=f"Kari Moe{_letters(n)}",
            UserEmail=f"user{n}@example.com",
            UserInitials=f"K{n}",
            UserLoginName=f"user{n}",
            UserPassword="x",
        )

    @rule()
    def new_organisation(self, pick: int = 0) -> None:
        n = self._number()
        self._make(
            "webcrm-organisation",
            OrganisationName=f"Firma {n}",
            OrganisationAddress=f"Gata {n}",
            OrganisationOwner=self._one("webcrm-user", pick),
        )

    @rule()
    def new_product(self) -> None:
        n = self._number()
        self._make("webcrm-product", ProductCustom1=f"N-{n}", ProductCustom2=f"Vare {n}", ProductPrice=n + 0.5)

    @rule(pick=st.integers(0, 9))
    def new_person(self, pick: int) -> None:
        n = self._number()
        self._make(
            "webcrm-person",
            PersonOrganisationId=self._one("webcrm-organisation", pick),
            PersonFirstName=f"Per{_letters(n)}",
            PersonLastName="Berg",
            PersonEmail=f"person{n}@example.com",
            PersonStatus="Active",
        )

    @rule(pick=st.integers(0, 9))
    def new_opportunity(self, pick: int) -> None:
        n = self._number()
        self._make(
            "webcrm-opportunity",
            OpportunityOrganisationId=self._one("webcrm-organisation", pick),
            OpportunityAssignedTo=self._one("webcrm-user", pick),
            OpportunityDescription=f"Avtale {n}",
        )

    @precondition(lambda self: self.made.get("webcrm-opportunity"))
    @rule(pick=st.integers(0, 9))
    def new_line(self, pick: int) -> None:
        n = self._number()
        opportunity = self._one("webcrm-opportunity", pick)
        product = self.world.systems["webcrm"].records()["webcrm-product"][str(self._one("webcrm-product", pick))]
        self._make(
            "webcrm-quotationline",
            QuotationLineOpportunityId=opportunity,
            QuotationLineMemo=f"Linje {n}",
            QuotationLineData1=product["ProductCustom1"],
            QuotationLineQuantity=n % 5 + 1,
            QuotationLinePrice=n + 0.25,
        )

    @precondition(lambda self: self.both_ways)
    @rule(member=st.sampled_from(["customerp-customer", "customerp-product"]))
    def born_in_customerp(self, member: str) -> None:
        n = self._number()
        values = (
            {"Name": f"Kunde {n}", "StreetAddress1": f"Gata {n}"}
            if member == "customerp-customer"
            else {"ProductNumber": f"C-{n}", "Name": f"Vare {n}"}
        )
        self._make(member, **values)

    # --- editing ------------------------------------------------------------------------------------------------------

    def _editable(self) -> list[tuple[Row, str, str | None]]:
        """Every row of every webCRM record, with the id of its counterpart."""
        records = self.world.records()
        pairs = Pairs(self.reading, records)
        return [
            (row, record_id, pairs.counterpart(flow.webcrm, record_id))
            for flow in self.reading.flows
            for record_id in records[flow.webcrm]
            for row in flow.rows
            if row.way == "both" and not row.once and editable(row, "webcrm")
        ]

    def _edit(self, row: Row, side: str, original: str, counterpart: str | None) -> None:
        member = row.member(side)
        record_id = original if side == "webcrm" else str(counterpart)
        pair = (row.webcrm_member, original)
        if row.kind in FEW and self.model.is_open(pair, row.golden, side):
            return
        system = self.world.systems[side]
        record = system.records()[member][record_id]
        change = new_value(self.reading, row, side, record, self._number())
        system.edit(member, record_id, change)
        value = self.reading.normal(row, member, {**record, **change})
        # All of an order has one time of change in Customerp.
        holder = f"{side} order {record_id.partition('-')[0]}" if "order" in member else f"{member} {record_id}"
        self.model.edited(pair, row.golden, side, value, holder, self._now())

    def _now(self) -> int:
        return self.world.clock.now_ns() // 1_000_000_000

    @rule(data=st.data(), side=st.sampled_from(["webcrm", "customerp"]), seconds=st.integers(1, 90))
    def edit(self, data: st.DataObject, side: str, seconds: int) -> None:
        self.world.wait(seconds)
        able = [one for one in self._editable() if side == "webcrm" or one[2] is not None]
        if able:
            row, original, counterpart = data.draw(st.sampled_from(able))
            self._edit(row, side, original, counterpart)

    @rule(data=st.data(), between=st.integers(0, 2))
    def edit_both_sides(self, data: st.DataObject, between: int) -> None:
        self.world.wait(1)
        able = [one for one in self._editable() if one[2] is not None]
        if able:
            row, original, counterpart = data.draw(st.sampled_from(able))
            first = data.draw(st.sampled_from(["webcrm", "customerp"]))
            self._edit(row, first, original, counterpart)
            self.world.wait(between)
            self._edit(row, "customerp" if first == "webcrm" else "webcrm", original, counterpart)

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    @rule(
        system=st.sampled_from(["webcrm", "customerp"]),
        trouble=st.sampled_from(TROUBLES),
        nth=st.integers(1, 6),
        method=st.sampled_from([None, "GET", "POST", "PUT", "PATCH"]),
    )
    def fault(self, system: str, trouble: dict[str, Any], nth: int, method: str | None) -> None:
        settings = {name: value for name, value in trouble.items() if name != "kind"}
        self.world.systems[system].faults.add(str(trouble["kind"]), nth=nth, method=method, **settings)
        self.trouble = True

    @rule(system=st.sampled_from(["webcrm", "customerp"]), nth=st.integers(1, 12), writing=st.booleans())
    def death(self, system: str, nth: int, writing: bool) -> None:
        method = {"webcrm": "PUT", "customerp": "POST"}[system] if writing else None
        self.world.trace.deaths.append(Death(system, method, self.world.systems[system].base, 1 if writing else nth))
        self.trouble = True

    # --- syncing ------------------------------------------------------------------------------------------------------

    @rule()
    def one_round(self) -> None:
        report = self.world.round()
        surely = not self.trouble and report is not None and not report.failures
        if not self.trouble:
            assert report is not None
            assert not report.failures, [f"{failure.pipe}: {failure.message}" for failure in report.failures]
        self.model.collected(surely=surely)

    @rule()
    def settle(self) -> None:
        """Everything is well again, and both systems come in step."""
        for system in self.world.systems.values():
            system.faults.clear()
        self.world.trace.deaths.clear()
        idle = {name: len(one.idle) for name, one in self.watching.items()}
        reports = self.world.sync()
        failures = [f"{failure.pipe}: {failure.message}" for failure in reports[-1].failures]
        assert not failures, failures
        self.model.collected(surely=True)
        self._check()
        for name, one in self.watching.items():
            assert not one.idle[idle[name] :], one.idle[idle[name] :]
        self.world.mark()
        self.world.round()
        echoes = [self.world.shown(*write) for write in self.world.writes(since_mark=True)]
        assert not echoes, echoes
        self.model.settled()
        self.trouble = False

    def _check(self) -> None:
        records = self.world.records()
        apart = [f"{one.id}: {one.reason}" for one in in_step(self.reading, records) if one.verdict is Verdict.FAIL]
        assert not apart, apart
        for (pair, golden), allowed in self.model.expected(self.tie).items():
            row = next(
                r for flow in self.reading.flows for r in flow.rows if (r.webcrm_member, r.golden) == (pair[0], golden)
            )
            found = self.reading.normal(row, pair[0], records[pair[0]][pair[1]])
            assert found in allowed, f"{golden} of {pair[0]} {pair[1]} is {found!r}, and has to be {allowed!r}"
        made = {member: len(ids) for member, ids in self.made.items()}
        for webcrm, customerp in (
            (["webcrm-organisation"], "customerp-customer"),
            (["webcrm-person", "webcrm-user"], "customerp-contact"),
            (["webcrm-product"], "customerp-product"),
            (["webcrm-opportunity"], "customerp-order"),
        ):
            total = sum(made.get(member, 0) for member in [*webcrm, customerp])
            assert len(records[customerp]) == total, f"{len(records[customerp])} {customerp}, not {total}"
            found = sum(not self.reading.left_out(m, one) for m in webcrm for one in records[m].values())
            assert found == total, f"{found} {', '.join(webcrm)}, not {total}"
        lines = {str(line["ExternalId"]) for line in records["customerp-orderline"].values()}
        assert lines == set(self.made.get("webcrm-quotationline", ()))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.settle()
        finally:
            self.world.close()
            shutil.rmtree(self.folder, ignore_errors=True)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
