"""The kinds of records that Customerp has: what the contract says of each, and what the ERP adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.simulators.contract.description import references
from dataflow.simulators.contract.schemas import Fault, Schema, exact
from dataflow.simulators.customerp.refused import not_kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.simulators.contract.description import Description, Resource

Record = dict[str, Any]

# What a record begins with; everything else begins as null.
_BEGINS: dict[str, Record] = {
    "contact": {"ContactType": "customer", "IsActive": True},
    "order": {"Status": "Draft", "Lines": []},
}
# The numbers people use, given in the order of creation: property, form, first number.
_NUMBERS = {
    "customer": ("CustomerNumber", "{}", 10001),
    "product": ("ProductNumber", "P-{}", 1001),
    "order": ("OrderNumber", "SO-{}", 5001),
}
# What nobody but the ERP itself ever decides.
_FIXED = ("Id", "CreatedAt", "UpdatedAt")


class Kind:
    """`number` is the property that the ERP fills, its form and its first number; None for contacts."""

    def __init__(self, resource: Resource, description: Description) -> None:
        self.noun = resource.noun
        self.resource = resource
        self.schema = Schema(resource.record)
        self.number = _NUMBERS.get(resource.noun)
        self.unique = dict.fromkeys([*resource.unique, *(self.number or ())[:1]])
        self.properties = resource.properties
        lines: Record = self.properties.get("Lines", {}).get("items", {}).get("properties", {})
        self._empty_line = dict.fromkeys(lines)
        self._update = resource.operations["update"].bodies["application/json"]
        nouns = {other.path: other.noun for other in description.resources.values()}
        self._references = {name: nouns[path] for name, path in references(self.properties).items()}
        self._line_references = {name: nouns[path] for name, path in references(lines).items()}

    def blank(self) -> Record:
        return {**dict.fromkeys(self.properties), **_BEGINS.get(self.noun, {})}

    def blank_line(self) -> Record:
        return dict(self._empty_line)

    def referred(self, values: Record) -> Iterator[tuple[str, str, int]]:
        """Place (JSON pointer), noun and id of everything that values refer to."""
        for name, noun in self._references.items():
            if values.get(name) is not None:
                yield f"/{name}", noun, values[name]
        for position, line in enumerate(values.get("Lines") or ()):
            for name, noun in self._line_references.items():
                if line.get(name) is not None:
                    yield f"/Lines/{position}/{name}", noun, line[name]

    def check_names(self, values: Record) -> None:
        """What a user may name: all properties but ids and moments. Raises Refused (422)."""
        faults = [
            Fault(f"/{name}", "cannot be set, or is not known")
            for name in values
            if name not in self.properties or name in _FIXED
        ]
        if "Lines" in values:
            faults += self._update.faults(exact({"Lines": values["Lines"]}))
        if faults:
            raise not_kept(faults)

    def check(self, record: Record) -> None:
        """Raises Refused (422) when a whole record does not fit the contract."""
        faults = self.schema.faults(exact(record))
        if faults:
            raise not_kept(faults)
