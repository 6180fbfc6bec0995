"""The two systems as worlds and scenarios know them: simulated ones, at addresses that outlive what they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.simulators.clock import SimulatedClock
from dataflow.simulators.contract.description import read_description
from dataflow.simulators.contract.schemas import properties
from dataflow.simulators.customerp import Customerp
from dataflow.simulators.customerp.habits import Habits
from dataflow.simulators.customerp.seed import seed_from as customerp_seed
from dataflow.simulators.webcrm.application import Webcrm
from dataflow.simulators.webcrm.behaviour import Behaviour
from dataflow.simulators.webcrm.resource import RESOURCES
from dataflow.simulators.webcrm.seed import seed
from dataflow.simulators.webcrm.seed import seed_from as webcrm_seed
from dataflow.simulators.webcrm.tokens import APPLICATION_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from dataflow.clock import Clock
    from dataflow.simulators.faults import Faults
    from dataflow.simulators.journal import Journal
    from dataflow.simulators.server import Server

    Records = dict[str, dict[str, Any]]

WEBCRM = ("organisation", "person", "user", "product", "opportunity", "quotationline")
CUSTOMERP = ("customer", "contact", "product", "order")
# When a record was last changed that is there from the beginning and does not say so.
SINCE = "2026-06-01T09:00:00Z"


class System:
    """One system at its address. `begin` empties it; members (`webcrm-person`) are those of the mappings, ids are texts."""

    name: str
    base = ""
    server: Server

    def __enter__(self) -> System:
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, error, trace)

    @property
    def journal(self) -> Journal:
        return self.server.journal

    @property
    def faults(self) -> Faults:
        return self.server.faults

    @property
    def clock(self) -> SimulatedClock:
        return self.server.clock

    @property
    def variables(self) -> dict[str, str]:
        """What a profile says of its address."""
        raise NotImplementedError

    @property
    def secrets(self) -> Mapping[str, str]:
        raise NotImplementedError

    def begin(self, clock: Clock, switches: Mapping[str, Any] | None = None) -> None:
        """Everything is new: no records, no faults, an empty journal; `switches` are settings that differ."""
        raise NotImplementedError

    def load(self, member: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Put records in as they are, with the ids they have."""
        raise NotImplementedError

    def seed(self, folder: Path) -> None:
        """Put in what the package's test data say. Raises UsageError or FindingsError for what does not fit."""
        raise NotImplementedError

    def records(self) -> dict[str, Records]:
        """Everything it holds, by member and id."""
        raise NotImplementedError

    def edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Somebody changes a record there."""
        raise NotImplementedError

    def takes(self, member: str, names: Iterable[str]) -> bool:
        """Whether somebody can set these properties: in a simulated system, the system itself too."""
        return True

    def create(self, member: str, values: Mapping[str, Any]) -> str:
        """Somebody makes a record there; its id."""
        raise NotImplementedError

    def delete(self, member: str, record_id: str) -> None:
        """Somebody deletes a record there."""
        raise NotImplementedError

    def advance(self, member: str, record_id: str) -> None:
        """It goes on with a record by itself. Raises UsageError for what never goes on."""
        raise UsageError(f"nothing becomes of a {member} by itself")


class SimulatedWebcrm(System):
    name = "webcrm"

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self._behaviour = behaviour or Behaviour()
        self._crm = Webcrm(behaviour=self._behaviour)
        self.server = self._crm.served()

    @property
    def variables(self) -> dict[str, str]:
        return {"webcrm-base-url": self.server.url}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"webcrm-application-token": APPLICATION_TOKEN}

    def begin(self, clock: Clock, switches: Mapping[str, Any] | None = None) -> None:
        simulated = SimulatedClock(clock)
        self._crm = Webcrm(clock=simulated, behaviour=replace(self._behaviour, **(switches or {})))
        self.server.begin_anew(self._crm, simulated)

    def load(self, member: str, records: Iterable[Mapping[str, Any]]) -> None:
        noun = _noun(member)
        seed(self._crm.tenant, noun, [self._whole(noun, record) for record in records])

    def _whole(self, noun: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record with what a scenario does not care to say, but webCRM demands."""
        number = str(record[_key(noun)])
        own: dict[str, str] = {}
        if noun == "user":
            own = {"UserInitials": f"U{number}", "UserLoginName": f"user{number}", "UserPassword": f"password-{number}"}
        return {"_id": number, f"{RESOURCES[noun].prefix}UpdatedAt": SINCE, **own, **record}

    def seed(self, folder: Path) -> None:
        webcrm_seed(self._crm.tenant, folder)

    def records(self) -> dict[str, Records]:
        return {f"webcrm-{noun}": {str(row[_key(noun)]): row for row in self._crm.tenant.all(noun)} for noun in WEBCRM}

    def edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        self._crm.tenant.edit(_noun(member), int(record_id), **changes)

    def create(self, member: str, values: Mapping[str, Any]) -> str:
        return str(self._crm.tenant.add(_noun(member), **values))

    def delete(self, member: str, record_id: str) -> None:
        self._crm.tenant.remove(_noun(member), int(record_id))

    def advance(self, member: str, record_id: str) -> None:
        if member != "webcrm-opportunity":
            super().advance(member, record_id)
        self._crm.tenant.convert("opportunity", int(record_id))


