"""The http transform: entities sent to a service, which answers with what becomes of them.

A request has as many entities of a batch as `batch_size` lets it have.
Rules: configuration-transforms-http.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import transit
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.places import calling
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe, Step


MOST = 100


def http(step: Step, pipe: Pipe, clients: Clients) -> Action:
    config = step.config
    given = config.get("batch_size")
    size = given if type(given) is int and given > 0 else MOST

    def send(entities: Sequence[Entity]) -> Iterable[Entity]:
        with calling(step.pointer, entities[0].get("_id") if len(entities) == 1 else None):
            client = clients.of(config.get("system"))
            connection = client.connection
            headers = client.plain_headers(config.get("headers"), accept="application/json")
            headers.setdefault("Content-Type", "application/json")
            body = transit.dumps(list(entities)).encode("utf-8")
            call = Call("http transform", "POST", connection.address(str(config.get("url"))), {}, headers, body)
            _, answer = connection.exchange(lambda: call)
            try:
                found = transit.decode(answer.json())
            except (NotJson, transit.TransitError) as error:
                raise connection.failure(call, f"the answer is no JSON array of entities: {error}", answer) from None
            if type(found) is not list or not all(type(one) is dict for one in found):
                raise connection.failure(call, "the answer is no JSON array of entities", answer)
            return found

    def one(entity: Entity, context: Context) -> Iterable[Entity]:
        return send([entity])

    def together(entities: Sequence[Entity], context: Context) -> Iterable[Entity]:
        for start in range(0, len(entities), size):
            yield from send(entities[start : start + size])

    return Action(step.pointer, one, together=together, effects=config.get("side_effects", True) is not False)
