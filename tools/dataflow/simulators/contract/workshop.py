"""The records that a check makes for itself: marked, few, and put away at the end as far as the contract lets it.

External ids are `99`, the second the check began and a number: far above webCRM's, and never the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.errors import CallFailed
from dataflow.simulators.contract.description import references
from dataflow.simulators.contract.rule import Unproven
from dataflow.simulators.contract.schemas import exact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.simulators.contract.client import Client, Reply
    from dataflow.simulators.contract.description import Description, Resource

MARK = "dataflow contract check"
SAMPLES = 3

_TITLES = {"contact": "LastName", "customer": "Name", "product": "Name", "order": "Description"}
# The sample that is referred to, where it is not the first: the first contact is a colleague, the third somebody at a customer.
_REFERRED = {"ContactId": 2}
_FORMS = {"^person:[0-9]+$": "person:{}", "^user:[0-9]+$": "user:{}"}

Values = dict[str, Any]

# How a record that stays is set aside, beside being unlinked.
_ASIDE: dict[str, Values] = {"order": {"Status": "Cancelled", "Lines": []}, "contact": {"IsActive": False}}


@dataclass(frozen=True)
class Sample:
    """A record of the check's: what was sent, what came back, and what was read right after."""

    id: int
    sent: Values
    reply: Reply
    read: Reply