class SimulatedCustomerp(System):
    """Its contract is the one in the package at `root`. A line of an order is `<order>-<line>`."""

    name = "customerp"

    def __init__(self, root: Path) -> None:
        self._description = read_description(root / "systems" / "customerp.openapi.yaml")
        self.base = self._description.base
        self._customerp = Customerp(self._description)
        self.server = self._customerp.served()

    @property
    def variables(self) -> dict[str, str]:
        return self._customerp.variables(self.server.url)

    @property
    def secrets(self) -> Mapping[str, str]:
        return self._customerp.secrets

    def begin(self, clock: Clock, switches: Mapping[str, Any] | None = None) -> None:
        simulated = SimulatedClock(clock)
        self._customerp = Customerp(self._description, clock=simulated, habits=Habits(**(switches or {})))
        self.server.begin_anew(self._customerp, simulated)

    def load(self, member: str, records: Iterable[Mapping[str, Any]]) -> None:
        noun = _noun(member)
        self._customerp.erp.put(noun, [self._whole(noun, record) for record in records])

    def _whole(self, noun: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record with everything that a scenario does not care to say."""
        whole = {
            **_empty(self._description.resources[noun].properties),
            "UpdatedAt": SINCE,
            **_OWN.get(noun, {}),
            **record,
        }
        whole["CreatedAt"] = whole["CreatedAt"] or whole["UpdatedAt"]
        if noun == "customer":
            whole["CustomerNumber"] = whole["CustomerNumber"] or f"C-{whole['Id']}"
        if noun == "order":
            whole["OrderNumber"] = whole["OrderNumber"] or f"SO-{whole['Id']}"
            lines = self._description.resources[noun].properties["Lines"]["items"]
            whole["Lines"] = [{**_empty(properties(lines)), **line} for line in record.get("Lines", ())]
        return whole

    def seed(self, folder: Path) -> None:
        customerp_seed(self._customerp.erp, folder)

    def records(self) -> dict[str, Records]:
        found = {
            f"customerp-{noun}": {str(record["Id"]): record for record in self._customerp.erp.all(noun)}
            for noun in CUSTOMERP
        }
        found["customerp-orderline"] = {
            f"{order_id}-{line['Id']}": line
            for order_id, order in found["customerp-order"].items()
            for line in order["Lines"]
        }
        return found

    def edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        if member != "customerp-orderline":
            self._customerp.erp.edit(_noun(member), int(record_id), **changes)
            return
        order_id, _, line_id = record_id.partition("-")
        order = self._customerp.erp.get("order", int(order_id))
        if line_id not in {str(line["Id"]) for line in order["Lines"]}:
            raise UsageError(f"there is no customerp-orderline {record_id}; an order's line is <order>-<line>")
        lines = [
            {**self._line(line), **changes} if str(line["Id"]) == line_id else self._line(line)
            for line in order["Lines"]
        ]
        self._customerp.erp.edit("order", int(order_id), Lines=lines)

    def _line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """A line as it is sent: without what only the ERP decides."""
        return {name: value for name, value in line.items() if name != "Amount"}

    def create(self, member: str, values: Mapping[str, Any]) -> str:
        """A line is made with the `OrderId` of its order."""
        if member != "customerp-orderline":
            return str(self._customerp.erp.add(_noun(member), **values))
        order_id = int(values["OrderId"])
        lines = [self._line(line) for line in self._customerp.erp.get("order", order_id)["Lines"]]
        known = {line["Id"] for line in lines}
        lines.append({name: value for name, value in values.items() if name != "OrderId"})
        self._customerp.erp.edit("order", order_id, Lines=lines)
        made = next(line for line in self._customerp.erp.get("order", order_id)["Lines"] if line["Id"] not in known)
        return f"{order_id}-{made['Id']}"

    def delete(self, member: str, record_id: str) -> None:
        self._customerp.erp.remove(_noun(member), int(record_id))

    def advance(self, member: str, record_id: str) -> None:
        if member != "customerp-order":
            super().advance(member, record_id)
        self._customerp.erp.advance([int(record_id)])


# What a record has that nothing is said of, where null is no value.
_OWN: dict[str, dict[str, Any]] = {
    "contact": {"ContactType": "customer", "IsActive": True},
    "order": {"Status": "Draft"},
}


def _empty(members: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return dict.fromkeys(members)


def _noun(member: str) -> str:
    return member.partition("-")[2]


def _key(noun: str) -> str:
    return "QuotationLineId" if noun == "quotationline" else f"{noun.capitalize()}Id"
