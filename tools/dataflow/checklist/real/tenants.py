"""Test tenants of both systems over their APIs: only what is new since the beginning is looked at, only what is ours deleted.

What a tenant holds is read once and kept until the node has run or something is edited, because webCRM counts requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.clock import Randomness
from dataflow.scenario.systems import CUSTOMERP, WEBCRM
from dataflow.simulators.webcrm.resource import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.checklist.real.door import Door
    from dataflow.simulators.contract.description import Description

    Records = dict[str, dict[str, Any]]

_PAGE = 200
_LINES = "customerp-orderline"


class Tenant:
    """`made` are the members and ids of records made here, in order; `mark` stands in front of their names."""

    nouns: tuple[str, ...]
    marked: frozenset[str]

    def __init__(self, name: str, door: Door, mark: str) -> None:
        self.name = name
        self.door = door
        self.mark = mark
        self.made: list[tuple[str, str]] = []
        self._old = {noun: frozenset(self._all(noun)) for noun in self.nouns}
        self._known: dict[str, Records] | None = None

    def records(self) -> dict[str, Records]:
        """What was not there at the beginning."""
        if self._known is None:
            self._known = {
                noun: {i: one for i, one in self._all(noun).items() if i not in self._old[noun]} for noun in self.nouns
            }
        return {f"{self.name}-{noun}": dict(records) for noun, records in self._known.items()}

    def forget(self) -> None:
        """Somebody else may have written since."""
        self._known = None

    def create(self, member: str, values: Mapping[str, Any]) -> str:
        """Raises UsageError when the tenant refuses."""
        named = {
            name: f"{self.mark} {value}" if name in self.marked else value
            for name, value in values.items()
            if self._takes_new(member, name)
        }
        record_id = self._create(member, named)
        self.made.append((member, record_id))
        return record_id

    def edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Raises UsageError when the tenant refuses."""
        self._edit(member, record_id, changes)

    def _refresh(self, noun: str, record_id: str) -> None:
        if self._known is not None:
            self._known[noun][record_id] = self._one(noun, record_id)

    def takes(self, member: str, names: Iterable[str]) -> bool:
        raise NotImplementedError

    def _takes_new(self, member: str, name: str) -> bool:
        """Whether a property can be given to a new record."""
        return self.takes(member, [name])

    def path(self, noun: str) -> str:
        raise NotImplementedError

    def clear(self, member: str, record_id: str) -> bool:
        """Delete a record; whether the API lets it go."""
        raise NotImplementedError

    def _all(self, noun: str) -> Records:
        raise NotImplementedError

    def _one(self, noun: str, record_id: str) -> dict[str, Any]:
        raise NotImplementedError

    def _create(self, member: str, values: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def _edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        raise NotImplementedError


class WebcrmTenant(Tenant):
    nouns = WEBCRM
    marked = frozenset(
        {"OrganisationName", "PersonFirstName", "UserName", "OpportunityDescription", "QuotationLineMemo"}
    )

    def takes(self, member: str, names: Iterable[str]) -> bool:
        fields = RESOURCES[_noun(member)].fields
        return all(
            name in fields and "readonly" not in fields[name] and "createonly" not in fields[name] for name in names
        )

    def _takes_new(self, member: str, name: str) -> bool:
        field = RESOURCES[_noun(member)].fields.get(name)
        return field is not None and "readonly" not in field

    def path(self, noun: str) -> str:
        return f"/{RESOURCES[noun].path}"

    def clear(self, member: str, record_id: str) -> bool:
        noun = _noun(member)
        return RESOURCES[noun].deletable and self.door.ask("DELETE", f"{self.path(noun)}/{record_id}").ok

    def _all(self, noun: str) -> Records:
        found: Records = {}
        page = 1
        while rows := self.door.get(self.path(noun), Page=page, Size=_PAGE):
            found |= {str(row[RESOURCES[noun].key]): row for row in rows}
            page += 1
        return found

    def _one(self, noun: str, record_id: str) -> dict[str, Any]:
        row: dict[str, Any] = self.door.get(f"{self.path(noun)}/{record_id}")
        return row

    def _create(self, member: str, values: Mapping[str, Any]) -> str:
        noun, body = _noun(member), dict(values)
        if "UserPassword" in body:
            body["UserPassword"] = Randomness().uuid4()  # nobody shall get in with what stands in a source file
        answer = self.door.ask("POST", self.path(noun), body=body)
        record_id = str(self.door.told(answer, f"POST {self.path(noun)}"))
        self._refresh(noun, record_id)
        return record_id

    def _edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        path = f"{self.path(_noun(member))}/{record_id}"
        self.door.told(self.door.ask("PUT", path, body=dict(changes)), f"PUT {path}")
        self._refresh(_noun(member), record_id)


class CustomerpTenant(Tenant):
    """`description` is the contract that the ERP's adapter fulfils."""

    nouns = CUSTOMERP
    marked = frozenset({"Name", "FirstName"})

    def __init__(self, name: str, door: Door, mark: str, description: Description) -> None:
        self._description = description
        super().__init__(name, door, mark)

    def records(self) -> dict[str, Records]:
        found = super().records()
        orders = found["customerp-order"].items()
        found[_LINES] = {f"{order_id}-{line['Id']}": line for order_id, order in orders for line in order["Lines"]}
        return found

    def takes(self, member: str, names: Iterable[str]) -> bool:
        if member == _LINES:
            lines = self._description.resources["order"].properties["Lines"]["items"]["properties"]
            return all(name == "OrderId" or (name in lines and not lines[name].get("readOnly")) for name in names)
        return set(names) <= set(self._description.resources[_noun(member)].writable)

    def path(self, noun: str) -> str:
        return self._description.resources[noun].path

    def clear(self, member: str, record_id: str) -> bool:
        noun = _noun(member)
        if noun == "order":
            self._patch(noun, record_id, {"Lines": []})  # so that its products can go
        if member == _LINES or not any(
            o.method == "DELETE" for o in self._description.resources[noun].operations.values()
        ):
            return False
        path = f"{self.path(noun)}/{record_id}"
        etag = self.door.ask("GET", path).headers.get("ETag", "")
        return self.door.ask("DELETE", path, headers={"If-Match": etag}).ok

    def _all(self, noun: str) -> Records:
        return {str(record["Id"]): record for record in self._pages(self.path(noun))}

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        page, more = 1, True
        while more:
            answer = self.door.get(path, page=page, pageSize=_PAGE)
            yield from answer["Items"]
            page, more = page + 1, bool(answer["HasMore"])

    def _one(self, noun: str, record_id: str) -> dict[str, Any]:
        record: dict[str, Any] = self.door.get(f"{self.path(noun)}/{record_id}")
        return record

    def _create(self, member: str, values: Mapping[str, Any]) -> str:
        if member == _LINES:
            return self._add_line(str(values["OrderId"]), {k: v for k, v in values.items() if k != "OrderId"})
        noun = _noun(member)
        answer = self.door.ask("POST", self.path(noun), body=dict(values))
        record_id = str(self.door.told(answer, f"POST {self.path(noun)}")["Id"])
        self._refresh(noun, record_id)
        return record_id

    def _edit(self, member: str, record_id: str, changes: Mapping[str, Any]) -> None:
        if member != _LINES:
            self._patch(_noun(member), record_id, changes)
            return
        order_id, _, line_id = record_id.partition("-")
        lines = self._lines(order_id)
        changed = [{**line, **changes} if str(line["Id"]) == line_id else line for line in lines]
        self._patch("order", order_id, {"Lines": changed})

    def _patch(self, noun: str, record_id: str, changes: Mapping[str, Any]) -> None:
        path = f"{self.path(noun)}/{record_id}"
        etag = self.door.ask("GET", path).headers.get("ETag", "")
        headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
        self.door.told(self.door.ask("PATCH", path, body=dict(changes), headers=headers), f"PATCH {path}")
        self._refresh(noun, record_id)

    def _lines(self, order_id: str) -> list[dict[str, Any]]:
        """The lines of an order as they are sent."""
        lines = self._one("order", order_id)["Lines"]
        return [{name: value for name, value in line.items() if self.takes(_LINES, [name])} for line in lines]

    def _add_line(self, order_id: str, values: Mapping[str, Any]) -> str:
        lines = self._lines(order_id)
        known = {line["Id"] for line in lines}
        self._patch("order", order_id, {"Lines": [*lines, dict(values)]})
        made = next(line for line in self._one("order", order_id)["Lines"] if line["Id"] not in known)
        return f"{order_id}-{made['Id']}"


def _noun(member: str) -> str:
    return member.partition("-")[2]