class Workshop:
    """`values` are, by noun, those that suit the ERP better than the examples of the contract, such as its own VAT code."""

    def __init__(self, client: Client, description: Description, values: Mapping[str, Values] | None = None) -> None:
        self._client = client
        self._description = description
        self._values = exact(dict(values or {}))
        self._begun = client.clock.now_ns() // 1_000_000_000
        self._given = 0
        self._samples: dict[str, list[Sample | str]] = {}
        self._making: set[str] = set()
        self.left: list[str] = []

    def external(self, form: str = "{}") -> str:
        """An external id that was never used before."""
        self._given += 1
        return form.format(f"99{self._begun}{self._given:03}")

    def externals(self, resource: Resource) -> dict[str, str]:
        return {
            name: self.external(_FORMS.get(resource.properties[name].get("pattern", ""), "{}"))
            for name in resource.external
        }

    def full(self, resource: Resource, position: int = 0) -> Values:
        """Every writable property with the value of an example, or one that fits, and new external ids."""
        examples = self._description.document["components"]["schemas"][resource.noun.capitalize()]["examples"]
        example: Values = exact(dict(examples[min(position, len(examples) - 1)]))
        values: Values = {}
        for name in resource.writable:
            if name != "Lines":
                values[name] = example[name] if example[name] is not None else _made_up(resource.properties[name])
        for name, path in references(resource.properties).items():
            if values[name] is not None:
                values[name] = self._referred(path, _REFERRED.get(name, 0))
        values |= {_TITLES[resource.noun]: MARK, **self._values.get(resource.noun, {})}
        for name in set(resource.unique) - set(resource.external):
            if name in values:
                values[name] = self.external("C{}")
        if "Lines" in resource.properties:
            values |= {"Status": "Draft", "Lines": self.lines()}
        return {name: value for name, value in {**values, **self.externals(resource)}.items() if value is not None}

    def lines(self) -> list[Values]:
        product = self._referred("/products")
        line = {"Description": MARK, "UnitPrice": exact(1249.5), "VatPercent": 25, "UnitCost": exact(640.1)}
        line |= self._values.get("orderline", {})
        priced = {**line, "DiscountPercent": 10, **({} if product is None else {"ProductId": product})}
        return [
            {**line, "ExternalId": self.external(), "LineNumber": 20, "Quantity": exact(0.5), "DiscountPercent": 0},
            {**priced, "ExternalId": self.external(), "LineNumber": 10, "Quantity": 10},
        ]

    def least(self, resource: Resource) -> Values:
        """Nothing but what a record cannot be without, and an external id to find it by."""
        required = resource.operations["create"].bodies["application/json"].content.get("required", ())
        linked = references(resource.properties)
        name = resource.external[0]
        return {
            name: self.externals(resource)[name],
            **{needed: self._referred(linked[needed]) for needed in required},
        }

    def sample(self, noun: str, position: int) -> Sample:
        """The first is full, the second has the least, the third is full again. Raises Unproven when it could not be made."""
        made = self._samples.setdefault(noun, [])
        resource = self._description.resources[noun]
        while len(made) <= position:
            self._making.add(noun)
            values = self.least(resource) if len(made) == 1 else self.full(resource, len(made))
            self._making.discard(noun)
            reply = self._client.call(resource.operations["create"], body=values)
            record_id = reply.value.get("Id") if type(reply.value) is dict else None
            if reply.status == 201 and type(record_id) is int:
                read = self._client.call(resource.operations["read"], record_id=record_id)
                made.append(Sample(record_id, values, reply, read))
            else:
                made.append(f"{reply.asked} answers {reply.told}")
        found = made[position]
        if isinstance(found, str):
            raise Unproven(f"needs a {noun} of its own, but {found}")
        return found

    def _referred(self, path: str, position: int = 0) -> int | None:
        """The id of a record to refer to; None where that one is being made itself, or could not be made."""
        noun = self._description.of_path(path).noun
        if noun in self._making and len(self._samples.get(noun, ())) <= position:
            return None
        try:
            return self.sample(noun, position).id
        except Unproven:
            return None

    def touch(self, resource: Resource, record_id: int) -> None:
        """Change a record, as somebody else would."""
        found = self._client.call(resource.operations["read"], record_id=record_id)
        body = {_TITLES[resource.noun]: f"{MARK} {self.external()}"}
        self._client.call(resource.operations["update"], record_id=record_id, etag=found.etag, body=body)

    def refill(self) -> None:
        """Lines for the first order, one of them with the first product."""
        resource, order = self._description.resources["order"], self.sample("order", 0)
        found = self._client.call(resource.operations["read"], record_id=order.id)
        body = {"Lines": self.lines()}
        self._client.call(resource.operations["update"], record_id=order.id, etag=found.etag, body=body)

    def wait(self) -> None:
        """Let the second pass in which something was written."""
        self._client.clock.sleep(1.1)

    # --- putting away -------------------------------------------------------------------------------------------------

    def put_away(self) -> None:
        """Delete what can be deleted, and unlink the rest; `left` says what stays."""
        nouns = {resource.operations["create"].id: noun for noun, resource in self._description.resources.items()}
        made: dict[str, list[int]] = {noun: [] for noun in _TITLES}
        for operation, record_id in self._client.made:
            made[nouns[operation]].append(record_id)
        # Orders first, because products are deleted only when no order has them.
        for noun in ("order", "product", "customer", "contact"):
            for record_id in made[noun]:
                try:
                    stays = self._put_away(self._description.resources[noun], record_id)
                except CallFailed:
                    stays = "still linked"
                if stays:
                    self.left.append(f"{noun} {record_id} ({stays})")

    def _put_away(self, resource: Resource, record_id: int) -> str | None:
        """How a record stays, None for one that is gone; one that cannot be deleted is unlinked and set aside."""
        found = self._client.call(resource.operations["read"], record_id=record_id)
        if found.status == 404:
            return None
        delete = resource.operations.get("delete")
        if delete is not None:
            gone = self._client.call(delete, record_id=record_id, etag=found.etag).status == 204
            return None if gone else "still linked"
        aside: Values = dict.fromkeys(resource.external)
        aside |= _ASIDE.get(resource.noun, {})
        aside[_TITLES[resource.noun]] = f"{MARK}, may be removed"
        reply = self._client.call(resource.operations["update"], record_id=record_id, etag=found.etag, body=aside)
        return "unlinked" if reply.status == 200 else "still linked"


def _made_up(schema: Values) -> Any:
    """A value for a property of which the examples have none."""
    kind = schema.get("type")
    if kind == "boolean":
        return True
    if "pattern" in schema or "enum" in schema or "x-refers-to" in schema or "format" in schema:
        return None
    return MARK
